//! The exchanges and queues, as every process declares them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, LongString};
use lapin::{Channel, Connection, ExchangeKind};
use tokio::time::{Instant, timeout_at};

use super::failure;
use super::link::Link;
use crate::{Depth, QueueError, QueueName};

/// Everything is published here; each queue is bound by its own name.
pub(super) const EXCHANGE: &str = "velatura.v1";
/// Where the policy sends what was delivered too often.
const DEAD_EXCHANGE: &str = "velatura.dead.v1";

/// Declares queues, and remembers which.
#[derive(Debug)]
pub(super) struct Topology {
    link: Arc<Link>,
    timeout: Duration,
    declared: Mutex<HashSet<QueueName>>,
}

impl Topology {
    pub(super) fn new(link: Arc<Link>, timeout: Duration) -> Self {
        Self {
            link,
            timeout,
            declared: Mutex::default(),
        }
    }

    /// Whether this process declared the queue before, so that it should be there.
    pub(super) fn has_declared(&self, queue: &QueueName) -> bool {
        self.declared
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(queue)
    }

    pub(super) async fn declare(&self, queue: &QueueName) -> Result<(), QueueError> {
        let deadline = Instant::now() + self.timeout;
        let connection = self.link.connection(deadline).await?;
        timeout_at(deadline, self.declare_on(&connection, queue))
            .await
            .unwrap_or(Err(QueueError::Timeout {
                what: "declare a queue",
                after: self.timeout,
            }))
    }

    /// A queue with all that it needs: the exchanges, and the dead queue behind it.
    pub(super) async fn declare_on(&self, connection: &Connection, queue: &QueueName) -> Result<(), QueueError> {
        let channel = connection
            .create_channel()
            .await
            .map_err(|error| failure::lost(&error))?;
        declare_exchange(&channel, EXCHANGE, ExchangeKind::Direct, queue).await?;
        declare_exchange(&channel, DEAD_EXCHANGE, ExchangeKind::Fanout, queue).await?;
        declare_queue(&channel, &QueueName::Dead, &[DEAD_EXCHANGE, EXCHANGE]).await?;
        if *queue != QueueName::Dead {
            declare_queue(&channel, queue, &[EXCHANGE]).await?;
        }
        self.declared
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(queue.clone());
        Ok(())
    }

    /// What waits in a queue, by asking for it without declaring it.
    pub(super) async fn depth(&self, queue: &QueueName) -> Result<Depth, QueueError> {
        let deadline = Instant::now() + self.timeout;
        let connection = self.link.connection(deadline).await?;
        let ask = async {
            let channel = connection
                .create_channel()
                .await
                .map_err(|error| failure::lost(&error))?;
            let options = QueueDeclareOptions {
                passive: true,
                ..QueueDeclareOptions::default()
            };
            let name = queue.to_string().into();
            let found = channel.queue_declare(name, options, FieldTable::default()).await;
            let found = found.map_err(|error| failure::on_queue(&error, queue))?;
            Ok(Depth {
                ready: u64::from(found.message_count()),
                unacked: None,
            })
        };
        timeout_at(deadline, ask).await.unwrap_or(Err(QueueError::Timeout {
            what: "count the messages of a queue",
            after: self.timeout,
        }))
    }
}

async fn declare_exchange(
    channel: &Channel,
    name: &str,
    kind: ExchangeKind,
    queue: &QueueName,
) -> Result<(), QueueError> {
    let options = ExchangeDeclareOptions {
        durable: true,
        ..ExchangeDeclareOptions::default()
    };
    let declared = channel
        .exchange_declare(name.into(), kind, options, FieldTable::default())
        .await;
    declared.map_err(|error| failure::on_queue(&error, queue))
}

async fn declare_queue(channel: &Channel, queue: &QueueName, exchanges: &[&str]) -> Result<(), QueueError> {
    let name = queue.to_string();
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    // The only argument: arguments can't change without deleting the queue, so all else is a policy.
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString(LongString::from("quorum")));
    let declared = channel.queue_declare(name.as_str().into(), options, arguments).await;
    declared.map_err(|error| failure::on_queue(&error, queue))?;
    for exchange in exchanges {
        let (name, key) = (name.as_str().into(), name.as_str().into());
        let bound = channel.queue_bind(
            name,
            (*exchange).into(),
            key,
            QueueBindOptions::default(),
            FieldTable::default(),
        );
        bound.await.map_err(|error| failure::on_queue(&error, queue))?;
    }
    Ok(())
}
