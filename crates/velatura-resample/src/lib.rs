#![doc = include_str!("../README.md")]

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{F32, U8, U8x3};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

/// How pixels are weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// For shrinking: Lanczos with three lobes, widened by the scale.
    Lanczos3,
    /// For enlarging: cubic, sharp, with little overshoot.
    CatmullRom,
    /// Between the nearest pixels, without widening.
    Bilinear,
}

/// The part of the source that becomes the target, in its pixels; it may begin and end between pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// From the source's left edge.
    pub left: f64,
    /// From the source's top edge.
    pub top: f64,
    /// Above 0.
    pub width: f64,
    /// Above 0.
    pub height: f64,
}

macro_rules! resampler {
    ($($(#[$doc:meta])* $name:ident: $sample:ty as $pixel:ident;)*) => {
        $(
            $(#[$doc])*
            ///
            /// `from` and `to` are width and height; the slices hold their samples row by row.
            ///
            /// # Panics
            /// When a slice is not as long as its size says, or the part is not within the source.
            pub fn $name(
                source: &[$sample],
                from: (u32, u32),
                part: Part,
                target: &mut [$sample],
                to: (u32, u32),
                filter: Filter,
            ) {
                resample::<$pixel, $sample>(source, from, part, target, to, filter);
            }
        )*
    };
}

resampler! {
    /// Resamples RGB, 8 bits a channel.
    rgb8: u8 as U8x3;
    /// Resamples one channel of 8 bits.
    gray8: u8 as U8;
    /// Resamples one channel in floating point.
    gray_f32: f32 as F32;
}

fn resample<P: PixelTrait, S: Copy>(
    source: &[S],
    from: (u32, u32),
    part: Part,
    target: &mut [S],
    to: (u32, u32),
    filter: Filter,
) {
    // SAFETY: u8 and f32, the only samples there are, have no padding and every pattern of their bytes is a value.
    let source = unsafe { std::slice::from_raw_parts(source.as_ptr().cast(), size_of_val(source)) };
    let length = size_of_val(target);
    // SAFETY: as above, and the borrow is unique.
    let target = unsafe { std::slice::from_raw_parts_mut(target.as_mut_ptr().cast(), length) };
    let source =
        TypedImageRef::<P>::from_buffer(from.0, from.1, source).expect("the source is as long as its size says");
    let mut target = TypedImage::<P>::from_buffer(to.0, to.1, target).expect("the target is as long as its size says");
    let algorithm = match filter {
        Filter::Lanczos3 => ResizeAlg::Convolution(FilterType::Lanczos3),
        Filter::CatmullRom => ResizeAlg::Convolution(FilterType::CatmullRom),
        Filter::Bilinear => ResizeAlg::Interpolation(FilterType::Bilinear),
    };
    let Part {
        left,
        top,
        width,
        height,
    } = part;
    let options = ResizeOptions::new()
        .resize_alg(algorithm)
        .crop(left, top, width, height);
    Resizer::new()
        .resize_typed(&source, &mut target, &options)
        .expect("the part lies within the source");
}
