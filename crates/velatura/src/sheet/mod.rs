//! The contact sheet: photo, depth and results of a run side by side.

mod canvas;
mod colors;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use velatura_engine::Engine;
use velatura_image::{Chroma, EncodeOptions, Limits, Metadata, OutputFormat, Rgb8};

use canvas::Canvas;

/// Rows of a sheet; what a person takes in at a look.
const MOST_ROWS: usize = 12;
/// Pixels, the largest a picture is shown.
const CELL: (u32, u32) = (420, 320);
/// Pixels between pictures and around them.
const GAP: u32 = 16;
/// Pixels above the pictures, for the names of the columns.
const HEAD: u32 = 34;

/// A photo and the results that were made of it, each with its label.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) photo: PathBuf,
    pub(crate) results: Vec<(String, PathBuf)>,
}

/// A row as pictures.
struct Row {
    pictures: Vec<Rgb8>,
}

/// Writes a sheet of the first photos whose results are all there; says how many.
pub(crate) async fn write(path: &Path, sources: &[Source], engine: Engine) -> Result<usize> {
    let complete = |source: &&Source| source.results.iter().all(|(_, result)| result.is_file());
    let sources: Vec<Source> = sources.iter().filter(complete).take(MOST_ROWS).cloned().collect();
    let path = path.to_owned();
    let drawn = tokio::task::spawn_blocking(move || draw(&path, &sources, &engine));
    drawn.await.context("drawing the contact sheet")?
}

fn draw(path: &Path, sources: &[Source], engine: &Engine) -> Result<usize> {
    let rows: Vec<Row> = sources.iter().filter_map(|source| row(source, engine).ok()).collect();
    anyhow::ensure!(
        !rows.is_empty(),
        "there is no finished picture for the contact sheet {}",
        path.display()
    );
    let heads: Vec<&str> = ["photo", "depth"]
        .into_iter()
        .chain(sources[0].results.iter().map(|(l, _)| l.as_str()))
        .collect();
    let heights: Vec<u32> = rows
        .iter()
        .map(|row| row.pictures.iter().map(Rgb8::height).max().unwrap_or(0))
        .collect();
    let width = GAP + heads.len() as u32 * (CELL.0 + GAP);
    let height = HEAD + GAP + heights.iter().map(|height| height + GAP).sum::<u32>();
    let mut canvas = Canvas::new(width, height)?;
    for (column, head) in heads.iter().enumerate() {
        canvas.write(head, GAP + column as u32 * (CELL.0 + GAP), GAP / 2 + 4);
    }
    let mut top = HEAD + GAP / 2;
    for (row, height) in rows.iter().zip(&heights) {
        for (column, picture) in row.pictures.iter().enumerate() {
            let left = GAP + column as u32 * (CELL.0 + GAP) + (CELL.0 - picture.width()) / 2;
            canvas.paste(picture, left, top + (height - picture.height()) / 2)?;
        }
        top += height + GAP;
    }
    let options = EncodeOptions::new(format(path));
    let encoded = velatura_image::encode(&canvas.into_picture(), None, &options, &Metadata::default())?;
    std::fs::write(path, encoded.bytes).with_context(|| format!("can't write the contact sheet {}", path.display()))?;
    Ok(rows.len())
}

/// As the file's name says: JPEG for photos' sake, else PNG.
fn format(path: &Path) -> OutputFormat {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("jpg" | "jpeg") => OutputFormat::Jpeg {
            quality: 90,
            chroma: Chroma::Full444,
        },
        _ => OutputFormat::Png,
    }
}

fn row(source: &Source, engine: &Engine) -> Result<Row> {
    let photo = shown(&source.photo)?;
    let depth = engine.depth_blocking(&photo)?;
    let depth = depth.resized(photo.width(), photo.height(), velatura_image::GrayFilter::Bilinear)?;
    let mut pictures = vec![photo, colors::of_depth(&depth)?];
    for (_, result) in &source.results {
        pictures.push(shown(result)?);
    }
    Ok(Row { pictures })
}

/// A picture at the size it is shown.
fn shown(path: &Path) -> Result<Rgb8> {
    let bytes = std::fs::read(path).with_context(|| format!("can't read {}", path.display()))?;
    let photo = velatura_image::decode(&bytes, &Limits::default()).with_context(|| path.display().to_string())?;
    let (width, height) = photo.pixels.size();
    let scale = f64::min(
        f64::from(CELL.0) / f64::from(width),
        f64::from(CELL.1) / f64::from(height),
    );
    let fit = |side: u32, most: u32| ((f64::from(side) * scale).round() as u32).clamp(1, most);
    Ok(photo.pixels.resized(fit(width, CELL.0), fit(height, CELL.1))?)
}
