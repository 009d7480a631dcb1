use std::ops::Range;

use velatura_image::Rgb8;
use velatura_resample::{Filter, Part};

use crate::Dimensions;
use crate::geometry::Window;

/// Rows that are resized together, always the same ones: the integer weights are as fine as the greatest of them allows,
/// so that other rows would come out a level off here and there. A picture resized in parts is the same to the bit.
pub(crate) const BLOCK: u32 = 64;

/// A resize that can be done in parts, so that a large picture never exists twice: Lanczos3 where a side shrinks,
/// Catmull-Rom where the picture grows, as [`Rgb8::resized`] has it.
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

impl<'a> Rows<'a> {
    /// All rows.
    pub(crate) fn of(picture: &'a Rgb8) -> Self {
        Self {
            first: 0,
            data: picture.data(),
        }
    }
}

impl Scaling {
    pub(crate) fn new(from: Dimensions, to: Dimensions) -> Self {
        Self { from, to }
    }

    /// The resized picture.
    pub(crate) fn whole(self, picture: &Rgb8) -> Rgb8 {
        self.lines(Rows::of(picture), 0..self.to.height)
    }

    /// The lines of the resized picture that the source's rows at hand are enough for, from the start of a block on.
    pub(crate) fn lines(self, rows: Rows<'_>, lines: Range<u32>) -> Rgb8 {
        debug_assert!(lines.start.is_multiple_of(BLOCK));
        let stride = self.from.width as usize * 3;
        let data = if self.from == self.to {
            rows.data[(lines.start - rows.first) as usize * stride..(lines.end - rows.first) as usize * stride].to_vec()
        } else {
            let mut data = vec![0; Dimensions::new(self.to.width, lines.end - lines.start).pixels() as usize * 3];
            let blocks = data.chunks_mut((BLOCK * self.to.width) as usize * 3);
            for (start, block) in lines.clone().step_by(BLOCK as usize).zip(blocks) {
                self.resize(rows, start, block);
            }
            data
        };
        Rgb8::new(self.to.width, lines.end - lines.start, data).expect("made to measure")
    }

    fn resize(self, rows: Rows<'_>, start: u32, block: &mut [u8]) {
        let (from, lines) = (self.from, (block.len() / (self.to.width as usize * 3)) as u32);
        let height = (rows.data.len() / (from.width as usize * 3)) as u32;
        let top = (f64::from(start) * self.scale() - f64::from(rows.first)).max(0.0);
        let mut stretch = f64::from(lines) * self.scale();
        while top + stretch > f64::from(height) {
            stretch = stretch.next_down().min(f64::from(height) - top);
        }
        let shrinks = self.to.width < from.width || self.to.height < from.height;
        let filter = if shrinks { Filter::Lanczos3 } else { Filter::CatmullRom };
        let part = Part {
            left: 0.0,
            top,
            width: f64::from(from.width),
            height: stretch,
        };
        velatura_resample::rgb8(
            rows.data,
            (from.width, height),
            part,
            block,
            (self.to.width, lines),
            filter,
        );
    }

    /// How many lines of the result, in whole blocks, the source's rows before `held` are enough for.
    pub(crate) fn lines_ready(self, held: u32) -> u32 {
        if held >= self.from.height {
            return self.to.height;
        }
        let lines = (f64::from(held) - self.reach()).max(0.0) / self.scale();
        (lines as u32).min(self.to.height) / BLOCK * BLOCK
    }

    /// The first of the source's rows that the result's lines from `line` on need.
    pub(crate) fn first_row_needed(self, line: u32) -> u32 {
        (f64::from(line) * self.scale() - self.reach()).max(0.0) as u32
    }

    /// Rows of the source to a line of the result.
    fn scale(self) -> f64 {
        f64::from(self.from.height) / f64::from(self.to.height)
    }

    /// Rows that the filter looks beyond its place (Lanczos3 the farthest), and one for rounding.
    fn reach(self) -> f64 {
        if self.from == self.to {
            0.0
        } else {
            3.0 * self.scale().max(1.0) + 1.0
        }
    }
}

/// Windows of a resized picture, from top to bottom, of which only the lines in use are held.
pub(crate) struct Scaled<'a> {
    scaling: Scaling,
    source: &'a Rgb8,
    first: u32,
    lines: Vec<u8>,
}

