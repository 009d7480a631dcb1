//! What the markers of a JPEG file say (ITU-T T.81, annex B).

use std::borrow::Cow;

use super::frame::Frame;
use super::segments::Segments;
use crate::{DecodeError, Format};

const EXIF: &[u8] = b"Exif\0\0";
const ICC: &[u8] = b"ICC_PROFILE\0";
const ADOBE: &[u8] = b"Adobe";

/// Adobe's APP14 segment: how colours are stored, and that CMYK is stored inverted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Adobe {
    transform: u8,
    /// Where that byte lies in the file.
    offset: usize,
}

impl Adobe {
    pub(super) fn is_untransformed(self) -> bool {
        self.transform == 0
    }
}

/// The markers of a whole file.
pub(super) struct Markers<'a> {
    pub(super) frame: Frame,
    pub(super) exif: Option<&'a [u8]>,
    pub(super) adobe: Option<Adobe>,
    /// Bytes between segments that belong to none: seen in the wild, and harmless.
    pub(super) stray_bytes: bool,
    icc_chunks: Vec<(u8, &'a [u8])>,
}

impl<'a> Markers<'a> {
    /// Walks the file. A file without its end marker, or with fewer restart markers than its pixels need, is cut off,
    /// however many pixels a lenient decoder would still find in it.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let (mut frame, mut exif, mut adobe, mut icc_chunks) = (None, None, None, Vec::new());
        let (mut stray_bytes, mut scans, mut restarts, mut restart_interval) = (false, 0, 0, 0);
        let mut segments = Segments::of(bytes);
        while let Some(segment) = segments.advance()? {
            let data = segment.data;
            // After a scan's header the gap is its coded data.
            stray_bytes |= segment.after_gap && scans == 0;
            match segment.marker {
                0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF if frame.is_none() => {
                    frame = Some(Frame::read(segment.marker, data)?);
                }
                0xD0..=0xD7 => restarts += 1,
                0xDA => scans += 1,
                0xDD => {
                    let interval = data.first_chunk().copied().map_or(0, u16::from_be_bytes);
                    restart_interval = u32::from(interval);
                }
                0xE1 if exif.is_none() => exif = data.strip_prefix(EXIF),
                0xE2 => icc_chunks.extend(icc_chunk(data)),
                0xEE if data.starts_with(ADOBE) && data.len() >= 12 => {
                    adobe = Some(Adobe {
                        transform: data[11],
                        offset: segment.offset + 11,
                    });
                }
                _ => {}
            }
        }
        let frame = frame.ok_or_else(|| DecodeError::corrupt(Format::Jpeg, "the frame header is missing"))?;
        if scans == 0 {
            return Err(DecodeError::corrupt(Format::Jpeg, "there is no picture in it"));
        }
        // Some encoders leave out the last one, and no pixel depends on it.
        if restarts + 1 < frame.expected_restarts(scans, restart_interval) {
            return Err(DecodeError::Truncated { format: Format::Jpeg });
        }
        Ok(Self {
            frame,
            exif,
            adobe,
            stray_bytes,
            icc_chunks,
        })
    }

    /// The colour profile, put together from its chunks; `None` when there is none or a chunk is missing.
    pub(super) fn icc(&self) -> Option<Vec<u8>> {
        let mut chunks = self.icc_chunks.clone();
        chunks.sort_by_key(|(number, _)| *number);
        let numbered = chunks
            .iter()
            .zip(1..)
            .all(|((number, _), expected)| *number == expected);
        (numbered && !chunks.is_empty()).then(|| chunks.iter().flat_map(|(_, data)| *data).copied().collect())
    }

    /// The file with Adobe's colour transform replaced.
    pub(super) fn with_transform(&self, bytes: &'a [u8], transform: u8) -> Cow<'a, [u8]> {
        let Some(adobe) = self.adobe else {
            return Cow::Borrowed(bytes);
        };
        let mut changed = bytes.to_vec();
        changed[adobe.offset] = transform;
        Cow::Owned(changed)
    }
}

fn icc_chunk(data: &[u8]) -> Option<(u8, &[u8])> {
    let (&[number, _count], profile) = data.strip_prefix(ICC)?.split_first_chunk()?;
    Some((number, profile))
}
