use async_trait::async_trait;
use uuid::Uuid;

use crate::{Job, LedgerError, Millis};

/// A part of a job's report that is stored: tasks from `part` times the size of a part on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportPart {
    /// Its number, from 0.
    pub part: u32,
    /// How many tasks it tells of.
    pub tasks: u64,
    /// Its size in storage.
    pub bytes: u64,
    /// Of its bytes in storage, in hexadecimal.
    pub sha256: String,
}

/// What the ledger keeps of jobs that have ended, and how it forgets them.
#[async_trait]
pub trait Archive {
    /// Ended jobs, all of whose tasks have ended too, whose end is not reported yet; oldest first.
    async fn unreported(&self, limit: usize) -> Result<Vec<Job>, LedgerError>;

    /// The parts of the report of a job's end at that time, in order.
    async fn report_parts(&self, id: Uuid, ended_at: Millis) -> Result<Vec<ReportPart>, LedgerError>;

    /// Records that a part is stored; recording it again changes nothing.
    async fn add_report_part(&self, id: Uuid, ended_at: Millis, part: &ReportPart) -> Result<(), LedgerError>;

    /// Records that the report of a job's end at that time is complete, or (`error`) why it can't be written. Of a job
    /// that has gone on meanwhile nothing is recorded.
    async fn reported(&self, id: Uuid, ended_at: Millis, error: Option<&str>) -> Result<(), LedgerError>;

    /// Deletes up to `limit` tasks of a job that is reported and ended longer ago than it is to be kept (`keep` where it
    /// does not say; `None` and 0 keep it for ever); says how many. The job stays, and so does its report.
    async fn purge(&self, keep: Option<Millis>, limit: usize, now: Millis) -> Result<usize, LedgerError>;

    /// Gives back up to `limit` output names of jobs that are expanded or ended; says how many. To be called until that
    /// is 0.
    async fn give_back_claims(&self, limit: usize) -> Result<usize, LedgerError>;
}
