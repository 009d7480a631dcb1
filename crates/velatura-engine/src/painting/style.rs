use velatura_image::Rgb8;

use super::networks::{Networks, content_code};
use super::picture_error;
use crate::device::ladder::{Rung, below};
use crate::device::{CallError, DeviceHandle};
use crate::geometry::Window;
use crate::pack::Statistics;
use crate::scaling::Scaled;
use crate::statistics::Moments;
use crate::tiles::TileRule;
use crate::{Dimensions, EngineError, Pack, StyleCode};

/// Reads a style picture at a long side of `stroke_scale` pixels; nothing is read where the style is in the weights.
pub(crate) fn style(
    device: &DeviceHandle,
    pack: &Pack,
    tile_pixels: u64,
    picture: &Rgb8,
    stroke_scale: u32,
) -> Result<StyleCode, EngineError> {
    let mut networks = Networks::new(device, pack);
    let paint = pack.paint();
    if paint.code_length() == 0 {
        return Ok(StyleCode::new(Vec::new()));
    }
    let size = Dimensions::of(picture).with_long_side(stroke_scale);
    let size = match &paint.statistics {
        Statistics::Levels(_) => size,
        // Such a code is no sum over the picture: it is read in one piece, however small that makes it.
        Statistics::Measured(_) => size.within(tile_pixels),
    };
    let size = size.rounded(paint.multiple, paint.minimum);
    let least = networks.tile_rule().least_pixels();
    let whole = matches!(paint.statistics, Statistics::Measured(_)) || size.pixels() <= tile_pixels;
    let mut rung = if whole {
        Rung::Batch(1)
    } else {
        Rung::Tiles(tile_pixels)
    };
    loop {
        let budget = match rung {
            Rung::Batch(_) => size.pixels(),
            Rung::Tiles(pixels) => pixels,
        };
        match read(&mut networks, picture, size, budget) {
            Ok(code) => return Ok(code),
            Err(CallError::OutOfMemory(reason)) => match below(rung, size.pixels(), least) {
                Some(next) if !paint.levels().is_empty() => rung = next,
                Some(_) | None => return Err(picture_error(CallError::OutOfMemory(reason))?.into()),
            },
            Err(error) => return Err(picture_error(error)?.into()),
        }
    }
}

/// In one piece, or in pieces whose codes are merged as the statistics they are. The pieces have no halo: only the
/// style graph itself knows how it sees a picture, and a style has no seams that could show.
fn read(networks: &mut Networks<'_>, picture: &Rgb8, size: Dimensions, budget: u64) -> Result<StyleCode, CallError> {
    let rule = TileRule {
        multiple: networks.pack.paint().minimum,
        halo: 0,
    };
    let mut scaled = Scaled::new(picture, size);
    let pieces: Vec<Window> = if size.pixels() <= budget {
        vec![Window::whole(size)]
    } else {
        rule.plan(size, budget)
            .into_iter()
            .flatten()
            .map(|tile| tile.core)
            .collect()
    };
    let mut merged: Vec<Moments> = Vec::new();
    for &piece in &pieces {
        let pending = networks.send_style(scaled.window(piece))?;
        let code = networks.style(pending)?;
        if pieces.len() == 1 {
            return Ok(code);
        }
        let moments = moments(networks.pack, &code, piece);
        if merged.is_empty() {
            merged = moments;
        } else {
            merged.iter_mut().zip(&moments).for_each(|(sum, part)| sum.merge(part));
        }
    }
    Ok(StyleCode::new(content_code(&merged)))
}

fn moments(pack: &Pack, code: &StyleCode, piece: Window) -> Vec<Moments> {
    let mut values = code.values();
    let levels = pack.paint().levels().iter().map(|level| {
        let (mean, rest) = values.split_at(level.channels);
        let (deviation, rest) = rest.split_at(level.channels);
        values = rest;
        Moments::from_code(mean, deviation, piece.strided(level.stride).size().pixels() as f64)
    });
    levels.collect()
}
