//! From a request to its pictures: prepared and finished on the caller's thread, painted on the device's.

mod canvas;
mod compose;
mod easel;
mod flatness;
mod group;
mod measured;
mod member;
mod networks;
mod request;
mod style;
mod tiled;
mod whole;

use std::sync::Arc;
use std::time::Instant;

use velatura_image::{GrayF32, Rgb8};
use velatura_recipe::{Depth, DepthMode};

pub use request::{Painting, Request, Response, Timings};
pub(crate) use style::style;

use crate::alpha::normalized;
use crate::device::{CallError, DeviceHandle};
use crate::{Dimensions, EngineError, Pack, PaintError};
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
    let small = first_estimate.map(|_| networks.shrunk_for_depth(photo));
    let asked = small
        .map(|picture| networks.send_depth(picture))
        .transpose()
        .map_err(stop)?;
    let preparing = Instant::now();
    let mut working = group::working_pictures(photo, &request.paintings, pack.paint(), tile_pixels);
    networks.timings.prepare += preparing.elapsed();
    let raw_depth = match asked.map(|pending| networks.depth(pending)) {
        None => None,
        Some(Ok(depth)) => Some(checked(depth)),
        Some(Err(error)) => Some(Err(picture_error(error)?)),
    };

    let (groups, mut slots) = group::grouped(&request.paintings, Dimensions::of(&**photo), pack, raw_depth.as_ref());
    for group in &groups {
        let painted = match group.paint(&mut networks, photo, working.remove(&group.working), tile_pixels) {
            Ok(painted) => painted,
            Err(error) => vec![Err(picture_error(error)?); group.members.len()],
        };
        for (member, picture) in group.members.iter().zip(painted) {
            slots[member.slot] = Some(picture);
        }
    }
    let depth = match (raw_depth, first_estimate) {
        (Some(Ok(raw)), Some(painting)) => Some(normalized(&raw, pack.depth().convention, &painting.recipe.depth)),
        _ => None,
    };
    let pictures = slots
        .into_iter()
        .map(|slot| slot.expect("every painting is in one group"))
        .collect();
    Ok(Response {
        pictures,
        depth,
        timings: networks.timings,
        batch: networks.batch,
    })
}

/// A photo's depth alone, 0 (nearest) to 1 (farthest), by the default rule.
pub(crate) fn depth(device: &DeviceHandle, pack: &Pack, photo: &Rgb8) -> Result<GrayF32, EngineError> {
    let mut networks = Networks::new(device, pack);
    let small = networks.shrunk_for_depth(photo);
    let raw = networks
        .send_depth(small)
        .and_then(|pending| networks.depth(pending))
        .map_err(stop)?;
    Ok(normalized(&checked(raw)?, pack.depth().convention, &Depth::default()))
}

/// A depth map with a value that is no number is no depth map.
fn checked(depth: GrayF32) -> Result<GrayF32, PaintError> {
    if depth.data().iter().any(|value| value.is_nan()) {
        Err(PaintError::BadDepth)
    } else {
        Ok(depth)
    }
}

/// What concerns this picture alone, or else what ends the engine.
fn picture_error(error: CallError) -> Result<PaintError, EngineError> {
    match error {
        CallError::OutOfMemory(reason) => Ok(PaintError::OutOfMemory(reason)),
        CallError::Failed { graph, reason } => Ok(PaintError::Graph { graph, reason }),
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
