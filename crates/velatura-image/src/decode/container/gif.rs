use super::{Container, take, take_array};

/// Walks the blocks to the trailer. A missing trailer is forgiven when at least one frame is whole, as every viewer
/// forgives it; `None` when the file ends within a block.
pub(super) fn scan(bytes: &[u8]) -> Option<Container<'static>> {
    let mut rest = bytes.get(6..)?;
    let [_, _, _, _, flags, _, _] = take_array(&mut rest)?;
    take(&mut rest, color_table_bytes(flags))?;
    let mut frames = 0;
    loop {
        match take_array(&mut rest) {
            Some([0x2C]) => {
                let [.., flags] = take_array::<9>(&mut rest)?;
                take(&mut rest, color_table_bytes(flags))?;
                take(&mut rest, 1)?; // minimum code size
                skip_sub_blocks(&mut rest)?;
                frames += 1;
            }
            Some([0x21]) => {
                take(&mut rest, 1)?; // label
                skip_sub_blocks(&mut rest)?;
            }
            Some(_) => break,
            None if frames > 0 => break,
            None => return None,
        }
    }
    Some(Container {
        frames: frames.max(1),
        exif: None,
    })
}

fn color_table_bytes(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

fn skip_sub_blocks(rest: &mut &[u8]) -> Option<()> {
    loop {
        let [length] = take_array(rest)?;
        if length == 0 {
            return Some(());
        }
        take(rest, usize::from(length))?;
    }
}
