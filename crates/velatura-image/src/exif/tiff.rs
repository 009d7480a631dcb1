//! The TIFF structure inside an EXIF block: byte order, directories, entries.

use std::ops::Range;

/// The tags that matter here.
pub(super) mod tag {
    pub(crate) const IMAGE_WIDTH: u16 = 0x0100;
    pub(crate) const IMAGE_LENGTH: u16 = 0x0101;
    pub(crate) const ORIENTATION: u16 = 0x0112;
    pub(crate) const SOFTWARE: u16 = 0x0131;
    pub(crate) const THUMBNAIL_OFFSET: u16 = 0x0201;
    pub(crate) const THUMBNAIL_LENGTH: u16 = 0x0202;
    pub(crate) const XMP: u16 = 0x02BC;
    pub(crate) const EXIF_DIRECTORY: u16 = 0x8769;
    pub(crate) const ICC_PROFILE: u16 = 0x8773;
    pub(crate) const GPS_DIRECTORY: u16 = 0x8825;
    pub(crate) const COLOR_SPACE: u16 = 0xA001;
    pub(crate) const PIXEL_X_DIMENSION: u16 = 0xA002;
    pub(crate) const PIXEL_Y_DIMENSION: u16 = 0xA003;
}

/// Types of values.
pub(super) mod kind {
    pub(crate) const ASCII: u16 = 2;
    pub(crate) const SHORT: u16 = 3;
    pub(crate) const LONG: u16 = 4;
}

pub(super) const ENTRY_BYTES: usize = 12;

/// More entries than any camera writes; a broken count must not cost time.
const MOST_ENTRIES: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    pub(super) fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    pub(super) fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    pub(super) fn u16_bytes(self, value: u16) -> [u8; 2] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }

    pub(super) fn u32_bytes(self, value: u32) -> [u8; 4] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }
}

/// One entry of a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) tag: u16,
    pub(super) kind: u16,
    pub(super) count: u32,
    /// The value itself where it fits, else its offset.
    pub(super) value: [u8; 4],
    /// Where the value field lies in the block.
    pub(super) value_at: usize,
}

/// A directory and the offset of the one after it (0 = none).
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) entries: Vec<Entry>,
    pub(super) next: u32,
    /// The bytes of the directory itself.
    pub(super) range: Range<usize>,
}

/// A block whose header is sound.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) order: Order,
    pub(super) first_directory: u32,
}

impl<'a> Block<'a> {
    /// Reads the header. An error is half a sentence that says what is wrong.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, String> {
        let header = bytes.first_chunk::<8>().ok_or("it is too short")?;
        let order = match header {
            [b'I', b'I', 42, 0, ..] => Order::Little,
            [b'M', b'M', 0, 42, ..] => Order::Big,
            _ => return Err("it has no TIFF header".into()),
        };
        let [.., a, b, c, d] = *header;
        Ok(Self {
            bytes,
            order,
            first_directory: order.u32([a, b, c, d]),
        })
    }

    /// Reads the directory at `offset`.
    pub(super) fn directory(&self, offset: u32) -> Result<Directory, String> {
        let start = offset as usize;
        let outside = || format!("a directory at {offset} lies outside it");
        let count = self.array(start).ok_or_else(outside)?;
        let count = usize::from(self.order.u16(count));
        if count > MOST_ENTRIES {
            return Err(format!("a directory at {offset} claims {count} entries"));
        }
        let entries = (0..count).map(|index| self.entry(start + 2 + index * ENTRY_BYTES));
        let entries = entries.collect::<Option<Vec<_>>>().ok_or_else(outside)?;
        let end = start + 2 + count * ENTRY_BYTES;
        // Some writers leave the pointer out where nothing follows.
        let next = self.array(end).map_or(0, |bytes| self.order.u32(bytes));
        Ok(Directory {
            entries,
            next,
            range: start..(end + 4).min(self.bytes.len()),
        })
    }

    /// An entry's single unsigned integer, of whatever width.
    pub(super) fn integer(&self, entry: &Entry) -> Option<u32> {
        let [a, b, c, d] = entry.value;
        match (entry.kind, entry.count) {
            (kind::SHORT, 1) => Some(u32::from(self.order.u16([a, b]))),
            (kind::LONG, 1) => Some(self.order.u32([a, b, c, d])),
            _ => None,
        }
    }

    /// Where an entry's value lies when it does not fit into the entry; clipped to the block.
    pub(super) fn outside_value(&self, entry: &Entry) -> Option<Range<usize>> {
        let bytes = unit_bytes(entry.kind)?.checked_mul(entry.count as usize)?;
        if bytes <= 4 {
            return None;
        }
        let start = self.order.u32(entry.value) as usize;
        let end = start.checked_add(bytes)?.min(self.bytes.len());
        (start < end).then_some(start..end)
    }

    fn entry(&self, at: usize) -> Option<Entry> {
        Some(Entry {
            tag: self.order.u16(self.array(at)?),
            kind: self.order.u16(self.array(at + 2)?),
            count: self.order.u32(self.array(at + 4)?),
            value: self.array(at + 8)?,
            value_at: at + 8,
        })
    }

    fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.bytes.get(at..)?.first_chunk().copied()
    }
}

fn unit_bytes(kind: u16) -> Option<usize> {
    Some(match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 => 8,
        _ => return None,
    })
}
