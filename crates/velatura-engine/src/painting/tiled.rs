use std::sync::Arc;
use std::time::Instant;

use velatura_image::Rgb8;

use super::canvas::Canvas;
use super::group::Group;
use super::networks::{Features, Networks, alpha_value, content_code};
use super::whole::no_style;
use crate::PaintError;
use crate::device::{CallError, Pending};
use crate::geometry::Window;
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
        let core = tile.core.within(tile.window);
        let mut painted = decode_all(group, networks, *tile, features, &content)?;
        let finishing = Instant::now();
        for part in &mut painted {
            *part = part
                .crop(core.x, core.y, core.width, core.height)
                .map_err(|_| other_size())?;
        }
        easel.place(tile.core, &painted)?;
        networks.timings.finish += finishing.elapsed();
        Ok(())
    })?;
    Ok(easel
        .canvases
        .into_iter()
        .zip(must_vary)
        .map(|(canvas, must_vary)| canvas.finish(must_vary))
        .collect())
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
        tile.window.strided(networks.pack.paint().finest_stride()),
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

/// The canvases of a group, and the row of tiles at hand for each of them, the reconstruction's last.
struct Easel<'a> {
    canvases: Vec<Canvas<'a>>,
    bands: Vec<Rgb8>,
    width: u32,
}

impl<'a> Easel<'a> {
    fn new(group: &'a Group<'a>, photo: &'a Rgb8) -> Self {
        let canvases = group.members.iter().map(|member| Canvas::new(photo, member)).collect();
        Self {
            canvases,
            bands: Vec::new(),
            width: group.working.width,
        }
    }

    /// Puts the cores of one tile in their place; with the last of a row the row goes into the results.
    fn place(&mut self, core: Window, painted: &[Rgb8]) -> Result<(), CallError> {
        if core.x == 0 {
            let band = Rgb8::filled(self.width, core.height, [0; 3]).map_err(|_| other_size())?;
            self.bands = vec![band; painted.len()];
        }
        for (band, part) in self.bands.iter_mut().zip(painted) {
            band.paste(core.x, 0, part).map_err(|_| other_size())?;
        }
        if core.x + core.width == self.width {
            let mut bands = std::mem::take(&mut self.bands);
            let reconstructed = (bands.len() > self.canvases.len()).then(|| bands.pop()).flatten();
            for (canvas, band) in self.canvases.iter_mut().zip(bands) {
                canvas.push(band.into_data(), reconstructed.as_ref().map(Rgb8::data));
            }
        }
        Ok(())
    }
}

fn other_size() -> CallError {
    CallError::Failed {
        graph: Graph::Decode,
        reason: "it painted another size than it was given".into(),
    }
}
