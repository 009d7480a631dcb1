use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use velatura_image::Rgb8;

use crate::Dimensions;
use crate::geometry::Window;

/// A resize that can be done in parts, so that a large picture never exists twice. The parts join without a seam and
/// are those of [`Rgb8::resized`]: Lanczos3 where a side shrinks, Catmull-Rom where the picture grows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scaling {
    from: Dimensions,
    to: Dimensions,
}

/// Neighbouring rows of a picture, of its full width.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    /// The picture's row that comes first.
    pub(crate) first: u32,
    pub(crate) data: &'a [u8],
}

impl Scaling {
    pub(crate) fn new(from: Dimensions, to: Dimensions) -> Self {
        Self { from, to }
    }

    /// The part `window` of the resized picture.
    pub(crate) fn window(self, picture: &Rgb8, window: Window) -> Rgb8 {
        self.window_of_rows(Rows { first: 0, data: picture.data() }, window)
    }

    /// The part `window` of the resized picture, of which the rows it needs are at hand.
    pub(crate) fn window_of_rows(self, rows: Rows<'_>, window: Window) -> Rgb8 {
        let stride = self.from.width as usize * 3;
        let height = (rows.data.len() / stride) as u32;
        let mut data = vec![0; window.size().pixels() as usize * 3];
        if self.from == self.to {
            for (y, line) in (window.y..).zip(data.chunks_exact_mut(window.width as usize * 3)) {
                let row = &rows.data[(y - rows.first) as usize * stride..][..stride];
                line.copy_from_slice(&row[window.x as usize * 3..][..line.len()]);
            }
        } else {
            let (scale_x, scale_y) = (self.scale_x(), self.scale_y());
            let (left, width) = inside(f64::from(window.x) * scale_x, f64::from(window.width) * scale_x, self.from.width);
            let top = f64::from(window.y) * scale_y - f64::from(rows.first);
            let (top, depth) = inside(top, f64::from(window.height) * scale_y, height);
            let source = ImageRef::new(self.from.width, height, rows.data, PixelType::U8x3).expect("whole rows");
            let mut target = Image::from_slice_u8(window.width, window.height, &mut data, PixelType::U8x3)
                .expect("made to measure");
            let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(self.filter()));
            Resizer::new()
                .resize(&source, &mut target, &options.crop(left, top, width, depth))
                .expect("the part lies within the rows, of the same pixel type");
        }
        Rgb8::new(window.width, window.height, data).expect("made to measure")
    }

    /// How many rows of the result can be made of the source's rows before `held`.
    pub(crate) fn rows_ready(self, held: u32) -> u32 {
        if held >= self.from.height {
            self.to.height
        } else if self.from == self.to {
            held
        } else {
            let rows = (f64::from(held) - self.reach()) / self.scale_y();
            (rows.max(0.0).floor() as u32).min(self.to.height)
        }
    }

    /// The first of the source's rows that the result's rows from `row` on need.
    pub(crate) fn first_row_needed(self, row: u32) -> u32 {
        if self.from == self.to {
            row
        } else {
            (f64::from(row) * self.scale_y() - self.reach()).max(0.0).floor() as u32
        }
    }

    fn filter(self) -> FilterType {
        let shrinks = self.to.width < self.from.width || self.to.height < self.from.height;
        if shrinks { FilterType::Lanczos3 } else { FilterType::CatmullRom }
    }

    /// Rows that the filter looks beyond its place (Lanczos3 the farthest), and one for rounding.
    fn reach(self) -> f64 {
        3.0 * self.scale_y().max(1.0) + 1.0
    }

    fn scale_x(self) -> f64 {
        f64::from(self.from.width) / f64::from(self.to.width)
    }

    fn scale_y(self) -> f64 {
        f64::from(self.from.height) / f64::from(self.to.height)
    }
}

/// A stretch that rounding has not pushed over the end.
fn inside(start: f64, mut length: f64, limit: u32) -> (f64, f64) {
    let start = start.max(0.0);
    while start + length > f64::from(limit) {
        length = length.next_down().min(f64::from(limit) - start);
    }
    (start, length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeded::Seeded;

    fn noise(size: Dimensions, random: &mut Seeded) -> Rgb8 {
        let data = (0..size.pixels() * 3).map(|_| random.next() as u8).collect();
        Rgb8::new(size.width, size.height, data).expect("made to measure")
    }

    /// The result made of windows of the source, strip by strip as the rows come in, against the result made at once.
    #[test]
    fn parts_join_to_the_whole_however_the_rows_come_in() {
        let mut random = Seeded::new(3);
        for _ in 0..60 {
            let from = Dimensions::new(1 + random.below(90), 1 + random.below(90));
            let to = Dimensions::new(1 + random.below(90), 1 + random.below(90));
            let picture = noise(from, &mut random);
            let whole = picture.resized(to.width, to.height).expect("a size");
            let scaling = Scaling::new(from, to);
            let (mut held, mut done, mut parts) = (0, 0, Vec::new());
            while done < to.height {
                held = (held + 1 + random.below(20)).min(from.height);
                let ready = scaling.rows_ready(held);
                if ready > done {
                    let first = scaling.first_row_needed(done);
                    let stride = from.width as usize * 3;
                    let rows = Rows { first, data: &picture.data()[first as usize * stride..held as usize * stride] };
                    let window = Window { x: 0, y: done, width: to.width, height: ready - done };
                    parts.extend_from_slice(scaling.window_of_rows(rows, window).data());
                    done = ready;
                }
            }
            let worst = parts.iter().zip(whole.data()).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(worst <= Some(1), "{from:?} to {to:?}: {worst:?}");
        }
    }

    #[test]
    fn a_window_is_the_same_part_of_the_whole() {
        let mut random = Seeded::new(4);
        let picture = noise(Dimensions::new(77, 53), &mut random);
        for to in [Dimensions::new(80, 56), Dimensions::new(40, 24), Dimensions::new(77, 53)] {
            let whole = picture.resized(to.width, to.height).expect("a size");
            let window = Window { x: 16, y: 8, width: 24, height: 16 };
            let part = Scaling::new(Dimensions::of(&picture), to).window(&picture, window);
            let expected = whole.crop(window.x, window.y, window.width, window.height).expect("inside");
            let worst = part.data().iter().zip(expected.data()).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(worst <= Some(1), "{to:?}: {worst:?}");
        }
    }
}
