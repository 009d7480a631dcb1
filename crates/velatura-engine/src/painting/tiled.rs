use std::sync::Arc;
use std::time::Instant;

use velatura_image::Rgb8;

use super::easel::Easel;
use super::group::Group;
use super::networks::{Features, Networks, alpha_value, content_code};
use super::whole::no_style;
use crate::PaintError;
use crate::device::{CallError, Pending};
use crate::pack::Graph;
use crate::scaling::Scaled;
use crate::statistics::Moments;
use crate::tiles::Tile;

/// Paints a photo of any size in bounded memory, as if in one piece: the first pass encodes tiles and merges the
/// statistics of their cores, the second encodes them again and decodes with the statistics of the whole.
///
/// The working picture never exists in full: it is resized from the photo as the tiles go down it, and each row of tiles
/// goes into the results at once.
pub(super) fn paint(
    group: &Group<'_>,
    networks: &mut Networks<'_>,
    photo: &Rgb8,
    tile_pixels: u64,
) -> Result<Vec<Result<Rgb8, PaintError>>, CallError> {
    let rows = networks.tile_rule().plan(group.working, tile_pixels);
    let tiles: Vec<Tile> = rows.into_iter().flatten().collect();
    tracing::debug!(
        width = group.working.width,
        height = group.working.height,
        tiles = tiles.len(),
        "painting by tiles"
    );
    let content = statistics(group, networks, photo, &tiles)?;
    let must_vary = group.must_vary(networks, photo);
    let mut easel = Easel::new(group, photo);
    encode_each(group, networks, photo, &tiles, |networks, tile, features| {
        let painted = decode_all(group, networks, *tile, features, &content)?;
        let finishing = Instant::now();
        easel.place(tile, painted)?;
        networks.timings.finish += finishing.elapsed();
        Ok(())
    })?;
    Ok(easel.finish(&must_vary))
}

/// The content statistics of the whole picture, as the decode graph takes them.
fn statistics(
    group: &Group<'_>,
    networks: &mut Networks<'_>,
    photo: &Rgb8,
    tiles: &[Tile],
) -> Result<Vec<f32>, CallError> {
    let mut merged: Vec<Moments> = Vec::new();
    encode_each(group, networks, photo, tiles, |networks, tile, features| {
        let moments = networks.moments(features, tile.core.within(tile.window))?;
        if merged.is_empty() {
            merged = moments;
        } else {
            merged.iter_mut().zip(&moments).for_each(|(sum, part)| sum.merge(part));
        }
        Ok(())
    })?;
    Ok(content_code(&merged))
}

/// Encodes tile after tile, always one ahead: the device has the next one while `each` looks at the last.
fn encode_each<'n>(
    group: &Group<'_>,
    networks: &mut Networks<'n>,
    photo: &Rgb8,
    tiles: &[Tile],
    mut each: impl FnMut(&mut Networks<'n>, &Tile, &Features) -> Result<(), CallError>,
) -> Result<(), CallError> {
    let mut scaled = Scaled::new(photo, group.working);
    let mut ahead: Option<(&Tile, Pending)> = None;
    for next in tiles.iter().map(Some).chain([None]) {
        let sent = match next {
            Some(tile) => {
                let preparing = Instant::now();
                let picture = scaled.window(tile.window);
                networks.timings.prepare += preparing.elapsed();
                Some((tile, networks.send_encode(Arc::new(picture))?))
            }
            None => None,
        };
        if let Some((tile, pending)) = std::mem::replace(&mut ahead, sent) {
            let features = networks.features(pending)?;
            each(networks, tile, &features)?;
        }
    }
    Ok(())
}

/// The tile in every recipe, and at the end without style if that is needed.
fn decode_all(
    group: &Group<'_>,
    networks: &mut Networks<'_>,
    tile: Tile,
    features: &Features,
    content: &[f32],
) -> Result<Vec<Rgb8>, CallError> {
    let (grid, pixels) = (
        tile.window.strided(networks.pack.paint().alpha_stride()),
        tile.window.size().pixels(),
    );
    let styles = group
        .members
        .iter()
        .map(|m| (m.painting.code.values(), alpha_value(&m.strength, grid)));
    let reconstruction = group.needs_reconstruction().then(|| (content, no_style(grid)));
    let pending = styles
        .chain(reconstruction)
        .map(|(code, alpha)| networks.send_decode(features, content, code, alpha, pixels))
        .collect::<Result<Vec<_>, _>>()?;
    pending
        .into_iter()
        .map(|pending| networks.painted(Graph::Decode, pending))
        .collect()
}
