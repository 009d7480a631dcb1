#![doc = include_str!("../README.md")]

mod access;
mod archive;
mod error;
mod lease;
mod ledger;
mod model;
mod outbox;
mod sql;
mod state;

pub use access::{Access, ApiKey, Tenant};
pub use archive::{Archive, ReportPart};
pub use error::LedgerError;
pub use lease::{Leader, Leases, Token};
pub use ledger::Ledger;
pub use model::{
    Backlog, Claim, Counters, Gate, Item, Job, Millis, NewJob, NewTask, Outcome, Refusal, Report, Taken, Task,
};
pub use outbox::{Delivered, Delivery, News, Outbox, Webhook};
pub use sql::connect;
pub use state::{JobState, TaskState};
