//! The header of a shared library. The dynamic loader maps a file without a look at its length: half a download would end
//! the process with SIGBUS.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

const HEADER_BYTES: usize = 64;
const SEGMENT_BYTES: usize = 56;

/// Checks that a file is a shared library for this kind of machine, and whole.
pub(super) fn check(path: &Path) -> Result<(), String> {
    let mut file = File::open(path).map_err(|e| e.to_string())?;
    let length = file.metadata().map_err(|e| e.to_string())?.len();
    let mut header = [0u8; HEADER_BYTES];
    file.read_exact(&mut header)
        .map_err(|_| "it is not a shared library".to_owned())?;
    if !header.starts_with(b"\x7fELF\x02\x01") {
        return Err("it is not a shared library of 64 bits".to_owned());
    }
    let expected = match std::env::consts::ARCH {
        "x86_64" => 62,
        "aarch64" => 183,
        other => return Err(format!("there is no ONNX Runtime for {other}")),
    };
    if u16_at(&header, 18) != expected {
        return Err(format!(
            "it is built for another kind of machine than {}",
            std::env::consts::ARCH
        ));
    }
    let cut = || format!("it is cut off after {length} bytes");
    let mut table = vec![0u8; SEGMENT_BYTES * usize::from(u16_at(&header, 56))];
    file.seek(SeekFrom::Start(u64_at(&header, 32)))
        .map_err(|e| e.to_string())?;
    file.read_exact(&mut table).map_err(|_| cut())?;
    let ends = table.as_chunks::<SEGMENT_BYTES>().0.iter().map(|segment| {
        let (offset, bytes) = (u64_at(segment, 8), u64_at(segment, 32));
        offset.saturating_add(bytes)
    });
    if ends.max().is_none_or(|end| end > length) {
        Err(cut())
    } else {
        Ok(())
    }
}

fn u16_at(bytes: &[u8], offset: usize) -> u16 {
    u16::from_le_bytes([bytes[offset], bytes[offset + 1]])
}

fn u64_at(bytes: &[u8], offset: usize) -> u64 {
    (0..8).map(|i| u64::from(bytes[offset + i]) << (8 * i)).sum()
}