impl<'a> Scaled<'a> {
    pub(crate) fn new(source: &'a Rgb8, to: Dimensions) -> Self {
        Self {
            scaling: Scaling::new(Dimensions::of(source), to),
            source,
            first: 0,
            lines: Vec::new(),
        }
    }

    /// A window that starts no higher than the last one.
    pub(crate) fn window(&mut self, window: Window) -> Rgb8 {
        let Scaling { from, to } = self.scaling;
        if from == to {
            return cut(Rows::of(self.source), to.width, window);
        }
        let stride = to.width as usize * 3;
        let gone = ((window.y - self.first) as usize * stride).min(self.lines.len());
        self.lines.drain(..gone);
        self.first += (gone / stride) as u32;
        let held = self.first + (self.lines.len() / stride) as u32;
        let wanted = (window.y + window.height).next_multiple_of(BLOCK).min(to.height);
        if held < wanted {
            let more = self.scaling.lines(Rows::of(self.source), held..wanted);
            self.lines.extend_from_slice(more.data());
        }
        cut(
            Rows {
                first: self.first,
                data: &self.lines,
            },
            to.width,
            window,
        )
    }
}

fn cut(rows: Rows<'_>, width: u32, window: Window) -> Rgb8 {
    let lines = rows.data.chunks_exact(width as usize * 3);
    let lines = lines
        .skip((window.y - rows.first) as usize)
        .take(window.height as usize);
    let parts = lines.map(|line| &line[window.x as usize * 3..][..window.width as usize * 3]);
    Rgb8::new(window.width, window.height, parts.collect::<Vec<_>>().concat()).expect("the window lies inside")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeded::Seeded;

    fn noise(size: Dimensions, random: &mut Seeded) -> Rgb8 {
        let data = (0..size.pixels() * 3).map(|_| random.next() as u8).collect();
        Rgb8::new(size.width, size.height, data).expect("made to measure")
    }

    fn sizes(random: &mut Seeded) -> (Dimensions, Dimensions) {
        let mut size = || Dimensions::new(1 + random.below(90), 1 + random.below(300));
        (size(), size())
    }

    #[test]
    fn lines_are_the_same_to_the_bit_however_the_rows_come_in() {
        let mut random = Seeded::new(3);
        for _ in 0..60 {
            let (from, to) = sizes(&mut random);
            let (scaling, picture) = (Scaling::new(from, to), noise(from, &mut random));
            let (mut held, mut done, mut parts) = (0, 0, Vec::new());
            while done < to.height {
                held = (held + 1 + random.below(40)).min(from.height);
                let ready = scaling.lines_ready(held);
                if ready > done {
                    let (first, stride) = (scaling.first_row_needed(done), from.width as usize * 3);
                    let data = &picture.data()[first as usize * stride..held as usize * stride];
                    parts.extend_from_slice(scaling.lines(Rows { first, data }, done..ready).data());
                    done = ready;
                }
            }
            assert_eq!(parts, scaling.whole(&picture).data(), "{from:?} to {to:?}");
        }
    }

    #[test]
    fn windows_from_top_to_bottom_are_cut_from_the_whole() {
        let mut random = Seeded::new(4);
        for _ in 0..60 {
            let (from, to) = sizes(&mut random);
            let picture = noise(from, &mut random);
            let whole = Scaling::new(from, to).whole(&picture);
            let mut scaled = Scaled::new(&picture, to);
            let mut y = 0;
            while y < to.height {
                let (x, height) = (random.below(to.width), 1 + random.below(to.height - y));
                let window = Window {
                    x,
                    y,
                    width: 1 + random.below(to.width - x),
                    height,
                };
                let expected = whole.crop(x, y, window.width, height).expect("inside");
                assert_eq!(scaled.window(window), expected, "{from:?} to {to:?}, {window:?}");
                y += random.below(60);
            }
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
            Dimensions::new(150, 190),
        ] {
            let usual = picture.resized(to.width, to.height).expect("a size");
            let whole = Scaling::new(Dimensions::of(&picture), to).whole(&picture);
            assert!(
                whole.data().iter().zip(usual.data()).all(|(a, b)| a.abs_diff(*b) <= 1),
                "{to:?}"
            );
        }
    }
}
