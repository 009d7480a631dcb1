use super::Container;

/// Follows the chain of directories, one a page; `None` when one lies outside the file. Gives up counting one past
/// `most`, so that a chain that bites its tail ends.
pub(super) fn scan(bytes: &[u8], most: u32) -> Option<Container<'static>> {
    let layout = Layout {
        little: bytes.first() == Some(&b'I'),
        big: bytes.get(2..4)?.contains(&43),
    };
    let mut next = if layout.big {
        layout.number(bytes, 8, 8)?
    } else {
        layout.number(bytes, 4, 4)?
    };
    let mut pages = 0;
    while next != 0 && pages <= most {
        let at = usize::try_from(next).ok()?;
        let (count_bytes, entry_bytes, pointer_bytes) = if layout.big { (8, 20, 8) } else { (2, 12, 4) };
        let entries = usize::try_from(layout.number(bytes, at, count_bytes)?).ok()?;
        let after = entries
            .checked_mul(entry_bytes)?
            .checked_add(at)?
            .checked_add(count_bytes)?;
        next = layout.number(bytes, after, pointer_bytes)?;
        pages += 1;
    }
    Some(Container {
        frames: pages.max(1),
        exif: None,
    })
}

struct Layout {
    little: bool,
    /// BigTIFF: 64-bit offsets.
    big: bool,
}

impl Layout {
    fn number(&self, bytes: &[u8], at: usize, length: usize) -> Option<u64> {
        let digits = bytes.get(at..at.checked_add(length)?)?;
        let push = |value: u64, digit: &u8| value << 8 | u64::from(*digit);
        Some(if self.little {
            digits.iter().rev().fold(0, push)
        } else {
            digits.iter().fold(0, push)
        })
    }
}
