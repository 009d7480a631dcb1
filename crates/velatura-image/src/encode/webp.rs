mod riff;

use image::ExtendedColorType;
use image::codecs::webp::WebPEncoder;
use webp::{Encoder, PixelLayout};

use super::EncodeError;
use crate::{Gray8, Rgb8, color};

/// With loss, by libwebp.
pub(super) fn encode_lossy(
    pixels: &Rgb8,
    alpha: Option<&Gray8>,
    quality: u8,
    exif: Option<&[u8]>,
) -> Result<Vec<u8>, EncodeError> {
    let interleaved = alpha.map(|alpha| with_alpha(pixels, alpha));
    let (data, layout) = match &interleaved {
        Some(rgba) => (rgba.as_slice(), PixelLayout::Rgba),
        None => (pixels.data(), PixelLayout::Rgb),
    };
    let plain = Encoder::new(data, layout, pixels.width(), pixels.height())
        .encode_simple(false, f32::from(quality))
        .map_err(|error| failure(format!("{error:?}")))?;
    wrap(&plain, pixels.size(), alpha.is_some(), exif)
}

/// Without loss, by the pure Rust encoder, which is quicker than libwebp's at a little larger files.
pub(super) fn encode_lossless(
    pixels: &Rgb8,
    alpha: Option<&Gray8>,
    exif: Option<&[u8]>,
) -> Result<Vec<u8>, EncodeError> {
    let interleaved = alpha.map(|alpha| with_alpha(pixels, alpha));
    let (data, color) = match &interleaved {
        Some(rgba) => (rgba.as_slice(), ExtendedColorType::Rgba8),
        None => (pixels.data(), ExtendedColorType::Rgb8),
    };
    let mut plain = Vec::new();
    WebPEncoder::new_lossless(&mut plain)
        .encode(data, pixels.width(), pixels.height(), color)
        .map_err(|error| failure(error.to_string()))?;
    wrap(&plain, pixels.size(), alpha.is_some(), exif)
}

fn wrap(plain: &[u8], size: (u32, u32), alpha: bool, exif: Option<&[u8]>) -> Result<Vec<u8>, EncodeError> {
    let metadata = riff::Extras {
        size,
        alpha,
        icc: &color::SRGB_PROFILE,
        exif,
    };
    riff::extended(plain, &metadata).ok_or_else(|| failure("it wrote no picture".to_owned()))
}

fn with_alpha(pixels: &Rgb8, alpha: &Gray8) -> Vec<u8> {
    let both = pixels.pixels().iter().zip(alpha.data());
    both.flat_map(|(&[red, green, blue], &alpha)| [red, green, blue, alpha])
        .collect()
}

fn failure(detail: String) -> EncodeError {
    EncodeError::Encoder { format: "WebP", detail }
}
