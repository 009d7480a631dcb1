use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{JobState, TaskState, Terms};

/// Milliseconds since 1970, UTC.
pub type Millis = i64;

/// What a user submitted, to be recorded.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewJob {
    /// Who submits; `default` unless access is configured.
    pub tenant: String,
    /// Makes a repeated submission harmless.
    pub idempotency_key: Option<String>,
    /// blake3 of the submission, which the same key must match.
    pub request_hash: String,
    /// The submission as proto3 JSON, kept whole.
    pub request: String,
    /// Under which terms it gets places of the window.
    pub terms: Terms,
    /// All its tasks, when they are known and few: then it is recorded as expanded. Otherwise it has none yet.
    pub tasks: Vec<NewTask>,
    /// How many photos it has, if that is known.
    pub photos: Option<u64>,
    /// When it came.
    pub now: Millis,
    /// How many of its photos are painted before the others.
    pub samples: u32,
    /// Whether it then waits until it is approved.
    pub waits_for_approval: bool,
    /// How long its tasks are kept after its end; `None`: as configured, 0: for ever.
    pub retention: Option<Millis>,
    /// Below which places its photos may lie, as JSON; `None`: wherever the coordinator may. What the submission names is
    /// checked when it comes; what a manifest names, when it is read.
    pub reach: Option<String>,
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
    /// Why it failed, a stable code; empty unless it has failed.
    pub code: String,
    /// The submission as proto3 JSON.
    pub request: String,
    /// How many tasks are in which state; kept, never counted.
    pub counters: Counters,
    /// Where expansion goes on; `None` before the first page and after the last.
    pub cursor: Option<String>,
    /// Whether every photo has its task.
    pub expanded: bool,
    /// Under which terms it gets places of the window.
    pub terms: Terms,
    /// Rises whenever the submission is replaced.
    pub revision: u32,
    /// The failures that somebody has looked at, and gone on.
    pub forgiven: Forgiven,
    /// When it came.
    pub created_at: Millis,
    /// When it ended.
    pub ended_at: Option<Millis>,
    /// How many of its photos are painted before the others.
    pub samples: u32,
    /// Whether it then waits until it is approved.
    pub waits_for_approval: bool,
    /// What holds most of its tasks back.
    pub gate: Gate,
    /// How long its tasks are kept after its end; `None`: as configured, 0: for ever.
    pub retention: Option<Millis>,
    /// Below which places its photos may lie, as JSON; `None`: wherever the coordinator may.
    pub reach: Option<String>,
    /// Which end of it, by its time, has its report.
    pub reported: Option<Millis>,
    /// Why its report can't be written; empty when there is nothing to say.
    pub report_error: String,
    /// Since when its tasks are purged.
    pub purged_at: Option<Millis>,
    /// Whether some of its tasks have an [`Item`].
    pub itemized: bool,
}

/// What holds a job's tasks back, beside its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gate {
    /// Nothing.
    #[default]
    Open,
    /// Only its samples are dispatched, once it is expanded: before that nobody can draw them evenly.
    Sampling,
    /// It is paused until it is approved.
    Approval,
}

impl Gate {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Sampling => "sampling",
            Self::Approval => "approval",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Open, Self::Sampling, Self::Approval]
            .into_iter()
            .find(|gate| gate.name() == name)
    }
}

impl Job {
    /// The numbers of its samples, drawn evenly from all its tasks; none before it is expanded.
    pub fn sample_numbers(&self) -> Vec<u64> {
        let total = self.counters.total();
        if !self.expanded || total == 0 {
            return Vec::new();
        }
        let samples = u64::from(self.samples).min(total);
        // The middle of each of so many equal stretches.
        let middle = |i: u64| u128::from(2 * i + 1) * u128::from(total) / u128::from(2 * samples);
        (0..samples).map(|i| middle(i) as u64).collect()
    }

    /// Whether the report of its end is complete.
    pub fn is_reported(&self) -> bool {
        self.ended_at.is_some() && self.reported == self.ended_at
    }
}

/// What had become of a job's tasks when somebody last looked at its failures and went on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Forgiven {
    /// Tasks that had ended.
    pub ended: u64,
    /// Those of them that had failed.
    pub failed: u64,
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

    /// Tasks that ended by themselves.
    pub fn ended(&self) -> u64 {
        self.done + self.skipped + self.failed
    }

    /// Tasks that have not ended.
    pub fn unfinished(&self) -> u64 {
        self.pending + self.dispatched
    }
}

/// A task to be recorded: one photo.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewTask {
    /// Where the photo lies, as a URL.
    pub source: String,
    /// Its key below the job's source.
    pub key: String,
    /// What else a manifest says of it.
    pub item: Item,
    /// Output names that no other photo of the job may have; none where two could not be alike.
    pub claims: Vec<Claim>,
    /// Why it fails before it is tried, if it does.
    pub refusal: Option<Refusal>,
}

impl NewTask {
    /// A photo of which nothing else is known.
    pub fn photo(source: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            key: key.into(),
            ..Self::default()
        }
    }
}

/// What a manifest says of a photo beside where it lies.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Item {
    /// Its version in its bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Where its mask lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<String>,
    /// Where its depth map lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth_map: Option<String>,
}

/// 128 bits that stand for an output name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "two halves")]
pub struct Claim {
    pub hi: i64,
    pub lo: i64,
}

/// Why a task fails before it is tried, or a job whose photos can't be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// A stable code.
    pub code: String,
    /// One sentence.
    pub message: String,
}

/// A task of a page whose claim an earlier task has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Its place in the page.
    pub index: usize,
    /// The number of the earlier one. Those of the page itself would have been numbered on from the job's total.
    pub by: u64,
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
    /// What a manifest says of the photo beside where it lies.
    pub item: Item,
    /// When it ended.
    pub ended_at: Option<Millis>,
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
    /// Those of them that somebody waits for.
    pub interactive: u64,
    /// When the oldest job that has not ended came.
    pub oldest: Option<Millis>,
    /// Jobs that have not ended.
    pub jobs: u64,
}
