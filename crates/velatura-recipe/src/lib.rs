#![doc = include_str!("../README.md")]

mod depth;
mod error;
mod origin;
mod output;
mod recipe;
mod style;
mod template;

pub use depth::{Depth, DepthMode, Normalize};
pub use error::RecipeError;
pub use origin::{ORIGIN_KEY, Origin};
pub use output::{Chroma, Format, Output, OutputSize};
pub use recipe::{Detail, Recipe, Size};
pub use style::WeightedStyle;
pub use template::{Photo, Template, TemplateError};
