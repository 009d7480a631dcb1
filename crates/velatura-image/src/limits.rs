use crate::DecodeError;

/// What a picture may cost. All are checked from the header, before pixels are allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most pixels, width × height of the canvas.
    pub max_pixels: u64,
    /// Most bytes of the encoded picture.
    pub max_bytes: u64,
    /// Most frames of an animation or pages of a document, of which the first is decoded.
    pub max_frames: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_pixels: 100_000_000,
            max_bytes: 256 << 20,
            max_frames: 1_000,
        }
    }
}

impl Limits {
    /// Most bytes of decoded samples: 8 for each allowed pixel, which is 16-bit RGB with alpha.
    pub(crate) fn max_decoded_bytes(&self) -> u64 {
        self.max_pixels.saturating_mul(8)
    }

    pub(crate) fn check_encoded_bytes(&self, bytes: u64) -> Result<(), DecodeError> {
        if bytes > self.max_bytes {
            return Err(DecodeError::TooManyBytes {
                bytes,
                max_bytes: self.max_bytes,
            });
        }
        Ok(())
    }

    pub(crate) fn check_decoded_bytes(&self, bytes: u64) -> Result<(), DecodeError> {
        let max_bytes = self.max_decoded_bytes();
        if bytes > max_bytes {
            return Err(DecodeError::TooManyBytes { bytes, max_bytes });
        }
        Ok(())
    }

    pub(crate) fn check_pixels(&self, width: u32, height: u32) -> Result<(), DecodeError> {
        if u64::from(width) * u64::from(height) > self.max_pixels {
            return Err(DecodeError::TooManyPixels {
                width,
                height,
                max_pixels: self.max_pixels,
            });
        }
        Ok(())
    }

    pub(crate) fn check_frames(&self, frames: u32) -> Result<(), DecodeError> {
        if frames > self.max_frames {
            return Err(DecodeError::TooManyFrames {
                frames,
                max_frames: self.max_frames,
            });
        }
        Ok(())
    }
}
