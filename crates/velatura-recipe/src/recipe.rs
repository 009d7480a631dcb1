use serde::{Deserialize, Serialize};

use crate::error::within;
use crate::{Depth, Output, RecipeError, WeightedStyle};

/// Everything a user may set about how a photo is painted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recipe {
    /// A label for output names and reports; by default the styles' names. It does not change the picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// One or more styles; their statistics are mixed by weight, in one pass whatever their number.
    pub styles: Vec<WeightedStyle>,
    /// Multiplies α, 0 to 1.
    pub strength: f64,
    /// How α depends on depth.
    pub depth: Depth,
    /// Where the photo's mask lies: white is painted, black stays the photo. A template: `masks/{path}/{stem}.png`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Keep the photo's colours, take only the strokes.
    pub keep_colors: bool,
    /// The long side at which to paint.
    pub size: Size,
    /// Long side in pixels at which the style picture is read, 64 to 4096: larger gives larger strokes.
    pub stroke_scale: u32,
    /// What stands where α is small.
    pub detail: Detail,
    /// The file that is written.
    pub output: Output,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            name: None,
            styles: Vec::new(),
            strength: 1.0,
            depth: Depth::default(),
            region: None,
            keep_colors: false,
            size: Size::Original,
            stroke_scale: 512,
            detail: Detail::Feature,
            output: Output::default(),
        }
    }
}

/// The long side at which to paint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "SizeText", into = "SizeText")]
pub enum Size {
    /// The photo's own.
    #[default]
    Original,
    /// At most this many pixels, 64 to 32768; smaller photos are painted at their own size.
    LongSide(u32),
}

/// How a size is written: `"original"` or a number.
#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "size must be \"original\" or a number of pixels")]
enum SizeText {
    Word(OriginalWord),
    Pixels(u32),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OriginalWord {
    Original,
}

impl From<SizeText> for Size {
    fn from(text: SizeText) -> Self {
        match text {
            SizeText::Word(OriginalWord::Original) => Self::Original,
            SizeText::Pixels(pixels) => Self::LongSide(pixels),
        }
    }
}

impl From<Size> for SizeText {
    fn from(size: Size) -> Self {
        match size {
            Size::Original => Self::Word(OriginalWord::Original),
            Size::LongSide(pixels) => Self::Pixels(pixels),
        }
    }
}

/// What stands where α is small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Detail {
    /// The paper: what the decoder makes of the photo's own features, D(E(c)).
    #[default]
    Feature,
    /// Adds back (1 − α)(c − D(E(c))), so that untouched regions are the photo itself. Costs one more decode.
    Residual,
}

impl Recipe {
    /// A recipe with one style and every default.
    pub fn with_style(style: impl Into<String>) -> Self {
        Self {
            styles: vec![WeightedStyle::new(style)],
            ..Self::default()
        }
    }

    /// Reads and validates a recipe file. Unknown keys are errors.
    pub fn from_toml(text: &str) -> Result<Self, RecipeError> {
        let recipe: Self = toml::from_str(text).map_err(|e| RecipeError::Syntax(e.to_string()))?;
        recipe.validate()?;
        Ok(recipe)
    }

    /// Refuses what can't be painted.
    pub fn validate(&self) -> Result<(), RecipeError> {
        if self.styles.is_empty() {
            return Err(RecipeError::NoStyle);
        }
        self.styles.iter().try_for_each(WeightedStyle::validate)?;
        let sum: f64 = self.styles.iter().map(|s| s.weight).sum();
        if sum <= 0.0 {
            return Err(RecipeError::NoWeight(sum));
        }
        within("strength", self.strength, 0.0, 1.0)?;
        if let Size::LongSide(pixels) = self.size {
            within("size", f64::from(pixels), 64.0, 32768.0)?;
        }
        within("stroke_scale", f64::from(self.stroke_scale), 64.0, 4096.0)?;
        self.depth.validate()?;
        self.output.validate()
    }

    /// The name for people and for `{style}` in output names.
    pub fn label(&self) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None => self
                .styles
                .iter()
                .map(WeightedStyle::label)
                .collect::<Vec<_>>()
                .join("+"),
        }
    }

    /// blake3 of what decides the picture: every field but the name, in canonical JSON.
    pub fn hash(&self) -> blake3::Hash {
        let nameless = Self {
            name: None,
            ..self.clone()
        };
        let json = serde_json::to_vec(&nameless).expect("a recipe holds nothing that JSON can't");
        blake3::hash(&json)
    }
}
