use velatura_image::GrayF32;
use velatura_recipe::{DepthMode, Detail, OutputSize};

use super::Painting;
use crate::alpha::{normalized, strength_map};
use crate::{Dimensions, Pack, PaintError};

/// One painting of a request, with all that is decided before the device paints it.
pub(super) struct Member<'a> {
    /// Its place in the request.
    pub(super) slot: usize,
    pub(super) painting: &'a Painting,
    /// The size at which the networks see the photo.
    pub(super) working: Dimensions,
    /// The size of the result.
    pub(super) output: Dimensions,
    /// α on the finest feature level's grid.
    pub(super) strength: GrayF32,
}

impl<'a> Member<'a> {
    pub(super) fn new(
        slot: usize,
        painting: &'a Painting,
        photo: Dimensions,
        pack: &Pack,
        raw_depth: Option<&Result<GrayF32, PaintError>>,
    ) -> Result<Self, PaintError> {
        let (recipe, paint) = (&painting.recipe, pack.paint());
        let (expected, found) = (paint.code_length(), painting.code.values().len());
        if expected != found {
            return Err(PaintError::ForeignStyle { expected, found });
        }
        let fitted = photo.fitted(recipe.size);
        let working = fitted.rounded(paint.multiple, paint.minimum);
        let grid = working.strided(paint.alpha_stride());
        let strength = match recipe.depth.mode {
            DepthMode::Off | DepthMode::Gradient => strength_map(recipe, None, grid),
            DepthMode::Map => {
                let map = painting.depth_map.as_ref().ok_or(PaintError::MissingDepthMap)?;
                strength_map(recipe, Some(map), grid)
            }
            DepthMode::Estimate => {
                let raw = raw_depth.ok_or(PaintError::BadDepth)?.as_ref().map_err(Clone::clone)?;
                strength_map(
                    recipe,
                    Some(&normalized(raw, pack.depth().convention, &recipe.depth)),
                    grid,
                )
            }
        };
        let output = match recipe.output.size {
            OutputSize::Photo => photo,
            OutputSize::Painted => fitted,
        };
        Ok(Self {
            slot,
            painting,
            working,
            output,
            strength,
        })
    }

    /// Whether the photo's own detail comes back where α is small, which takes one more decode.
    pub(super) fn residual(&self) -> bool {
        self.painting.recipe.detail == Detail::Residual
    }

    /// Whether what the network paints is the result, but for its size.
    pub(super) fn is_plain(&self) -> bool {
        !self.residual() && !self.painting.recipe.keep_colors && self.painting.region.is_none()
    }
}
