#![doc = include_str!("../README.md")]

pub mod alpha;
mod config;
mod device;
mod engine;
mod error;
mod geometry;
mod pack;
mod painting;
mod places;
mod runtime;
mod scaling;
mod statistics;
mod style_code;
mod tiles;

#[cfg(test)]
mod seeded;

pub use config::{CPU_TILE_PIXELS, EngineConfig, GPU_BATCH_PIXELS, GPU_TILE_PIXELS};
pub use device::{Device, Provider, UnknownDevice};
pub use engine::Engine;
pub use error::{EngineError, PaintError};
pub use geometry::Dimensions;
pub use pack::{
    DEFAULT_DEPTH, DepthSpec, Graph, Level, Measured, Pack, PackError, PackFolder, PaintSpec, Precision, Statistics,
};
pub use painting::{Painting, Request, Response, Timings};
pub use places::{ONNX_RUNTIME_VERSION, Places};
pub use runtime::{Runtime, RuntimeError};
pub use style_code::StyleCode;
