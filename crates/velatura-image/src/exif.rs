//! EXIF as far as a restyled picture needs it: read the orientation, and put the block right for the new picture.
//!
//! A block is a small TIFF file whose values are found by offsets, and cameras keep private data (maker notes) with
//! offsets of their own. So nothing is moved: values are changed or wiped where they are, and a new first directory is
//! appended in place of the old one.

mod rewrite;
mod tiff;

pub(crate) use rewrite::{Changes, minimal, rewritten};
use tiff::{Block, tag};

use crate::Orientation;

/// The orientation of the main picture; `None` when it is not stated or the block is broken.
pub(crate) fn orientation(exif: &[u8]) -> Option<Orientation> {
    let block = Block::parse(without_prefix(exif)).ok()?;
    let directory = block.directory(block.first_directory).ok()?;
    let entry = directory.entries.iter().find(|entry| entry.tag == tag::ORIENTATION)?;
    Orientation::from_exif(u16::try_from(block.integer(entry)?).ok()?)
}

/// The block without the `Exif\0\0` that some writers put before it outside JPEG, too.
pub(crate) fn without_prefix(exif: &[u8]) -> &[u8] {
    exif.strip_prefix(b"Exif\0\0").unwrap_or(exif)
}
