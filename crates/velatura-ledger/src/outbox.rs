use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Counters, JobState, LedgerError, Millis};

/// What a job's owner is told: news are recorded in the transaction that makes them true, so that none is lost and none
/// is made up, and stay until they are delivered or given up.
#[async_trait]
pub trait Outbox {
    /// Records an address that wants its tenant's news from now on.
    async fn add_webhook(&self, webhook: &Webhook) -> Result<(), LedgerError>;

    /// The addresses of one tenant, or of all, the newest first.
    async fn webhooks(&self, tenant: Option<&str>) -> Result<Vec<Webhook>, LedgerError>;

    /// Forgets an address, and what it has not been told.
    async fn delete_webhook(&self, id: &str) -> Result<(), LedgerError>;

    /// Takes up to `limit` news that are due, and counts an attempt of each. Nobody else gets them before `until`.
    async fn take_news(&self, limit: usize, now: Millis, until: Millis) -> Result<Vec<Delivery>, LedgerError>;

    /// Records what became of an attempt. One that is not current changes nothing.
    async fn settle_news(&self, delivery: &Delivery, ending: &Delivered) -> Result<(), LedgerError>;
}

/// An address that wants news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its name.
    pub id: String,
    /// Whose news it gets.
    pub tenant: String,
    /// Where it is.
    pub url: String,
    /// What its deliveries are signed with.
    pub secret: String,
    /// When it was recorded.
    pub created_at: Millis,
    /// When it said that it wants no more.
    pub disabled_at: Option<Millis>,
    /// Why the last delivery failed; empty when it did not.
    pub error: String,
}

/// Something that happened to a job: it was paused, or it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct News {
    /// Which job.
    pub job: Uuid,
    /// Its state from then on.
    pub state: JobState,
    /// Why, one sentence; empty when there is nothing to say.
    pub reason: String,
    /// Why it failed, a stable code; empty unless it has.
    #[serde(default)]
    pub code: String,
    /// Its tasks at that moment.
    pub counters: Counters,
    /// When the job came.
    pub created_at: Millis,
    /// When it ended.
    pub ended_at: Option<Millis>,
    /// When this happened.
    pub at: Millis,
}

/// News on their way to one address.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Names these news at this address, the same in every attempt.
    pub id: String,
    /// The address's name.
    pub webhook: String,
    /// Where it is.
    pub url: String,
    /// What to sign with.
    pub secret: String,
    /// What happened.
    pub news: News,
    /// Which attempt this is, from 1.
    pub attempt: u32,
}

/// How an attempt to deliver ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// It was taken.
    Taken,
    /// Try again at `at`.
    Again {
        /// When.
        at: Millis,
        /// What went wrong, one sentence.
        error: String,
    },
    /// Never try again.
    GivenUp {
        /// What went wrong, one sentence.
        error: String,
    },
    /// The address wants no more news, at this time.
    Disabled {
        /// When it said so.
        at: Millis,
    },
}
