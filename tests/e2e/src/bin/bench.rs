//! `cargo xtask bench`: the bare session, `velatura stylize` and the distributed path side by side, in one run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;
use velatura_e2e::{Fleet, square_photos, velatura_command};
use velatura_proto::v1;
use velatura_recipe::{Depth, DepthMode, Recipe};

/// The side of the photos, pixels.
const SIDE: u32 = 512;
/// Finished pictures that a second run looks at.
const FINISHED: usize = 1000;

fn main() -> Result<()> {
    let photos: usize = std::env::args()
        .nth(1)
        .as_deref()
        .unwrap_or("120")
        .parse()
        .context("how many photos")?;
    let runtime = tokio::runtime::Runtime::new()?;
    let folder = TempDir::new()?;
    square_photos(folder.path(), photos, SIDE)?;

    println!("{photos} photos of {SIDE} × {SIDE}, one style, JPEG in and out; seconds a photo over the whole run.\n");
    println!("| what | seconds a photo | of the bare rate | peak MiB |");
    println!("|---|---|---|---|");
    // The bare session before and after, since these machines are not quiet.
    let before = bare(photos)?;
    let plain = stylize(folder.path(), &["--depth-mode", "off"])?;
    let depth = stylize(folder.path(), &[])?;
    let fleet = runtime.block_on(fleet(folder.path(), photos))?;
    let after = bare(photos)?;
    let bare = Measured {
        seconds: (before.seconds + after.seconds) / 2.0,
        ..after
    };
    let share = |of: &Measured| format!("{:.2}", bare.seconds / of.seconds);
    for (what, measured) in [
        ("the bare `paint` session", &bare),
        ("`velatura stylize`, depth off", &plain),
        ("`velatura stylize`, depth estimated", &depth),
        ("coordinator, worker, RabbitMQ, PostgreSQL, S3, depth off", &fleet),
    ] {
        let memory = if measured.peak_mib > 0 {
            measured.peak_mib.to_string()
        } else {
            "–".to_owned()
        };
        println!("| {what} | {:.4} | {} | {memory} |", measured.seconds, share(measured));
    }
    println!("\nStart to first picture: {:.2} s", first_picture(folder.path())?);
    println!("A second run over {FINISHED} finished pictures: {:.2} s", second_run()?);
    Ok(())
}

/// Seconds a photo, and the most memory.
struct Measured {
    seconds: f64,
    peak_mib: u64,
}

fn bare(photos: usize) -> Result<Measured> {
    let program = velatura_command().get_program().to_owned();
    let example = Path::new(&program).with_file_name("examples").join("bare_paint");
    let output = Command::new(example)
        .arg(photos.to_string())
        .output()
        .context("the example bare_paint")?;
    ensure!(
        output.status.success(),
        "bare_paint: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let number = |key: &str| said[key].as_f64().with_context(|| format!("bare_paint says no {key}"));
    Ok(Measured {
        seconds: number("seconds_per_photo")?,
        peak_mib: number("peak_rss_bytes")? as u64 >> 20,
    })
}

fn stylize(photos: &Path, more: &[&str]) -> Result<Measured> {
    let out = TempDir::new()?;
    let mut command = velatura_command();
    command
        .arg("stylize")
        .arg(photos)
        .arg("--out")
        .arg(out.path())
        .args(["--style", "nocturne"])
        .args(more);
    let began = Instant::now();
    let (status, peak_bytes) = run(command)?;
    let seconds = began.elapsed().as_secs_f64();
    ensure!(status.success(), "stylize ended with {status}");
    Ok(Measured {
        seconds: seconds / count(out.path())? as f64,
        peak_mib: peak_bytes >> 20,
    })
}

async fn fleet(photos: &Path, count: usize) -> Result<Measured> {
    let fleet = Fleet::start("")?;
    fleet.upload(photos, "photos/").await?;
    let _coordinator = fleet.coordinator()?;
    let _worker = fleet.worker()?;
    let depth = Depth {
        mode: DepthMode::Off,
        ..Depth::default()
    };
    let recipe = v1::Recipe::from(&Recipe {
        depth,
        ..Recipe::with_style("nocturne")
    });
    let began = Instant::now();
    let job = fleet.submit("photos/", "painted", vec![recipe]).await?;
    let job = fleet.until_over(&job.id).await?;
    let seconds = began.elapsed().as_secs_f64();
    ensure!(
        job.counters.unwrap_or_default().done == count as u64,
        "not every photo was painted: {job:?}"
    );
    Ok(Measured {
        seconds: seconds / count as f64,
        peak_mib: 0,
    })
}

fn first_picture(photos: &Path) -> Result<f64> {
    let photo: PathBuf = fs::read_dir(photos)?.next().context("there is a photo")??.path();
    let out = TempDir::new()?;
    let mut command = velatura_command();
    command
        .arg("stylize")
        .arg(photo)
        .arg("--out")
        .arg(out.path())
        .args(["--style", "nocturne"]);
    let began = Instant::now();
    let (status, _) = run(command)?;
    ensure!(status.success(), "stylize ended with {status}");
    Ok(began.elapsed().as_secs_f64())
}

fn second_run() -> Result<f64> {
    let (photos, out) = (TempDir::new()?, TempDir::new()?);
    square_photos(photos.path(), FINISHED, 64)?;
    let mut seconds = 0.0;
    for _ in 0..2 {
        let mut command = velatura_command();
        command
            .arg("stylize")
            .arg(photos.path())
            .arg("--out")
            .arg(out.path())
            .args(["--style", "nocturne"]);
        let began = Instant::now();
        let (status, _) = run(command)?;
        ensure!(status.success(), "stylize ended with {status}");
        seconds = began.elapsed().as_secs_f64();
    }
    Ok(seconds)
}

fn count(out: &Path) -> Result<usize> {
    Ok(fs::read_dir(out)?
        .filter(|entry| entry.as_ref().is_ok_and(|e| e.path().is_file()))
        .count()
        .max(1))
}

fn run(command: Command) -> Result<(ExitStatus, u64)> {
    velatura_e2e::run_measured(command)
}
