#![doc = include_str!("../README.md")]

mod assignment;
mod budget;
mod config;
mod fault;
mod fingerprint;
mod gate;
mod metrics;
mod outcome;
mod pipeline;
mod role;
mod styles;

pub use assignment::{Assignment, AttemptId, Painting};
pub use config::{PipelineConfig, WorkerConfig};
pub use fault::{Fault, FaultKind};
pub use fingerprint::{FINGERPRINT_KEY, Fingerprint};
pub use metrics::{METRICS, WorkerMetrics};
pub use outcome::{Finished, Outcome, StoredPicture};
pub use pipeline::Pipeline;
pub use role::{Ending, Worker};
pub use styles::{HouseStyle, LibraryError, StyleBook, StyleLibrary};
