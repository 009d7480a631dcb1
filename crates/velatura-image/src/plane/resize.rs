//! Resizing, in bands of destination rows so that no intermediate picture is ever held.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{F32, U8, U8x3};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

use super::{Gray8, GrayF32, Plane, PlaneError, Rgb8, area, sample_count};

/// Bytes that the resizer may hold between its two passes.
const BAND_BYTES: usize = 16 << 20;

/// How a [`GrayF32`] is resampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrayFilter {
    /// The exact mean of the covered area: for shrinking.
    Area,
    /// Linear between the four nearest pixels: for enlarging.
    Bilinear,
}

impl GrayFilter {
    /// Area when either side shrinks, else bilinear.
    pub fn between(from: (u32, u32), to: (u32, u32)) -> Self {
        if to.0 < from.0 || to.1 < from.1 {
            Self::Area
        } else {
            Self::Bilinear
        }
    }
}

impl Rgb8 {
    /// The picture at `width × height`: Lanczos3 when a side shrinks, Catmull-Rom when the picture grows, both on the
    /// encoded sRGB values.
    ///
    /// # Errors
    /// [`PlaneError::Empty`] when a side is 0.
    pub fn resized(&self, width: u32, height: u32) -> Result<Self, PlaneError> {
        resized_bytes::<U8x3, 3>(self, width, height)
    }
}

impl Gray8 {
    /// The plane at `width × height`, with the filters of [`Rgb8::resized`].
    ///
    /// # Errors
    /// [`PlaneError::Empty`] when a side is 0.
    pub fn resized(&self, width: u32, height: u32) -> Result<Self, PlaneError> {
        resized_bytes::<U8, 1>(self, width, height)
    }
}

impl GrayF32 {
    /// The plane at `width × height`; [`GrayFilter::between`] chooses the usual filter.
    ///
    /// # Errors
    /// [`PlaneError::Empty`] when a side is 0.
    pub fn resized(&self, width: u32, height: u32, filter: GrayFilter) -> Result<Self, PlaneError> {
        let samples = sample_count(width, height, 1)?;
        if self.size() == (width, height) {
            return Ok(self.clone());
        }
        let data = match filter {
            GrayFilter::Area => area::resize(self.data(), self.size(), (width, height)),
            GrayFilter::Bilinear => {
                let mut data = vec![0.0f32; samples];
                let source = bytemuck::cast_slice(self.data());
                let target = bytemuck::cast_slice_mut(&mut data);
                let algorithm = ResizeAlg::Interpolation(FilterType::Bilinear);
                resample::<F32>(source, self.size(), target, (width, height), algorithm);
                data
            }
        };
        Ok(Self::from_parts(width, height, data))
    }
}

fn resized_bytes<P: PixelTrait, const CHANNELS: usize>(
    plane: &Plane<u8, CHANNELS>,
    width: u32,
    height: u32,
) -> Result<Plane<u8, CHANNELS>, PlaneError> {
    let mut data = vec![0; sample_count(width, height, CHANNELS)?];
    let shrinks = width < plane.width() || height < plane.height();
    let filter = if shrinks {
        FilterType::Lanczos3
    } else {
        FilterType::CatmullRom
    };
    resample::<P>(
        plane.data(),
        plane.size(),
        &mut data,
        (width, height),
        ResizeAlg::Convolution(filter),
    );
    Ok(Plane::from_parts(width, height, data))
}

/// Fills `target` band by band. A band's kernels reach over the band's edges, so the bands join without a seam.
///
/// The pixel is a type, not a value: only three kinds of the resizer's many are compiled.
fn resample<P: PixelTrait>(source: &[u8], from: (u32, u32), target: &mut [u8], to: (u32, u32), algorithm: ResizeAlg) {
    let source = TypedImageRef::<P>::from_buffer(from.0, from.1, source).expect("a plane has as many samples as its size says");
    let stride = to.0 as usize * P::size();
    let held_by_row = from.0.max(to.0) as usize * P::size();
    let band_rows = (BAND_BYTES / held_by_row).max(1);
    let scale = f64::from(from.1) / f64::from(to.1);
    let mut resizer = Resizer::new();
    for (index, band) in target.chunks_mut(stride * band_rows).enumerate() {
        let rows = band.len() / stride;
        let top = (index * band_rows) as f64 * scale;
        let mut height = rows as f64 * scale;
        while top + height > f64::from(from.1) {
            height = height.next_down();
        }
        let options = ResizeOptions::new()
            .resize_alg(algorithm)
            .crop(0.0, top, f64::from(from.0), height);
        let mut band = TypedImage::<P>::from_buffer(to.0, rows as u32, band).expect("a band is cut to whole rows");
        resizer
            .resize_typed(&source, &mut band, &options)
            .expect("the crop lies within the source, of the same pixel type");
    }
}
