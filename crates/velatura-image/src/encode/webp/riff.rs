//! WebP's container: a plain file's picture chunks in the extended form, which has room for profile and EXIF.

const ICC_FLAG: u8 = 0x20;
const ALPHA_FLAG: u8 = 0x10;
const EXIF_FLAG: u8 = 0x08;

/// What the extended form adds.
pub(super) struct Extras<'a> {
    pub(super) size: (u32, u32),
    pub(super) alpha: bool,
    pub(super) icc: &'a [u8],
    pub(super) exif: Option<&'a [u8]>,
}

/// Rewrites a WebP file; `None` when it holds no picture.
pub(super) fn extended(plain: &[u8], extras: &Extras<'_>) -> Option<Vec<u8>> {
    let mut flags = ICC_FLAG;
    if extras.alpha {
        flags |= ALPHA_FLAG;
    }
    if extras.exif.is_some() {
        flags |= EXIF_FLAG;
    }
    let (width, height) = extras.size;
    let [w0, w1, w2, _] = (width - 1).to_le_bytes();
    let [h0, h1, h2, _] = (height - 1).to_le_bytes();

    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    push_chunk(&mut out, *b"VP8X", &[flags, 0, 0, 0, w0, w1, w2, h0, h1, h2]);
    push_chunk(&mut out, *b"ICCP", extras.icc);
    let before = out.len();
    for (kind, data) in chunks(plain.get(12..)?) {
        if matches!(&kind, b"ALPH" | b"VP8 " | b"VP8L") {
            push_chunk(&mut out, kind, data);
        }
    }
    if out.len() == before {
        return None;
    }
    if let Some(exif) = extras.exif {
        push_chunk(&mut out, *b"EXIF", exif);
    }
    let length = u32::try_from(out.len() - 8).ok()?;
    out[4..8].copy_from_slice(&length.to_le_bytes());
    Some(out)
}

fn push_chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    out.extend(kind);
    out.extend((data.len() as u32).to_le_bytes());
    out.extend(data);
    if data.len() % 2 == 1 {
        out.push(0);
    }
}

fn chunks(mut rest: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let (kind, after) = rest.split_first_chunk::<4>()?;
        let (length, after) = after.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        let (data, after) = after.split_at_checked(length)?;
        rest = after.get(length % 2..).unwrap_or_default();
        Some((*kind, data))
    })
}
