#![doc = include_str!("../README.md")]

mod logs;
mod metrics;
mod readiness;
mod server;
mod tls;

pub use logs::{LogFormat, init_logs};
pub use metrics::{Declare, Described, SECONDS_BUCKETS, text};
pub use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Registry,
};
pub use readiness::{Condition, Readiness, Report};
pub use server::{METRICS, Probes, ServeError, serve, serve_over};
pub use tls::{ServerTls, TlsError};
