//! Seconds a photo for the bare `paint` session at 512 by 512: what everything around it is measured against.
//!
//! `cargo run --release -p velatura-engine --example bare_paint -- [PHOTOS] [PACK] [ONNXRUNTIME]`

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use ort::value::TensorRef;
use velatura_engine::{Graph, Pack, Places, Runtime};

const SIDE: usize = 512;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let photos: usize = arguments.first().map_or(Ok(20), |text| text.parse())?;
    let places = Places::of_this_process();
    let pack = Pack::find(
        arguments.get(1).map_or("velatura-light", String::as_str),
        &places.model_dirs(),
    )?;
    let runtime = Runtime::locate(arguments.get(2).map(Path::new), &places)?;
    let threads = std::thread::available_parallelism()?.get();

    let mut session = Session::builder(runtime.environment())?
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_intra_threads(threads)?
        .with_memory_pattern(false)?
        .with_env_allocators()?
        .commit_from_file(pack.graph(Graph::Paint).ok_or("the pack has no paint graph")?)?;
    let image: Vec<u8> = (0..SIDE * SIDE * 3).map(|i| (i * 31 + i / 1536 * 17) as u8).collect();
    let (code, grid) = (
        vec![1.0f32; pack.paint().code_length()],
        SIDE / pack.paint().alpha_stride() as usize,
    );
    let alpha = vec![1.0f32; grid * grid];
    let mut paint = || -> Result<(), ort::Error> {
        let outputs = session.run(ort::inputs![
            "image" => TensorRef::from_array_view(([1, SIDE, SIDE, 3], image.as_slice()))?,
            "code" => TensorRef::from_array_view(([1, code.len()], code.as_slice()))?,
            "alpha" => TensorRef::from_array_view(([1, 1, grid, grid], alpha.as_slice()))?,
        ])?;
        outputs["painted"].try_extract_tensor::<u8>().map(|_| ())
    };
    paint()?;
    let start = Instant::now();
    for _ in 0..photos {
        paint()?;
    }
    let seconds = start.elapsed().as_secs_f64() / photos as f64;
    println!(
        r#"{{"seconds_per_photo": {seconds:.6}, "photos": {photos}, "peak_rss_bytes": {}}}"#,
        peak_rss_bytes().unwrap_or(0)
    );
    Ok(())
}

/// The kernel's record of this process.
fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim()
        .strip_suffix("kB")?
        .trim()
        .parse::<u64>()
        .ok()
        .map(|kib| kib * 1024)
}
