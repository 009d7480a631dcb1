//! A consumer that subscribes again whenever its subscription ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::{FieldTable, ShortString};
use lapin::{Channel, Connection};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::{info, warn};

use super::failure;
use super::link::Link;
use super::publisher::Publisher;
use super::topology::Topology;
use super::unsettled::Unsettled;
use crate::backoff::Backoff;
use crate::consumer::{ConsumerState, Feed};
use crate::delivery::Settlement;
use crate::{Message, QueueError, QueueName};

/// A subscription that ends sooner counts as one more failed attempt.
const STABLE_AFTER: Duration = Duration::from_secs(10);

/// What a subscription needs of its broker.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) link: Arc<Link>,
    pub(super) topology: Arc<Topology>,
    pub(super) publisher: Arc<Publisher>,
    pub(super) queue: QueueName,
    pub(super) prefetch: u16,
    pub(super) timeout: Duration,
}

impl Source {
    /// Feeds one consumer until it is cancelled and its last delivery is settled.
    pub(super) async fn run(self, feed: Feed) {
        let mut backoff = Backoff::new();
        // What was logged last, so that a queue that can't be had is reported once, not at every attempt.
        let mut reported = None;
        while !feed.cancelled.is_cancelled() {
            let subscribing = tokio::select! {
                biased;
                () = feed.cancelled.cancelled() => break,
                subscribing = self.subscribe() => subscribing,
            };
            let error = match subscribing {
                Ok(mut subscription) => {
                    info!(queue = %self.queue, prefetch = self.prefetch, "subscribed");
                    feed.state.send_replace(ConsumerState::Subscribed);
                    reported = None;
                    let since = Instant::now();
                    match subscription.feed(&feed).await {
                        Ended::Cancelled => {
                            feed.state.send_replace(ConsumerState::Cancelled);
                            drop(feed);
                            return subscription.drain().await;
                        }
                        Ended::Lost(error) => {
                            feed.arrivals.clear();
                            warn!(queue = %self.queue, %error, "lost the subscription, subscribing again");
                            if since.elapsed() >= STABLE_AFTER {
                                backoff.reset();
                            }
                            error
                        }
                    }
                }
                Err(error) => {
                    if reported != Some(error.code()) {
                        warn!(queue = %self.queue, %error, "can't subscribe, trying again until it works");
                        reported = Some(error.code());
                    }
                    error
                }
            };
            feed.state.send_replace(ConsumerState::Interrupted {
                reason: error.to_string(),
            });
            tokio::select! {
                () = feed.cancelled.cancelled() => {}
                () = sleep(backoff.next()) => {}
            }
        }
        feed.state.send_replace(ConsumerState::Cancelled);
    }

    async fn subscribe(&self) -> Result<Subscription, QueueError> {
        let deadline = Instant::now() + self.timeout;
        let connection = self.link.connection(deadline).await?;
        let subscribing = self.subscribe_on(connection);
        timeout_at(deadline, subscribing)
            .await
            .unwrap_or(Err(QueueError::Timeout {
                what: "subscribe to a queue",
                after: self.timeout,
            }))
    }

    async fn subscribe_on(&self, connection: Arc<Connection>) -> Result<Subscription, QueueError> {
        self.topology.declare_on(&connection, &self.queue).await?;
        let channel = connection
            .create_channel()
            .await
            .map_err(|error| failure::lost(&error))?;
        let qos = channel.basic_qos(self.prefetch, BasicQosOptions::default()).await;
        qos.map_err(|error| failure::on_queue(&error, &self.queue))?;
        let tag = next_tag();
        let name = self.queue.to_string().into();
        let options = BasicConsumeOptions::default();
        let incoming = channel
            .basic_consume(name, tag.clone(), options, FieldTable::default())
            .await;
        let incoming = incoming.map_err(|error| failure::on_queue(&error, &self.queue))?;
        let (settle, settlements) = mpsc::unbounded_channel();
        Ok(Subscription {
            link: Arc::clone(&self.link),
            connection,
            channel,
            incoming,
            tag,
            unsettled: Unsettled::new(Arc::clone(&self.publisher)),
            settle,
            settlements,
            timeout: self.timeout,
        })
    }
}

fn next_tag() -> ShortString {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    format!("velatura-{}-{number}", std::process::id()).into()
}

enum Ended {
    Cancelled,
    Lost(QueueError),
}

/// One subscription, on one channel of one connection.
struct Subscription {
    link: Arc<Link>,
    connection: Arc<Connection>,
    channel: Channel,
    incoming: lapin::Consumer,
    tag: ShortString,
    unsettled: Unsettled,
    settle: mpsc::UnboundedSender<Settlement>,
    settlements: mpsc::UnboundedReceiver<Settlement>,
    timeout: Duration,
}

impl Subscription {
    async fn feed(&mut self, feed: &Feed) -> Ended {
        let replaced = self.link.replaced(&self.connection);
        tokio::pin!(replaced);
        loop {
            tokio::select! {
                biased;
                () = feed.cancelled.cancelled() => return Ended::Cancelled,
                error = &mut replaced => return Ended::Lost(error),
                Some(settlement) = self.settlements.recv() => self.unsettled.settle(settlement).await,
                incoming = self.incoming.next() => match incoming {
                    Some(Ok(delivery)) => {
                        feed.arrivals.add(self.unsettled.keep(delivery, &self.settle));
                    }
                    Some(Err(error)) => return Ended::Lost(failure::lost(&error)),
                    None => {
                        let reason = "the broker ended the subscription: the queue was deleted or moved, or a delivery \
                                      was not answered in time";
                        return Ended::Lost(QueueError::Unavailable { reason: reason.to_owned() });
                    }
                },
            }
        }
    }

    /// Stops deliveries, hands back what nobody took, and settles the rest as their holders decide.
    async fn drain(mut self) {
        let cancelled = timeout(self.timeout, self.stop_deliveries()).await;
        if cancelled.is_err() {
            warn!(consumer = %self.tag, "the broker did not answer when asked to stop deliveries");
        }
        let Self {
            link,
            connection,
            mut unsettled,
            settle,
            mut settlements,
            channel,
            ..
        } = self;
        // With this the last sender is gone as soon as every delivery is settled or dropped.
        drop(settle);
        let settle_all = async {
            while let Some(settlement) = settlements.recv().await {
                unsettled.settle(settlement).await;
            }
            unsettled.finish().await;
        };
        tokio::select! {
            () = settle_all => {}
            _lost = link.replaced(&connection) => {}
        }
        drop(channel);
    }

    async fn stop_deliveries(&mut self) {
        let cancelling = self
            .channel
            .basic_cancel(self.tag.clone(), BasicCancelOptions::default())
            .await;
        if cancelling.is_err() {
            // The channel is gone, and with it every delivery.
            return;
        }
        // What the broker sent before it heard of the cancellation.
        while let Some(Some(Ok(delivery))) = self.incoming.next().now_or_never() {
            let untaken = self.unsettled.keep(delivery, &self.settle);
            drop(untaken);
        }
    }
}

/// A message as it came over AMQP.
pub(super) fn message(delivery: &mut lapin::message::Delivery) -> Message {
    let id = delivery
        .properties
        .message_id()
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    Message {
        body: std::mem::take(&mut delivery.data).into(),
        id,
    }
}
