use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::{Depth, Message};

/// A message and whether anyone had it before.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) message: Message,
    pub(super) redelivered: bool,
}

/// One queue: what waits, and how much is with consumers.
#[derive(Debug, Default)]
pub(super) struct Queue {
    inner: Mutex<Inner>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    ready: VecDeque<Stored>,
    unacked: u64,
}

impl Queue {
    pub(super) fn push(&self, messages: Vec<Message>) {
        let count = messages.len();
        self.lock().ready.extend(messages.into_iter().map(|message| Stored {
            message,
            redelivered: false,
        }));
        for _ in 0..count {
            self.arrived.notify_one();
        }
    }

    /// Waits for a message and takes it. Nothing is taken when the future is dropped before it is done.
    pub(super) async fn take(&self) -> Stored {
        loop {
            // Registered before looking, so that a message which arrives in between is not missed.
            let mut arrived = pin!(self.arrived.notified());
            arrived.as_mut().enable();
            if let Some(stored) = self.try_take() {
                return stored;
            }
            arrived.await;
        }
    }

    fn try_take(&self) -> Option<Stored> {
        let mut inner = self.lock();
        let stored = inner.ready.pop_front()?;
        inner.unacked += 1;
        Some(stored)
    }

    /// Forgets a message that was taken.
    pub(super) fn settle(&self) {
        self.lock().unacked -= 1;
    }

    /// Takes a message back, to the head, where it was.
    pub(super) fn put_back(&self, message: Message) {
        let mut inner = self.lock();
        inner.unacked -= 1;
        inner.ready.push_front(Stored {
            message,
            redelivered: true,
        });
        drop(inner);
        self.arrived.notify_one();
    }

    pub(super) fn depth(&self) -> Depth {
        let inner = self.lock();
        Depth {
            ready: inner.ready.len() as u64,
            unacked: Some(inner.unacked),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
