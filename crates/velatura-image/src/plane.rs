//! Planes: rectangles of interleaved samples that are always whole.

mod area;
mod error;
mod resize;
mod size;

use std::fmt;

pub use error::PlaneError;
pub use resize::GrayFilter;
pub use size::{fit_long_side, round_to_multiple};

/// A rectangle of pixels, row-major and without padding, each pixel `CHANNELS` samples of type `T`.
///
/// A plane is never empty and its data always has exactly `width × height × CHANNELS` samples.
#[derive(Clone, PartialEq)]
pub struct Plane<T, const CHANNELS: usize> {
    width: u32,
    height: u32,
    data: Vec<T>,
}

/// sRGB pixels, 8 bits a channel, interleaved R, G, B.
pub type Rgb8 = Plane<u8, 3>;
/// One 8-bit channel: alpha (0 = transparent, 255 = opaque) or grey.
pub type Gray8 = Plane<u8, 1>;
/// One floating-point channel, by convention 0..1: depth, strength, mask.
pub type GrayF32 = Plane<f32, 1>;

impl<T: Copy, const CHANNELS: usize> Plane<T, CHANNELS> {
    /// Takes `data` as a plane.
    ///
    /// # Errors
    /// [`PlaneError::Empty`] when a side is 0, [`PlaneError::WrongLength`] when `data` is not
    /// `width × height × CHANNELS` samples.
    pub fn new(width: u32, height: u32, data: Vec<T>) -> Result<Self, PlaneError> {
        let expected = sample_count(width, height, CHANNELS)?;
        if data.len() != expected {
            return Err(PlaneError::WrongLength {
                width,
                height,
                expected,
                actual: data.len(),
            });
        }
        Ok(Self { width, height, data })
    }

    /// A plane with every pixel equal to `pixel`.
    ///
    /// # Errors
    /// [`PlaneError::Empty`] when a side is 0.
    pub fn filled(width: u32, height: u32, pixel: [T; CHANNELS]) -> Result<Self, PlaneError> {
        let samples = sample_count(width, height, CHANNELS)?;
        Ok(Self {
            width,
            height,
            data: pixel.repeat(samples / CHANNELS),
        })
    }

    /// Width in pixels, at least 1.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, at least 1.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// `(width, height)` in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Width × height.
    pub fn pixel_count(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// All samples, row after row.
    pub fn data(&self) -> &[T] {
        &self.data
    }

    /// All samples, row after row, to be changed in place.
    pub fn data_mut(&mut self) -> &mut [T] {
        &mut self.data
    }

    /// The samples, without a copy.
    pub fn into_data(self) -> Vec<T> {
        self.data
    }

    /// All pixels, row after row.
    pub fn pixels(&self) -> &[[T; CHANNELS]] {
        self.data.as_chunks().0
    }

    /// All pixels, row after row, to be changed in place.
    pub fn pixels_mut(&mut self) -> &mut [[T; CHANNELS]] {
        self.data.as_chunks_mut().0
    }

    /// The pixel at column `x`, row `y`.
    ///
    /// # Panics
    /// When the pixel lies outside, as slices do.
    pub fn pixel(&self, x: u32, y: u32) -> [T; CHANNELS] {
        self.row(y).as_chunks().0[x as usize]
    }

    /// The samples of row `y`.
    ///
    /// # Panics
    /// When there is no such row, as slices do.
    pub fn row(&self, y: u32) -> &[T] {
        let stride = self.stride();
        &self.data[y as usize * stride..][..stride]
    }

    /// The samples of row `y`, to be changed in place.
    ///
    /// # Panics
    /// When there is no such row, as slices do.
    pub fn row_mut(&mut self, y: u32) -> &mut [T] {
        let stride = self.stride();
        &mut self.data[y as usize * stride..][..stride]
    }

    /// The rows from top to bottom.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[T]> {
        self.data.chunks_exact(self.stride())
    }

    /// Samples in a row.
    pub fn stride(&self) -> usize {
        self.width as usize * CHANNELS
    }

    /// A copy of the rectangle whose top left pixel is (`x`, `y`).
    ///
    /// # Errors
    /// [`PlaneError::Empty`] for an empty rectangle, [`PlaneError::OutsidePlane`] for one that leaves the plane.
    pub fn crop(&self, x: u32, y: u32, width: u32, height: u32) -> Result<Self, PlaneError> {
        self.check_inside(x, y, width, height)?;
        let mut data = Vec::with_capacity(sample_count(width, height, CHANNELS)?);
        for row in y..y + height {
            data.extend_from_slice(&self.row(row)[x as usize * CHANNELS..][..width as usize * CHANNELS]);
        }
        Ok(Self { width, height, data })
    }

    /// Copies `part` into this plane so that its top left pixel comes to (`x`, `y`).
    ///
    /// # Errors
    /// [`PlaneError::OutsidePlane`] when `part` would leave the plane.
    pub fn paste(&mut self, x: u32, y: u32, part: &Self) -> Result<(), PlaneError> {
        self.check_inside(x, y, part.width, part.height)?;
        let stride = part.stride();
        for (row, line) in (y..).zip(part.rows()) {
            self.row_mut(row)[x as usize * CHANNELS..][..stride].copy_from_slice(line);
        }
        Ok(())
    }

    /// Takes data that the caller has just made to measure.
    pub(crate) fn from_parts(width: u32, height: u32, data: Vec<T>) -> Self {
        debug_assert_eq!(data.len(), width as usize * height as usize * CHANNELS);
        Self { width, height, data }
    }

    fn check_inside(&self, x: u32, y: u32, width: u32, height: u32) -> Result<(), PlaneError> {
        if width == 0 || height == 0 {
            return Err(PlaneError::Empty { width, height });
        }
        let inside = |from: u32, length: u32, limit: u32| from.checked_add(length).is_some_and(|end| end <= limit);
        if inside(x, width, self.width) && inside(y, height, self.height) {
            Ok(())
        } else {
            Err(PlaneError::OutsidePlane {
                x,
                y,
                width,
                height,
                plane: self.size(),
            })
        }
    }
}

impl<T, const CHANNELS: usize> fmt::Debug for Plane<T, CHANNELS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plane({}x{}x{CHANNELS})", self.width, self.height)
    }
}

fn sample_count(width: u32, height: u32, channels: usize) -> Result<usize, PlaneError> {
    if width == 0 || height == 0 {
        return Err(PlaneError::Empty { width, height });
    }
    (width as usize)
        .checked_mul(height as usize)
        .and_then(|pixels| pixels.checked_mul(channels))
        .filter(|&samples| samples <= isize::MAX as usize / 8)
        .ok_or(PlaneError::TooLarge { width, height })
}
