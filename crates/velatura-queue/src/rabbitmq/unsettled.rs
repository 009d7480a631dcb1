//! Deliveries that the broker waits to hear about.

use std::collections::HashMap;
use std::sync::Arc;

use lapin::Acker;
use lapin::options::{BasicAckOptions, BasicNackOptions};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::warn;

use super::publisher::Publisher;
use super::subscription;
use crate::delivery::{Settlement, Verdict};
use crate::{Delivery, Message, QueueError, QueueName};

const HAND_BACK: BasicNackOptions = BasicNackOptions {
    multiple: false,
    requeue: true,
};
const ONLY_THIS: BasicAckOptions = BasicAckOptions { multiple: false };

/// The deliveries of one subscription that are not settled yet.
pub(super) struct Unsettled {
    publisher: Arc<Publisher>,
    held: HashMap<u64, (Acker, Message)>,
    rejecting: JoinSet<()>,
}

impl Unsettled {
    pub(super) fn new(publisher: Arc<Publisher>) -> Self {
        Self {
            publisher,
            held: HashMap::new(),
            rejecting: JoinSet::new(),
        }
    }

    pub(super) fn keep(
        &mut self,
        mut delivery: lapin::message::Delivery,
        settle: &mpsc::UnboundedSender<Settlement>,
    ) -> Delivery {
        let message = subscription::message(&mut delivery);
        let tag = delivery.delivery_tag;
        self.held.insert(tag, (delivery.acker, message.clone()));
        Delivery::new(message, delivery.redelivered, tag, settle.clone())
    }

    pub(super) async fn settle(&mut self, settlement: Settlement) {
        while self.rejecting.try_join_next().is_some() {}
        let Some((acker, message)) = self.held.remove(&settlement.tag) else {
            return settlement.answer(Err(QueueError::Stale));
        };
        match settlement.verdict {
            Verdict::Ack => settlement.answer(said(acker.ack(ONLY_THIS).await)),
            Verdict::Nack => settlement.answer(said(acker.nack(HAND_BACK).await)),
            Verdict::Reject => {
                let publisher = Arc::clone(&self.publisher);
                self.rejecting
                    .spawn(async move { settlement.answer(reject(&publisher, &acker, message).await) });
            }
        }
    }

    /// Waits for what is still on its way to the dead queue.
    pub(super) async fn finish(&mut self) {
        while self.rejecting.join_next().await.is_some() {}
    }
}

/// Puts the message in the dead queue, and only then takes it out of its own. AMQP's `basic.reject` would leave that to a
/// policy: where it is missing, the broker drops the message without a word.
async fn reject(publisher: &Publisher, acker: &Acker, message: Message) -> Result<(), QueueError> {
    let id = message.id.clone();
    match publisher.publish(&QueueName::Dead, &[message]).await.pop() {
        Some(Ok(())) => said(acker.ack(ONLY_THIS).await),
        Some(Err(error)) => {
            warn!(message = id, %error, "a message can't be put in the dead queue now, handing it back");
            said(acker.nack(HAND_BACK).await)?;
            Err(error)
        }
        None => Err(QueueError::Closed),
    }
}

/// lapin answers `false` for a delivery of a connection or channel that is gone.
fn said(settled: lapin::Result<bool>) -> Result<(), QueueError> {
    if settled.unwrap_or(false) {
        Ok(())
    } else {
        Err(QueueError::Stale)
    }
}
