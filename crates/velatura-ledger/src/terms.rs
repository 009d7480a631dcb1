/// Under which terms a job gets places of the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// Its share of what its tenant gets, relative to the tenant's other jobs.
    pub share: f64,
    /// Of a tenant's jobs only those with the highest priority are dispatched.
    pub priority: i32,
    /// The most of its tasks that are dispatched at once; `None`: no limit of its own.
    pub max_running: Option<u64>,
    /// Somebody waits for it.
    pub interactive: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            share: 1.0,
            priority: 0,
            max_running: None,
            interactive: false,
        }
    }
}

/// What of a job's terms changes; `None` stays.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct NewTerms {
    /// The share.
    pub share: Option<f64>,
    /// The priority.
    pub priority: Option<i32>,
    /// The limit; `Some(None)` takes it away.
    pub max_running: Option<Option<u64>>,
}

/// How often something went wrong in a job; kept, never counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorCount {
    /// What, a stable code.
    pub code: String,
    /// Tasks that have failed with it.
    pub failed: u64,
    /// Attempts that ended with it and were followed by another.
    pub retried: u64,
}

/// Which tasks of a job are looked for. Everything that is set must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaskFilter {
    /// In this state.
    pub state: Option<crate::TaskState>,
    /// With this code as their last error.
    pub code: Option<String>,
    /// With a key that begins so.
    pub key_prefix: Option<String>,
}

/// A part of the tasks that were looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaskPage {
    /// By number.
    pub tasks: Vec<crate::Task>,
    /// From where to look on; `None` at the end.
    pub next: Option<u64>,
}
