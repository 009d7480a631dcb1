//! JPEG: our own reading of the markers for header, metadata and completeness, zune-jpeg for the pixels.

mod frame;
mod markers;
mod segments;

use std::borrow::Cow;

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::samples::{Depth, Model, Samples};
use super::{DecodeError, cmyk};
use crate::Format;
use markers::{Adobe, Markers};

/// A whole JPEG file whose frame can be decoded.
pub(super) struct Jpeg<'a> {
    bytes: &'a [u8],
    markers: Markers<'a>,
}

impl<'a> Jpeg<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        Ok(Self {
            bytes,
            markers: Markers::read(bytes)?,
        })
    }

    pub(super) fn size(&self) -> (u32, u32) {
        (
            u32::from(self.markers.frame.width),
            u32::from(self.markers.frame.height),
        )
    }

    pub(super) fn exif(&self) -> Option<&'a [u8]> {
        self.markers.exif
    }

    pub(super) fn icc(&self) -> Option<Vec<u8>> {
        self.markers.icc()
    }

    pub(super) fn decode(&self) -> Result<Samples, DecodeError> {
        let (width, height) = self.size();
        // The decoder takes Adobe's "no transform" for CMYK whatever the number of components. As YCbCr handed out
        // untouched, the three components are the R, G and B that they are.
        let plain_rgb = self.markers.frame.components == 3 && self.markers.adobe.is_some_and(Adobe::is_untransformed);
        let input = if plain_rgb {
            self.markers.with_transform(self.bytes, 1)
        } else {
            Cow::Borrowed(self.bytes)
        };
        let options = DecoderOptions::default()
            .set_strict_mode(!self.markers.stray_bytes)
            .set_max_width(usize::from(u16::MAX))
            .set_max_height(usize::from(u16::MAX));
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&*input), options);
        decoder.decode_headers().map_err(|error| refusal(&error))?;
        let stored = decoder.input_colorspace().unwrap_or(ColorSpace::Unknown);
        let (target, model) = match (self.markers.frame.components, stored) {
            (1, _) => (ColorSpace::Luma, Model::Gray),
            (3, _) if plain_rgb => (ColorSpace::YCbCr, Model::Rgb),
            (3, _) => (ColorSpace::RGB, Model::Rgb),
            (4, ColorSpace::YCCK | ColorSpace::CMYK) => (stored, Model::Cmyk),
            (components, _) => {
                return Err(DecodeError::unsupported(
                    Format::Jpeg,
                    format!("{components} colour components"),
                ));
            }
        };
        decoder.set_options(options.jpeg_set_out_colorspace(target));
        let mut bytes = vec![0; width as usize * height as usize * model.channels()];
        decoder.decode_into(&mut bytes).map_err(|error| refusal(&error))?;
        if model == Model::Cmyk {
            cmyk::to_ink(&mut bytes, stored == ColorSpace::YCCK, self.markers.adobe.is_some());
        }
        Ok(Samples {
            width,
            height,
            model,
            depth: Depth::U8,
            bytes,
        })
    }
}

fn refusal(error: &DecodeErrors) -> DecodeError {
    match error {
        DecodeErrors::Unsupported(scheme) => DecodeError::unsupported(Format::Jpeg, format!("{scheme:?}")),
        DecodeErrors::ExhaustedData | DecodeErrors::IoErrors(_) => DecodeError::Truncated { format: Format::Jpeg },
        other => DecodeError::corrupt(Format::Jpeg, other.to_string()),
    }
}
