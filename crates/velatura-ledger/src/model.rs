use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{JobState, TaskState};

/// Milliseconds since 1970, UTC.
pub type Millis = i64;

/// What a user submitted, to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Who submits; `default` unless access is configured.
    pub tenant: String,
    /// Makes a repeated submission harmless.
    pub idempotency_key: Option<String>,
    /// blake3 of the submission, which the same key must match.
    pub request_hash: String,
    /// The submission as proto3 JSON, kept whole.
    pub request: String,
    /// When it came.
    pub now: Millis,
}

/// A job as it is recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its id, a UUID v7: ordered by time.
    pub id: Uuid,
    /// Who submitted it.
    pub tenant: String,
    /// Where it stands.
    pub state: JobState,
    /// Why, one sentence; empty when there is nothing to say.
    pub reason: String,
    /// The submission as proto3 JSON.
    pub request: String,
    /// How many tasks are in which state; kept, never counted.
    pub counters: Counters,
    /// Where expansion goes on; `None` before the first page and after the last.
    pub cursor: Option<String>,
    /// Whether every photo has its task.
    pub expanded: bool,
    /// When it came.
    pub created_at: Millis,
    /// When it ended.
    pub ended_at: Option<Millis>,
}

/// How many tasks are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are the states")]
pub struct Counters {
    pub pending: u64,
    pub dispatched: u64,
    pub done: u64,
    pub skipped: u64,
    pub failed: u64,
    pub cancelled: u64,
}

impl Counters {
    /// All tasks.
    pub fn total(&self) -> u64 {
        self.unfinished() + self.done + self.skipped + self.failed + self.cancelled
    }

    /// Tasks that have not ended.
    pub fn unfinished(&self) -> u64 {
        self.pending + self.dispatched
    }
}

/// A task to be recorded: one photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    /// Where the photo lies, as a URL.
    pub source: String,
    /// Its key below the job's source.
    pub key: String,
}

/// A task as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its job.
    pub job_id: Uuid,
    /// Its number within the job, from 0.
    pub seq: u64,
    /// Where it stands.
    pub state: TaskState,
    /// Where the photo lies, as a URL.
    pub source: String,
    /// Its key below the job's source.
    pub key: String,
    /// Attempts begun.
    pub attempt: u32,
    /// The last error's code; empty when there was none.
    pub code: String,
    /// The last error, one sentence.
    pub message: String,
}

/// What became of one attempt, to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The job.
    pub job_id: Uuid,
    /// The task within it.
    pub seq: u64,
    /// The attempt: a report of any but the current one is ignored.
    pub attempt: u32,
    /// How it ended.
    pub outcome: Outcome,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The pictures are stored.
    Done,
    /// They were there already.
    Skipped,
    /// Try again, not before `at`.
    Retry {
        /// When it may be dispatched again.
        at: Millis,
        /// What went wrong, a stable code.
        code: String,
        /// What went wrong, one sentence.
        message: String,
    },
    /// It was not tried, since its job was paused first: pending again from `at` on, the attempt not counted.
    Returned {
        /// When it may be dispatched again.
        at: Millis,
    },
    /// Never try again.
    Failed {
        /// What went wrong, a stable code.
        code: String,
        /// What went wrong, one sentence.
        message: String,
    },
}

/// What waits.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Backlog {
    /// Tasks waiting in the ledger, those of paused jobs left out: they wait for a person, and no worker helps.
    pub pending: u64,
    /// Tasks in the broker or in a worker.
    pub dispatched: u64,
    /// When the oldest job that has not ended came.
    pub oldest: Option<Millis>,
    /// Jobs that have not ended.
    pub jobs: u64,
}
