use std::ops::Range;

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{F32x3, U8x3};
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use velatura_image::Rgb8;

use crate::Dimensions;
use crate::geometry::Window;

/// A resize that can be done in parts, so that a large picture never exists twice; the parts join without a seam.
/// Lanczos3 where a side shrinks, Catmull-Rom where the picture grows, as [`Rgb8::resized`] has it.
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

/// Shrunk by this much or more, a picture is resized in bytes, which is some times as quick. Below it that would depend
/// on the part: the integer weights are as fine as the part's greatest weight allows, so that parts would differ from
/// the whole by a level here and there.
const IN_BYTES_FROM: f64 = 2.0;

impl Scaling {
    pub(crate) fn new(from: Dimensions, to: Dimensions) -> Self {
        Self { from, to }
    }

    /// The part `window` of the resized picture.
    pub(crate) fn window(self, picture: &Rgb8, window: Window) -> Rgb8 {
        let data = picture.data();
        self.window_of_rows(Rows { first: 0, data }, window)
    }

    /// The part `window` of the resized picture, of which the rows it needs are at hand.
    pub(crate) fn window_of_rows(self, rows: Rows<'_>, window: Window) -> Rgb8 {
        let data = if self.from == self.to {
            self.copy(rows, window)
        } else if self.scale_x().min(self.scale_y()) >= IN_BYTES_FROM {
            self.resize_bytes(rows, window)
        } else {
            self.resize_floats(rows, window)
        };
        Rgb8::new(window.width, window.height, data).expect("made to measure")
    }

    fn copy(self, rows: Rows<'_>, window: Window) -> Vec<u8> {
        let lines = rows.data.chunks_exact(self.stride());
        let lines = lines
            .skip((window.y - rows.first) as usize)
            .take(window.height as usize);
        let parts = lines.map(|line| &line[window.x as usize * 3..][..window.width as usize * 3]);
        parts.collect::<Vec<_>>().concat()
    }

    fn resize_bytes(self, rows: Rows<'_>, window: Window) -> Vec<u8> {
        let size = Dimensions::new(self.from.width, self.rows_in(rows));
        let source = TypedImageRef::<U8x3>::from_buffer(size.width, size.height, rows.data).expect("whole rows");
        let mut target = TypedImage::<U8x3>::new(window.width, window.height);
        let options = self.options(window, (0, rows.first), size);
        Resizer::new()
            .resize_typed(&source, &mut target, &options)
            .expect("the part lies within the rows");
        target.pixels().iter().flat_map(|pixel| pixel.0).collect()
    }

    /// Takes only the pixels that the part needs, since they grow fourfold.
    fn resize_floats(self, rows: Rows<'_>, window: Window) -> Vec<u8> {
        let at_hand = rows.first..rows.first + self.rows_in(rows);
        let columns = needed(window.x, window.width, self.scale_x(), 0..self.from.width);
        let lines = needed(window.y, window.height, self.scale_y(), at_hand);
        let taken = lines.clone().flat_map(|line| {
            let row = &rows.data[(line - rows.first) as usize * self.stride()..][..self.stride()];
            row[columns.start as usize * 3..columns.end as usize * 3]
                .as_chunks::<3>()
                .0
        });
        let taken: Vec<F32x3> = taken.map(|pixel| F32x3::new(pixel.map(f32::from))).collect();
        let size = Dimensions::new(columns.end - columns.start, lines.end - lines.start);
        let source = TypedImageRef::new(size.width, size.height, &taken).expect("made to measure");
        let mut target = TypedImage::<F32x3>::new(window.width, window.height);
        let options = self.options(window, (columns.start, lines.start), size);
        Resizer::new()
            .resize_typed(&source, &mut target, &options)
            .expect("the part lies within the rows");
        let bytes = target.pixels().iter().flat_map(|pixel| pixel.0);
        bytes.map(|value| (value + 0.5) as u8).collect()
    }

    /// To make `window` of a source of `size` whose top left pixel is the picture's pixel `origin`.
    fn options(self, window: Window, origin: (u32, u32), size: Dimensions) -> ResizeOptions {
        let (scale_x, scale_y) = (self.scale_x(), self.scale_y());
        let left = f64::from(window.x) * scale_x - f64::from(origin.0);
        let top = f64::from(window.y) * scale_y - f64::from(origin.1);
        let (left, width) = inside(left, f64::from(window.width) * scale_x, size.width);
        let (top, height) = inside(top, f64::from(window.height) * scale_y, size.height);
        let shrinks = self.to.width < self.from.width || self.to.height < self.from.height;
        let filter = if shrinks {
            FilterType::Lanczos3
        } else {
            FilterType::CatmullRom
        };
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
        options.crop(left, top, width, height)
    }

