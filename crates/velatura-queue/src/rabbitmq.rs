//! Quorum queues on RabbitMQ 3.10 to 4.3, over connections that come back by themselves.

mod alarms;
mod channels;
mod control;
mod failure;
mod link;
mod management;
mod policies;
mod publisher;
mod subscription;
mod topology;
mod unsettled;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use crate::{Broker, Consumer, Depth, Listener, Message, QueueConfig, QueueError, QueueName};
use link::Link;
use management::Management;
pub use policies::{Compared, Comparison, Difference, Policies, Policy};
use publisher::Publisher;
use subscription::Source;
use topology::Topology;

/// The most that RabbitMQ lets a consumer of a quorum queue hold.
const MOST_PREFETCH: u16 = 2000;

/// A RabbitMQ broker, or a cluster of them. It stays connected until it and its consumers are dropped.
#[derive(Debug)]
pub struct RabbitMq {
    /// Publishes, and nothing else: an alarm of the broker stops it.
    outgoing: Arc<Link>,
    /// Consumes, declares and asks.
    incoming: Arc<Link>,
    publisher: Arc<Publisher>,
    topology: Arc<Topology>,
    management: Option<Management>,
    policies: OnceCell<()>,
    timeout: Duration,
}

impl RabbitMq {
    /// Begins to connect and returns at once; [`Broker::check`] tells whether it is connected. An error means that the
    /// configuration can't work. Must be called within a tokio runtime.
    pub fn start(config: &QueueConfig) -> Result<Self, QueueError> {
        config.validate()?;
        let management = Management::new(config)?;
        if management.is_none() {
            info!(
                "no management_url: policies are not applied and depths are without what is with consumers; \
                 see velatura policies --help"
            );
        }
        let timeout = config.publish_timeout();
        let outgoing = Link::start(config, "publisher");
        let incoming = Link::start(config, "consumer");
        Ok(Self {
            publisher: Arc::new(Publisher::new(Arc::clone(&outgoing), timeout)),
            topology: Arc::new(Topology::new(Arc::clone(&incoming), timeout)),
            outgoing,
            incoming,
            management,
            policies: OnceCell::new(),
            timeout,
        })
    }

    /// Connects, or says within the time given why it can't.
    pub async fn connect_within(config: &QueueConfig, at_most: Duration) -> Result<Self, QueueError> {
        let broker = Self::start(config)?;
        let deadline = Instant::now() + at_most;
        broker.incoming.connection(deadline).await?;
        broker.outgoing.connection(deadline).await?;
        Ok(broker)
    }

    async fn apply_policies(&self, management: &Management) {
        let apply = async || Policies::through(management).apply().await.map(|_| ());
        let applied = timeout(self.timeout, self.policies.get_or_try_init(apply)).await;
        if let Ok(Err(error)) = applied {
            warn!(%error, "policies can't be applied: see velatura policies show");
        }
    }
}

#[async_trait]
impl Broker for RabbitMq {
    async fn declare(&self, queue: &QueueName) -> Result<(), QueueError> {
        self.topology.declare(queue).await?;
        if let Some(management) = &self.management {
            self.apply_policies(management).await;
        }
        Ok(())
    }

    async fn publish(&self, queue: &QueueName, messages: Vec<Message>) -> Vec<Result<(), QueueError>> {
        let mut outcomes = self.publisher.publish(queue, &messages).await;
        let returned = |outcome: &Result<(), QueueError>| matches!(outcome, Err(QueueError::Returned { .. }));
        if self.topology.has_declared(queue) && outcomes.iter().any(returned) {
            // It was there, so the broker has lost it: a new machine with an empty disk.
            warn!(%queue, "the broker has lost a queue, declaring it again");
            if self.declare(queue).await.is_ok() {
                let (places, again): (Vec<usize>, Vec<Message>) = messages
                    .into_iter()
                    .enumerate()
                    .filter(|(place, _)| returned(&outcomes[*place]))
                    .unzip();
                for (place, outcome) in places.into_iter().zip(self.publisher.publish(queue, &again).await) {
                    outcomes[place] = outcome;
                }
            }
        }
        outcomes
    }

    async fn consume(&self, queue: &QueueName, prefetch: u16) -> Result<Consumer, QueueError> {
        let (consumer, feed) = Consumer::new();
        let source = Source {
            link: Arc::clone(&self.incoming),
            topology: Arc::clone(&self.topology),
            publisher: Arc::clone(&self.publisher),
            queue: queue.clone(),
            prefetch: prefetch.clamp(1, MOST_PREFETCH),
            timeout: self.timeout,
        };
        tokio::spawn(source.run(feed));
        Ok(consumer)
    }

    async fn depth(&self, queue: &QueueName) -> Result<Depth, QueueError> {
        match &self.management {
            Some(management) => management.depth(queue).await,
            None => self.topology.depth(queue).await,
        }
    }

    async fn call_out(&self, body: Bytes) -> Result<(), QueueError> {
        control::call_out(&self.outgoing, body, self.timeout).await
    }

    fn listen(&self) -> Listener {
        let (link, timeout) = (Arc::clone(&self.incoming), self.timeout);
        Listener::new(move |heard| control::listen(link, timeout, heard))
    }

    async fn check(&self) -> Result<(), QueueError> {
        self.incoming.check()?;
        self.outgoing.check()
    }

    async fn alarms(&self) -> Result<Option<BTreeMap<String, u64>>, QueueError> {
        match &self.management {
            Some(management) => alarms::alarms(management).await.map(Some),
            None => Ok(None),
        }
    }
}
