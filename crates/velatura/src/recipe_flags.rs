//! Every field of a recipe as a flag, or whole recipes from files.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use clap::{Args, ValueEnum};
use velatura_recipe::{
    Chroma, Depth, DepthMode, Detail, Format, Normalize, Output, OutputSize, Recipe, Size, WeightedStyle,
};

/// How to paint.
#[derive(Debug, Args)]
#[command(next_help_heading = "How to paint")]
pub(crate) struct RecipeFlags {
    /// A house style's name (see `velatura styles`) or a picture: a path, s3:// or file://. Give several for one picture
    /// in each style, or with --mix for one picture in a mixture of them
    #[arg(short, long = "style", value_name = "PICTURE|NAME")]
    styles: Vec<String>,
    /// A recipe file with every field; several for one picture of each. No other flag of a recipe goes with it
    #[arg(short, long = "recipe", value_name = "FILE")]
    recipes: Vec<PathBuf>,
    #[command(flatten)]
    fields: Fields,
}

/// The fields of a recipe but for its styles; what is not given has its default.
#[derive(Debug, Default, PartialEq, Args)]
struct Fields {
    /// What to call the result in file names and reports [default: the style's name]
    #[arg(long)]
    name: Option<String>,
    /// Mix the styles into one picture with these weights, such as 2:1
    #[arg(long, value_name = "W:W…")]
    mix: Option<String>,
    /// How strong, 0 to 1: multiplies what depth says [default: 1]
    #[arg(long, value_name = "0..1")]
    strength: Option<f64>,
    /// Where depth comes from [default: estimate]
    #[arg(long, value_enum)]
    depth_mode: Option<DepthModeFlag>,
    /// Strength at the nearest point [default: 0]
    #[arg(long, value_name = "0..1")]
    depth_near: Option<f64>,
    /// Strength at the farthest point [default: 1]
    #[arg(long, value_name = "0..1")]
    depth_far: Option<f64>,
    /// Steepness between near and far: 1 is linear [default: 1]
    #[arg(long, value_name = "0.1..10")]
    depth_contrast: Option<f64>,
    /// Keep what is far instead of what is near
    #[arg(long)]
    depth_invert: bool,
    /// How raw depth becomes 0 to 1 [default: percentile]
    #[arg(long, value_enum)]
    depth_normalize: Option<NormalizeFlag>,
    /// The percentile of depth that counts as nearest [default: 1]
    #[arg(long, value_name = "0..49")]
    depth_low_percentile: Option<f64>,
    /// The percentile of depth that counts as farthest [default: 99]
    #[arg(long, value_name = "51..100")]
    depth_high_percentile: Option<f64>,
    /// Your own depth pictures, dark is near: one for all photos, or a template such as depth/{path}/{stem}.png.
    /// Sets --depth-mode map
    #[arg(long, value_name = "TEMPLATE")]
    depth_map: Option<String>,
    /// Where the strength grows in --depth-mode gradient: 0 to the right, 90 upwards [default: 90]
    #[arg(long, value_name = "DEGREES", allow_negative_numbers = true)]
    depth_angle: Option<f64>,
    /// Masks: white is painted, black stays the photo. One for all photos, or a template such as masks/{stem}.png
    #[arg(long, value_name = "TEMPLATE")]
    region: Option<String>,
    /// Keep the photo's colours, take only the strokes
    #[arg(long)]
    keep_colors: bool,
    /// Long side in pixels at which to paint, or `original` [default: original]
    #[arg(long, value_name = "PIXELS|original", value_parser = size)]
    size: Option<Size>,
    /// Long side in pixels at which the style is read: larger gives larger strokes [default: 512]
    #[arg(long, value_name = "PIXELS")]
    stroke_scale: Option<u32>,
    /// What stands where the strength is small: the network's picture of the photo, or the photo itself [default: feature]
    #[arg(long, value_enum)]
    detail: Option<DetailFlag>,
    /// File format of the results [default: jpeg]
    #[arg(long, value_enum)]
    output_format: Option<FormatFlag>,
    /// Quality of JPEG and WebP, 1 to 100 [default: 90]
    #[arg(long, value_name = "1..100")]
    output_quality: Option<u8>,
    /// Colour resolution of JPEG [default: 4:4:4]
    #[arg(long, value_enum)]
    output_chroma: Option<ChromaFlag>,
    /// Whether results have the photo's size or the size they were painted at [default: photo]
    #[arg(long, value_enum)]
    output_size: Option<OutputSizeFlag>,
    /// Leave the photo's EXIF behind
    #[arg(long)]
    drop_exif: bool,
    /// Keep where the photo was taken, which is left out otherwise
    #[arg(long)]
    keep_gps: bool,
}

