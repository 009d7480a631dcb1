//! A walk over a file's blocks, cheap and without decoding: whether the file is whole, how many frames it has and
//! where its EXIF block lies.

mod gif;
mod png;
mod tiff;
mod webp;

use super::DecodeError;
use crate::{Format, Limits};

/// What the walk found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Container<'a> {
    pub(super) frames: u32,
    pub(super) exif: Option<&'a [u8]>,
}

pub(super) fn scan<'a>(format: Format, bytes: &'a [u8], limits: &Limits) -> Result<Container<'a>, DecodeError> {
    let scanned = match format {
        Format::Png => png::scan(bytes),
        Format::WebP => webp::scan(bytes),
        Format::Gif => gif::scan(bytes),
        Format::Tiff => tiff::scan(bytes, limits.max_frames),
        Format::Jpeg => Some(Container { frames: 1, exif: None }),
    };
    scanned.ok_or(DecodeError::Truncated { format })
}

/// Takes `count` bytes off the front; `None` when there are fewer.
fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

/// Takes `N` bytes off the front as an array.
fn take_array<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*taken)
}
