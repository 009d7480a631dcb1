use std::sync::Arc;
use std::time::Instant;

use velatura_image::{GrayF32, Rgb8};

use super::request::Timings;
use crate::device::{Answer, CallError, DeviceHandle, Floats, Pending, Value};
use crate::geometry::Window;
use crate::pack::{Graph, Pack};
use crate::scaling::Scaling;
use crate::statistics::Moments;
use crate::tiles::TileRule;
use crate::{Dimensions, StyleCode};

/// A pack's graphs as functions, and the time they take. What is sent can be waited for later, so that the device has
/// the next picture at hand while the caller looks at the last.
pub(super) struct Networks<'a> {
    device: &'a DeviceHandle,
    pub(super) pack: &'a Pack,
    pub(super) timings: Timings,
    pub(super) batch: usize,
}

/// The features of a picture, one [C, h, w] a level. Cheap to clone.
pub(super) type Features = Vec<Value>;

impl<'a> Networks<'a> {
    pub(super) fn new(device: &'a DeviceHandle, pack: &'a Pack) -> Self {
        Self {
            device,
            pack,
            timings: Timings::default(),
            batch: 0,
        }
    }

    /// The photo as the depth graph wants it.
    pub(super) fn shrunk_for_depth(&mut self, photo: &Rgb8) -> Rgb8 {
        let (spec, from, start) = (self.pack.depth(), Dimensions::of(photo), Instant::now());
        let size = from
            .with_long_side(spec.long_side)
            .rounded(spec.multiple, spec.multiple);
        let picture = Scaling::new(from, size).whole(photo);
        self.timings.prepare += start.elapsed();
        picture
    }

    pub(super) fn send_depth(&self, picture: Rgb8) -> Result<Pending, CallError> {
        let pixels = picture.pixel_count();
        self.device
            .call(Graph::Depth, vec![Value::Picture(Arc::new(picture))], pixels)
    }

    /// The raw depth, of the size that the network gives.
    pub(super) fn depth(&mut self, pending: Pending) -> Result<GrayF32, CallError> {
        let answer = pending.wait()?;
        self.timings.depth += answer.ran;
        let Floats { shape, data } = self.floats(Graph::Depth, answer)?;
        let plane = match shape.as_slice() {
            &[height, width] => GrayF32::new(width as u32, height as u32, super::own(data)).ok(),
            _ => None,
        };
        plane.ok_or_else(|| unexpected(Graph::Depth))
    }

    pub(super) fn send_style(&self, picture: Rgb8) -> Result<Pending, CallError> {
        let pixels = picture.pixel_count();
        self.device
            .call(Graph::Style, vec![Value::Picture(Arc::new(picture))], pixels)
    }

    /// What `send_measure` asked for.
    pub(super) fn statistics(&mut self, pending: Pending) -> Result<Vec<f32>, CallError> {
        let answer = pending.wait()?;
        self.timings.paint += answer.ran;
        let floats = self.floats(Graph::Measure, answer)?;
        Ok(super::own(floats.data))
    }

    pub(super) fn style(&mut self, pending: Pending) -> Result<StyleCode, CallError> {
        let answer = pending.wait()?;
        let floats = self.floats(Graph::Style, answer)?;
        Ok(StyleCode::new(super::own(floats.data)))
    }

    /// Sends a picture of a working size through all of the network.
    pub(super) fn send_paint(&self, picture: Arc<Rgb8>, code: &[f32], alpha: Value) -> Result<Pending, CallError> {
        let pixels = picture.pixel_count();
        self.send(Graph::Paint, vec![Value::Picture(picture)], code, alpha, pixels)
    }

    /// Asks for the statistics of a picture that [`send_tile`](Self::send_tile) takes for those of the whole.
    pub(super) fn send_measure(&self, picture: Arc<Rgb8>, code: &[f32], alpha: Value) -> Result<Pending, CallError> {
        let pixels = picture.pixel_count();
        self.send(Graph::Measure, vec![Value::Picture(picture)], code, alpha, pixels)
    }

    /// Sends part of a picture to be painted as the whole's statistics want it.
    pub(super) fn send_tile(
        &self,
        part: Arc<Rgb8>,
        statistics: &[f32],
        code: &[f32],
        alpha: Value,
    ) -> Result<Pending, CallError> {
        let pixels = part.pixel_count();
        let inputs = vec![Value::Picture(part), Value::vector(statistics)];
        self.send(Graph::Tile, inputs, code, alpha, pixels)
    }

