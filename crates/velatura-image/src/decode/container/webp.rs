use super::{Container, take, take_array};

/// Walks the RIFF chunks; `None` when the file is shorter than it says.
pub(super) fn scan(bytes: &[u8]) -> Option<Container<'_>> {
    let mut rest = bytes.get(4..)?;
    let length = u32::from_le_bytes(take_array(&mut rest)?) as usize;
    let mut rest = take(&mut rest, length)?.get(4..)?;
    let mut frames = 0;
    let mut exif = None;
    while rest.len() >= 8 {
        let kind = take_array::<4>(&mut rest)?;
        let length = u32::from_le_bytes(take_array(&mut rest)?) as usize;
        let data = take(&mut rest, length)?;
        rest = rest.get(length % 2..).unwrap_or_default();
        match &kind {
            b"ANMF" => frames += 1,
            b"EXIF" => exif = Some(data),
            _ => {}
        }
    }
    Some(Container {
        frames: frames.max(1),
        exif,
    })
}
