use serde::{Deserialize, Serialize};

use crate::error::{RecipeError, within};

/// One style of a recipe and its share in the mixture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightedStyle {
    /// A house style's name, or where the picture lies: a path, `s3://bucket/key`, `file:///path`.
    pub style: String,
    /// Its weight, 0 to 1000; weights are divided by their sum.
    #[serde(default = "one")]
    pub weight: f64,
}

fn one() -> f64 {
    1.0
}

impl WeightedStyle {
    /// A style with weight 1.
    pub fn new(style: impl Into<String>) -> Self {
        Self {
            style: style.into(),
            weight: one(),
        }
    }

    /// The name for people: the house style's own, or the picture's file name without folder and extension.
    pub fn label(&self) -> &str {
        let name = self.style.rsplit('/').next().unwrap_or(&self.style);
        match name.rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem,
            _ => name,
        }
    }

    pub(crate) fn validate(&self) -> Result<(), RecipeError> {
        within("styles.weight", self.weight, 0.0, 1000.0)
    }
}
