//! From a request to its pictures: prepared and finished on the caller's thread, painted on the device's.

mod canvas;
mod compose;
mod flatness;
mod group;
mod member;
mod networks;
mod request;
mod style;
mod tiled;
mod whole;

use std::sync::Arc;
use std::time::Instant;

use velatura_image::GrayF32;
use velatura_recipe::DepthMode;

pub use request::{Painting, Request, Response, Timings};
pub(crate) use style::style;

use crate::alpha::normalized;
use crate::device::{CallError, DeviceHandle};
use crate::{Dimensions, EngineError, Pack, PaintError};
use group::Group;
use member::Member;
use networks::Networks;

/// Paints one photo in several recipes, from one depth, and from one encode for all recipes of equal working size.
pub(crate) fn paint(
    device: &DeviceHandle,
    pack: &Pack,
    tile_pixels: u64,
    request: &Request,
) -> Result<Response, EngineError> {
    let mut networks = Networks::new(device, pack);
    let photo = &request.photo;
    let estimates = |painting: &&Painting| painting.recipe.depth.mode == DepthMode::Estimate;
    let first_estimate = request.paintings.iter().find(estimates);

    // The device finds the depth while the working pictures are made here.
    let asked = first_estimate.map(|_| networks.send_depth(photo)).transpose().map_err(stop)?;
    let preparing = Instant::now();
    let mut working = group::working_pictures(photo, &request.paintings, pack.paint(), tile_pixels);
    networks.timings.prepare += preparing.elapsed();
    let raw_depth = match asked.map(|pending| networks.depth(pending)) {
        None => None,
        Some(Ok(depth)) => Some(checked(depth)),
        Some(Err(error)) => Some(Err(picture_error(error)?)),
    };

    let mut pictures: Vec<Option<Result<_, PaintError>>> = request.paintings.iter().map(|_| None).collect();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (slot, painting) in request.paintings.iter().enumerate() {
        match Member::new(slot, painting, Dimensions::of(&**photo), pack, raw_depth.as_ref()) {
            Err(error) => pictures[slot] = Some(Err(error)),
            Ok(member) => match groups.iter_mut().find(|group| group.working == member.working) {
                Some(group) => group.members.push(member),
                None => groups.push(Group { working: member.working, members: vec![member] }),
            },
        }
    }
    for group in &groups {
        let at_hand = working.remove(&group.working);
        match group.paint(&mut networks, photo, at_hand, tile_pixels) {
            Ok(painted) => {
                for (member, picture) in group.members.iter().zip(painted) {
                    pictures[member.slot] = Some(picture);
                }
            }
            Err(error) => {
                let error = picture_error(error)?;
                for member in &group.members {
                    pictures[member.slot] = Some(Err(error.clone()));
                }
            }
        }
    }
    let depth = match (raw_depth, first_estimate) {
        (Some(Ok(raw)), Some(painting)) => Some(normalized(&raw, pack.depth().convention, &painting.recipe.depth)),
        _ => None,
    };
    let pictures = pictures.into_iter().map(|picture| picture.expect("every painting is in one group")).collect();
    Ok(Response { pictures, depth, timings: networks.timings, batch: networks.batch })
}

/// A depth map with a value that is no number is no depth map.
fn checked(depth: GrayF32) -> Result<GrayF32, PaintError> {
    if depth.data().iter().any(|value| value.is_nan()) { Err(PaintError::BadDepth) } else { Ok(depth) }
}

/// What concerns this picture alone, or else what ends the engine.
fn picture_error(error: CallError) -> Result<PaintError, EngineError> {
    match error {
        CallError::OutOfMemory(reason) => Ok(PaintError::OutOfMemory(reason)),
        CallError::Failed { graph, reason } => Ok(PaintError::Graph { graph: graph.name(), reason }),
        CallError::Lost(reason) => Err(EngineError::DeviceLost { reason }),
        CallError::Closed => Err(EngineError::Closed),
    }
}

/// For calls that can't be sent: only the engine's end prevents that.
fn stop(error: CallError) -> EngineError {
    picture_error(error).map_or_else(|error| error, EngineError::Style)
}

/// The picture of an answer without a copy, if nobody else holds it.
fn own<T: Clone>(shared: Arc<T>) -> T {
    Arc::unwrap_or_clone(shared)
}

#[cfg(test)]
mod tests;
