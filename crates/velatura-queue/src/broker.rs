use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{Consumer, Listener, QueueError, QueueName};

/// Queues with at-least-once delivery.
#[async_trait]
pub trait Broker: fmt::Debug + Send + Sync + 'static {
    /// Makes sure that a queue is there. Must have been called once, by anyone, before anything is published to it.
    async fn declare(&self, queue: &QueueName) -> Result<(), QueueError>;

    /// Hands messages over in order; returns when the broker has taken responsibility for each, or says which it has
    /// not: one result a message, in the order given.
    async fn publish(&self, queue: &QueueName, messages: Vec<Message>) -> Vec<Result<(), QueueError>>;

    /// Subscribes, declaring the queue first. Returns at once, also while the broker is away: [`Consumer::state`] tells
    /// when it is subscribed. The consumer subscribes afresh by itself after a lost connection or a cancelled
    /// subscription, until it is dropped or cancelled. `prefetch` is the most deliveries it holds unsettled: 1 to 2000;
    /// what lies outside is taken as the nearest of these.
    async fn consume(&self, queue: &QueueName, prefetch: u16) -> Result<Consumer, QueueError>;

    /// How much lies in a queue now; may lag by seconds behind what was published.
    async fn depth(&self, queue: &QueueName) -> Result<Depth, QueueError>;

    /// Calls a message out to everybody who listens now, once or not at all: nobody is promised to hear it.
    async fn call_out(&self, body: Bytes) -> Result<(), QueueError>;

    /// Hears what is called out from now on, over whatever happens to connections.
    fn listen(&self) -> Listener;

    /// Whether the broker can be used now; the error says why not.
    async fn check(&self) -> Result<(), QueueError>;

    /// On how many of the broker's nodes something runs out, by what it is: `memory`, `disk`. While it does, the broker
    /// takes no messages. `None` where the broker does not say.
    async fn alarms(&self) -> Result<Option<BTreeMap<String, u64>>, QueueError> {
        Ok(None)
    }
}

/// What is handed to the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// JSON, about 1 KiB.
    pub body: Bytes,
    /// Identifies the message in logs and in the dead queue.
    pub id: String,
}

/// How much lies in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// Messages that wait.
    pub ready: u64,
    /// Messages with a consumer; `None` where the broker does not say.
    pub unacked: Option<u64>,
}
