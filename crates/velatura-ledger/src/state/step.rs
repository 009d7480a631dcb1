use super::State;
use crate::TaskState;

/// A legal move of a task. Every statement that changes a task's state is made from one of these constants, and each of
/// them is checked against the edges when the program is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Step {
    from: TaskState,
    to: TaskState,
}

pub(crate) const DISPATCH: Step = Step::new(TaskState::Pending, TaskState::Dispatched);
pub(crate) const DONE: Step = Step::new(TaskState::Dispatched, TaskState::Done);
pub(crate) const SKIPPED: Step = Step::new(TaskState::Dispatched, TaskState::Skipped);
pub(crate) const FAILED: Step = Step::new(TaskState::Dispatched, TaskState::Failed);
pub(crate) const RETRY: Step = Step::new(TaskState::Dispatched, TaskState::Pending);
pub(crate) const UNDISPATCH: Step = Step::new(TaskState::Dispatched, TaskState::Pending);
pub(crate) const RETURNED: Step = Step::new(TaskState::Dispatched, TaskState::Pending);
pub(crate) const RECLAIM: Step = Step::new(TaskState::Dispatched, TaskState::Pending);
pub(crate) const REFUSED: Step = Step::new(TaskState::Pending, TaskState::Failed);
pub(crate) const CANCEL_PENDING: Step = Step::new(TaskState::Pending, TaskState::Cancelled);
pub(crate) const CANCEL_DISPATCHED: Step = Step::new(TaskState::Dispatched, TaskState::Cancelled);

/// What has failed is tried anew.
pub(crate) const RETRY_FAILED: [Step; 1] = [Step::new(TaskState::Failed, TaskState::Pending)];
/// What was painted, or is being painted, is painted in more recipes.
pub(crate) const PAINT_MORE: [Step; 3] = [
    Step::new(TaskState::Done, TaskState::Pending),
    Step::new(TaskState::Skipped, TaskState::Pending),
    Step::new(TaskState::Dispatched, TaskState::Pending),
];

impl Step {
    const fn new(from: TaskState, to: TaskState) -> Self {
        let mut edges = TaskState::EDGES;
        while let [edge, rest @ ..] = edges {
            if edge.from as u8 == from as u8 && edge.to as u8 == to as u8 {
                return Self { from, to };
            }
            edges = rest;
        }
        panic!("the diagram has no such edge")
    }

    pub(crate) fn from(self) -> TaskState {
        self.from
    }

    pub(crate) fn to(self) -> TaskState {
        self.to
    }
}
