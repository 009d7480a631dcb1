use serde::de::value::{Error as WordError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use velatura_recipe::{Depth, Output, Recipe, RecipeError, Size, WeightedStyle};

use crate::v1;

impl TryFrom<v1::Recipe> for Recipe {
    type Error = RecipeError;

    /// Fills in the defaults and validates.
    fn try_from(wire: v1::Recipe) -> Result<Self, RecipeError> {
        let default = Self::default();
        let recipe = Self {
            name: wire.name,
            styles: wire.styles.into_iter().map(style).collect(),
            strength: wire.strength.unwrap_or(default.strength),
            depth: wire.depth.map_or(Ok(Depth::default()), depth)?,
            region: wire.region,
            keep_colors: wire.keep_colors.unwrap_or(default.keep_colors),
            size: match wire.size {
                None | Some(0) => Size::Original,
                Some(pixels) => Size::LongSide(pixels),
            },
            stroke_scale: wire.stroke_scale.unwrap_or(default.stroke_scale),
            detail: word("detail", wire.detail)?.unwrap_or(default.detail),
            output: wire.output.map_or(Ok(Output::default()), output)?,
        };
        recipe.validate()?;
        Ok(recipe)
    }
}

fn style(wire: v1::WeightedStyle) -> WeightedStyle {
    let default = WeightedStyle::new(wire.style);
    WeightedStyle {
        weight: wire.weight.unwrap_or(default.weight),
        ..default
    }
}

fn depth(wire: v1::Depth) -> Result<Depth, RecipeError> {
    let default = Depth::default();
    Ok(Depth {
        mode: word("depth.mode", wire.mode)?.unwrap_or(default.mode),
        near: wire.near.unwrap_or(default.near),
        far: wire.far.unwrap_or(default.far),
        contrast: wire.contrast.unwrap_or(default.contrast),
        invert: wire.invert.unwrap_or(default.invert),
        normalize: word("depth.normalize", wire.normalize)?.unwrap_or(default.normalize),
        low_percentile: wire.low_percentile.unwrap_or(default.low_percentile),
        high_percentile: wire.high_percentile.unwrap_or(default.high_percentile),
        map: wire.map,
        angle_degrees: wire.angle_degrees.unwrap_or(default.angle_degrees),
    })
}

fn output(wire: v1::Output) -> Result<Output, RecipeError> {
    let default = Output::default();
    let quality = wire.quality.map(|q| u8::try_from(q).unwrap_or(u8::MAX));
    Ok(Output {
        format: word("output.format", wire.format)?.unwrap_or(default.format),
        quality: quality.unwrap_or(default.quality),
        chroma: word("output.chroma", wire.chroma)?.unwrap_or(default.chroma),
        size: word("output.size", wire.size)?.unwrap_or(default.size),
        keep_exif: wire.keep_exif.unwrap_or(default.keep_exif),
        keep_gps: wire.keep_gps.unwrap_or(default.keep_gps),
    })
}

/// One of a field's words, spelled as in a recipe file.
fn word<W: DeserializeOwned>(field: &str, text: Option<String>) -> Result<Option<W>, RecipeError> {
    let parse = |text: String| {
        let text: StrDeserializer<'_, WordError> = text.as_str().into_deserializer();
        W::deserialize(text).map_err(|e| RecipeError::Syntax(format!("{field}: {e}")))
    };
    text.filter(|t| !t.is_empty()).map(parse).transpose()
}

impl From<&Recipe> for v1::Recipe {
    /// Every field but those that have their default, so that a task stays small.
    fn from(recipe: &Recipe) -> Self {
        let default = Recipe::default();
        Self {
            name: recipe.name.clone(),
            styles: recipe.styles.iter().map(wire_style).collect(),
            strength: unless(recipe.strength, default.strength),
            depth: (recipe.depth != default.depth).then(|| wire_depth(&recipe.depth, &default.depth)),
            region: recipe.region.clone(),
            keep_colors: unless(recipe.keep_colors, default.keep_colors),
            size: match recipe.size {
                Size::Original => None,
                Size::LongSide(pixels) => Some(pixels),
            },
            stroke_scale: unless(recipe.stroke_scale, default.stroke_scale),
            detail: unless(recipe.detail, default.detail).map(spelled),
            output: (recipe.output != default.output).then(|| wire_output(&recipe.output, &default.output)),
        }
    }
}

fn wire_style(style: &WeightedStyle) -> v1::WeightedStyle {
    v1::WeightedStyle {
        style: style.style.clone(),
        weight: unless(style.weight, 1.0),
    }
}

fn wire_depth(depth: &Depth, default: &Depth) -> v1::Depth {
    v1::Depth {
        mode: unless(depth.mode, default.mode).map(spelled),
        near: unless(depth.near, default.near),
        far: unless(depth.far, default.far),
        contrast: unless(depth.contrast, default.contrast),
        invert: unless(depth.invert, default.invert),
        normalize: unless(depth.normalize, default.normalize).map(spelled),
        low_percentile: unless(depth.low_percentile, default.low_percentile),
        high_percentile: unless(depth.high_percentile, default.high_percentile),
        map: depth.map.clone(),
        angle_degrees: unless(depth.angle_degrees, default.angle_degrees),
    }
}

fn wire_output(output: &Output, default: &Output) -> v1::Output {
    v1::Output {
        format: unless(output.format, default.format).map(spelled),
        quality: unless(output.quality, default.quality).map(u32::from),
        chroma: unless(output.chroma, default.chroma).map(spelled),
        size: unless(output.size, default.size).map(spelled),
        keep_exif: unless(output.keep_exif, default.keep_exif),
        keep_gps: unless(output.keep_gps, default.keep_gps),
    }
}

fn unless<T: Copy + PartialEq>(value: T, default: T) -> Option<T> {
    (value != default).then_some(value)
}

/// A word of a field, spelled as in a recipe file.
#[allow(clippy::needless_pass_by_value, reason = "so that it can stand in `map`")]
fn spelled<W: serde::Serialize>(word: W) -> String {
    match serde_json::to_value(word) {
        Ok(serde_json::Value::String(text)) => text,
        other => unreachable!("a field's words are strings, not {other:?}"),
    }
}
