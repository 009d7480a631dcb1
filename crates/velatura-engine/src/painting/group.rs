use std::collections::HashMap;
use std::sync::Arc;

use velatura_image::Rgb8;

use super::flatness::is_lively;
use super::member::Member;
use super::networks::Networks;
use super::{Painting, tiled, whole};
use crate::device::CallError;
use crate::device::ladder::{Rung, below};
use crate::geometry::Window;
use crate::pack::PaintSpec;
use crate::scaling::Scaling;
use crate::{Dimensions, PaintError, StyleCode};

/// The paintings of a photo at one working size: they share the encoder's work.
pub(super) struct Group<'a> {
    pub(super) working: Dimensions,
    pub(super) members: Vec<Member<'a>>,
}

/// The photo at each working size that is painted in one piece. A photo that already has it is not copied.
pub(super) fn working_pictures(
    photo: &Arc<Rgb8>,
    paintings: &[Painting],
    paint: &PaintSpec,
    tile_pixels: u64,
) -> HashMap<Dimensions, Arc<Rgb8>> {
    let from = Dimensions::of(&**photo);
    let mut pictures = HashMap::new();
    for painting in paintings {
        let size = from.fitted(painting.recipe.size).rounded(paint.multiple, paint.minimum);
        if size.pixels() <= tile_pixels {
            pictures.entry(size).or_insert_with(|| working_picture(photo, size));
        }
    }
    pictures
}

fn working_picture(photo: &Arc<Rgb8>, size: Dimensions) -> Arc<Rgb8> {
    let from = Dimensions::of(&**photo);
    if from == size {
        Arc::clone(photo)
    } else {
        Arc::new(Scaling::new(from, size).window(photo, Window::whole(size)))
    }
}

impl Group<'_> {
    /// Paints every member: in one piece if `at_hand` is the photo at the working size, else by tiles; by ever smaller
    /// tiles as long as memory runs out.
    pub(super) fn paint(
        &self,
        networks: &mut Networks<'_>,
        photo: &Arc<Rgb8>,
        at_hand: Option<Arc<Rgb8>>,
        tile_pixels: u64,
    ) -> Result<Vec<Result<Rgb8, PaintError>>, CallError> {
        let (picture, least) = (self.working.pixels(), networks.tile_rule().least_pixels());
        let (mut rung, mut in_one_piece) = match at_hand {
            Some(picture) => (Rung::Batch(1), Some(picture)),
            None => (Rung::Tiles(tile_pixels), None),
        };
        loop {
            let painted = match (rung, in_one_piece.take()) {
                (Rung::Tiles(pixels), _) => tiled::paint(self, networks, photo, pixels),
                (Rung::Batch(_), Some(picture)) => whole::paint(self, networks, photo, picture),
                (Rung::Batch(_), None) => tiled::paint(self, networks, photo, tile_pixels),
            };
            match painted {
                Err(CallError::OutOfMemory(reason)) => match below(rung, picture, least) {
                    Some(next) => {
                        tracing::warn!(reason, ?rung, ?next, "out of memory: painting in smaller pieces");
                        rung = next;
                    }
                    None => return Err(CallError::OutOfMemory(reason)),
                },
                other => return other,
            }
        }
    }

    /// Whether a decode without any style is needed beside the members' own.
    pub(super) fn needs_reconstruction(&self) -> bool {
        self.members.iter().any(Member::residual)
    }

    /// For each member whether a flat painting would be a fault: the photo has much in it, and so has the style.
    pub(super) fn must_vary(&self, networks: &Networks<'_>, photo: &Rgb8) -> Vec<bool> {
        let lively = is_lively(photo.data());
        let varied = |member: &Member<'_>| !is_flat_style(&member.painting.code, networks.pack.paint());
        self.members.iter().map(|member| lively && varied(member)).collect()
    }
}

/// A style of one flat colour has features that hardly deviate, and may rightly paint one.
fn is_flat_style(code: &StyleCode, paint: &PaintSpec) -> bool {
    const HARDLY: f32 = 0.05;
    let mut values = code.values();
    paint.levels.iter().all(|level| {
        let (this, rest) = values.split_at(2 * level.channels);
        values = rest;
        this[level.channels..].iter().all(|&deviation| deviation < HARDLY)
    })
}
