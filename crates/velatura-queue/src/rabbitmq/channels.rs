//! Channels to publish on, each used by one caller at a time.

use std::sync::{Arc, Mutex, PoisonError};

use lapin::Channel;
use lapin::options::ConfirmSelectOptions;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use super::failure;
use super::link::Link;
use crate::QueueError;

/// More callers than this wait for each other.
const MOST: usize = 16;

/// One caller a channel, because lapin pairs a returned message with whichever confirmation of the channel comes next:
/// among the messages of one caller the right one can be found, among several callers' it would be lost.
#[derive(Debug)]
pub(super) struct Channels {
    link: Arc<Link>,
    idle: Mutex<Vec<Channel>>,
    places: Semaphore,
}

/// A channel that is the caller's alone. Dropped, it is closed; [`Lent::give_back`] keeps it for the next.
pub(super) struct Lent<'a> {
    pub(super) channel: Channel,
    channels: &'a Channels,
    _place: SemaphorePermit<'a>,
}

impl Channels {
    pub(super) fn new(link: Arc<Link>) -> Self {
        Self {
            link,
            idle: Mutex::default(),
            places: Semaphore::new(MOST),
        }
    }

    /// A channel that confirms; `None` when the deadline passed.
    pub(super) async fn lend(&self, deadline: Instant) -> Option<Result<Lent<'_>, QueueError>> {
        let Ok(place) = timeout_at(deadline, self.places.acquire()).await.ok()? else {
            return Some(Err(QueueError::Closed));
        };
        let channel = match self.take_idle() {
            Some(channel) => channel,
            None => match timeout_at(deadline, self.open(deadline)).await.ok()? {
                Ok(channel) => channel,
                Err(error) => return Some(Err(error)),
            },
        };
        Some(Ok(Lent {
            channel,
            channels: self,
            _place: place,
        }))
    }

    fn take_idle(&self) -> Option<Channel> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|channel| channel.status().connected());
        idle.pop()
    }

    async fn open(&self, deadline: Instant) -> Result<Channel, QueueError> {
        let connection = self.link.connection(deadline).await?;
        let channel = connection
            .create_channel()
            .await
            .map_err(|error| failure::lost(&error))?;
        let confirming = channel.confirm_select(ConfirmSelectOptions::default()).await;
        confirming.map_err(|error| failure::lost(&error))?;
        Ok(channel)
    }
}

impl Lent<'_> {
    /// Keeps the channel for the next caller. Only one with nothing unconfirmed may be given back.
    pub(super) fn give_back(self) {
        self.channels
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(self.channel);
    }
}
