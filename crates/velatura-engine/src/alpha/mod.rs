//! Equation (5): how strongly each part of a photo is painted, 0 (the photo) to 1 (plain AdaIN).

mod curve;
mod gradient;
mod grid;
mod normalize;

pub(crate) use grid::{Resampler, resized};
pub use normalize::{Convention, normalized};

use velatura_image::GrayF32;
use velatura_recipe::{DepthMode, Recipe};

use crate::Dimensions;
use curve::Curve;

/// The strength map of a recipe on a grid.
///
/// `depth` is what the recipe's `depth.mode` asks for: the [`normalized`] estimate (0 nearest, 1 farthest) or the
/// user's own map (dark = near), of any size; it is resized to the grid by area where it shrinks and linearly where it
/// grows. The modes `off` and `gradient` need none; `estimate` and `map` without one count everything as far.
pub fn strength_map(recipe: &Recipe, depth: Option<&GrayF32>, grid: Dimensions) -> GrayF32 {
    let distance = match (recipe.depth.mode, depth) {
        (DepthMode::Off, _) => return constant(recipe.strength as f32, grid),
        (DepthMode::Gradient, _) => gradient::gradient(recipe.depth.angle_degrees, grid),
        (DepthMode::Estimate | DepthMode::Map, Some(map)) => resized(map, grid),
        (DepthMode::Estimate | DepthMode::Map, None) => constant(1.0, grid),
    };
    let curve = Curve::new(&recipe.depth, recipe.strength);
    let mut strength = distance;
    for value in strength.data_mut() {
        *value = curve.at(*value);
    }
    strength
}

fn constant(value: f32, grid: Dimensions) -> GrayF32 {
    GrayF32::filled(grid.width, grid.height, [value]).expect("a feature grid has at least one cell")
}
