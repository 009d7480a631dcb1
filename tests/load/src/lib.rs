//! The coordinator under load: rates beside their limits, and runs in which everything dies. Painting is simulated; broker,
//! database and coordinators are real.

mod bare;
pub mod bulk;
pub mod client;
pub mod faults;
pub mod library;
pub mod memory;
pub mod row;
pub mod servers;
pub mod worker;

use std::time::{SystemTime, UNIX_EPOCH};

/// The time as the ledger counts it.
pub fn now() -> velatura_ledger::Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis().try_into().unwrap_or(i64::MAX)
}
