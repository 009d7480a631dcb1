use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::queue::Queue;
use crate::consumer::{ConsumerState, Feed};
use crate::delivery::{Settlement, Verdict};
use crate::{Delivery, Message};

/// Feeds one consumer until it is cancelled, then waits until its last delivery is settled.
pub(super) async fn run(source: Arc<Queue>, dead: Arc<Queue>, prefetch: usize, feed: Feed) {
    let (settlements, mut settled) = mpsc::unbounded_channel();
    let mut held = Held {
        source: Arc::clone(&source),
        dead,
        unsettled: HashMap::new(),
        last_tag: 0,
    };
    feed.state.send_replace(ConsumerState::Subscribed);
    loop {
        tokio::select! {
            biased;
            () = feed.cancelled.cancelled() => break,
            Some(settlement) = settled.recv() => held.settle(settlement),
            stored = source.take(), if held.unsettled.len() < prefetch => {
                let tag = held.keep(stored.message.clone());
                feed.arrivals.add(Delivery::new(stored.message, stored.redelivered, tag, settlements.clone()));
            }
        }
    }
    feed.state.send_replace(ConsumerState::Cancelled);
    drop((feed, settlements));
    while let Some(settlement) = settled.recv().await {
        held.settle(settlement);
    }
}

/// The deliveries of one consumer that are not settled yet.
struct Held {
    source: Arc<Queue>,
    dead: Arc<Queue>,
    unsettled: HashMap<u64, Message>,
    last_tag: u64,
}

impl Held {
    fn keep(&mut self, message: Message) -> u64 {
        self.last_tag += 1;
        self.unsettled.insert(self.last_tag, message);
        self.last_tag
    }

    fn settle(&mut self, Settlement { verdict, reply }: Settlement) {
        let mut take = |tag| self.unsettled.remove(&tag);
        match verdict {
            Verdict::Ack(tags) => tags.into_iter().filter_map(take).for_each(|_| self.source.settle()),
            Verdict::Nack(tag) => {
                if let Some(message) = take(tag) {
                    self.source.put_back(message);
                }
            }
            Verdict::Reject(tag) => {
                if let Some(message) = take(tag) {
                    self.source.settle();
                    self.dead.push(vec![message]);
                }
            }
        }
        reply.send(Ok(()));
    }
}
