//! Who is asked, and what the answers become.

mod broker;
mod coordinator;

pub(crate) use broker::Depths;
pub(crate) use coordinator::Coordinator;
pub use coordinator::metrics as backlog_metrics;

pub(crate) fn count(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
