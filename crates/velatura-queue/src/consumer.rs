use tokio::sync::{mpsc, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::Delivery;

/// A subscription to one queue that mends itself. Dropping it cancels it.
#[derive(Debug)]
pub struct Consumer {
    deliveries: mpsc::Receiver<Delivery>,
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
    pub(crate) deliveries: mpsc::Sender<Delivery>,
    pub(crate) state: watch::Sender<ConsumerState>,
    pub(crate) cancelled: CancellationToken,
}

impl Consumer {
    pub(crate) fn new() -> (Self, Feed) {
        // One at a time: what waits to be taken stays with the broker's end, which hands it back when cancelled.
        let (sender, deliveries) = mpsc::channel(1);
        let (state, states) = watch::channel(ConsumerState::starting());
        let cancelled = CancellationToken::new();
        let consumer = Self {
            deliveries,
            state: states,
            cancelled: cancelled.clone(),
            _cancel_on_drop: cancelled.clone().drop_guard(),
        };
        (
            consumer,
            Feed {
                deliveries: sender,
                state,
                cancelled,
            },
        )
    }

    /// The next delivery, waiting for one however long it takes; `None` once cancelled. Nothing is lost when the future
    /// is dropped before it is done.
    pub async fn next(&mut self) -> Option<Delivery> {
        let next = tokio::select! {
            biased;
            () = self.cancelled.cancelled() => None,
            delivery = self.deliveries.recv() => delivery,
        };
        if next.is_none() {
            self.hand_back();
        }
        next
    }

    /// Stops deliveries at once. Those taken before can still be settled; those not yet taken go back to the queue.
    pub fn cancel(&self) {
        self.cancelled.cancel();
    }

    /// Whether it gets deliveries now, and a signal when that changes.
    pub fn state(&self) -> watch::Receiver<ConsumerState> {
        self.state.clone()
    }

    fn hand_back(&mut self) {
        self.deliveries.close();
        while let Ok(delivery) = self.deliveries.try_recv() {
            drop(delivery);
        }
    }
}