    /// How many rows of the result can be made of the source's rows before `held`.
    pub(crate) fn rows_ready(self, held: u32) -> u32 {
        if held >= self.from.height {
            self.to.height
        } else if self.from == self.to {
            held
        } else {
            let rows = (f64::from(held) - reach(self.scale_y())) / self.scale_y();
            (rows.max(0.0).floor() as u32).min(self.to.height)
        }
    }

    /// The first of the source's rows that the result's rows from `row` on need.
    pub(crate) fn first_row_needed(self, row: u32) -> u32 {
        if self.from == self.to {
            row
        } else {
            needed(row, 1, self.scale_y(), 0..self.from.height).start
        }
    }

    fn stride(self) -> usize {
        self.from.width as usize * 3
    }

    fn rows_in(self, rows: Rows<'_>) -> u32 {
        (rows.data.len() / self.stride()) as u32
    }

    fn scale_x(self) -> f64 {
        f64::from(self.from.width) / f64::from(self.to.width)
    }

    fn scale_y(self) -> f64 {
        f64::from(self.from.height) / f64::from(self.to.height)
    }
}

/// The source's stretch that a stretch of the result looks at, of what is at hand.
fn needed(start: u32, length: u32, scale: f64, at_hand: Range<u32>) -> Range<u32> {
    let from = (f64::from(start) * scale - reach(scale)).max(0.0) as u32;
    let to = (f64::from(start + length) * scale + reach(scale)).ceil() as u32;
    from.max(at_hand.start)..to.min(at_hand.end)
}

/// Pixels that the filter looks beyond its place (Lanczos3 the farthest), and one for rounding.
fn reach(scale: f64) -> f64 {
    3.0 * scale.max(1.0) + 1.0
}

/// A stretch that rounding has not pushed over the end.
fn inside(start: f64, length: f64, limit: u32) -> (f64, f64) {
    let (start, limit) = (start.max(0.0), f64::from(limit));
    let mut length = length.min(limit - start);
    while start + length > limit {
        length = length.next_down();
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

    fn difference(a: &[u8], b: &[u8]) -> u8 {
        assert_eq!(a.len(), b.len());
        a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
    }

    /// The result made of windows of the source, strip by strip as the rows come in, against the result made at once.
    #[test]
    fn parts_join_to_the_whole_however_the_rows_come_in() {
        let mut random = Seeded::new(3);
        for _ in 0..60 {
            let from = Dimensions::new(1 + random.below(90), 1 + random.below(90));
            let to = Dimensions::new(1 + random.below(90), 1 + random.below(90));
            let (scaling, picture) = (Scaling::new(from, to), noise(from, &mut random));
            let whole = scaling.window(&picture, Window::whole(to));
            let (mut held, mut done, mut parts) = (0, 0, Vec::new());
            while done < to.height {
                held = (held + 1 + random.below(20)).min(from.height);
                let ready = scaling.rows_ready(held);
                if ready > done {
                    let first = scaling.first_row_needed(done);
                    let data = &picture.data()[first as usize * scaling.stride()..held as usize * scaling.stride()];
                    let window = Window {
                        x: 0,
                        y: done,
                        width: to.width,
                        height: ready - done,
                    };
                    parts.extend_from_slice(scaling.window_of_rows(Rows { first, data }, window).data());
                    done = ready;
                }
            }
            assert!(difference(&parts, whole.data()) <= 1, "{from:?} to {to:?}");
        }
    }

    #[test]
    fn a_resize_is_the_usual_one() {
        let ramps = (0..60 * 45u32).flat_map(|i| [i % 60 * 4, i / 60 * 5, 40 + i % 60 + i / 60].map(|v| v as u8));
        let picture = Rgb8::new(60, 45, ramps.collect()).expect("made to measure");
        for to in [
            Dimensions::new(64, 48),
            Dimensions::new(56, 40),
            Dimensions::new(24, 16),
            Dimensions::new(150, 90),
        ] {
            let whole = Scaling::new(Dimensions::of(&picture), to).window(&picture, Window::whole(to));
            let usual = picture.resized(to.width, to.height).expect("a size");
            assert!(difference(whole.data(), usual.data()) <= 1, "{to:?}");
        }
    }

    #[test]
    fn a_window_is_the_same_part_of_the_whole() {
        let mut random = Seeded::new(4);
        let picture = noise(Dimensions::new(77, 53), &mut random);
        let window = Window {
            x: 16,
            y: 8,
            width: 20,
            height: 16,
        };
        for to in [
            Dimensions::new(80, 56),
            Dimensions::new(36, 24),
            Dimensions::new(77, 53),
        ] {
            let scaling = Scaling::new(Dimensions::of(&picture), to);
            let whole = scaling.window(&picture, Window::whole(to));
            let expected = whole
                .crop(window.x, window.y, window.width, window.height)
                .expect("inside");
            assert!(
                difference(scaling.window(&picture, window).data(), expected.data()) <= 1,
                "{to:?}"
            );
        }
    }
}
