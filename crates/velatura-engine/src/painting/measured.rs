use std::sync::Arc;
use std::time::Instant;

use velatura_image::Rgb8;

use super::easel::Easel;
use super::group::Group;
use super::networks::{Networks, alpha_value};
use super::whole::no_style;
use crate::alpha::resized;
use crate::device::{CallError, Pending};
use crate::geometry::Window;
use crate::pack::Graph;
use crate::scaling::{Scaled, Scaling};
use crate::tiles::Tile;
use crate::{Dimensions, PaintError};

/// Paints a photo of any size in bounded memory with a network that normalises over the whole picture, at however many
/// places: the statistics of each painting are measured on a copy of the photo that fits into the budget, then every
/// tile is painted by them. No seam can show, for all tiles are painted alike; the picture is not quite what it would be
/// in one piece, for a smaller copy has other statistics.
pub(super) fn paint(
    group: &Group<'_>,
    networks: &mut Networks<'_>,
    photo: &Rgb8,
    tile_pixels: u64,
) -> Result<Vec<Result<Rgb8, PaintError>>, CallError> {
    let rows = networks.tile_rule().plan(group.working, tile_pixels);
    let tiles: Vec<Tile> = rows.into_iter().flatten().collect();
    let statistics = measure(group, networks, photo, tile_pixels)?;
    let must_vary = group.must_vary(networks, photo);
    let mut easel = Easel::new(group, photo);
    let mut scaled = Scaled::new(photo, group.working);
    let stride = networks.pack.paint().alpha_stride();
    // Always one tile ahead: the device has the next one while the last is put in its place.
    let mut ahead: Option<(&Tile, Vec<Pending>)> = None;
    for next in tiles.iter().map(Some).chain([None]) {
        let sent = match next {
            Some(tile) => {
                let preparing = Instant::now();
                let part = Arc::new(scaled.window(tile.window));
                networks.timings.prepare += preparing.elapsed();
                let looks = group.looks(tile.window.strided(stride)).into_iter().zip(&statistics);
                let send = |((code, alpha), own): ((&[f32], _), &Vec<f32>)| {
                    networks.send_tile(Arc::clone(&part), own, code, alpha)
                };
                Some((tile, looks.map(send).collect::<Result<_, _>>()?))
            }
            None => None,
        };
        if let Some((tile, pending)) = std::mem::replace(&mut ahead, sent) {
            let painted = pending
                .into_iter()
                .map(|pending| networks.painted(Graph::Tile, pending));
            let painted = painted.collect::<Result<_, _>>()?;
            let finishing = Instant::now();
            easel.place(tile, painted)?;
            networks.timings.finish += finishing.elapsed();
        }
    }
    Ok(easel.finish(&must_vary))
}

/// The statistics of each look of the group, on a copy of the photo of at most about `pixels` pixels.
fn measure(
    group: &Group<'_>,
    networks: &mut Networks<'_>,
    photo: &Rgb8,
    pixels: u64,
) -> Result<Vec<Vec<f32>>, CallError> {
    let (paint, from) = (networks.pack.paint(), Dimensions::of(photo));
    let size = group.working.within(pixels).rounded(paint.multiple, paint.minimum);
    let grid = size.strided(paint.alpha_stride());
    let picture = Arc::new(Scaling::new(from, size).whole(photo));
    let send = |code: &[f32], alpha| networks.send_measure(Arc::clone(&picture), code, alpha);
    let mut pending = Vec::new();
    for member in &group.members {
        let strength = resized(&member.strength, grid);
        pending.push(send(
            member.painting.code.values(),
            alpha_value(&strength, Window::whole(grid)),
        )?);
    }
    if group.needs_reconstruction() {
        pending.push(send(
            group.members[0].painting.code.values(),
            no_style(Window::whole(grid)),
        )?);
    }
    pending
        .into_iter()
        .map(|pending| networks.statistics(pending))
        .collect()
}
