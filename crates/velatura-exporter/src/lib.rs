#![doc = include_str!("../README.md")]

mod config;
mod exporter;
mod latest;
mod metrics;
mod poll;
mod scaling;
mod sources;

pub use config::{ApiKey, ConfigError, ExporterConfig};
pub use exporter::{Exporter, RunError, Running, StartError};
pub use metrics::METRICS;
pub use scaling::Scaling;
pub use sources::backlog_metrics;
