use crate::{Format, Gray8, Note, Orientation, Rgb8};

/// What a picture's header says, in the sense of the upright picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The format.
    pub format: Format,
    /// Width in pixels once upright.
    pub width: u32,
    /// Height in pixels once upright.
    pub height: u32,
    /// How the stored pixels are turned.
    pub orientation: Orientation,
    /// Bits a sample as stored: 8, 16 or 32 (palettes and fewer bits count as 8).
    pub bits: u8,
    /// Whether the format carries an alpha channel.
    pub alpha: bool,
    /// Frames or pages in the file, of which the first is used.
    pub frames: u32,
}

/// A decoded picture: upright, sRGB.
#[derive(Debug, Clone)]
pub struct Photo {
    /// The colours.
    pub pixels: Rgb8,
    /// Opacity, of the same size; `None` when there is none or all is opaque.
    pub alpha: Option<Gray8>,
    /// What the header said.
    pub header: Header,
    /// What goes on to the picture made of it.
    pub metadata: Metadata,
    /// What a user should know.
    pub notes: Vec<Note>,
}

/// What a picture carries beside its pixels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// The EXIF block as found, from its TIFF header on. [`encode`](crate::encode) puts it right for the new picture.
    pub exif: Option<Vec<u8>>,
    /// What became of the colour profile.
    pub icc: IccOutcome,
}

/// What became of a picture's colour profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IccOutcome {
    /// There was none; sRGB is assumed.
    #[default]
    Absent,
    /// It is sRGB, to within one level; the pixels were left as they are.
    Srgb,
    /// The pixels were converted from it to sRGB.
    Converted,
    /// It could not be used; a note says why, and sRGB is assumed.
    Unusable,
}
