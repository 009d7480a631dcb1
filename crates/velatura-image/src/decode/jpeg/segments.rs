//! The walk from marker to marker.

use crate::{DecodeError, Format};

const SOI_BYTES: usize = 2;
const EOI: u8 = 0xD9;

/// A marker with what belongs to it.
pub(super) struct Segment<'a> {
    pub(super) marker: u8,
    /// Empty for a marker that stands alone.
    pub(super) data: &'a [u8],
    /// Where `data` lies in the file.
    pub(super) offset: usize,
    /// Whether bytes that belong to no segment (or a scan's coded data) lie before the marker.
    pub(super) after_gap: bool,
}

/// The segments of a file up to its end marker. A file that ends without one is truncated.
pub(super) struct Segments<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Segments<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: SOI_BYTES }
    }

    /// The next segment; `None` at the end marker.
    pub(super) fn advance(&mut self) -> Result<Option<Segment<'a>>, DecodeError> {
        let truncated = || DecodeError::Truncated { format: Format::Jpeg };
        let (marker, after) = next_marker(self.bytes, self.at).ok_or_else(truncated)?;
        let after_gap = self.bytes[self.at] != 0xFF;
        if marker == EOI {
            return Ok(None);
        }
        if stands_alone(marker) {
            self.at = after;
            return Ok(Some(Segment {
                marker,
                data: &[],
                offset: after,
                after_gap,
            }));
        }
        let length = self
            .bytes
            .get(after..)
            .and_then(<[u8]>::first_chunk)
            .ok_or_else(truncated)?;
        let length = usize::from(u16::from_be_bytes(*length));
        if length < 2 {
            return Err(DecodeError::corrupt(Format::Jpeg, "a segment has no length"));
        }
        let data = self.bytes.get(after + 2..after + length).ok_or_else(truncated)?;
        self.at = after + length;
        Ok(Some(Segment {
            marker,
            data,
            offset: after + 2,
            after_gap,
        }))
    }
}

/// Restart markers, and one that is reserved.
fn stands_alone(marker: u8) -> bool {
    matches!(marker, 0x01 | 0xD0..=0xD7)
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
