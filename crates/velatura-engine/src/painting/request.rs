use std::sync::Arc;
use std::time::Duration;

use velatura_image::{GrayF32, Rgb8};
use velatura_recipe::Recipe;

use crate::{PaintError, StyleCode};

/// One photo and what to make of it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Request {
    /// The photo, oriented, in sRGB.
    pub photo: Arc<Rgb8>,
    /// One or more paintings of it.
    pub paintings: Vec<Painting>,
}

/// One painting of a photo.
#[derive(Debug, Clone)]
pub struct Painting {
    /// How.
    pub recipe: Arc<Recipe>,
    /// In which style: the recipe's styles, read by this pack and mixed by weight.
    pub code: Arc<StyleCode>,
    /// The user's own depth or strength picture for `depth.mode = "map"`: 0 (near) to 1 (far), any size.
    pub depth_map: Option<Arc<GrayF32>>,
    /// The user's mask: 1 is painted, 0 stays the photo; any size.
    pub region: Option<Arc<GrayF32>>,
}

/// The paintings of one photo.
#[derive(Debug)]
pub struct Response {
    /// One for each painting of the request, in its order.
    pub pictures: Vec<Result<Rgb8, PaintError>>,
    /// The photo's depth if a recipe asked for it: 0 (nearest) to 1 (farthest), as small as the network gave it, by the
    /// rule of the first such recipe.
    pub depth: Option<GrayF32>,
    /// Where the time went.
    pub timings: Timings,
    /// The largest batch that a call of this request was part of.
    pub batch: usize,
}

/// Where the time of a request went. Device times are those of whole batches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Resizing to the working sizes, on the caller's thread.
    pub prepare: Duration,
    /// Waiting for the device to be free.
    pub waiting: Duration,
    /// The depth network.
    pub depth: Duration,
    /// Encoding, decoding, painting.
    pub paint: Duration,
    /// Resizing to the photo's size and composing, on the caller's thread.
    pub finish: Duration,
}
