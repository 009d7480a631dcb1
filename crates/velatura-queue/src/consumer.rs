use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::Delivery;

/// A subscription to one queue that mends itself. Dropping it cancels it.
#[derive(Debug)]
pub struct Consumer {
    arrivals: Arc<Arrivals>,
    state: watch::Receiver<ConsumerState>,
    cancelled: CancellationToken,
    _cancel_on_drop: DropGuard,
}

/// Whether a consumer gets deliveries now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsumerState {
    /// The broker sends what comes.
    Subscribed,
    /// It is subscribing, again or for the first time.
    Interrupted {
        /// Why it is not subscribed.
        reason: String,
    },
    /// It was cancelled by this process and gets nothing more.
    Cancelled,
}

impl ConsumerState {
    pub(crate) fn starting() -> Self {
        Self::Interrupted {
            reason: "subscribing for the first time".to_owned(),
        }
    }
}

/// The broker's end of a [`Consumer`].
#[derive(Debug)]
pub(crate) struct Feed {
    pub(crate) arrivals: Arc<Arrivals>,
    pub(crate) state: watch::Sender<ConsumerState>,
    pub(crate) cancelled: CancellationToken,
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.arrivals.end();
    }
}

impl Consumer {
    pub(crate) fn new() -> (Self, Feed) {
        let arrivals = Arc::<Arrivals>::default();
        let (state, states) = watch::channel(ConsumerState::starting());
        let cancelled = CancellationToken::new();
        let consumer = Self {
            arrivals: Arc::clone(&arrivals),
            state: states,
            cancelled: cancelled.clone(),
            _cancel_on_drop: cancelled.clone().drop_guard(),
        };
        (
            consumer,
            Feed {
                arrivals,
                state,
                cancelled,
            },
        )
    }

    /// The next delivery, waiting for one however long it takes; `None` once cancelled. Nothing is lost when the future
    /// is dropped before it is done.
    pub async fn next(&mut self) -> Option<Delivery> {
        self.next_many(1).await.pop()
    }

    /// Those deliveries that have come, up to `most` of them, waiting for a first one however long it takes; none once
    /// cancelled. Nothing is lost when the future is dropped before it is done.
    ///
    /// # Panics
    /// When `most` is 0: that would say nothing about the end.
    pub async fn next_many(&mut self, most: usize) -> Vec<Delivery> {
        assert!(most > 0, "none are not waited for");
        self.arrivals.take(most).await
    }

    /// Stops deliveries at once. Those taken before can still be settled; those not yet taken go back to the queue.
    pub fn cancel(&self) {
        self.cancelled.cancel();
        self.arrivals.end();
    }

    /// Whether it gets deliveries now, and a signal when that changes.
    pub fn state(&self) -> watch::Receiver<ConsumerState> {
        self.state.clone()
    }
}

/// What has come and was not taken yet: at most the prefetch, which is the broker's matter.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    waiting: Mutex<Waiting>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    deliveries: VecDeque<Delivery>,
    ended: bool,
}

impl Arrivals {
    /// Adds one; after the end it goes back at once.
    pub(crate) fn add(&self, delivery: Delivery) {
        let mut waiting = self.lock();
        if !waiting.ended {
            waiting.deliveries.push_back(delivery);
            drop(waiting);
            self.changed.notify_one();
        }
    }

    /// Hands back what was not taken.
    pub(crate) fn clear(&self) {
        let untaken = std::mem::take(&mut self.lock().deliveries);
        drop(untaken);
    }

    /// Hands back what was not taken, and whatever still comes.
    pub(crate) fn end(&self) {
        self.lock().ended = true;
        self.clear();
        self.changed.notify_one();
    }

    /// Takes up to `most`, waiting for a first one; none after the end.
    async fn take(&self, most: usize) -> Vec<Delivery> {
        loop {
            // Registered before looking, so that what comes in between is not missed.
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            {
                let mut waiting = self.lock();
                let count = most.min(waiting.deliveries.len());
                if count > 0 || waiting.ended {
                    return waiting.deliveries.drain(..count).collect();
                }
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
