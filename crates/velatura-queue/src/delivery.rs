use std::fmt;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use crate::QueueError;

/// A message that this process is responsible for until it settles it, by [`ack`](Self::ack), [`nack`](Self::nack) or
/// [`reject`](Self::reject). Dropped unsettled, it is handed back like one that was nacked.
pub struct Delivery {
    body: Bytes,
    id: String,
    redelivered: bool,
    tag: u64,
    settlements: Option<mpsc::UnboundedSender<Settlement>>,
}

impl Delivery {
    pub(crate) fn new(
        message: crate::Message,
        redelivered: bool,
        tag: u64,
        settlements: mpsc::UnboundedSender<Settlement>,
    ) -> Self {
        Self {
            body: message.body,
            id: message.id,
            redelivered,
            tag,
            settlements: Some(settlements),
        }
    }

    /// What was published.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The id that the publisher gave it; empty when something else published it without one.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether it was delivered before, to anyone. Such a message may have ended a process: handle it alone.
    pub fn redelivered(&self) -> bool {
        self.redelivered
    }

    /// Done with it: the broker forgets it.
    pub async fn ack(self) -> Result<(), QueueError> {
        self.settle(Verdict::Ack).await
    }

    /// Not tried: the broker delivers it again, to anyone, marked as redelivered.
    pub async fn nack(self) -> Result<(), QueueError> {
        self.settle(Verdict::Nack).await
    }

    /// Can't be read: the broker puts it in the dead queue.
    pub async fn reject(self) -> Result<(), QueueError> {
        self.settle(Verdict::Reject).await
    }

    async fn settle(mut self, verdict: Verdict) -> Result<(), QueueError> {
        let settlements = self.settlements.take().ok_or(QueueError::Stale)?;
        let (reply, settled) = oneshot::channel();
        settlements
            .send(Settlement {
                tag: self.tag,
                verdict,
                reply: Some(reply),
            })
            .map_err(|_| QueueError::Stale)?;
        settled.await.unwrap_or(Err(QueueError::Stale))
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if let Some(settlements) = self.settlements.take() {
            // A failure means that the subscription is gone, and the message back in its queue already.
            let _ = settlements.send(Settlement {
                tag: self.tag,
                verdict: Verdict::Nack,
                reply: None,
            });
        }
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("id", &self.id)
            .field("redelivered", &self.redelivered)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What the holder of a delivery decided about it, on its way to the subscription that it came from.
#[derive(Debug)]
pub(crate) struct Settlement {
    pub(crate) tag: u64,
    pub(crate) verdict: Verdict,
    /// Nobody waits for the answer when the delivery was dropped.
    pub(crate) reply: Option<oneshot::Sender<Result<(), QueueError>>>,
}

impl Settlement {
    pub(crate) fn answer(self, result: Result<(), QueueError>) {
        if let Some(reply) = self.reply {
            // Whoever settled it may have stopped waiting.
            let _ = reply.send(result);
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Ack,
    Nack,
    Reject,
}
