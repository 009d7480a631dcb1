use serde::{Deserialize, Serialize};

use crate::error::{RecipeError, within};

/// The file that is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Output {
    /// The file format.
    pub format: Format,
    /// 1 to 100; for JPEG and WebP.
    pub quality: u8,
    /// Colour resolution of a JPEG.
    pub chroma: Chroma,
    /// Whether the result has the photo's size or the size it was painted at.
    pub size: OutputSize,
    /// Keep the photo's EXIF (its orientation is applied and reset).
    pub keep_exif: bool,
    /// Keep where the photo was taken.
    pub keep_gps: bool,
}

impl Default for Output {
    fn default() -> Self {
        Self {
            format: Format::Jpeg,
            quality: 90,
            chroma: Chroma::Full,
            size: OutputSize::Photo,
            keep_exif: true,
            keep_gps: false,
        }
    }
}

/// The file format of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JPEG.
    #[default]
    Jpeg,
    /// PNG, without loss.
    Png,
    /// WebP, with loss unless `quality` is 100.
    Webp,
}

impl Format {
    /// The file extension, without a dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }

    /// The media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }
}

/// Colour resolution of a JPEG.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Chroma {
    /// Full colour resolution: clean edges between strokes.
    #[default]
    #[serde(rename = "4:4:4")]
    Full,
    /// Half in both directions: smaller files.
    #[serde(rename = "4:2:0")]
    Half,
}

/// The size of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputSize {
    /// Exactly the photo's.
    #[default]
    Photo,
    /// What the recipe's `size` makes of it.
    Painted,
}

impl Output {
    pub(crate) fn validate(&self) -> Result<(), RecipeError> {
        within("output.quality", f64::from(self.quality), 1.0, 100.0)?;
        if self.keep_gps && !self.keep_exif {
            return Err(RecipeError::Contradiction(
                "output.keep_gps needs output.keep_exif: the place is part of the EXIF".into(),
            ));
        }
        Ok(())
    }
}
