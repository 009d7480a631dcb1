//! The one guarded way in: magic bytes, header, limits, then pixels, with panics contained.

mod cmyk;
mod container;
mod error;
mod guard;
mod jpeg;
pub(crate) mod samples;
mod source;
mod still;

pub use error::DecodeError;

use crate::{Format, GrayF32, Header, Limits, Metadata, Note, Photo, color};
use source::Source;

/// Reads the header and checks it against the limits, without decoding pixels.
///
/// # Errors
/// As [`decode`], so far as the header shows it.
pub fn probe(bytes: &[u8], limits: &Limits) -> Result<Header, DecodeError> {
    guarded(bytes, limits, |source| Ok(source.header))
}

/// Decodes a picture to upright sRGB pixels.
///
/// Takes at most the decoded picture and one copy of it, plus the coefficients of a progressive JPEG.
///
/// # Errors
/// One [`DecodeError`] for each way in which bytes fail to be an acceptable picture; none of them can be cured by
/// trying again.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Photo, DecodeError> {
    guarded(bytes, limits, |source| {
        let Source {
            header,
            exif,
            icc,
            codec,
        } = source;
        let mut notes = Vec::new();
        if header.frames > 1 {
            notes.push(Note::FirstFrameOnly { frames: header.frames });
        }
        let mut samples = codec.decode(limits)?;
        samples.narrow_to_8_bits();
        let alpha = samples.take_alpha();
        let (pixels, icc) = color::to_srgb(samples, icc.as_deref(), &mut notes);
        Ok(Photo {
            pixels: header.orientation.apply(pixels),
            alpha: alpha.map(|alpha| header.orientation.apply(alpha)),
            header,
            metadata: Metadata { exif, icc },
            notes,
        })
    })
}

/// Decodes a depth map, a mask or another picture that means numbers, to 0..1 and upright.
///
/// 16-bit samples keep their precision, colours count by their BT.601 luma, alpha and colour profiles are ignored:
/// the stored numbers are the values.
///
/// # Errors
/// As [`decode`].
pub fn decode_gray(bytes: &[u8], limits: &Limits) -> Result<GrayF32, DecodeError> {
    guarded(bytes, limits, |source| {
        let orientation = source.header.orientation;
        Ok(orientation.apply(source.codec.decode(limits)?.into_luma()))
    })
}

fn guarded<T>(
    bytes: &[u8],
    limits: &Limits,
    work: impl FnOnce(Source<'_>) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    limits.check_encoded_bytes(bytes.len() as u64)?;
    let format = Format::sniff(bytes)?;
    guard::contain(format, || work(Source::open(format, bytes, limits)?))
}
