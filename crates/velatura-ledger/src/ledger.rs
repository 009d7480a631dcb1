use std::fmt;

use async_trait::async_trait;
use uuid::Uuid;

use crate::{
    Access, Archive, Backlog, DeadLetters, Job, JobState, Leases, LedgerError, Millis, NewJob, NewTask, Outbox,
    Refusal, Report, Steering, Task, TaskState, Token,
};

/// The record of jobs and tasks. Every call is one transaction; what it says is true when it returns.
///
/// Counters change in the transaction that changes the tasks. Time comes in as an argument, so that tests own it.
///
/// Calls that take a [`Token`] are the leader's: in the transaction itself the ledger refuses those of an earlier one,
/// with [`LedgerError::NotLeading`].
#[async_trait]
pub trait Ledger:
    Access + Archive + DeadLetters + Leases + Outbox + Steering + fmt::Debug + Send + Sync + 'static
{
    /// Records a job, or returns the one that the same tenant submitted under the same idempotency key.
    /// [`LedgerError::KeyReused`] when that one's submission was another. A new job must be within its tenant's limits:
    /// [`LedgerError::OpenJobs`], [`LedgerError::TooFast`], [`LedgerError::TooManyTasks`].
    async fn submit(&self, job: NewJob) -> Result<Job, LedgerError>;

    /// The job that a tenant submitted under an idempotency key, if there is one; [`LedgerError::KeyReused`] when its
    /// submission was another.
    async fn earlier(&self, tenant: &str, key: &str, request_hash: &str) -> Result<Option<Job>, LedgerError>;

    /// One job.
    async fn job(&self, id: Uuid) -> Result<Job, LedgerError>;

    /// Jobs before `before` (all when `None`), newest first, only those of `tenant` if given.
    async fn jobs(&self, tenant: Option<&str>, before: Option<Uuid>, limit: usize) -> Result<Vec<Job>, LedgerError>;

    /// Jobs that are in one of these states, those first that somebody waits for, then the oldest.
    async fn jobs_in(&self, states: &[JobState], limit: usize) -> Result<Vec<Job>, LedgerError>;

    /// A job's tasks from `from` on, by number, only those in `state` if given.
    async fn tasks(
        &self,
        id: Uuid,
        state: Option<TaskState>,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Task>, LedgerError>;

    /// Records a page of an expansion: its tasks and the cursor after it. `expected` is the cursor before it: a second
    /// writer of the same page changes nothing and gets [`LedgerError::Conflict`]. `cursor = None` is the last page:
    /// the job is expanded, and done if it has no tasks left. [`LedgerError::TooManyTasks`] when it would have more than
    /// its tenant's jobs may.
    ///
    /// Claims that other tasks of the job have make the page [`LedgerError::Taken`], and nothing is recorded.
    async fn expand(
        &self,
        token: Token,
        id: Uuid,
        expected: Option<&str>,
        tasks: &[NewTask],
        cursor: Option<&str>,
        now: Millis,
    ) -> Result<Job, LedgerError>;

    /// Ends a job that can't be expanded, and its tasks as [`Ledger::cancel`] does. Failing a failed job changes nothing.
    async fn fail(&self, token: Token, id: Uuid, why: &Refusal, now: Millis) -> Result<Job, LedgerError>;

    /// Moves up to `limit` due pending tasks of one running or expanding job to dispatched, each with its next attempt:
    /// those that wait for another attempt first, longest due first, then those that were never dispatched, in the order
    /// of their numbers. They are given by number. A job in any other state has none; one that is
    /// [`Gate::Sampling`](crate::Gate::Sampling) only its samples.
    async fn dispatch(&self, token: Token, id: Uuid, limit: usize, now: Millis) -> Result<Vec<Task>, LedgerError>;

    /// Takes back a dispatch that never reached the broker: pending again and first in line, the attempt not counted.
    /// Each is a task's number and the attempt; those that are not current change nothing.
    async fn undispatch(&self, token: Token, id: Uuid, tasks: &[(u64, u32)]) -> Result<(), LedgerError>;

    /// Records what became of attempts, in one transaction. Reports of attempts that are not current change nothing.
    /// Returns the jobs that changed, as they are now; a job whose last task ended is done.
    async fn report(&self, reports: &[Report], now: Millis) -> Result<Vec<Job>, LedgerError>;

    /// Moves tasks that were dispatched before `before` back to pending, so that they are tried anew. The attempt is
    /// kept, so that the next dispatch begins another and a late report of this one changes nothing.
    async fn reclaim(&self, token: Token, before: Millis, limit: usize, now: Millis) -> Result<Vec<Task>, LedgerError>;

    /// Cancels a job and every task that has not ended. Cancelling a cancelled job changes nothing.
    ///
    /// From the return on nothing is dispatched. The first ten thousand tasks are cancelled at once, the rest of a larger
    /// job by [`Ledger::settle`]; until then outcomes of tasks under way are still recorded, afterwards ignored.
    async fn cancel(&self, id: Uuid, reason: &str, now: Millis) -> Result<Job, LedgerError>;

    /// Cancels up to `limit` tasks that outlived their cancelled or failed job; says how many. The reconciler calls it
    /// until that is 0, so that no transaction ever touches millions of rows.
    async fn settle(&self, token: Token, limit: usize, now: Millis) -> Result<usize, LedgerError>;

    /// Stops dispatching a job; what is under way goes on. Pausing a paused job changes nothing.
    async fn pause(&self, id: Uuid, reason: &str) -> Result<Job, LedgerError>;

    /// Goes on with a paused job, expanding if it still was. Resuming one that is not paused changes nothing, unless it
    /// has ended.
    async fn resume(&self, id: Uuid) -> Result<Job, LedgerError>;

    /// Lets jobs go on whose samples have all ended, or pauses them until they are approved; gives those.
    async fn settle_samples(&self) -> Result<Vec<Job>, LedgerError>;

    /// Lets a job go on that waits for approval of its samples. Approving it again changes nothing.
    async fn approve(&self, id: Uuid) -> Result<Job, LedgerError>;

    /// What waits.
    async fn backlog(&self) -> Result<Backlog, LedgerError>;

    /// Whether the ledger can be used now.
    async fn check(&self) -> Result<(), LedgerError>;
}
