//! Real photos, good and bad, made from the house scenes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use velatura_image::{EncodeOptions, Limits, Metadata, OutputFormat, Rgb8};

/// A good photo of the mixed folder and what its result must look like.
#[derive(Debug, Clone, Copy)]
pub struct Photo {
    /// Its key in the folder.
    pub key: &'static str,
    /// Width and height once upright.
    pub size: (u32, u32),
}

/// The photos of the mixed folder that can be painted.
pub const GOOD: [Photo; 18] = [
    photo("plain-1.jpg", 540, 360),
    photo("plain-2.jpg", 540, 360),
    photo("plain-3.jpg", 480, 360),
    photo("odd.jpg", 501, 333),
    photo("tiny.png", 24, 17),
    photo("panorama.jpg", 900, 120),
    photo("tall.jpg", 120, 900),
    photo("2024/june/kept folders.jpg", 540, 360),
    photo("2024/june/ümläut & plus+.jpg", 540, 360),
    photo("rotated/right.jpg", 360, 540),
    photo("rotated/left.jpg", 360, 540),
    photo("rotated/upside-down.jpg", 540, 360),
    photo("rotated/mirrored.jpg", 540, 360),
    photo("cmyk.jpg", 540, 360),
    photo("deep-with-alpha.png", 540, 360),
    photo("grey.png", 540, 360),
    photo("flat.webp", 540, 360),
    photo("lossless.webp", 540, 360),
];

/// The files of the mixed folder that can't, and the code each is reported with.
pub const BAD: [(&str, &str); 2] = [("truncated.jpg", "truncated"), ("notes.jpg", "unknown-format")];

const fn photo(key: &'static str, width: u32, height: u32) -> Photo {
    Photo {
        key,
        size: (width, height),
    }
}

/// The house scenes, as files.
pub fn scenes() -> Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../models/scenes")
        .canonicalize()?;
    let mut scenes: Vec<_> = fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    scenes.retain(|path| path.extension().is_some_and(|e| e == "jpg"));
    scenes.sort();
    anyhow::ensure!(scenes.len() >= 4, "the house scenes are missing");
    Ok(scenes)
}

/// Fills a folder with the good and the bad.
pub fn mixed_folder(folder: &Path) -> Result<()> {
    let scenes: Vec<Rgb8> = scenes()?.iter().map(|path| decoded(path)).collect::<Result<_>>()?;
    for (index, photo) in GOOD.iter().enumerate() {
        let scene = &scenes[index % scenes.len()];
        let path = folder.join(photo.key);
        fs::create_dir_all(path.parent().context("a photo lies in a folder")?)?;
        fs::write(&path, encoded(photo, scene)?).with_context(|| path.display().to_string())?;
    }
    let whole = fs::read(folder.join("plain-1.jpg"))?;
    fs::write(folder.join("truncated.jpg"), &whole[..whole.len() / 2])?;
    Ok(fs::write(folder.join("notes.jpg"), "Remember to call the framer.\n")?)
}

/// A photo of sixty megapixels.
pub fn sixty_megapixels(path: &Path) -> Result<(u32, u32)> {
    let (width, height) = (9486, 6324);
    let scene = decoded(&scenes()?[0])?.resized(width, height)?;
    fs::write(path, jpeg(&scene, 88, None)?)?;
    Ok((width, height))
}

fn decoded(path: &Path) -> Result<Rgb8> {
    Ok(velatura_image::decode(&fs::read(path)?, &Limits::default())?.pixels)
}

fn encoded(photo: &Photo, scene: &Rgb8) -> Result<Vec<u8>> {
    let (width, height) = photo.size;
    let name = photo.key.rsplit('/').next().unwrap_or(photo.key);
    // A photo that is turned when shown is stored lying.
    let turned = matches!(name, "right.jpg" | "left.jpg");
    let stored = if turned {
        scene.resized(height, width)?
    } else {
        scene.resized(width, height)?
    };
    match name {
        "right.jpg" => jpeg(&stored, 92, Some(6)),
        "left.jpg" => jpeg(&stored, 92, Some(8)),
        "upside-down.jpg" => jpeg(&stored, 92, Some(3)),
        "mirrored.jpg" => jpeg(&stored, 92, Some(2)),
        "cmyk.jpg" => cmyk(&stored),
        "deep-with-alpha.png" => deep_with_alpha(&stored),
        "flat.webp" => encode(&stored, OutputFormat::WebPLossy { quality: 85 }),
        "lossless.webp" => encode(&stored, OutputFormat::WebPLossless),
        _ if name.ends_with(".png") => encode(&stored, OutputFormat::Png),
        _ => jpeg(&stored, 92, None),
    }
}

fn encode(pixels: &Rgb8, format: OutputFormat) -> Result<Vec<u8>> {
    Ok(velatura_image::encode(pixels, None, &EncodeOptions::new(format), &Metadata::default())?.bytes)
}

/// A JPEG, with an EXIF orientation if given.
fn jpeg(pixels: &Rgb8, quality: u8, orientation: Option<u8>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, quality);
    if let Some(orientation) = orientation {
        // A TIFF header, one entry: tag 0x0112, SHORT, count 1.
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        encoder.add_app_segment(1, exif)?;
    }
    let (width, height) = (u16::try_from(pixels.width())?, u16::try_from(pixels.height())?);
    encoder.encode(pixels.data(), width, height, jpeg_encoder::ColorType::Rgb)?;
    Ok(bytes)
}

/// A PNG of 16 bits a channel whose alpha runs from corner to corner.
fn deep_with_alpha(pixels: &Rgb8) -> Result<Vec<u8>> {
    let (width, height) = pixels.size();
    let deep = image::ImageBuffer::from_fn(width, height, |x, y| {
        let [r, g, b] = pixels.pixel(x, y).map(|level| u16::from(level) * 257);
        let alpha = 65_535 * u64::from(x + y) / u64::from(width + height);
        image::Rgba([r, g, b, alpha as u16])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::ImageRgba16(deep).write_to(&mut bytes, image::ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

/// A JPEG in four inks, without a profile.
fn cmyk(pixels: &Rgb8) -> Result<Vec<u8>> {
    let inks: Vec<u8> = pixels
        .pixels()
        .iter()
        .flat_map(|&[r, g, b]| [255 - r, 255 - g, 255 - b, 0])
        .collect();
    let mut bytes = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, 92);
    let (width, height) = (u16::try_from(pixels.width())?, u16::try_from(pixels.height())?);
    encoder.encode(&inks, width, height, jpeg_encoder::ColorType::Cmyk)?;
    Ok(bytes)
}

/// Fills a folder with square photos, each a little different.
pub fn square_photos(folder: &Path, count: usize, side: u32) -> Result<()> {
    let scenes: Vec<Rgb8> = scenes()?.iter().map(|path| decoded(path)).collect::<Result<_>>()?;
    for index in 0..count {
        let scene = &scenes[index % scenes.len()];
        let most = scene.width().min(scene.height());
        let crop = (most - (index as u32 * 7) % (most / 4)).max(1);
        let photo = scene.crop(0, 0, crop, crop)?.resized(side, side)?;
        fs::write(folder.join(format!("{index:05}.jpg")), jpeg(&photo, 90, None)?)?;
    }
    Ok(())
}
