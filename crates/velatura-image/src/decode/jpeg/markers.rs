//! The marker segments of a JPEG file (ITU-T T.81, annex B), walked to the end-of-image marker.

use std::borrow::Cow;

use crate::{DecodeError, Format};

const SOI_BYTES: usize = 2;
const EXIF: &[u8] = b"Exif\0\0";
const ICC: &[u8] = b"ICC_PROFILE\0";
const ADOBE: &[u8] = b"Adobe";

/// The frame header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) components: u8,
}

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

/// What the markers of a whole file say.
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
        let truncated = || DecodeError::Truncated { format: Format::Jpeg };
        let mut frame = None;
        let mut markers = Self {
            frame: Frame {
                width: 0,
                height: 0,
                components: 0,
            },
            exif: None,
            adobe: None,
            stray_bytes: false,
            icc_chunks: Vec::new(),
        };
        let mut scans = 0;
        let mut at = SOI_BYTES;
        loop {
            let (marker, after) = next_marker(bytes, at).ok_or_else(truncated)?;
            let stray = after - at > 2 && bytes[at] != 0xFF;
            if matches!(marker, 0x01 | 0xD0..=0xD7) {
                at = after;
                continue;
            }
            if marker == 0xD9 {
                break;
            }
            // Between a scan's header and the next marker lie its coded data, which are no stray bytes.
            markers.stray_bytes |= stray && scans == 0;
            let length = bytes.get(after..after + 2).ok_or_else(truncated)?;
            let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
            if length < 2 {
                return Err(DecodeError::corrupt(Format::Jpeg, "a segment without a length"));
            }
            let data = bytes.get(after + 2..after + length).ok_or_else(truncated)?;
            match marker {
                0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF if frame.is_none() => {
                    frame = Some(read_frame(marker, data)?);
                }
                0xDA => scans += 1,
                0xE1 if markers.exif.is_none() => markers.exif = data.strip_prefix(EXIF),
                0xE2 => markers.icc_chunks.extend(icc_chunk(data)),
                0xEE if data.starts_with(ADOBE) && data.len() >= 12 => {
                    markers.adobe = Some(Adobe {
                        transform: data[11],
                        offset: after + 2 + 11,
                    });
                }
                _ => {}
            }
            at = after + length;
        }
        if scans == 0 {
            return Err(DecodeError::corrupt(Format::Jpeg, "there is no picture in it"));
        }
        markers.frame = frame.ok_or_else(|| DecodeError::corrupt(Format::Jpeg, "the frame header is missing"))?;
        Ok(markers)
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

/// The next marker at or after `from`, with the position behind it; stuffed zeros and fill bytes are passed over.
fn next_marker(bytes: &[u8], from: usize) -> Option<(u8, usize)> {
    let mut at = from;
    loop {
        at += memchr::memchr(0xFF, bytes.get(at..)?)?;
        while *bytes.get(at)? == 0xFF {
            at += 1;
        }
        if bytes[at] != 0 {
            return Some((bytes[at], at + 1));
        }
    }
}

fn read_frame(marker: u8, data: &[u8]) -> Result<Frame, DecodeError> {
    let unsupported = |feature: &str| Err(DecodeError::unsupported(Format::Jpeg, feature));
    match marker {
        0xC0..=0xC2 => {}
        0xC3 => return unsupported("lossless coding"),
        0xC5..=0xC7 => return unsupported("hierarchical coding"),
        _ => return unsupported("arithmetic coding"),
    }
    let Some(&[precision, h1, h0, w1, w0, components]) = data.first_chunk() else {
        return Err(DecodeError::corrupt(Format::Jpeg, "the frame header is too short"));
    };
    let frame = Frame {
        width: u16::from_be_bytes([w1, w0]),
        height: u16::from_be_bytes([h1, h0]),
        components,
    };
    if precision != 8 {
        return unsupported(&format!("{precision}-bit samples"));
    }
    if frame.height == 0 {
        return unsupported("a height that is stated after the picture");
    }
    if frame.width == 0 {
        return Err(DecodeError::corrupt(Format::Jpeg, "the picture has no pixels"));
    }
    Ok(frame)
}

fn icc_chunk(data: &[u8]) -> Option<(u8, &[u8])> {
    let (&[number, _count], profile) = data.strip_prefix(ICC)?.split_first_chunk()?;
    Some((number, profile))
}
