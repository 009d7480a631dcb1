#![doc = include_str!("../README.md")]

mod access;
mod archive;
mod attempt;
mod dead;
mod error;
mod lease;
mod ledger;
mod model;
mod outbox;
mod sql;
mod state;
mod steering;
mod terms;

pub use access::{Access, ApiKey, Tenant};
pub use archive::{Archive, ReportPart};
pub use attempt::{MOST_ATTEMPTS, tries};
pub use dead::{DeadKind, DeadLetter, DeadLetters, NewDeadLetter};
pub use error::LedgerError;
pub use lease::{Leader, Leases, Token};
pub use ledger::Ledger;
pub use model::{
    Backlog, Claim, Counters, Forgiven, Gate, Item, Job, Millis, NewJob, NewTask, Outcome, Refusal, Report, Taken, Task,
};
pub use outbox::{Delivered, Delivery, News, Outbox, Webhook};
pub use sql::connect;
pub use state::{JobState, TaskState};
pub use steering::Steering;
pub use terms::{ErrorCount, NewTerms, TaskFilter, TaskPage, Terms};
