use std::fmt;
use std::str::FromStr;

use crate::QueueError;

const RESULTS: &str = "velatura.results.v1";
const DEAD: &str = "velatura.dead.v1";
const LONGEST_POOL: usize = 32;

/// A queue of the system. Its text is the queue's name in the broker.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum QueueName {
    /// `velatura.tasks.<pool>.<lane>.v1`: tasks for the workers of one pool.
    Tasks {
        /// The workers that serve it.
        pool: Pool,
        /// How urgent its tasks are.
        lane: Lane,
    },
    /// `velatura.results.v1`: outcomes, for the coordinator.
    Results,
    /// `velatura.dead.v1`: messages that could not be read or ended the process too often.
    Dead,
}

impl QueueName {
    /// The queue of one pool and lane; an error when the pool's name is not valid.
    pub fn tasks(pool: &str, lane: Lane) -> Result<Self, QueueError> {
        Ok(Self::Tasks {
            pool: pool.parse()?,
            lane,
        })
    }
}

impl fmt::Display for QueueName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tasks { pool, lane } => write!(f, "velatura.tasks.{pool}.{lane}.v1"),
            Self::Results => f.write_str(RESULTS),
            Self::Dead => f.write_str(DEAD),
        }
    }
}

impl FromStr for QueueName {
    type Err = QueueError;

    fn from_str(text: &str) -> Result<Self, QueueError> {
        match text {
            RESULTS => return Ok(Self::Results),
            DEAD => return Ok(Self::Dead),
            _ => {}
        }
        text.strip_prefix("velatura.tasks.")
            .and_then(|rest| rest.strip_suffix(".v1"))
            .and_then(|rest| rest.split_once('.'))
            .and_then(|(pool, lane)| {
                Some(Self::Tasks {
                    pool: pool.parse().ok()?,
                    lane: lane.parse().ok()?,
                })
            })
            .ok_or_else(|| QueueError::Name {
                name: text.to_owned(),
                expected: "velatura.tasks.<pool>.<interactive|bulk>.v1, velatura.results.v1 or velatura.dead.v1",
            })
    }
}

/// The name of a pool of workers: 1 to 32 of `a-z`, `0-9` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pool(String);

impl Pool {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Pool {
    type Err = QueueError;

    fn from_str(text: &str) -> Result<Self, QueueError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=LONGEST_POOL).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(QueueError::Name {
                name: text.to_owned(),
                expected: "a pool name of 1 to 32 of a-z, 0-9 and -",
            })
        }
    }
}

/// How urgent the tasks of a queue are. Each lane has a queue of its own, so that no bulk job delays a person who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
    /// Someone waits for it.
    Interactive,
    /// As throughput allows.
    Bulk,
}

impl Lane {
    /// Both lanes, the more urgent first.
    pub const ALL: [Self; 2] = [Self::Interactive, Self::Bulk];
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interactive => "interactive",
            Self::Bulk => "bulk",
        })
    }
}

impl FromStr for Lane {
    type Err = QueueError;

    fn from_str(text: &str) -> Result<Self, QueueError> {
        Self::ALL
            .into_iter()
            .find(|lane| lane.to_string() == text)
            .ok_or_else(|| QueueError::Name {
                name: text.to_owned(),
                expected: "interactive or bulk",
            })
    }
}
