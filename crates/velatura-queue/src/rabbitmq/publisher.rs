//! Messages out, each confirmed.

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt, poll};
use lapin::options::BasicPublishOptions;
use lapin::{BasicProperties, Channel, Confirmation, PublisherConfirm};
use tokio::time::{Instant, sleep, timeout_at};

use super::channels::Channels;
use super::failure;
use super::link::Link;
use super::topology::EXCHANGE;
use crate::backoff::Backoff;
use crate::{Message, QueueError, QueueName};

/// So many messages are on their way to the broker at once, and have one timeout together.
const BATCH: usize = 1000;
const PERSISTENT: u8 = 2;

type Outcome = Result<(), QueueError>;

/// Publishes with confirms, on a connection of its own: an alarm of the broker stops connections that publish, and
/// consumers must go on.
#[derive(Debug)]
pub(super) struct Publisher {
    link: Arc<Link>,
    channels: Channels,
    timeout: Duration,
}

impl Publisher {
    pub(super) fn new(link: Arc<Link>, timeout: Duration) -> Self {
        Self {
            channels: Channels::new(Arc::clone(&link)),
            link,
            timeout,
        }
    }

    /// One outcome a message. After a batch that ran out of time the rest is not tried.
    pub(super) async fn publish(&self, queue: &QueueName, messages: &[Message]) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(messages.len());
        for batch in messages.chunks(BATCH) {
            outcomes.extend(self.publish_batch(queue, batch).await);
            let given_up = outcomes
                .iter()
                .find_map(|outcome| outcome.as_ref().err().filter(|e| e.is_transient()));
            if let Some(error) = given_up.cloned() {
                outcomes.resize(messages.len(), Err(error));
                break;
            }
        }
        outcomes
    }

    /// Tries until each message is confirmed, refused for good, or out of time.
    async fn publish_batch(&self, queue: &QueueName, batch: &[Message]) -> Vec<Outcome> {
        let deadline = Instant::now() + self.timeout;
        let mut backoff = Backoff::new();
        let mut outcomes = vec![Ok(()); batch.len()];
        let mut open: Vec<usize> = (0..batch.len()).collect();
        loop {
            let messages: Vec<&Message> = open.iter().map(|&index| &batch[index]).collect();
            let tried = self.attempt(queue, &messages, deadline).await;
            for (&index, outcome) in open.iter().zip(tried) {
                outcomes[index] = outcome;
            }
            open.retain(|&index| matches!(&outcomes[index], Err(error) if error.is_transient()));
            let wait = backoff.next();
            if open.is_empty() || Instant::now() + wait >= deadline {
                return outcomes;
            }
            sleep(wait).await;
        }
    }

    async fn attempt(&self, queue: &QueueName, messages: &[&Message], deadline: Instant) -> Vec<Outcome> {
        if let Err(blocked @ QueueError::Blocked { .. }) = self.link.check() {
            // Nothing could be written, and what is handed to lapin now would be sent long after it was given up.
            return vec![Err(blocked); messages.len()];
        }
        let lent = match self.channels.lend(deadline).await {
            Some(Ok(lent)) => lent,
            Some(Err(error)) => return vec![Err(error); messages.len()],
            None => return vec![Err(self.late()); messages.len()],
        };
        let (outcomes, settled) = Flight::new(queue, messages.len())
            .send(&lent.channel, messages, deadline)
            .await;
        if settled {
            lent.give_back();
        }
        outcomes
            .into_iter()
            .map(|outcome| outcome.unwrap_or_else(|| Err(self.late())))
            .collect()
    }

    fn late(&self) -> QueueError {
        match self.link.check() {
            Err(error) => error,
            Ok(()) => QueueError::Timeout {
                what: "confirm a message",
                after: self.timeout,
            },
        }
    }
}

/// Messages on their way over one channel.
struct Flight<'a> {
    queue: &'a QueueName,
    /// `None` until the broker said something about the message.
    outcomes: Vec<Option<Outcome>>,
    /// Messages that came back because no queue took them; their confirmation is positive all the same.
    returned: Vec<usize>,
}

impl<'a> Flight<'a> {
    fn new(queue: &'a QueueName, count: usize) -> Self {
        Self {
            queue,
            outcomes: vec![None; count],
            returned: Vec::new(),
        }
    }

    /// Sends all messages, then collects what the broker says. Also tells whether nothing is open on the channel.
    async fn send(
        mut self,
        channel: &Channel,
        messages: &[&Message],
        deadline: Instant,
    ) -> (Vec<Option<Outcome>>, bool) {
        let queue = self.queue;
        let mut open = FuturesUnordered::new();
        for (index, message) in messages.iter().enumerate() {
            let mut confirming = Box::pin(async move { write(channel, queue, index, message).await?.await });
            // The first poll hands the message to lapin: in order, and without waiting for the one before.
            match poll!(confirming.as_mut()) {
                Poll::Ready(confirmation) => self.note(index, confirmation),
                Poll::Pending => open.push(async move { (index, confirming.await) }),
            }
        }
        while let Ok(Some((index, confirmation))) = timeout_at(deadline, open.next()).await {
            self.note(index, confirmation);
        }
        for index in self.returned {
            self.outcomes[index] = Some(Err(QueueError::Returned { queue: queue.clone() }));
        }
        (self.outcomes, open.is_empty() && channel.status().connected())
    }

    fn note(&mut self, index: usize, confirmation: lapin::Result<Confirmation>) {
        self.outcomes[index] = Some(match confirmation {
            Ok(confirmation) => {
                let outcome = if confirmation.is_ack() {
                    Ok(())
                } else {
                    Err(QueueError::Nacked {
                        queue: self.queue.clone(),
                    })
                };
                if let Some(back) = confirmation.take_message() {
                    // Not necessarily the message that this confirmation is about: see `Channels`.
                    let which = back
                        .properties
                        .correlation_id()
                        .as_ref()
                        .and_then(|id| id.as_str().parse().ok());
                    self.returned.push(which.unwrap_or(index));
                }
                outcome
            }
            Err(error) => Err(failure::on_publish(&error, self.queue)),
        });
    }
}

async fn write(
    channel: &Channel,
    queue: &QueueName,
    index: usize,
    message: &Message,
) -> lapin::Result<PublisherConfirm> {
    let properties = BasicProperties::default()
        .with_delivery_mode(PERSISTENT)
        .with_content_type("application/json".into())
        .with_message_id(message.id.as_str().into())
        .with_correlation_id(index.to_string().into());
    let options = BasicPublishOptions {
        mandatory: true,
        ..BasicPublishOptions::default()
    };
    channel
        .basic_publish(
            EXCHANGE.into(),
            queue.to_string().into(),
            options,
            &message.body,
            properties,
        )
        .await
}
