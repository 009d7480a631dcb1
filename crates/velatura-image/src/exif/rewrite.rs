use std::ops::Range;

use super::tiff::{Block, Directory, ENTRY_BYTES, Entry, Order, kind, tag};
use super::without_prefix;

/// sRGB in the tag ColorSpace.
const SRGB: u16 = 1;
const HEADER_BYTES: usize = 8;

/// How the block of the new picture differs from the old one's, beside orientation (now 1), thumbnail, XMP and colour
/// profile (which belong to the old pixels and go).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Changes<'a> {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) keep_gps: bool,
    pub(crate) software: Option<&'a str>,
}

/// A block that says only what `software` made the picture.
pub(crate) fn minimal(software: &str) -> Vec<u8> {
    let mut out = vec![b'I', b'I', 42, 0, 0, 0, 0, 0];
    append_directory(&mut out, Order::Little, Vec::new(), Some(software));
    out
}

/// The block put right for the new picture. An error is half a sentence that says what is wrong with the old one.
pub(crate) fn rewritten(exif: &[u8], changes: &Changes<'_>) -> Result<Vec<u8>, String> {
    let block = Block::parse(without_prefix(exif))?;
    let first = block.directory(block.first_directory)?;
    let mut out = block.bytes.to_vec();
    let mut wiped = vec![first.range.clone()];
    let mut kept = Vec::new();
    for entry in &first.entries {
        match entry.tag {
            tag::GPS_DIRECTORY if !changes.keep_gps => wiped.extend(directory_ranges(&block, entry)?),
            tag::ORIENTATION | tag::IMAGE_WIDTH | tag::IMAGE_LENGTH => {}
            tag::XMP | tag::ICC_PROFILE => wiped.extend(block.outside_value(entry)),
            tag::SOFTWARE if changes.software.is_some() => wiped.extend(block.outside_value(entry)),
            tag::EXIF_DIRECTORY => {
                describe_pixels(&block, entry, &mut out, changes)?;
                kept.push(*entry);
            }
            _ => kept.push(*entry),
        }
    }
    // A thumbnail that cannot be read cannot be shown either: its pointer goes, and that is enough.
    if let Some(thumbnail) = (first.next != 0).then(|| block.directory(first.next).ok()).flatten() {
        wiped.extend(thumbnail_ranges(&block, &thumbnail));
    }
    wipe(&mut out, wiped);
    append_directory(&mut out, block.order, kept, changes.software);
    Ok(out)
}

/// Puts size and colour space of the new pixels into the EXIF directory.
fn describe_pixels(block: &Block<'_>, pointer: &Entry, out: &mut [u8], changes: &Changes<'_>) -> Result<(), String> {
    let offset = block.integer(pointer).ok_or("its EXIF directory has no offset")?;
    for entry in block.directory(offset)?.entries {
        let value = match entry.tag {
            tag::PIXEL_X_DIMENSION => changes.width,
            tag::PIXEL_Y_DIMENSION => changes.height,
            tag::COLOR_SPACE => u32::from(SRGB),
            _ => continue,
        };
        let field = &mut out[entry.value_at..entry.value_at + 4];
        match (entry.kind, u16::try_from(value)) {
            (kind::SHORT, Ok(short)) => field[..2].copy_from_slice(&block.order.u16_bytes(short)),
            (kind::LONG, _) => field.copy_from_slice(&block.order.u32_bytes(value)),
            _ => {}
        }
    }
    Ok(())
}

/// The bytes of a directory and of its values.
fn directory_ranges(block: &Block<'_>, pointer: &Entry) -> Result<Vec<Range<usize>>, String> {
    let offset = block.integer(pointer).ok_or("its GPS directory has no offset")?;
    let directory = block.directory(offset)?;
    let values = directory.entries.iter().filter_map(|entry| block.outside_value(entry));
    Ok(values.chain([directory.range.clone()]).collect())
}

/// The bytes of the thumbnail's directory, of its values and of its pixels.
fn thumbnail_ranges(block: &Block<'_>, directory: &Directory) -> Vec<Range<usize>> {
    let integer = |wanted: u16| {
        let entry = directory.entries.iter().find(|entry| entry.tag == wanted)?;
        Some(block.integer(entry)? as usize)
    };
    let pixels = integer(tag::THUMBNAIL_OFFSET)
        .zip(integer(tag::THUMBNAIL_LENGTH))
        .map(|(start, length)| {
            let length = length.min(block.bytes.len().saturating_sub(start));
            start..start + length
        });
    let values = directory.entries.iter().filter_map(|entry| block.outside_value(entry));
    values.chain(pixels).chain([directory.range.clone()]).collect()
}

/// Zeroes the ranges, and cuts off those at the end.
fn wipe(out: &mut Vec<u8>, mut ranges: Vec<Range<usize>>) {
    ranges.retain(|range| range.start >= HEADER_BYTES && range.end <= out.len() && !range.is_empty());
    for range in &ranges {
        out[range.clone()].fill(0);
    }
    ranges.sort_by_key(|range| range.end);
    for range in ranges.into_iter().rev() {
        if range.end < out.len() {
            break;
        }
        out.truncate(range.start);
    }
}

/// Appends a first directory of `entries` with orientation 1 and `software`, and points the header to it.
fn append_directory(out: &mut Vec<u8>, order: Order, mut entries: Vec<Entry>, software: Option<&str>) {
    if out.len() % 2 == 1 {
        out.push(0);
    }
    let [one, zero] = order.u16_bytes(1);
    let entry = |tag, kind, count, value| Entry {
        tag,
        kind,
        count,
        value,
        value_at: 0,
    };
    entries.push(entry(tag::ORIENTATION, kind::SHORT, 1, [one, zero, 0, 0]));
    let start = out.len();
    let count = entries.len() + usize::from(software.is_some());
    let text_at = start + 2 + count * ENTRY_BYTES + 4;
    let text = software.map(|software| [software.as_bytes(), &[0]].concat());
    if let Some(text) = &text {
        let value = match *text.as_slice() {
            [a] => [a, 0, 0, 0],
            [a, b] => [a, b, 0, 0],
            [a, b, c] => [a, b, c, 0],
            [a, b, c, d] => [a, b, c, d],
            _ => order.u32_bytes(text_at as u32),
        };
        entries.push(entry(tag::SOFTWARE, kind::ASCII, text.len() as u32, value));
    }
    entries.sort_by_key(|entry| entry.tag);
    out.extend(order.u16_bytes(count as u16));
    for entry in entries {
        out.extend(order.u16_bytes(entry.tag));
        out.extend(order.u16_bytes(entry.kind));
        out.extend(order.u32_bytes(entry.count));
        out.extend(entry.value);
    }
    out.extend(order.u32_bytes(0));
    out.extend(text.into_iter().flatten());
    out[4..HEADER_BYTES].copy_from_slice(&order.u32_bytes(start as u32));
}
