//! An opened picture: header read and within the limits, pixels not yet touched.

use super::samples::Samples;
use super::{DecodeError, container, jpeg, still};
use crate::{Format, Header, Limits, Orientation, exif};

pub(super) struct Source<'a> {
    pub(super) header: Header,
    pub(super) exif: Option<Vec<u8>>,
    pub(super) icc: Option<Vec<u8>>,
    pub(super) codec: Codec<'a>,
}

pub(super) enum Codec<'a> {
    Jpeg(jpeg::Jpeg<'a>),
    Still(Format, still::Decoder<'a>),
}

impl Codec<'_> {
    /// Decodes the stored pixels, not yet turned upright.
    pub(super) fn decode(self, limits: &Limits) -> Result<Samples, DecodeError> {
        match self {
            Self::Jpeg(jpeg) => jpeg.decode(),
            Self::Still(format, decoder) => still::decode(format, decoder, limits),
        }
    }
}

impl<'a> Source<'a> {
    /// Reads the header and refuses what is over the limits or visibly cut off.
    pub(super) fn open(format: Format, bytes: &'a [u8], limits: &Limits) -> Result<Self, DecodeError> {
        match format {
            Format::Jpeg => Self::open_jpeg(bytes, limits),
            Format::Png | Format::WebP | Format::Tiff | Format::Gif => Self::open_still(format, bytes, limits),
        }
    }

    fn open_jpeg(bytes: &'a [u8], limits: &Limits) -> Result<Self, DecodeError> {
        let jpeg = jpeg::Jpeg::open(bytes)?;
        let (width, height) = jpeg.size();
        limits.check_pixels(width, height)?;
        let exif = jpeg.exif().map(<[u8]>::to_vec);
        let orientation = exif.as_deref().and_then(exif::orientation).unwrap_or_default();
        let (width, height) = orientation.upright_size(width, height);
        let header = Header {
            format: Format::Jpeg,
            width,
            height,
            orientation,
            bits: 8,
            alpha: false,
            frames: 1,
        };
        Ok(Self {
            header,
            exif,
            icc: jpeg.icc(),
            codec: Codec::Jpeg(jpeg),
        })
    }

    fn open_still(format: Format, bytes: &'a [u8], limits: &Limits) -> Result<Self, DecodeError> {
        let container = container::scan(format, bytes, limits)?;
        limits.check_frames(container.frames)?;
        let mut opened = still::open(format, bytes, limits)?;
        let exif = container.exif.map(|exif| exif::without_prefix(exif).to_vec());
        let orientation = exif.as_deref().and_then(exif::orientation).or(opened.orientation);
        let orientation = orientation.unwrap_or(Orientation::Upright);
        let (width, height) = orientation.upright_size(opened.width, opened.height);
        let header = Header {
            format,
            width,
            height,
            orientation,
            bits: opened.bits,
            alpha: opened.alpha,
            frames: container.frames,
        };
        Ok(Self {
            header,
            exif,
            icc: opened.icc.take(),
            codec: Codec::Still(format, opened.decoder),
        })
    }
}
