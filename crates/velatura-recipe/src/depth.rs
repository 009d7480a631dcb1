use serde::{Deserialize, Serialize};

use crate::error::{RecipeError, within};

/// How the strength α of eq. (5) depends on depth: 0 keeps the photo, 1 is plain AdaIN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Depth {
    /// Where depth comes from.
    pub mode: DepthMode,
    /// α at the nearest point, 0 to 1. The paper has 0.
    pub near: f64,
    /// α at the farthest point, 0 to 1. The paper has 1.
    pub far: f64,
    /// Steepness of the curve between near and far, 0.1 to 10: 1 is linear, above 1 parts near from far more sharply.
    pub contrast: f64,
    /// Keep what is far instead of what is near.
    pub invert: bool,
    /// How raw depth becomes 0..1.
    pub normalize: Normalize,
    /// The percentile of depth that counts as nearest, 0 to 49 (`normalize = "percentile"` only).
    pub low_percentile: f64,
    /// The percentile of depth that counts as farthest, 51 to 100 (`normalize = "percentile"` only).
    pub high_percentile: f64,
    /// `mode = "map"`: where the photo's own depth picture lies, dark = near. A template: `depth/{path}/{stem}.png`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub map: Option<String>,
    /// `mode = "gradient"`: the direction in which α grows, in degrees: 0 to the right, 90 upwards (-360 to 360).
    pub angle_degrees: f64,
}

impl Default for Depth {
    fn default() -> Self {
        Self {
            mode: DepthMode::Estimate,
            near: 0.0,
            far: 1.0,
            contrast: 1.0,
            invert: false,
            normalize: Normalize::Percentile,
            low_percentile: 1.0,
            high_percentile: 99.0,
            map: None,
            angle_degrees: 90.0,
        }
    }
}

/// Where depth comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DepthMode {
    /// The pack's depth network reads it from the photo.
    #[default]
    Estimate,
    /// No depth: α is `strength` everywhere.
    Off,
    /// The user's own picture a photo.
    Map,
    /// A ramp across the picture: the paper's figure 5.
    Gradient,
}

/// How raw depth becomes 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Normalize {
    /// By its least and greatest value, as in the paper.
    Minmax,
    /// By two percentiles, so that a few stray pixels don't decide.
    #[default]
    Percentile,
}

impl Depth {
    pub(crate) fn validate(&self) -> Result<(), RecipeError> {
        within("depth.near", self.near, 0.0, 1.0)?;
        within("depth.far", self.far, 0.0, 1.0)?;
        within("depth.contrast", self.contrast, 0.1, 10.0)?;
        within("depth.low_percentile", self.low_percentile, 0.0, 49.0)?;
        within("depth.high_percentile", self.high_percentile, 51.0, 100.0)?;
        within("depth.angle_degrees", self.angle_degrees, -360.0, 360.0)?;
        match (self.mode, &self.map) {
            (DepthMode::Map, None) => Err(RecipeError::Contradiction(
                "depth.mode is \"map\" but depth.map does not say where the depth pictures lie".into(),
            )),
            (DepthMode::Estimate | DepthMode::Off | DepthMode::Gradient, Some(_)) => Err(RecipeError::Contradiction(
                "depth.map is given but depth.mode is not \"map\": set the mode, or leave the map out".into(),
            )),
            _ => Ok(()),
        }
    }
}
