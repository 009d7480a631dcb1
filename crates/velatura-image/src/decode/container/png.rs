use super::{Container, take, take_array};

/// Walks the chunks to IEND; `None` when the file ends before it.
pub(super) fn scan(bytes: &[u8]) -> Option<Container<'_>> {
    let mut rest = bytes.get(8..)?;
    let mut found = Container { frames: 1, exif: None };
    loop {
        let length = u32::from_be_bytes(take_array(&mut rest)?) as usize;
        let kind = take_array::<4>(&mut rest)?;
        let data = take(&mut rest, length)?;
        take_array::<4>(&mut rest)?; // CRC, which the decoder checks
        match &kind {
            b"IEND" => return Some(found),
            b"eXIf" => found.exif = Some(data),
            b"acTL" => {
                if let Some(frames) = data.first_chunk() {
                    found.frames = u32::from_be_bytes(*frames).max(1);
                }
            }
            _ => {}
        }
    }
}
