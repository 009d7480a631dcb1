//! The two state machines. Nothing else knows which move is legal: the SQL takes its source states from these tables,
//! and a test holds `docs/states.md` to them, reasons included.

use std::fmt;

use serde::{Deserialize, Serialize};

mod step;

pub(crate) use step::*;

/// Where a job stands. `docs/states.md` draws every edge with its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Its photos are being listed; work has started.
    Expanding,
    /// Every photo has its task.
    Running,
    /// Nothing more is dispatched until it is resumed.
    Paused,
    /// Every task has ended.
    Done,
    /// Somebody ended it.
    Cancelled,
    /// It could not be expanded.
    Failed,
}

/// Where a task stands. `docs/states.md` draws every edge with its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskState {
    /// It waits, perhaps for its backoff to pass.
    Pending,
    /// It is in the broker or in a worker.
    Dispatched,
    /// Its pictures are stored.
    Done,
    /// Its pictures were there already.
    Skipped,
    /// It will not be tried again.
    Failed,
    /// Its job was cancelled first.
    Cancelled,
}

/// One arrow of a diagram.
pub(crate) struct Edge<S> {
    pub(crate) from: S,
    pub(crate) to: S,
    /// What makes the move happen; the diagram's label.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the test that compares the diagram"))]
    pub(crate) reason: &'static str,
}

const fn edge<S>(from: S, to: S, reason: &'static str) -> Edge<S> {
    Edge { from, to, reason }
}

/// A set of states with its legal moves.
pub(crate) trait State: Copy + Eq + fmt::Debug + Sized + 'static {
    /// Every state, in the diagram's order.
    const ALL: &'static [Self];
    /// Where everything begins.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the test that compares the diagram"))]
    const FIRST: Self;
    /// Where everything rests, until somebody takes it up again.
    const ENDS: &'static [Self];
    /// Every legal move.
    const EDGES: &'static [Edge<Self>];

    /// The state's name in the record, in diagrams and in messages.
    fn name(self) -> &'static str;

    /// The state of that name.
    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.name() == name)
    }

    /// Whether there is an edge.
    fn may_become(self, to: Self) -> bool {
        Self::EDGES.iter().any(|edge| edge.from == self && edge.to == to)
    }

    /// Whether nothing more happens in it by itself.
    fn has_ended(self) -> bool {
        Self::ENDS.contains(&self)
    }
}

impl State for JobState {
    const ALL: &'static [Self] = &[
        Self::Expanding,
        Self::Running,
        Self::Paused,
        Self::Done,
        Self::Cancelled,
        Self::Failed,
    ];
    const FIRST: Self = Self::Expanding;
    const ENDS: &'static [Self] = &[Self::Done, Self::Cancelled, Self::Failed];
    const EDGES: &'static [Edge<Self>] = &[
        edge(Self::Expanding, Self::Running, "the last page is recorded"),
        edge(Self::Expanding, Self::Paused, "paused by a user or the breaker"),
        edge(Self::Expanding, Self::Cancelled, "cancelled by a user"),
        edge(Self::Expanding, Self::Failed, "its photos cannot be listed"),
        edge(Self::Running, Self::Done, "no task is unfinished"),
        edge(Self::Running, Self::Paused, "paused by a user or the breaker"),
        edge(Self::Running, Self::Paused, "its samples wait for approval"),
        edge(Self::Running, Self::Cancelled, "cancelled by a user"),
        edge(Self::Paused, Self::Expanding, "resumed with pages left to list"),
        edge(Self::Paused, Self::Running, "resumed with every page listed"),
        edge(Self::Paused, Self::Running, "its samples are approved"),
        edge(Self::Paused, Self::Done, "the tasks under way were the last"),
        edge(Self::Paused, Self::Cancelled, "cancelled by a user"),
        edge(Self::Paused, Self::Failed, "its photos cannot be listed"),
        edge(Self::Done, Self::Running, "a user had tasks taken up again"),
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Expanding => "expanding",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

impl State for TaskState {
    const ALL: &'static [Self] = &[
        Self::Pending,
        Self::Dispatched,
        Self::Done,
        Self::Skipped,
        Self::Failed,
        Self::Cancelled,
    ];
    const FIRST: Self = Self::Pending;
    const ENDS: &'static [Self] = &[Self::Done, Self::Skipped, Self::Failed, Self::Cancelled];
    const EDGES: &'static [Edge<Self>] = &[
        edge(Self::Pending, Self::Dispatched, "dispatch, the next attempt begins"),
        edge(Self::Pending, Self::Cancelled, "its job was cancelled or failed"),
        edge(Self::Pending, Self::Failed, "refused with its page, never tried"),
        edge(Self::Dispatched, Self::Done, "reported, its pictures are stored"),
        edge(
            Self::Dispatched,
            Self::Skipped,
            "reported, its pictures were there already",
        ),
        edge(Self::Dispatched, Self::Failed, "reported, never to be tried again"),
        edge(
            Self::Dispatched,
            Self::Pending,
            "reported for retry, waits for its backoff",
        ),
        edge(Self::Dispatched, Self::Pending, "undispatch, the broker never had it"),
        edge(Self::Dispatched, Self::Pending, "returned, its job was paused first"),
        edge(Self::Dispatched, Self::Pending, "reclaim, its outcome never came"),
        edge(Self::Dispatched, Self::Cancelled, "its job was cancelled or failed"),
        edge(Self::Failed, Self::Pending, "re-run by a user"),
        edge(Self::Done, Self::Pending, "a recipe was added"),
        edge(Self::Skipped, Self::Pending, "a recipe was added"),
        edge(Self::Dispatched, Self::Pending, "a recipe was added"),
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Dispatched => "dispatched",
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl JobState {
    /// Its name: `expanding`, `running`, `paused`, `done`, `cancelled` or `failed`.
    pub fn as_str(self) -> &'static str {
        self.name()
    }

    /// Whether it is over: done, cancelled or failed.
    pub fn is_ended(self) -> bool {
        self.has_ended()
    }

    /// Whether its tasks may be dispatched.
    pub fn dispatches(self) -> bool {
        match self {
            Self::Expanding | Self::Running => true,
            Self::Paused | Self::Done | Self::Cancelled | Self::Failed => false,
        }
    }
}

impl TaskState {
    /// Its name: `pending`, `dispatched`, `done`, `skipped`, `failed` or `cancelled`.
    pub fn as_str(self) -> &'static str {
        self.name()
    }

    /// Whether it is over: neither pending nor dispatched.
    pub fn is_ended(self) -> bool {
        self.has_ended()
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests;
