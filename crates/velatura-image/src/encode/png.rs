use std::borrow::Cow;
use std::io::Write;

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Info};

use super::EncodeError;
use crate::{Gray8, Rgb8, color};

pub(super) fn encode(
    pixels: &Rgb8,
    alpha: Option<&Gray8>,
    exif: Option<Vec<u8>>,
    software: Option<&str>,
) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    write(&mut bytes, pixels, alpha, exif, software).map_err(|error| EncodeError::Encoder {
        format: "PNG",
        detail: error.to_string(),
    })?;
    Ok(bytes)
}

fn write(
    bytes: &mut Vec<u8>,
    pixels: &Rgb8,
    alpha: Option<&Gray8>,
    exif: Option<Vec<u8>>,
    software: Option<&str>,
) -> Result<(), EncodingError> {
    let mut info = Info::with_size(pixels.width(), pixels.height());
    info.bit_depth = BitDepth::Eight;
    info.color_type = if alpha.is_some() {
        ColorType::Rgba
    } else {
        ColorType::Rgb
    };
    info.icc_profile = Some(Cow::Borrowed(&color::SRGB_PROFILE));
    info.exif_metadata = exif.map(Cow::Owned);
    let mut encoder = Encoder::with_info(bytes, info)?;
    encoder.set_compression(Compression::Fast);
    if let Some(software) = software {
        encoder.add_itxt_chunk("Software".to_owned(), software.to_owned())?;
    }
    let mut writer = encoder.write_header()?;
    match alpha {
        None => writer.write_image_data(pixels.data())?,
        Some(alpha) => {
            // Row by row, so that no interleaved copy of the picture is held.
            let mut stream = writer.stream_writer()?;
            let mut line = Vec::with_capacity(pixels.width() as usize * 4);
            for (rgb, alpha) in pixels.rows().zip(alpha.rows()) {
                line.clear();
                let row = rgb.as_chunks::<3>().0.iter().zip(alpha);
                line.extend(row.flat_map(|(&[red, green, blue], &alpha)| [red, green, blue, alpha]));
                stream.write_all(&line)?;
            }
            stream.finish()?;
        }
    }
    writer.finish()
}
