use thiserror::Error;

use crate::Format;

/// Why bytes were refused as a picture. Every refusal is permanent: the same bytes are refused again.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// There are no bytes.
    #[error("the file is empty; copy or upload it again")]
    Empty,
    /// The first bytes are those of no known picture format.
    #[error("the file is no picture in a known format; give JPEG, PNG, WebP, TIFF or GIF")]
    UnknownFormat,
    /// A known format that is not decoded.
    #[error("{format} files cannot be read; convert the picture to JPEG, PNG, WebP or TIFF")]
    UnsupportedFormat {
        /// The format's name.
        format: &'static str,
    },
    /// A feature of a decoded format that is not.
    #[error("this {format} file uses {feature}, which cannot be read; save it again in the usual way")]
    UnsupportedFeature {
        /// The format.
        format: Format,
        /// The feature, as a noun phrase.
        feature: String,
    },
    /// The file ends too early.
    #[error("the {format} file ends before the picture does; copy or upload it again")]
    Truncated {
        /// The format.
        format: Format,
    },
    /// The bytes contradict the format.
    #[error("the {format} file is damaged ({detail}); replace it by an intact copy")]
    Corrupt {
        /// The format.
        format: Format,
        /// What the decoder found.
        detail: String,
    },
    /// More pixels than [`Limits::max_pixels`](crate::Limits::max_pixels).
    #[error(
        "the picture has {width}x{height} pixels and at most {max_pixels} are allowed; raise the limit or shrink it"
    )]
    TooManyPixels {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The limit.
        max_pixels: u64,
    },
    /// More bytes, encoded or decoded, than allowed.
    #[error("the picture takes {bytes} bytes and at most {max_bytes} are allowed; raise the limit or shrink it")]
    TooManyBytes {
        /// Bytes of the file, or of its decoded samples.
        bytes: u64,
        /// The limit.
        max_bytes: u64,
    },
    /// More frames or pages than [`Limits::max_frames`](crate::Limits::max_frames).
    #[error(
        "the file has {frames} frames or more and at most {max_frames} are allowed; raise the limit or extract one"
    )]
    TooManyFrames {
        /// Frames found before the count was given up.
        frames: u32,
        /// The limit.
        max_frames: u32,
    },
    /// A decoder panicked: a defect of the decoder that this file found.
    #[error("the {format} decoder failed on this file ({message}); save the picture again in another program")]
    DecoderPanicked {
        /// The format.
        format: Format,
        /// The panic's message.
        message: String,
    },
}

impl DecodeError {
    /// A stable code for reports, in kebab case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::UnknownFormat => "unknown-format",
            Self::UnsupportedFormat { .. } => "unsupported-format",
            Self::UnsupportedFeature { .. } => "unsupported-feature",
            Self::Truncated { .. } => "truncated",
            Self::Corrupt { .. } => "corrupt",
            Self::TooManyPixels { .. } => "too-many-pixels",
            Self::TooManyBytes { .. } => "too-many-bytes",
            Self::TooManyFrames { .. } => "too-many-frames",
            Self::DecoderPanicked { .. } => "decoder-panicked",
        }
    }

    pub(crate) fn corrupt(format: Format, detail: impl Into<String>) -> Self {
        Self::Corrupt {
            format,
            detail: detail.into(),
        }
    }

    pub(crate) fn unsupported(format: Format, feature: impl Into<String>) -> Self {
        Self::UnsupportedFeature {
            format,
            feature: feature.into(),
        }
    }
}
