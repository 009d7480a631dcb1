//! Decoded samples in whatever model and depth the file has, brought to 8-bit planes in place: a buffer shrinks within
//! itself, so that the largest thing held is what the decoder wrote.

use crate::{Gray8, GrayF32};

/// What a pixel's samples mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Model {
    Gray,
    GrayAlpha,
    Rgb,
    Rgba,
    /// 255 = full ink.
    Cmyk,
}

impl Model {
    pub(crate) fn channels(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::GrayAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }
}

/// How a sample is stored, in native byte order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    U8,
    U16,
    /// 0..1 on the same scale as the integers.
    F32,
}

impl Depth {
    fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16 => 2,
            Self::F32 => 4,
        }
    }
}

/// A decoded picture as stored: `bytes` holds `width × height × channels` samples.
pub(crate) struct Samples {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) model: Model,
    pub(crate) depth: Depth,
    pub(crate) bytes: Vec<u8>,
}

impl Samples {
    /// Rounds every sample to 8 bits.
    pub(crate) fn narrow_to_8_bits(&mut self) {
        match self.depth {
            Depth::U8 => return,
            Depth::U16 => shrink(&mut self.bytes, |sample: [u8; 2]| {
                // x / 257 rounded to nearest, exactly, without a division
                [((u32::from(u16::from_ne_bytes(sample)) * 255 + 32_895) >> 16) as u8]
            }),
            Depth::F32 => shrink(&mut self.bytes, |sample: [u8; 4]| {
                [(f32::from_ne_bytes(sample).clamp(0.0, 1.0) * 255.0).round() as u8]
            }),
        }
        self.depth = Depth::U8;
    }

    /// Takes the alpha channel of 8-bit samples out of the pixels; `None` where there is none or all is opaque.
    pub(crate) fn take_alpha(&mut self) -> Option<Gray8> {
        debug_assert_eq!(self.depth, Depth::U8);
        let alpha = match self.model {
            Model::Gray | Model::Rgb | Model::Cmyk => return None,
            Model::GrayAlpha => alpha_of::<2>(&self.bytes),
            Model::Rgba => alpha_of::<4>(&self.bytes),
        };
        if self.model == Model::GrayAlpha {
            shrink(&mut self.bytes, |[gray, _]: [u8; 2]| [gray]);
            self.model = Model::Gray;
        } else {
            shrink(&mut self.bytes, |[red, green, blue, _]: [u8; 4]| [red, green, blue]);
            self.model = Model::Rgb;
        }
        Some(Gray8::from_parts(self.width, self.height, alpha?))
    }

    /// The luma (BT.601) of every pixel, 0..1 at full precision; alpha is ignored.
    pub(crate) fn into_luma(self) -> GrayF32 {
        let pixel_bytes = self.model.channels() * self.depth.bytes();
        let luma = self.bytes.chunks_exact(pixel_bytes).map(|pixel| {
            let sample = |channel: usize| sample_of(pixel, channel, self.depth);
            let rgb = |red: f32, green: f32, blue: f32| 0.299 * red + 0.587 * green + 0.114 * blue;
            match self.model {
                Model::Gray | Model::GrayAlpha => sample(0),
                Model::Rgb | Model::Rgba => rgb(sample(0), sample(1), sample(2)),
                Model::Cmyk => rgb(1.0 - sample(0), 1.0 - sample(1), 1.0 - sample(2)) * (1.0 - sample(3)),
            }
        });
        GrayF32::from_parts(self.width, self.height, luma.collect())
    }
}

/// One sample on the scale 0..1.
fn sample_of(pixel: &[u8], channel: usize, depth: Depth) -> f32 {
    match depth {
        Depth::U8 => f32::from(pixel[channel]) / 255.0,
        Depth::U16 => f32::from(u16::from_ne_bytes([pixel[2 * channel], pixel[2 * channel + 1]])) / 65_535.0,
        Depth::F32 => {
            let at = 4 * channel;
            let value = f32::from_ne_bytes([pixel[at], pixel[at + 1], pixel[at + 2], pixel[at + 3]]);
            if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) }
        }
    }
}

/// The last channel, unless every pixel is opaque.
fn alpha_of<const CHANNELS: usize>(bytes: &[u8]) -> Option<Vec<u8>> {
    let pixels = bytes.as_chunks::<CHANNELS>().0;
    let alpha = |pixel: &[u8; CHANNELS]| pixel[CHANNELS - 1];
    pixels
        .iter()
        .any(|pixel| alpha(pixel) != u8::MAX)
        .then(|| pixels.iter().map(alpha).collect())
}

/// Replaces every `FROM` bytes by `TO` fewer ones, within the same buffer, and gives the rest back.
pub(crate) fn shrink<const FROM: usize, const TO: usize>(
    bytes: &mut Vec<u8>,
    convert: impl Fn([u8; FROM]) -> [u8; TO],
) {
    const { assert!(TO <= FROM) };
    let count = bytes.len() / FROM;
    for index in 0..count {
        let mut from = [0; FROM];
        from.copy_from_slice(&bytes[index * FROM..][..FROM]);
        bytes[index * TO..][..TO].copy_from_slice(&convert(from));
    }
    bytes.truncate(count * TO);
    bytes.shrink_to_fit();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_round_to_the_nearest_of_eight() {
        let values: Vec<u16> = (0..=u16::MAX).collect();
        let bytes = values.iter().flat_map(|value| value.to_ne_bytes()).collect();
        let mut samples = Samples {
            width: 65_536,
            height: 1,
            model: Model::Gray,
            depth: Depth::U16,
            bytes,
        };
        samples.narrow_to_8_bits();
        for (value, narrowed) in values.iter().zip(&samples.bytes) {
            assert_eq!(f64::from(*narrowed), (f64::from(*value) / 257.0).round(), "{value}");
        }
    }

    #[test]
    fn an_opaque_alpha_channel_is_dropped() {
        let bytes = vec![1, 2, 3, 255, 4, 5, 6, 255];
        let mut samples = Samples {
            width: 2,
            height: 1,
            model: Model::Rgba,
            depth: Depth::U8,
            bytes,
        };
        assert!(samples.take_alpha().is_none());
        assert_eq!(samples.bytes, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn floats_outside_the_range_are_clamped() {
        let bytes = [-1.0f32, f32::NAN, 0.5, 9.0]
            .iter()
            .flat_map(|value| value.to_ne_bytes())
            .collect();
        let mut samples = Samples {
            width: 4,
            height: 1,
            model: Model::Gray,
            depth: Depth::F32,
            bytes,
        };
        samples.narrow_to_8_bits();
        assert_eq!(samples.bytes, [0, 0, 128, 255]);
    }
}
