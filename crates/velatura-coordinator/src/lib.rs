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
mod webhooks;

pub use access::{Host, HostError};
pub use config::{Access, ConfigError, CoordinatorConfig};
pub use coordinator::{Coordinator, Ending, RunError, Running, StartError};
pub use metrics::METRICS;
pub use webhooks::{Network, WebhookSettings};
