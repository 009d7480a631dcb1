#![doc = include_str!("../README.md")]

mod access;
mod backoff;
mod breaker;
mod config;
mod context;
mod coordinator;
mod error;
mod grpc;
mod jobs;
mod lead;
mod loops;
mod metrics;
mod rates;
mod report;
mod rest;
mod shares;
mod signals;
mod sources;
mod submission;

pub use config::{ConfigError, CoordinatorConfig};
pub use coordinator::{Coordinator, Ending, RunError, Running, StartError};
pub use metrics::METRICS;
