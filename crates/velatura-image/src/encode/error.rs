use thiserror::Error;

/// Why a picture cannot be encoded. Every refusal is permanent: the same request is refused again.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EncodeError {
    /// A quality outside its range.
    #[error("the quality {quality} is outside 1 to 100; choose one within")]
    Quality {
        /// The quality asked for.
        quality: u8,
    },
    /// A side is longer than the format can say.
    #[error(
        "{format} holds at most {max_side} pixels a side and the picture has {width}x{height}; choose PNG or a smaller size"
    )]
    PictureTooLarge {
        /// The format's name.
        format: &'static str,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The format's limit.
        max_side: u32,
    },
    /// The alpha plane does not fit the picture.
    #[error("the alpha plane has {}x{} pixels and the picture {}x{}; resize it first", alpha.0, alpha.1, pixels.0, pixels.1)]
    AlphaSize {
        /// Width and height of the picture.
        pixels: (u32, u32),
        /// Width and height of the alpha plane.
        alpha: (u32, u32),
    },
    /// The encoder failed.
    #[error("the {format} encoder failed ({detail}); choose another format")]
    Encoder {
        /// The format's name.
        format: &'static str,
        /// What the encoder said.
        detail: String,
    },
}

impl EncodeError {
    /// A stable code for reports, in kebab case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Quality { .. } => "invalid-quality",
            Self::PictureTooLarge { .. } => "picture-too-large",
            Self::AlphaSize { .. } => "alpha-size-mismatch",
            Self::Encoder { .. } => "encoder-failed",
        }
    }
}