    pub(super) fn send_encode(&self, picture: Arc<Rgb8>) -> Result<Pending, CallError> {
        let pixels = picture.pixel_count();
        self.device.call(Graph::Encode, vec![Value::Picture(picture)], pixels)
    }

    pub(super) fn features(&mut self, pending: Pending) -> Result<Features, CallError> {
        let answer = pending.wait()?;
        self.timings.paint += answer.ran;
        self.note(&answer);
        Ok(answer.values)
    }

    /// Sends features to be decoded; `alpha` is the strength in the window, on the finest level's grid.
    pub(super) fn send_decode(
        &self,
        features: &Features,
        content: &[f32],
        code: &[f32],
        alpha: Value,
        pixels: u64,
    ) -> Result<Pending, CallError> {
        let mut inputs = features.clone();
        inputs.push(Value::vector(content));
        self.send(Graph::Decode, inputs, code, alpha, pixels)
    }

    /// Every graph that paints takes a code, unless the style is in its weights, and a strength map.
    fn send(
        &self,
        graph: Graph,
        mut inputs: Vec<Value>,
        code: &[f32],
        alpha: Value,
        pixels: u64,
    ) -> Result<Pending, CallError> {
        if !code.is_empty() {
            inputs.push(Value::vector(code));
        }
        inputs.push(alpha);
        self.device.call(graph, inputs, pixels)
    }

    /// The picture that `send_paint` or `send_decode` asked for.
    pub(super) fn painted(&mut self, graph: Graph, pending: Pending) -> Result<Rgb8, CallError> {
        let mut answer = pending.wait()?;
        self.timings.paint += answer.ran;
        self.note(&answer);
        match answer.values.pop() {
            Some(Value::Picture(picture)) => Ok(super::own(picture)),
            Some(Value::Floats(_)) | None => Err(unexpected(graph)),
        }
    }

    /// Mean and spread of each level's channels over `core`, which is given in pixels of the encoded picture.
    pub(super) fn moments(&self, features: &Features, core: Window) -> Result<Vec<Moments>, CallError> {
        let levels = self.pack.paint().levels();
        let moments = features.iter().zip(levels).map(|(value, level)| match value {
            Value::Floats(Floats { shape, data }) => match shape.as_slice() {
                &[_, height, width] => Ok(Moments::of(
                    data,
                    width as u32,
                    height as u32,
                    core.strided(level.stride),
                )),
                _ => Err(unexpected(Graph::Encode)),
            },
            Value::Picture(_) => Err(unexpected(Graph::Encode)),
        });
        moments.collect()
    }

    /// How this pack is tiled.
    pub(super) fn tile_rule(&self) -> TileRule {
        let paint = self.pack.paint();
        TileRule {
            multiple: paint.multiple,
            halo: paint.halo.next_multiple_of(paint.multiple),
        }
    }

    fn floats(&mut self, graph: Graph, mut answer: Answer) -> Result<Floats, CallError> {
        self.note(&answer);
        match answer.values.pop() {
            Some(Value::Floats(floats)) => Ok(floats),
            Some(Value::Picture(_)) | None => Err(unexpected(graph)),
        }
    }

    fn note(&mut self, answer: &Answer) {
        self.timings.waiting += answer.waited;
        self.batch = self.batch.max(answer.batch);
    }
}

/// Part of a strength map as the graphs take it, [1, h, w].
pub(super) fn alpha_value(alpha: &GrayF32, window: Window) -> Value {
    let rows =
        (window.y..window.y + window.height).flat_map(|y| &alpha.row(y)[window.x as usize..][..window.width as usize]);
    let shape = vec![1, window.height as usize, window.width as usize];
    Value::Floats(Floats::new(shape, rows.copied().collect()))
}

/// Means and deviations of all levels, as the graphs take them.
pub(super) fn content_code(levels: &[Moments]) -> Vec<f32> {
    let mut code = Vec::new();
    for moments in levels {
        moments.write_code(&mut code);
    }
    code
}

/// The trial run at the start has seen every graph answer as the contract says; one that later doesn't is broken.
fn unexpected(graph: Graph) -> CallError {
    CallError::Failed {
        graph,
        reason: "it answered in another shape than in its trial run".into(),
    }
}
