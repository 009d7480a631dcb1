use super::EncodeError;

/// How a picture is encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodeOptions {
    /// Format and quality.
    pub format: OutputFormat,
    /// Whether the photo's EXIF block goes along. Default: true.
    pub keep_exif: bool,
    /// Whether the position in it goes along, too. Default: false.
    pub keep_gps: bool,
    /// What made the picture, recipe and pack included: stored in the EXIF tag Software.
    pub software: Option<String>,
}

impl EncodeOptions {
    /// The defaults for a format.
    pub fn new(format: OutputFormat) -> Self {
        Self {
            format,
            keep_exif: true,
            keep_gps: false,
            software: None,
        }
    }
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self::new(OutputFormat::Jpeg {
            quality: 90,
            chroma: Chroma::Full444,
        })
    }
}

/// A format that can be encoded, with its quality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputFormat {
    /// JPEG, baseline.
    Jpeg {
        /// 1 (smallest) to 100 (best).
        quality: u8,
        /// Resolution of the colours.
        chroma: Chroma,
    },
    /// PNG, 8 bits a channel.
    Png,
    /// WebP with loss.
    WebPLossy {
        /// 1 (smallest) to 100 (best).
        quality: u8,
    },
    /// WebP without loss.
    WebPLossless,
}

/// Resolution of the colours in a JPEG.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Chroma {
    /// 4:4:4: as fine as the luma.
    #[default]
    Full444,
    /// 4:2:0: half of it each way, for smaller files.
    Half420,
}

impl Default for OutputFormat {
    /// JPEG at quality 90, 4:4:4.
    fn default() -> Self {
        Self::Jpeg {
            quality: 90,
            chroma: Chroma::Full444,
        }
    }
}

impl OutputFormat {
    /// The file name's extension, without a dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg { .. } => "jpg",
            Self::Png => "png",
            Self::WebPLossy { .. } | Self::WebPLossless => "webp",
        }
    }

    /// The media type, as in HTTP's `Content-Type`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg { .. } => "image/jpeg",
            Self::Png => "image/png",
            Self::WebPLossy { .. } | Self::WebPLossless => "image/webp",
        }
    }

    /// Refuses a quality out of range and a size that the format cannot say.
    pub(super) fn check(self, (width, height): (u32, u32)) -> Result<(), EncodeError> {
        let (format, quality, max_side) = match self {
            Self::Jpeg { quality, .. } => ("JPEG", quality, 65_535),
            Self::Png => ("PNG", 100, i32::MAX as u32),
            Self::WebPLossy { quality } => ("WebP", quality, 16_383),
            Self::WebPLossless => ("WebP", 100, 16_383),
        };
        if !(1..=100).contains(&quality) {
            return Err(EncodeError::Quality { quality });
        }
        if width.max(height) > max_side {
            return Err(EncodeError::PictureTooLarge {
                format,
                width,
                height,
                max_side,
            });
        }
        Ok(())
    }
}
