//! Resizing, in bands of destination rows so that no intermediate picture is ever held.

use velatura_resample::{Filter, Part};

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
        resized_bytes(velatura_resample::rgb8, self, width, height)
    }
}

impl Gray8 {
    /// The plane at `width × height`, with the filters of [`Rgb8::resized`].
    ///
    /// # Errors
    /// [`PlaneError::Empty`] when a side is 0.
    pub fn resized(&self, width: u32, height: u32) -> Result<Self, PlaneError> {
        resized_bytes(velatura_resample::gray8, self, width, height)
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
                let resampler = velatura_resample::gray_f32;
                resample(
                    resampler,
                    self.data(),
                    self.size(),
                    &mut data,
                    (width, height),
                    Filter::Bilinear,
                );
                data
            }
        };
        Ok(Self::from_parts(width, height, data))
    }
}

fn resized_bytes<const CHANNELS: usize>(
    resampler: Resampler<u8>,
    plane: &Plane<u8, CHANNELS>,
    width: u32,
    height: u32,
) -> Result<Plane<u8, CHANNELS>, PlaneError> {
    let mut data = vec![0; sample_count(width, height, CHANNELS)?];
    let shrinks = width < plane.width() || height < plane.height();
    let filter = if shrinks { Filter::Lanczos3 } else { Filter::CatmullRom };
    resample(
        resampler,
        plane.data(),
        plane.size(),
        &mut data,
        (width, height),
        filter,
    );
    Ok(Plane::from_parts(width, height, data))
}

/// Resamples a part of `source`, samples of one kind, into `target`: see [`velatura_resample`].
type Resampler<S> = fn(&[S], (u32, u32), Part, &mut [S], (u32, u32), Filter);

/// Fills `target` band by band. A band's kernels reach over the band's edges, so the bands join without a seam.
fn resample<S>(
    resampler: Resampler<S>,
    source: &[S],
    from: (u32, u32),
    target: &mut [S],
    to: (u32, u32),
    filter: Filter,
) {
    let channels = target.len() / (to.0 as usize * to.1 as usize);
    let stride = to.0 as usize * channels;
    let held_by_row = from.0.max(to.0) as usize * channels * size_of::<S>();
    let band_rows = (BAND_BYTES / held_by_row).max(1);
    let scale = f64::from(from.1) / f64::from(to.1);
    for (index, band) in target.chunks_mut(stride * band_rows).enumerate() {
        let rows = band.len() / stride;
        let top = (index * band_rows) as f64 * scale;
        let mut height = rows as f64 * scale;
        while top + height > f64::from(from.1) {
            height = height.next_down();
        }
        let part = Part {
            left: 0.0,
            top,
            width: f64::from(from.0),
            height,
        };
        resampler(source, from, part, band, (to.0, rows as u32), filter);
    }
}
