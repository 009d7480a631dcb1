use std::ops::Range;

use velatura_image::Rgb8;

use super::compose::{Composer, Parts};
use super::flatness::Flatness;
use super::member::Member;
use crate::scaling::{BLOCK, Rows, Scaling};
use crate::{Dimensions, PaintError};

/// Takes what the network painted, rows from top to bottom at the working size, and makes the result of it at once, so
/// that neither the painting nor anything made from it exists in full beside the result.
pub(super) struct Canvas<'a> {
    photo: &'a Rgb8,
    member: &'a Member<'a>,
    scaling: Scaling,
    composer: Composer<'a>,
    painted: Strip,
    reconstructed: Strip,
    flatness: Flatness,
    done: u32,
    result: Vec<u8>,
}

/// The rows that are still needed.
#[derive(Default)]
struct Strip {
    first: u32,
    data: Vec<u8>,
}

impl Strip {
    fn push(&mut self, rows: Vec<u8>) {
        if self.data.is_empty() {
            self.data = rows;
        } else {
            self.data.extend_from_slice(&rows);
        }
    }

    fn forget_before(&mut self, row: u32, stride: usize) {
        let gone = row.saturating_sub(self.first).min((self.data.len() / stride) as u32);
        self.data.drain(..gone as usize * stride);
        self.first += gone;
    }

    fn rows(&self) -> Rows<'_> {
        Rows {
            first: self.first,
            data: &self.data,
        }
    }
}

impl<'a> Canvas<'a> {
    pub(super) fn new(photo: &'a Rgb8, member: &'a Member<'a>) -> Self {
        Self {
            photo,
            member,
            scaling: Scaling::new(member.working, member.output),
            composer: Composer::new(member),
            painted: Strip::default(),
            reconstructed: Strip::default(),
            flatness: Flatness::default(),
            done: 0,
            result: Vec::with_capacity(member.output.pixels() as usize * 3),
        }
    }

    /// The next rows of the painting, and of D(E(c)) if the recipe's detail is residual.
    pub(super) fn push(&mut self, painted: Vec<u8>, reconstructed: Option<&[u8]>) {
        self.flatness.look(&painted);
        self.painted.push(painted);
        if self.member.residual()
            && let Some(rows) = reconstructed
        {
            self.reconstructed.push(rows.to_vec());
        }
        let stride = self.member.working.width as usize * 3;
        let held = self.painted.first + (self.painted.data.len() / stride) as u32;
        let ready = self.scaling.lines_ready(held);
        while self.done < ready {
            self.make_lines(self.done..ready.min(self.done + BLOCK));
        }
        let needed = self.scaling.first_row_needed(self.done);
        self.painted.forget_before(needed, stride);
        self.reconstructed.forget_before(needed, stride);
    }

    fn make_lines(&mut self, lines: Range<u32>) {
        let mut result = self.scaling.lines(self.painted.rows(), lines.clone());
        if !self.member.is_plain() {
            let photo = Scaling::new(Dimensions::of(self.photo), self.member.output);
            let photo = photo.lines(Rows::of(self.photo), lines.clone());
            let reconstructed = self
                .member
                .residual()
                .then(|| self.scaling.lines(self.reconstructed.rows(), lines.clone()));
            let parts = Parts {
                first: lines.start,
                photo: &photo,
                reconstructed: reconstructed.as_ref(),
            };
            self.composer.compose(&mut result, &parts);
        }
        self.result.extend_from_slice(result.data());
        self.done = lines.end;
    }

    /// The result. `must_vary` if a flat painting would be a fault.
    pub(super) fn finish(self, must_vary: bool) -> Result<Rgb8, PaintError> {
        if must_vary && self.flatness.is_flat() {
            return Err(PaintError::BadOutput);
        }
        let Dimensions { width, height } = self.member.output;
        // Fewer rows than asked for would be a graph that paints other sizes than it is given.
        Rgb8::new(width, height, self.result).map_err(|_| PaintError::BadOutput)
    }
}
