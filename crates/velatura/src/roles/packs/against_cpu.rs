//! Whether a device paints what the CPU paints, and how fast beside it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use velatura_engine::{Engine, Painting, Request};
use velatura_image::Rgb8;
use velatura_recipe::Recipe;

/// Shapes of photos as cameras make them, width and height. More than one, since on a GPU a change of shape costs.
const SHAPES: [(u32, u32); 3] = [(1024, 683), (683, 1024), (1024, 768)];
/// Requests under way, so that the device does not wait for this program.
const AT_ONCE: usize = 4;
/// Each is timed for so long, and for one picture of each shape at least.
const TIMED: Duration = Duration::from_secs(3);
/// Rounding differs between devices, and a GPU multiplies with fewer digits; more than this is another picture.
const ANOTHER_PICTURE: u8 = 16;

/// Paints the same scenes on both, says how far the pictures differ at the most and how long one takes.
pub(super) fn compare(device: &Engine, cpu: &Engine) -> Result<()> {
    let requests = |engine: &Engine| -> Result<Vec<Request>> {
        let style = engine.style_blocking(&scene(512, 512), 512)?;
        let painting = Painting {
            recipe: Arc::new(Recipe::default()),
            code: Arc::new(style),
            depth_map: None,
            region: None,
        };
        let photos = SHAPES.iter().map(|&(width, height)| Request {
            photo: Arc::new(scene(width, height)),
            paintings: vec![painting.clone()],
        });
        Ok(photos.collect())
    };
    let (asked, wanted) = (requests(device)?, requests(cpu)?);
    let mut largest = 0;
    for (asked, wanted) in asked.iter().zip(&wanted) {
        let (picture, truth) = (paint(device, asked)?, paint(cpu, wanted)?);
        let differences = picture.data().iter().zip(truth.data()).map(|(a, b)| a.abs_diff(*b));
        largest = differences.max().unwrap_or_default().max(largest);
    }
    let name = device.device();
    if largest > ANOTHER_PICTURE {
        bail!("{name} paints another picture than the CPU: values differ by up to {largest} of 255");
    }
    println!("{name} paints what the CPU paints, to {largest}/255");
    let (here, there) = (seconds(device, &asked)?, seconds(cpu, &wanted)?);
    println!(
        "photos of 1024 pixels in three shapes: {here:.3} s each, on the CPU {:.1} times as long ({there:.3} s)",
        there / here
    );
    Ok(())
}

/// For a picture, with several under way.
fn seconds(engine: &Engine, requests: &[Request]) -> Result<f64> {
    let (begun, start) = (AtomicUsize::new(0), Instant::now());
    let paint_some = || -> Result<()> {
        loop {
            let index = begun.fetch_add(1, Ordering::Relaxed);
            paint(engine, &requests[index % requests.len()])?;
            if start.elapsed() >= TIMED && begun.load(Ordering::Relaxed) >= requests.len() {
                return Ok(());
            }
        }
    };
    std::thread::scope(|scope| {
        let painters: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(paint_some)).collect();
        painters.into_iter().try_for_each(|painter| match painter.join() {
            Ok(ended) => ended,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    Ok(start.elapsed().as_secs_f64() / begun.into_inner() as f64)
}

fn paint(engine: &Engine, request: &Request) -> Result<Rgb8> {
    let response = engine.paint_blocking(request)?;
    let picture = response
        .pictures
        .into_iter()
        .next()
        .context("a picture was asked for")?;
    Ok(picture?)
}

/// A sun over hills and water, with grain: something near and far, smooth and rough.
fn scene(width: u32, height: u32) -> Rgb8 {
    let pixel = |index: u32| {
        let (x, y) = (
            (index % width) as f32 / width as f32,
            (index / width) as f32 / height as f32,
        );
        let grain = (index.wrapping_mul(2_654_435_761) >> 27) as f32 - 16.0;
        let ridge = 0.55 + 0.1 * (9.0 * x).sin() + 0.04 * (31.0 * x).cos();
        let color = if (x - 0.7).hypot(y - 0.25) < 0.1 {
            [250.0, 220.0, 140.0]
        } else if y < ridge {
            [90.0 + 120.0 * y, 130.0 + 90.0 * y, 210.0]
        } else if y < 0.75 {
            [50.0, 80.0 + 60.0 * x + grain, 45.0 + grain]
        } else {
            [30.0 + 25.0 * (180.0 * y).sin(), 80.0, 120.0 + grain]
        };
        color.map(|value| (value + 0.3 * grain).clamp(0.0, 255.0) as u8)
    };
    let data = (0..width * height).flat_map(pixel).collect();
    Rgb8::new(width, height, data).expect("three values a pixel")
}
