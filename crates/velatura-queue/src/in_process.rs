//! A broker that lives in this process, for one machine and for tests. It forgets everything when the process ends:
//! the ledger fills it again.

mod queue;
mod subscription;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::{Broker, Consumer, Depth, Heard, Listener, Message, QueueError, QueueName};
use queue::Queue;

/// Queues in memory with the same behaviour as RabbitMQ's, but for durability. Clones share the queues.
#[derive(Debug, Clone)]
pub struct InProcess {
    queues: Arc<RwLock<HashMap<QueueName, Arc<Queue>>>>,
    called: broadcast::Sender<Bytes>,
}

impl Default for InProcess {
    fn default() -> Self {
        Self {
            queues: Arc::default(),
            called: broadcast::channel(256).0,
        }
    }
}

impl InProcess {
    /// A broker without queues.
    pub fn new() -> Self {
        Self::default()
    }

    fn find(&self, name: &QueueName) -> Option<Arc<Queue>> {
        self.queues
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned()
    }

    fn find_or_make(&self, name: &QueueName) -> Arc<Queue> {
        let mut queues = self.queues.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(queues.entry(name.clone()).or_default())
    }
}

#[async_trait]
impl Broker for InProcess {
    async fn declare(&self, queue: &QueueName) -> Result<(), QueueError> {
        self.find_or_make(queue);
        Ok(())
    }

    async fn publish(&self, queue: &QueueName, messages: Vec<Message>) -> Vec<Result<(), QueueError>> {
        match self.find(queue) {
            Some(found) => {
                let handed_over = vec![Ok(()); messages.len()];
                found.push(messages);
                handed_over
            }
            None => vec![Err(QueueError::Returned { queue: queue.clone() }); messages.len()],
        }
    }

    async fn consume(&self, queue: &QueueName, prefetch: u16) -> Result<Consumer, QueueError> {
        let (consumer, feed) = Consumer::new();
        let source = self.find_or_make(queue);
        let dead = self.find_or_make(&QueueName::Dead);
        tokio::spawn(subscription::run(
            source,
            dead,
            usize::from(prefetch.clamp(1, 2000)),
            feed,
        ));
        Ok(consumer)
    }

    async fn depth(&self, queue: &QueueName) -> Result<Depth, QueueError> {
        self.find(queue)
            .map(|found| found.depth())
            .ok_or_else(|| QueueError::Missing { queue: queue.clone() })
    }

    async fn call_out(&self, body: Bytes) -> Result<(), QueueError> {
        // Nobody has to be there.
        let _ = self.called.send(body);
        Ok(())
    }

    fn listen(&self) -> Listener {
        let mut called = self.called.subscribe();
        Listener::new(|heard| async move {
            let mut next = Heard::Joined;
            while heard.send(next).await.is_ok() {
                next = match called.recv().await {
                    Ok(body) => Heard::Called(body),
                    Err(RecvError::Lagged(_)) => Heard::Joined,
                    Err(RecvError::Closed) => return,
                };
            }
        })
    }

    async fn check(&self) -> Result<(), QueueError> {
        Ok(())
    }
}
