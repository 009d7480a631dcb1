use std::sync::Arc;
use std::time::Duration;

use velatura_queue::{Broker, Lane, QueueError, QueueName};
use velatura_telemetry::Registry;

use super::count;
use crate::metrics::FromBroker;

/// How much lies in the broker's queues.
#[derive(Debug)]
pub(crate) struct Depths {
    broker: Arc<dyn Broker>,
    queues: Vec<QueueName>,
    timeout: Duration,
}

impl Depths {
    pub(crate) fn new(broker: Arc<dyn Broker>, pool: &str, timeout: Duration) -> Result<Self, QueueError> {
        let mut queues = vec![QueueName::Results, QueueName::Dead];
        for lane in Lane::ALL {
            queues.push(QueueName::tasks(pool, lane)?);
        }
        Ok(Self {
            broker,
            queues,
            timeout,
        })
    }

    /// Asks for every queue that has been declared, and makes metrics of the answers.
    pub(crate) async fn ask(&self) -> Result<Registry, QueueError> {
        let late = |_| QueueError::Timeout {
            what: "say how much lies in its queues",
            after: self.timeout,
        };
        tokio::time::timeout(self.timeout, self.ask_all()).await.map_err(late)?
    }

    async fn ask_all(&self) -> Result<Registry, QueueError> {
        let registry = Registry::new();
        let FromBroker {
            queue_messages: messages,
            broker_alarms,
        } = FromBroker::register(&registry);
        // Without a management API nobody can say: no series is more honest than a 0.
        for (resource, nodes) in self.broker.alarms().await?.into_iter().flatten() {
            broker_alarms.with_label_values(&[&resource]).set(count(nodes));
        }
        for queue in &self.queues {
            let depth = match self.broker.depth(queue).await {
                Ok(depth) => depth,
                // Nobody uses it: no series is more honest than a 0.
                Err(QueueError::Missing { .. }) => continue,
                Err(error) => return Err(error),
            };
            let queue = queue.to_string();
            messages
                .with_label_values(&[queue.as_str(), "ready"])
                .set(count(depth.ready));
            if let Some(unacked) = depth.unacked {
                messages
                    .with_label_values(&[queue.as_str(), "unacked"])
                    .set(count(unacked));
            }
        }
        Ok(registry)
    }
}
