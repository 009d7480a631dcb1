//! PNG, WebP, TIFF and GIF, through the decoders of the `image` crate.

use std::error::Error;
use std::io::{Cursor, ErrorKind};

use image::codecs::{gif::GifDecoder, png::PngDecoder, tiff::TiffDecoder, webp::WebPDecoder};
use image::{ColorType, ImageDecoder, ImageError};

use super::DecodeError;
use super::samples::{Depth, Model, Samples};
use crate::{Format, Limits, Orientation};

pub(super) type Decoder<'a> = Box<dyn ImageDecoder + 'a>;

/// A decoder that has read its header and is within the limits.
pub(super) struct Opened<'a> {
    pub(super) decoder: Decoder<'a>,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) bits: u8,
    pub(super) alpha: bool,
    pub(super) icc: Option<Vec<u8>>,
    /// From the format's own tag, which only TIFF has.
    pub(super) orientation: Option<Orientation>,
}

pub(super) fn open<'a>(format: Format, bytes: &'a [u8], limits: &Limits) -> Result<Opened<'a>, DecodeError> {
    let refused = |error: ImageError| refusal(format, &error, 0, limits);
    let mut decoder = decoder_for(format, bytes, limits).map_err(refused)?;
    let (width, height) = decoder.dimensions();
    limits.check_pixels(width, height)?;
    limits.check_decoded_bytes(decoder.total_bytes())?;
    let mut allocations = image::Limits::no_limits();
    allocations.max_alloc = Some(limits.max_decoded_bytes());
    decoder.set_limits(allocations).map_err(refused)?;
    let own_orientation = (format == Format::Tiff)
        .then(|| decoder.orientation())
        .transpose()
        .map_err(refused)?;
    let orientation = own_orientation.and_then(|own| Orientation::from_exif(u16::from(own.to_exif())));
    // A profile that the container cannot give is as good as none: the pixels decide whether the file is sound.
    let icc = decoder.icc_profile().ok().flatten();
    let (model, depth) = layout(format, decoder.color_type())?;
    let bits = match depth {
        Depth::U8 => 8,
        Depth::U16 => 16,
        Depth::F32 => 32,
    };
    let alpha = matches!(model, Model::GrayAlpha | Model::Rgba);
    Ok(Opened {
        decoder,
        width,
        height,
        bits,
        alpha,
        icc,
        orientation,
    })
}

pub(super) fn decode(format: Format, decoder: Decoder<'_>, limits: &Limits) -> Result<Samples, DecodeError> {
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(DecodeError::corrupt(format, "the picture has no pixels"));
    }
    let (model, depth) = layout(format, decoder.color_type())?;
    let total = decoder.total_bytes();
    limits.check_decoded_bytes(total)?;
    let mut bytes = vec![0; total as usize];
    decoder
        .read_image(&mut bytes)
        .map_err(|error| refusal(format, &error, total, limits))?;
    Ok(Samples {
        width,
        height,
        model,
        depth,
        bytes,
    })
}

fn decoder_for<'a>(format: Format, bytes: &'a [u8], limits: &Limits) -> Result<Decoder<'a>, ImageError> {
    let reader = Cursor::new(bytes);
    Ok(match format {
        Format::Png => {
            let mut allocations = image::Limits::no_limits();
            allocations.max_alloc = Some(limits.max_decoded_bytes());
            Box::new(PngDecoder::with_limits(reader, allocations)?)
        }
        Format::WebP => Box::new(WebPDecoder::new(reader)?),
        Format::Tiff => Box::new(TiffDecoder::new(reader)?),
        Format::Gif => Box::new(GifDecoder::new(reader)?),
        Format::Jpeg => Box::new(image::codecs::jpeg::JpegDecoder::new(reader)?),
    })
}

fn layout(format: Format, color: ColorType) -> Result<(Model, Depth), DecodeError> {
    Ok(match color {
        ColorType::L8 => (Model::Gray, Depth::U8),
        ColorType::La8 => (Model::GrayAlpha, Depth::U8),
        ColorType::Rgb8 => (Model::Rgb, Depth::U8),
        ColorType::Rgba8 => (Model::Rgba, Depth::U8),
        ColorType::L16 => (Model::Gray, Depth::U16),
        ColorType::La16 => (Model::GrayAlpha, Depth::U16),
        ColorType::Rgb16 => (Model::Rgb, Depth::U16),
        ColorType::Rgba16 => (Model::Rgba, Depth::U16),
        ColorType::Rgb32F => (Model::Rgb, Depth::F32),
        ColorType::Rgba32F => (Model::Rgba, Depth::F32),
        other => return Err(DecodeError::unsupported(format, format!("samples of type {other:?}"))),
    })
}

fn refusal(format: Format, error: &ImageError, bytes: u64, limits: &Limits) -> DecodeError {
    match error {
        ImageError::Unsupported(unsupported) => DecodeError::unsupported(format, unsupported.to_string()),
        ImageError::Limits(_) => DecodeError::TooManyBytes {
            bytes: bytes.max(limits.max_decoded_bytes().saturating_add(1)),
            max_bytes: limits.max_decoded_bytes(),
        },
        other if ends_early(other) => DecodeError::Truncated { format },
        other => DecodeError::corrupt(format, other.to_string()),
    }
}

/// Whether any cause in the chain is an unexpected end of the data.
fn ends_early(error: &ImageError) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error
            .downcast_ref::<std::io::Error>()
            .is_some_and(|io| io.kind() == ErrorKind::UnexpectedEof)
        {
            return true;
        }
        if let Some(ImageError::IoError(io)) = error.downcast_ref::<ImageError>()
            && io.kind() == ErrorKind::UnexpectedEof
        {
            return true;
        }
        cause = error.source();
    }
    false
}