/// A flag's words for one of the recipe's choices.
macro_rules! words {
    ($($flag:ident => $choice:ident { $($word:literal $name:ident),+ })*) => {
        $(#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
        enum $flag { $(#[value(name = $word)] $name),+ }

        impl From<$flag> for $choice {
            fn from(flag: $flag) -> Self {
                match flag { $($flag::$name => Self::$name),+ }
            }
        })*
    };
}

words! {
    DepthModeFlag => DepthMode { "estimate" Estimate, "off" Off, "map" Map, "gradient" Gradient }
    NormalizeFlag => Normalize { "percentile" Percentile, "minmax" Minmax }
    DetailFlag => Detail { "feature" Feature, "residual" Residual }
    FormatFlag => Format { "jpeg" Jpeg, "png" Png, "webp" Webp }
    ChromaFlag => Chroma { "4:4:4" Full, "4:2:0" Half }
    OutputSizeFlag => OutputSize { "photo" Photo, "painted" Painted }
}

fn size(text: &str) -> Result<Size, String> {
    match text {
        "original" => Ok(Size::Original),
        number => number
            .parse()
            .map(Size::LongSide)
            .map_err(|_| "a number of pixels, or `original`".to_owned()),
    }
}

impl RecipeFlags {
    /// The recipes asked for, with every path as a location; house styles stay names. `own_style` is that of a pack which
    /// has one in its weights and so needs no other.
    pub(crate) fn recipes(&self, own_style: Option<&str>) -> Result<Vec<Recipe>> {
        let mut recipes = if self.recipes.is_empty() {
            self.of_flags(own_style)?
        } else {
            self.of_files()?
        };
        for recipe in &mut recipes {
            for style in recipe
                .styles
                .iter_mut()
                .filter(|style| Some(style.style.as_str()) != own_style)
            {
                style.style = place_style(&style.style)?;
            }
            recipe.depth.map = recipe.depth.map.as_deref().map(as_location).transpose()?;
            recipe.region = recipe.region.as_deref().map(as_location).transpose()?;
            recipe.validate()?;
        }
        let mut labels: Vec<String> = recipes.iter().map(Recipe::label).collect();
        labels.sort_unstable();
        if let Some(pair) = labels.windows(2).find(|pair| pair[0] == pair[1]) {
            anyhow::bail!(
                "two recipes are called {:?}: give each a `name` of its own in its recipe file",
                pair[0]
            );
        }
        Ok(recipes)
    }

    fn of_files(&self) -> Result<Vec<Recipe>> {
        ensure!(
            self.styles.is_empty() && self.fields == Fields::default(),
            "--recipe says everything about a recipe: leave out --style and the other flags, or write them into the file"
        );
        let read = |path: &PathBuf| {
            let text =
                std::fs::read_to_string(path).with_context(|| format!("can't read the recipe {}", path.display()))?;
            Recipe::from_toml(&text).with_context(|| format!("the recipe {}", path.display()))
        };
        self.recipes.iter().map(read).collect()
    }

    fn of_flags(&self, own_style: Option<&str>) -> Result<Vec<Recipe>> {
        if let (Some(own), true) = (own_style, self.styles.is_empty()) {
            return Ok(vec![self.fields.recipe(vec![WeightedStyle::new(own)])]);
        }
        ensure!(
            !self.styles.is_empty(),
            "name at least one --style: a picture, or one of `velatura styles`"
        );
        let groups = match &self.fields.mix {
            None => self
                .styles
                .iter()
                .map(|style| vec![WeightedStyle::new(style)])
                .collect(),
            Some(weights) => vec![mix(&self.styles, weights)?],
        };
        Ok(groups.into_iter().map(|styles| self.fields.recipe(styles)).collect())
    }
}

fn place_style(style: &str) -> Result<String> {
    let is_name = !style.contains(['/', '\\', '.']);
    if is_name && !std::path::Path::new(style).exists() {
        Ok(style.to_owned())
    } else {
        as_location(style)
    }
}

fn mix(styles: &[String], weights: &str) -> Result<Vec<WeightedStyle>> {
    let weights: Vec<f64> = weights
        .split(':')
        .map(|w| {
            w.parse()
                .with_context(|| format!("--mix {weights}: {w:?} is no number"))
        })
        .collect::<Result<_>>()?;
    ensure!(
        weights.len() == styles.len(),
        "--mix has {} weights for {} styles: give one for each, in their order",
        weights.len(),
        styles.len()
    );
    Ok(styles
        .iter()
        .zip(weights)
        .map(|(style, weight)| WeightedStyle {
            style: style.clone(),
            weight,
        })
        .collect())
}

impl Fields {
    fn recipe(&self, styles: Vec<WeightedStyle>) -> Recipe {
        let default = Recipe::default();
        Recipe {
            styles,
            strength: self.strength.unwrap_or(default.strength),
            depth: self.depth(&default.depth),
            region: self.region.clone(),
            keep_colors: self.keep_colors,
            size: self.size.unwrap_or(default.size),
            stroke_scale: self.stroke_scale.unwrap_or(default.stroke_scale),
            detail: self.detail.map_or(default.detail, Into::into),
            output: self.output(&default.output),
            name: self.name.clone(),
        }
    }

    fn depth(&self, default: &Depth) -> Depth {
        let implied = if self.depth_map.is_some() {
            DepthMode::Map
        } else {
            default.mode
        };
        Depth {
            mode: self.depth_mode.map_or(implied, Into::into),
            near: self.depth_near.unwrap_or(default.near),
            far: self.depth_far.unwrap_or(default.far),
            contrast: self.depth_contrast.unwrap_or(default.contrast),
            invert: self.depth_invert,
            normalize: self.depth_normalize.map_or(default.normalize, Into::into),
            low_percentile: self.depth_low_percentile.unwrap_or(default.low_percentile),
            high_percentile: self.depth_high_percentile.unwrap_or(default.high_percentile),
            map: self.depth_map.clone(),
            angle_degrees: self.depth_angle.unwrap_or(default.angle_degrees),
        }
    }

    fn output(&self, default: &Output) -> Output {
        Output {
            format: self.output_format.map_or(default.format, Into::into),
            quality: self.output_quality.unwrap_or(default.quality),
            chroma: self.output_chroma.map_or(default.chroma, Into::into),
            size: self.output_size.map_or(default.size, Into::into),
            keep_exif: !self.drop_exif,
            keep_gps: self.keep_gps,
        }
    }
}

/// A path as a `file://` location; a folder of masks or maps becomes a template over it. Locations pass unchanged.
pub(crate) fn as_location(text: &str) -> Result<String> {
    if text.contains("://") {
        return Ok(text.to_owned());
    }
    let path = std::path::absolute(text).with_context(|| format!("{text:?} is no path"))?;
    let is_template = text.contains('{');
    let path = match path.canonicalize() {
        _ if is_template => path,
        Ok(path) => path,
        Err(_) => bail!("there is no file {text:?}, and no house style of that name"),
    };
    let template = if path.is_dir() { "/{path}/{stem}.png" } else { "" };
    let path = path.to_str().with_context(|| format!("{text:?} is not UTF-8"))?;
    Ok(format!("file://{path}{template}"))
}
