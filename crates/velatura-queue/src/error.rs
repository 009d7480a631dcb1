use std::time::Duration;

use crate::QueueName;

/// Why the queue did not do what was asked, by what the caller can do about it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum QueueError {
    /// No broker can be reached now.
    #[error("no broker can be used: {reason}")]
    Unavailable {
        /// Which broker, and what is wrong.
        reason: String,
    },
    /// The broker takes no messages, because its memory or disk is nearly full.
    #[error("the broker takes no messages now ({reason}): free memory or disk space on its machine")]
    Blocked {
        /// The broker's words.
        reason: String,
    },
    /// The broker has no such queue to put a message in.
    #[error("the broker has no queue {queue} to put a message in: it must be declared first")]
    Returned {
        /// Where the message was to go.
        queue: QueueName,
    },
    /// The broker refused responsibility for a message, several times over.
    #[error("the broker refuses messages for {queue}: the queue is full, or has no leader now")]
    Nacked {
        /// Where the message was to go.
        queue: QueueName,
    },
    /// The broker gave no answer in time. Whether it did what was asked is unknown.
    #[error("the broker did not answer within {after:?} when asked to {what}")]
    Timeout {
        /// What was asked.
        what: &'static str,
        /// How long was waited.
        after: Duration,
    },
    /// The broker knows the caller but does not let it in, or not do this.
    #[error("the broker denies access: {reason}")]
    Denied {
        /// Who may not do what, and the remedy.
        reason: String,
    },
    /// A queue of this name is there, but another kind of queue.
    #[error("queue {queue} is there with other settings ({reason}): delete it, or use another broker or vhost")]
    Mismatch {
        /// The queue.
        queue: QueueName,
        /// The broker's words.
        reason: String,
    },
    /// Asked about a queue that nobody has declared.
    #[error("the broker has no queue {queue}: it must be declared first")]
    Missing {
        /// The queue.
        queue: QueueName,
    },
    /// The delivery's subscription is gone, so that it can't be settled any more; the broker delivers it again.
    #[error("the delivery belongs to a lost subscription: the broker delivers it again")]
    Stale,
    /// The broker was closed by this process.
    #[error("the connection to the broker was closed by this process")]
    Closed,
    /// A name that can't be a queue's.
    #[error("{name:?} is not valid: expected {expected}")]
    Name {
        /// What was given.
        name: String,
        /// What is valid.
        expected: &'static str,
    },
    /// A setting that can't work.
    #[error("{key}: {reason}")]
    Config {
        /// The setting.
        key: &'static str,
        /// What is wrong with it, and the remedy.
        reason: String,
    },
}

impl QueueError {
    /// A stable name for logs, metrics and the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "queue-unavailable",
            Self::Blocked { .. } => "queue-blocked",
            Self::Returned { .. } => "queue-returned",
            Self::Nacked { .. } => "queue-nacked",
            Self::Timeout { .. } => "queue-timeout",
            Self::Denied { .. } => "queue-denied",
            Self::Mismatch { .. } => "queue-mismatch",
            Self::Missing { .. } => "queue-missing",
            Self::Stale => "queue-stale",
            Self::Closed => "queue-closed",
            Self::Name { .. } => "queue-name",
            Self::Config { .. } => "queue-config",
        }
    }

    /// Whether the same call may succeed later without anyone changing a setting.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable { .. }
            | Self::Blocked { .. }
            | Self::Nacked { .. }
            | Self::Timeout { .. }
            | Self::Stale => true,
            Self::Returned { .. }
            | Self::Denied { .. }
            | Self::Mismatch { .. }
            | Self::Missing { .. }
            | Self::Closed
            | Self::Name { .. }
            | Self::Config { .. } => false,
        }
    }
}
