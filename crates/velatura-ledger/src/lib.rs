#![doc = include_str!("../README.md")]

mod access;
mod error;
mod lease;
mod ledger;
mod model;
mod sql;
mod state;

pub use access::{Access, ApiKey, Tenant};
pub use error::LedgerError;
pub use lease::{Leader, Leases, Token};
pub use ledger::Ledger;
pub use model::{Backlog, Counters, Job, Millis, NewJob, NewTask, Outcome, Report, Task};
pub use sql::connect;
pub use state::{JobState, TaskState};
