//! The chart, checked without a cluster and on one.
//!
//! - `chart` renders `helm/velatura` with the pinned Helm and judges what comes out; `tests/chart.rs` makes the claims.
//! - `cluster` is a real control plane with KEDA on this machine, `node` an agent whose Pods are processes, `scenario` what
//!   a release lives through there; the program `cluster` runs it.

pub mod chart;
pub mod cluster;
pub mod node;
pub mod scenario;
mod tools;

pub use tools::{Tools, repository};
