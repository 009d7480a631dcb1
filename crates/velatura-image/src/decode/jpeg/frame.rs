use crate::{DecodeError, Format};

const PROGRESSIVE: u8 = 0xC2;

/// A frame header that can be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) components: u8,
    progressive: bool,
    /// Minimum coded units: the steps in which an interleaved scan is coded.
    units: u32,
}

impl Frame {
    /// Reads a start-of-frame segment.
    pub(super) fn read(marker: u8, data: &[u8]) -> Result<Self, DecodeError> {
        let unsupported = |feature: &str| Err(DecodeError::unsupported(Format::Jpeg, feature));
        match marker {
            0xC0..=0xC2 => {}
            0xC3 => return unsupported("lossless coding"),
            0xC5..=0xC7 => return unsupported("hierarchical coding"),
            _ => return unsupported("arithmetic coding"),
        }
        let Some((&[precision, h1, h0, w1, w0, components], samplings)) = data.split_first_chunk() else {
            return Err(DecodeError::corrupt(Format::Jpeg, "the frame header is too short"));
        };
        let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
        if precision != 8 {
            return unsupported(&format!("{precision}-bit samples"));
        }
        if height == 0 {
            return unsupported("a height that is stated after the picture");
        }
        if width == 0 {
            return Err(DecodeError::corrupt(Format::Jpeg, "the picture has no pixels"));
        }
        let units = units(width, height, samplings);
        Ok(Self {
            width,
            height,
            components,
            progressive: marker == PROGRESSIVE,
            units,
        })
    }

    /// The restart markers that a single sequential scan has; 0 where their number is not so simple to say.
    pub(super) fn expected_restarts(&self, scans: u32, interval: u32) -> u32 {
        if scans != 1 || self.progressive || interval == 0 {
            0
        } else {
            self.units.saturating_sub(1) / interval
        }
    }
}

/// The largest sampling factors say how many blocks of 8 by 8 a unit spans. A picture of one component is coded block
/// by block whatever its factors.
fn units(width: u16, height: u16, samplings: &[u8]) -> u32 {
    let components = samplings.as_chunks::<3>().0;
    let largest = |factor: fn(u8) -> u8| {
        let factors = components.iter().map(|[_, sampling, _]| factor(*sampling));
        if components.len() == 1 {
            1
        } else {
            u32::from(factors.max().unwrap_or(1)).max(1)
        }
    };
    let columns = u32::from(width).div_ceil(8 * largest(|sampling| sampling >> 4));
    columns * u32::from(height).div_ceil(8 * largest(|sampling| sampling & 15))
}
