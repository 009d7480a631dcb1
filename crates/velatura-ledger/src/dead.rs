use async_trait::async_trait;
use uuid::Uuid;

use crate::{LedgerError, Millis};

/// Messages that the broker gave up: the newest ten thousand.
#[async_trait]
pub trait DeadLetters {
    /// Keeps a message. One that comes again is kept once.
    async fn bury(&self, letter: &NewDeadLetter) -> Result<(), LedgerError>;

    /// Messages before `before` (all when `None`), newest first.
    async fn dead_letters(&self, before: Option<u64>, limit: usize) -> Result<Vec<DeadLetter>, LedgerError>;

    /// One message.
    async fn dead_letter(&self, id: u64) -> Result<DeadLetter, LedgerError>;

    /// Forgets a message.
    async fn unbury(&self, id: u64) -> Result<(), LedgerError>;
}

/// A message that the broker gave up, to be kept for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeadLetter {
    /// What it is.
    pub kind: DeadKind,
    /// What is wrong with it, one sentence.
    pub reason: String,
    /// The id that its sender gave it.
    pub message_id: String,
    /// The attempt that it is about, where it can be read: job, task, attempt.
    pub about: Option<(Uuid, u64, u32)>,
    /// Its body as text, cut if it is too long.
    pub body: String,
    /// How long its body is.
    pub bytes: u64,
    /// When it was found.
    pub now: Millis,
}

/// A dead message as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its number.
    pub id: u64,
    /// What was kept.
    pub letter: NewDeadLetter,
}

/// What a dead message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadKind {
    /// A task that ended its worker too often, or that no worker could read.
    Poison,
    /// Neither a task nor a report, or one of another version.
    Unreadable,
}

impl DeadKind {
    /// `poison` or `unreadable`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Poison => "poison",
            Self::Unreadable => "unreadable",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Poison, Self::Unreadable]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}
