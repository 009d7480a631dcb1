use velatura_image::{Plane, fit_long_side, round_to_multiple};
use velatura_recipe::Size;

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dimensions {
    /// Pixels from left to right, at least 1.
    pub width: u32,
    /// Pixels from top to bottom, at least 1.
    pub height: u32,
}

impl Dimensions {
    /// `width` by `height`.
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// Those of a plane.
    pub fn of<T: Copy, const CHANNELS: usize>(plane: &Plane<T, CHANNELS>) -> Self {
        Self::new(plane.width(), plane.height())
    }

    /// Width times height.
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// What a recipe's `size` makes of a photo: the same aspect, never larger than the photo.
    pub fn fitted(self, size: Size) -> Self {
        match size {
            Size::LongSide(long) if long < self.width.max(self.height) => self.with_long_side(long),
            Size::LongSide(_) | Size::Original => self,
        }
    }

    /// The same aspect with a long side of `long` pixels.
    pub fn with_long_side(self, long: u32) -> Self {
        let (width, height) = fit_long_side(self.width, self.height, long);
        Self::new(width, height)
    }

    /// The same aspect with at most about `pixels` pixels; what is smaller stays as it is.
    pub(crate) fn within(self, pixels: u64) -> Self {
        if self.pixels() <= pixels {
            return self;
        }
        let long = f64::from(self.width.max(self.height)) * (pixels as f64 / self.pixels() as f64).sqrt();
        self.with_long_side((long as u32).max(1))
    }

    /// Each side rounded to the nearest multiple, and at least `minimum` (itself a multiple): a size a network can take.
    pub fn rounded(self, multiple: u32, minimum: u32) -> Self {
        let side = |length| round_to_multiple(length, multiple).max(minimum);
        Self::new(side(self.width), side(self.height))
    }

    /// Each side divided by `stride`: the grid of a feature level.
    pub(crate) fn strided(self, stride: u32) -> Self {
        Self::new(self.width / stride, self.height / stride)
    }
}

/// A rectangle of whole pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Window {
    /// All of a picture.
    pub(crate) fn whole(size: Dimensions) -> Self {
        Self {
            x: 0,
            y: 0,
            width: size.width,
            height: size.height,
        }
    }

    pub(crate) fn size(self) -> Dimensions {
        Dimensions::new(self.width, self.height)
    }

    /// The same place on a grid that is `stride` times coarser; all four numbers are multiples of `stride`.
    pub(crate) fn strided(self, stride: u32) -> Self {
        Self {
            x: self.x / stride,
            y: self.y / stride,
            width: self.width / stride,
            height: self.height / stride,
        }
    }

    /// This window as seen from the top left corner of `outer`.
    pub(crate) fn within(self, outer: Self) -> Self {
        Self {
            x: self.x - outer.x,
            y: self.y - outer.y,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_is_never_painted_larger_than_it_is() {
        let photo = Dimensions::new(300, 200);
        assert_eq!(photo.fitted(Size::LongSide(1024)), photo);
        assert_eq!(photo.fitted(Size::LongSide(150)), Dimensions::new(150, 100));
        assert_eq!(photo.fitted(Size::Original), photo);
    }

    #[test]
    fn working_sizes_are_multiples_and_not_too_small_for_the_network() {
        assert_eq!(Dimensions::new(1, 1).rounded(8, 16), Dimensions::new(16, 16));
        assert_eq!(Dimensions::new(3, 5000).rounded(8, 16), Dimensions::new(16, 5000));
        assert_eq!(Dimensions::new(7746, 7747).rounded(8, 16), Dimensions::new(7744, 7744));
        assert_eq!(Dimensions::new(509, 500).rounded(8, 16), Dimensions::new(512, 504));
    }
}
