//! The way out: pixels to a JPEG, PNG or WebP file with its metadata.

mod error;
mod jpeg;
mod options;
mod png;
mod webp;

pub use error::EncodeError;
pub use options::{Chroma, EncodeOptions, OutputFormat};

use crate::{Gray8, Metadata, Note, Rgb8, exif};

/// An encoded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The file.
    pub bytes: Vec<u8>,
    /// What a user should know.
    pub notes: Vec<Note>,
}

/// Encodes an upright sRGB picture.
///
/// Every file carries the sRGB profile. `metadata.exif` goes along if asked, put right for the new picture: orientation
/// 1, the new size, no thumbnail, and no position unless asked; a malformed block is left out with a note.
/// `options.software` is stored in the EXIF tag Software, and in PNG also as an `iTXt` chunk of that name.
/// Alpha is kept in PNG and WebP; in JPEG the picture is laid over white, with a note.
///
/// # Errors
/// See [`EncodeError`].
pub fn encode(
    pixels: &Rgb8,
    alpha: Option<&Gray8>,
    options: &EncodeOptions,
    metadata: &Metadata,
) -> Result<Encoded, EncodeError> {
    options.format.check(pixels.size())?;
    if let Some(alpha) = alpha
        && alpha.size() != pixels.size()
    {
        return Err(EncodeError::AlphaSize {
            pixels: pixels.size(),
            alpha: alpha.size(),
        });
    }
    let mut notes = Vec::new();
    let exif = exif_for(pixels, options, metadata, &mut notes);
    let bytes = match options.format {
        OutputFormat::Jpeg { quality, chroma } => jpeg::encode(pixels, alpha, quality, chroma, exif, &mut notes)?,
        OutputFormat::Png => png::encode(pixels, alpha, exif, options.software.as_deref())?,
        OutputFormat::WebPLossy { quality } => webp::encode_lossy(pixels, alpha, quality, exif.as_deref())?,
        OutputFormat::WebPLossless => webp::encode_lossless(pixels, alpha, exif.as_deref())?,
    };
    Ok(Encoded { bytes, notes })
}

fn exif_for(pixels: &Rgb8, options: &EncodeOptions, metadata: &Metadata, notes: &mut Vec<Note>) -> Option<Vec<u8>> {
    let software = options.software.as_deref();
    let kept = metadata.exif.as_deref().filter(|_| options.keep_exif).and_then(|exif| {
        let (width, height) = pixels.size();
        let changes = exif::Changes {
            width,
            height,
            keep_gps: options.keep_gps,
            software,
        };
        exif::rewritten(exif, &changes)
            .map_err(|reason| notes.push(Note::ExifDropped { reason }))
            .ok()
    });
    kept.or_else(|| software.map(exif::minimal))
}
