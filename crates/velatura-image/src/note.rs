use thiserror::Error;

/// Something a user should know about a picture that was read or written all the same.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Note {
    /// The file holds several pictures.
    #[error("the file holds {frames} frames; only the first is used")]
    FirstFrameOnly {
        /// Frames or pages in the file.
        frames: u32,
    },
    /// The colour profile could not be applied.
    #[error("the colour profile is not usable ({reason}); sRGB is assumed")]
    IccUnusable {
        /// What is wrong with it.
        reason: String,
    },
    /// CMYK without a usable profile.
    #[error("the CMYK picture has no usable profile; its colours are approximate")]
    CmykApproximate,
    /// The EXIF block is broken and was not written.
    #[error("the EXIF data is malformed ({reason}) and was left out")]
    ExifDropped {
        /// What is wrong with it.
        reason: String,
    },
    /// The EXIF block does not fit the output format.
    #[error("the EXIF data of {bytes} bytes does not fit a JPEG and was left out")]
    ExifTooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Transparency was lost.
    #[error("JPEG has no transparency; the picture was laid over white")]
    AlphaOverWhite,
}

impl Note {
    /// A stable code for reports, in kebab case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::FirstFrameOnly { .. } => "first-frame-only",
            Self::IccUnusable { .. } => "icc-unusable",
            Self::CmykApproximate => "cmyk-approximate",
            Self::ExifDropped { .. } => "exif-dropped",
            Self::ExifTooLarge { .. } => "exif-too-large",
            Self::AlphaOverWhite => "alpha-over-white",
        }
    }
}
