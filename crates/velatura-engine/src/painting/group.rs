use std::collections::HashMap;
use std::sync::Arc;

use velatura_image::{GrayF32, Rgb8};

use super::flatness::is_lively;
use super::member::Member;
use super::networks::{Networks, alpha_value};
use super::whole::no_style;
use super::{Painting, measured, tiled, whole};
use crate::device::ladder::{Rung, below};
use crate::device::{CallError, Value};
use crate::geometry::Window;
use crate::pack::{PaintSpec, Statistics};
use crate::scaling::Scaling;
use crate::{Dimensions, Pack, PaintError, StyleCode};

/// The paintings of a photo at one working size: they share the encoder's work.
pub(super) struct Group<'a> {
    pub(super) working: Dimensions,
    pub(super) members: Vec<Member<'a>>,
}

/// What has come of each painting of a request so far.
pub(super) type Slots = Vec<Option<Result<Rgb8, PaintError>>>;

/// The paintings by working size; those that can't be painted have their error already.
pub(super) fn grouped<'a>(
    paintings: &'a [Painting],
    photo: Dimensions,
    pack: &Pack,
    raw_depth: Option<&Result<GrayF32, PaintError>>,
) -> (Vec<Group<'a>>, Slots) {
    let (mut groups, mut slots): (Vec<Group<'_>>, Slots) = (Vec::new(), vec![None; paintings.len()]);
    for (slot, painting) in paintings.iter().enumerate() {
        match Member::new(slot, painting, photo, pack, raw_depth) {
            Err(error) => slots[slot] = Some(Err(error)),
            Ok(member) => match groups.iter_mut().find(|group| group.working == member.working) {
                Some(group) => group.members.push(member),
                None => groups.push(Group {
                    working: member.working,
                    members: vec![member],
                }),
            },
        }
    }
    (groups, slots)
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
        Arc::new(Scaling::new(from, size).whole(photo))
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
        let mut rung = if at_hand.is_some() {
            Rung::Batch(1)
        } else {
            Rung::Tiles(tile_pixels)
        };
        let tiled = match &networks.pack.paint().statistics {
            Statistics::Levels(_) => tiled::paint,
            Statistics::Measured(_) => measured::paint,
        };
        let mut painted = match at_hand {
            Some(picture) => whole::paint(self, networks, photo, picture),
            None => tiled(self, networks, photo, tile_pixels),
        };
        loop {
            match painted {
                Err(CallError::OutOfMemory(reason)) => match below(rung, picture, least) {
                    Some(Rung::Tiles(pixels)) => {
                        tracing::warn!(
                            reason,
                            tile_pixels = pixels,
                            "out of memory: painting in smaller pieces"
                        );
                        rung = Rung::Tiles(pixels);
                        painted = tiled(self, networks, photo, pixels);
                    }
                    Some(Rung::Batch(_)) | None => return Err(CallError::OutOfMemory(reason)),
                },
                other => return other,
            }
        }
    }

    /// Whether a decode without any style is needed beside the members' own.
    pub(super) fn needs_reconstruction(&self) -> bool {
        self.members.iter().any(Member::residual)
    }

    /// What each member asks of a network that paints it by itself: its code, and its strength in a window of the
    /// strength map's grid. Last, if it is needed, the picture without any style, whose code is of no importance.
    pub(super) fn looks(&self, grid: Window) -> Vec<(&[f32], Value)> {
        let members = self.members.iter();
        let mut looks: Vec<_> = members
            .map(|member| (member.painting.code.values(), alpha_value(&member.strength, grid)))
            .collect();
        if self.needs_reconstruction() {
            looks.push((looks[0].0, no_style(grid)));
        }
        looks
    }

    /// The members' pictures, and the one without style if it was needed.
    pub(super) fn apart(&self, mut painted: Vec<Rgb8>) -> (Vec<Rgb8>, Option<Rgb8>) {
        let reconstructed = (painted.len() > self.members.len()).then(|| painted.pop()).flatten();
        (painted, reconstructed)
    }

    /// For each member whether a flat painting would be a fault: the photo has much in it, and so has the style.
    pub(super) fn must_vary(&self, networks: &Networks<'_>, photo: &Rgb8) -> Vec<bool> {
        let lively = is_lively(photo.data());
        let varied = |member: &Member<'_>| !is_flat_style(&member.painting.code, networks.pack.paint());
        self.members.iter().map(|member| lively && varied(member)).collect()
    }
}

/// A style of one flat colour has features that hardly deviate, and may rightly paint one. Of codes that are no
/// statistics nothing is known; a style in the weights is none of one colour.
fn is_flat_style(code: &StyleCode, paint: &PaintSpec) -> bool {
    const HARDLY: f32 = 0.05;
    let mut values = code.values();
    !values.is_empty()
        && paint.levels().iter().all(|level| {
            let (this, rest) = values.split_at(2 * level.channels);
            values = rest;
            this[level.channels..].iter().all(|&deviation| deviation < HARDLY)
        })
}
