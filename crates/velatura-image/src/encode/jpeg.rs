use jpeg_encoder::{
    ChromaSubsamplingMethod, ColorType, Encoder, EncodingError, ImageBuffer, JpegColorType, SamplingFactor,
    rgb_to_ycbcr,
};

use super::{Chroma, EncodeError};
use crate::{Gray8, Note, Rgb8, color};

/// What an APP1 segment can hold beside its own header.
const MOST_EXIF_BYTES: usize = 65_533 - 6;

pub(super) fn encode(
    pixels: &Rgb8,
    alpha: Option<&Gray8>,
    quality: u8,
    chroma: Chroma,
    exif: Option<Vec<u8>>,
    notes: &mut Vec<Note>,
) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(match chroma {
        Chroma::Full444 => SamplingFactor::F_1_1,
        Chroma::Half420 => SamplingFactor::F_2_2,
    });
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    match exif {
        Some(exif) if exif.len() > MOST_EXIF_BYTES => notes.push(Note::ExifTooLarge { bytes: exif.len() }),
        Some(exif) => encoder.add_exif_metadata(&exif).map_err(failure)?,
        None => {}
    }
    encoder.add_icc_profile(&color::SRGB_PROFILE).map_err(failure)?;
    // The sides were checked against the format's limit, so they fit.
    let (width, height) = (pixels.width() as u16, pixels.height() as u16);
    match alpha {
        None => encoder
            .encode(pixels.data(), width, height, ColorType::Rgb)
            .map_err(failure)?,
        Some(alpha) => {
            notes.push(Note::AlphaOverWhite);
            encoder.encode_image(OverWhite { pixels, alpha }).map_err(failure)?;
        }
    }
    Ok(bytes)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn failure(error: EncodingError) -> EncodeError {
    EncodeError::Encoder {
        format: "JPEG",
        detail: error.to_string(),
    }
}

/// A picture laid over white a row at a time, as the encoder asks for it.
struct OverWhite<'a> {
    pixels: &'a Rgb8,
    alpha: &'a Gray8,
}

impl ImageBuffer for OverWhite<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        JpegColorType::Ycbcr
    }

    fn width(&self) -> u16 {
        self.pixels.width() as u16
    }

    fn height(&self) -> u16 {
        self.pixels.height() as u16
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let row = self.pixels.row(u32::from(y)).as_chunks::<3>().0;
        for (rgb, alpha) in row.iter().zip(self.alpha.row(u32::from(y))) {
            let opacity = u32::from(*alpha);
            let over_white = |value: u8| ((u32::from(value) * opacity + 255 * (255 - opacity) + 127) / 255) as u8;
            let [red, green, blue] = rgb.map(over_white);
            let (luma, blueness, redness) = rgb_to_ycbcr(red, green, blue);
            buffers[0].push(luma);
            buffers[1].push(blueness);
            buffers[2].push(redness);
        }
    }
}
