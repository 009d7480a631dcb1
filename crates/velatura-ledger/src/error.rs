use uuid::Uuid;

use crate::{JobState, Millis, Taken};

/// Why the ledger did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// Nobody submitted such a job.
    #[error("there is no job {0}")]
    NotFound(Uuid),

    /// Nobody recorded such a tenant.
    #[error("there is no tenant {0:?}: record it first, velatura tenants set {0}")]
    NoTenant(String),

    /// The tenant has as many open jobs as it may.
    #[error("tenant {tenant} may have {limit} jobs that have not ended: wait until one has, or cancel one")]
    OpenJobs {
        /// Whose.
        tenant: String,
        /// The most it may have.
        limit: u64,
    },

    /// The tenant submits faster than it may.
    #[error("tenant {tenant} may submit {limit} jobs within 60 seconds: try again in {} s", after.div_euclid(1000) + 1)]
    TooFast {
        /// Whose.
        tenant: String,
        /// The most jobs within 60 seconds.
        limit: u64,
        /// Milliseconds until the next may come.
        after: Millis,
    },

    /// A job has more photos than its tenant's may.
    #[error("a job of tenant {tenant} may have {limit} photos: divide it, or ask for a higher max_tasks_per_job")]
    TooManyTasks {
        /// Whose.
        tenant: String,
        /// The most a job may have.
        limit: u64,
    },

    /// The same tenant used this key for a different submission.
    #[error("idempotency key {key:?} belongs to another submission: send that one again, or choose a new key")]
    KeyReused {
        /// The key.
        key: String,
    },

    /// Somebody else recorded this page of the expansion first.
    #[error("job {id} was expanded past this page by another writer: go on from its recorded cursor")]
    Conflict {
        /// The job.
        id: Uuid,
    },

    /// Photos of this page would be given output names that others of the job have.
    #[error("{} photos of a page of job {id} would be written where others of it are", taken.len())]
    Taken {
        /// The job.
        id: Uuid,
        /// Which, in the order of the page.
        taken: Vec<Taken>,
    },

    /// The job waits for a person's word on its samples.
    #[error("job {id} waits for approval of its samples: approve or reject it")]
    AwaitsApproval {
        /// The job.
        id: Uuid,
    },

    /// The job does not wait for approval, or not yet.
    #[error("job {id} does not wait for approval now: its samples are not all painted, or it has none")]
    NotAwaited {
        /// The job.
        id: Uuid,
    },

    /// The job's tasks were purged.
    #[error("the tasks of job {id} were purged, as its retention says: its report tells of each")]
    Purged {
        /// The job.
        id: Uuid,
    },

    /// `docs/states.md` has no such edge.
    #[error("job {id} is {from} and cannot become {to}")]
    Illegal {
        /// The job.
        id: Uuid,
        /// Where it stands.
        from: JobState,
        /// What it was to become.
        to: JobState,
    },

    /// Somebody else changed what was submitted first.
    #[error("job {id} was changed by somebody else meanwhile: look at it, then try again")]
    Revised {
        /// The job.
        id: Uuid,
    },

    /// Tasks of the job are still being taken up again.
    #[error("job {id} is still taking tasks up again: try again in a moment")]
    Reopening {
        /// The job.
        id: Uuid,
    },

    /// Nobody knows such a message.
    #[error("there is no dead letter {0}")]
    NoDeadLetter(u64),

    /// Another coordinator has taken over: only the leader expands, dispatches and reconciles.
    #[error("this coordinator no longer leads: another one does, and this change is refused")]
    NotLeading,

    /// The database does not answer now; the same call may succeed later.
    #[error("the ledger's database can't be used now: {reason}")]
    Unavailable {
        /// What it or the network said.
        reason: String,
    },

    /// The database answers, and says no: a wrong password, an unknown database, a full or read-only disk.
    #[error("the ledger's database refused: {reason}")]
    Refused {
        /// What it said.
        reason: String,
    },

    /// This is no address of a database.
    #[error("the ledger's address is not usable: {reason}; use postgres://user@host/database or sqlite:///path")]
    Address {
        /// What is wrong with it; never the address, for it may hold a password.
        reason: String,
    },

    /// A newer version of the program has changed the tables.
    #[error("the ledger's tables have version {found}, this program knows up to {known}: use the newer program")]
    Schema {
        /// What the database has.
        found: i64,
        /// What this program has.
        known: i64,
    },

    /// A record makes no sense.
    #[error("the ledger's record is damaged: {reason}; restore the database from a backup")]
    Corrupt {
        /// Which, and how.
        reason: String,
    },
}

impl LedgerError {
    /// A stable name of what happened.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "job-not-found",
            Self::NoTenant(_) => "tenant-not-found",
            Self::OpenJobs { .. } => "quota-open-jobs",
            Self::TooFast { .. } => "quota-submissions",
            Self::TooManyTasks { .. } => "quota-tasks",
            Self::KeyReused { .. } => "idempotency-key-reused",
            Self::Conflict { .. } => "expansion-conflict",
            Self::Taken { .. } => "output-collision",
            Self::AwaitsApproval { .. } => "job-awaits-approval",
            Self::NotAwaited { .. } => "approval-not-awaited",
            Self::Purged { .. } => "tasks-purged",
            Self::Illegal { .. } => "job-state",
            Self::Revised { .. } => "job-revised",
            Self::Reopening { .. } => "job-reopening",
            Self::NoDeadLetter(_) => "dead-letter-not-found",
            Self::NotLeading => "not-leading",
            Self::Unavailable { .. } => "ledger-unavailable",
            Self::Refused { .. } => "ledger-refused",
            Self::Address { .. } => "ledger-address",
            Self::Schema { .. } => "ledger-schema",
            Self::Corrupt { .. } => "ledger-corrupt",
        }
    }

    /// Whether the same call may succeed later with nothing changed by anybody but time.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::TooFast { .. } => true,
            Self::NotFound(_)
            | Self::NoTenant(_)
            | Self::OpenJobs { .. }
            | Self::TooManyTasks { .. }
            | Self::KeyReused { .. }
            | Self::Conflict { .. }
            | Self::Taken { .. }
            | Self::AwaitsApproval { .. }
            | Self::NotAwaited { .. }
            | Self::Purged { .. }
            | Self::Illegal { .. }
            | Self::Revised { .. }
            | Self::Reopening { .. }
            | Self::NoDeadLetter(_)
            | Self::NotLeading
            | Self::Refused { .. }
            | Self::Address { .. }
            | Self::Schema { .. }
            | Self::Corrupt { .. } => false,
        }
    }
}
