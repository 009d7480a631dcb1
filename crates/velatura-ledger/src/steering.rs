use async_trait::async_trait;
use uuid::Uuid;

use crate::{ErrorCount, Job, LedgerError, Millis, NewTerms, TaskFilter, TaskPage, Token};

/// A job is looked at and steered while it runs, and taken up again when it has ended.
#[async_trait]
pub trait Steering {
    /// Changes a job's terms.
    async fn set_terms(&self, id: Uuid, terms: &NewTerms) -> Result<Job, LedgerError>;

    /// Takes up what has failed, with one of these codes if any are given. The first ten thousand tasks are taken up at
    /// once, the others by [`Steering::reopen`]; a job that was done is running again.
    async fn retry_failed(&self, id: Uuid, codes: &[String], now: Millis) -> Result<Job, LedgerError>;

    /// Takes up one task, if it has failed with this code.
    async fn retry_task(&self, id: Uuid, seq: u64, code: &str, now: Millis) -> Result<Job, LedgerError>;

    /// Replaces a submission by one that paints more, and takes up whatever was painted, as [`Steering::retry_failed`]
    /// does. `revision` is the one that was looked at; [`LedgerError::Revised`] when it is no longer current.
    async fn revise(&self, id: Uuid, revision: u32, request: &str, now: Millis) -> Result<Job, LedgerError>;

    /// Takes up to `limit` more tasks up, of a job that has some; gives 0 when no job has any.
    async fn reopen(&self, token: Token, limit: usize, now: Millis) -> Result<usize, LedgerError>;

    /// What went wrong in a job, most tasks first: at most a hundred codes.
    async fn errors(&self, id: Uuid) -> Result<Vec<ErrorCount>, LedgerError>;

    /// A job's tasks from `from` on, by number, that pass a filter: at most `limit`, perhaps none, and from where to look
    /// on.
    async fn find(&self, id: Uuid, filter: &TaskFilter, from: u64, limit: usize) -> Result<TaskPage, LedgerError>;

    /// Jobs whose tasks must not be begun although they may be in the broker: those that are paused, and those that were
    /// cancelled or failed since `since`; the newest.
    async fn withheld(&self, since: Millis, limit: usize) -> Result<Vec<Uuid>, LedgerError>;
}
