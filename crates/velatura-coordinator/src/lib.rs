#![doc = include_str!("../README.md")]

mod access;
mod backoff;
mod breaker;
mod config;
mod context;
mod control;
mod coordinator;
mod error;
mod fairness;
mod grpc;
mod jobs;
mod lead;
mod loops;
mod metrics;
mod rates;
mod report;
mod rest;
mod signals;
mod sources;
mod staging;
mod submission;
mod webhooks;

pub use access::{Host, HostError};
pub use config::{Access, ConfigError, CoordinatorConfig};
pub use coordinator::{Coordinator, Ending, RunError, Running, StartError};
pub use metrics::METRICS;
pub use webhooks::{Network, WebhookSettings};
