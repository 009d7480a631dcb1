//! Deliveries that the broker waits to hear about.

use std::collections::{BTreeMap, btree_map};
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
const AND_ALL_BEFORE: BasicAckOptions = BasicAckOptions { multiple: true };

/// The deliveries of one subscription that are not settled yet.
pub(super) struct Unsettled {
    publisher: Arc<Publisher>,
    /// By their tags, which are numbers in the order of delivery.
    held: BTreeMap<u64, (Acker, Message)>,
    rejecting: JoinSet<()>,
}

impl Unsettled {
    pub(super) fn new(publisher: Arc<Publisher>) -> Self {
        Self {
            publisher,
            held: BTreeMap::new(),
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

    pub(super) async fn settle(&mut self, Settlement { verdict, reply }: Settlement) {
        while self.rejecting.try_join_next().is_some() {}
        match verdict {
            Verdict::Ack(tags) => reply.send(self.ack(tags).await),
            Verdict::Nack(tag) => reply.send(match self.held.remove(&tag) {
                Some((acker, _)) => said(acker.nack(HAND_BACK).await),
                None => Err(QueueError::Stale),
            }),
            Verdict::Reject(tag) => match self.held.remove(&tag) {
                Some((acker, message)) => {
                    let publisher = Arc::clone(&self.publisher);
                    self.rejecting
                        .spawn(async move { reply.send(reject(&publisher, &acker, message).await) });
                }
                None => reply.send(Err(QueueError::Stale)),
            },
        }
    }

    /// Acks those that nothing unsettled lies before in one word, and the others one by one.
    async fn ack(&mut self, mut tags: Vec<u64>) -> Result<(), QueueError> {
        tags.sort_unstable();
        let held = match self.rejecting.is_empty() {
            true => self.held.keys(),
            // What is on its way to the dead queue must stay in its own until it is there.
            false => btree_map::Keys::default(),
        };
        let together = tags.iter().zip(held).take_while(|(tag, held)| tag == held).count();
        let (together, alone) = tags.split_at(together);
        let mut settled = Ok(());
        if let Some(last) = together.last() {
            let later = self.held.split_off(&(last + 1));
            let earlier = std::mem::replace(&mut self.held, later);
            let (acker, _) = &earlier[last];
            settled = said(acker.ack(AND_ALL_BEFORE).await);
        }
        for tag in alone {
            settled = settled.and(match self.held.remove(tag) {
                Some((acker, _)) => said(acker.ack(ONLY_THIS).await),
                None => Err(QueueError::Stale),
            });
        }
        settled
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
