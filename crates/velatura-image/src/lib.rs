#![doc = include_str!("../README.md")]

mod color;
mod decode;
mod encode;
mod exif;
mod format;
mod keep_colors;
mod limits;
mod note;
mod orientation;
mod photo;
mod plane;

pub use decode::{DecodeError, decode, decode_gray, probe};
pub use encode::{Chroma, EncodeError, EncodeOptions, Encoded, OutputFormat, encode};
pub use format::Format;
pub use keep_colors::keep_colors;
pub use limits::Limits;
pub use note::Note;
pub use orientation::Orientation;
pub use photo::{Header, IccOutcome, Metadata, Photo};
pub use plane::{Gray8, GrayF32, GrayFilter, Plane, PlaneError, Rgb8, fit_long_side, round_to_multiple};
