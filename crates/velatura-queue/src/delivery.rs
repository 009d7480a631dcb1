use std::fmt;

use bytes::Bytes;
use futures_util::future::join_all;
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
        self.settle(|tag| Verdict::Ack(vec![tag])).await
    }

    /// Done with all of these: told to the broker at once, in as few words as it takes. The error is that of one of them;
    /// the others may have gone well.
    pub async fn ack_all(deliveries: Vec<Self>) -> Result<(), QueueError> {
        let mut answers = Vec::new();
        let mut rest = deliveries.into_iter().peekable();
        while let Some(mut first) = rest.next() {
            let Some(settlements) = first.settlements.take() else {
                continue;
            };
            let of_the_same = |delivery: &Self| {
                delivery
                    .settlements
                    .as_ref()
                    .is_some_and(|s| s.same_channel(&settlements))
            };
            let mut tags = vec![first.tag];
            while let Some(mut next) = rest.next_if(of_the_same) {
                next.settlements = None;
                tags.push(next.tag);
            }
            answers.push(settle(&settlements, Verdict::Ack(tags)));
        }
        let answers = join_all(answers).await;
        answers.into_iter().collect()
    }

    /// Not tried: the broker delivers it again, to anyone, marked as redelivered.
    pub async fn nack(self) -> Result<(), QueueError> {
        self.settle(Verdict::Nack).await
    }

    /// Can't be read: the broker puts it in the dead queue.
    pub async fn reject(self) -> Result<(), QueueError> {
        self.settle(Verdict::Reject).await
    }

    async fn settle(mut self, verdict: fn(u64) -> Verdict) -> Result<(), QueueError> {
        let settlements = self.settlements.take().ok_or(QueueError::Stale)?;
        settle(&settlements, verdict(self.tag)).await
    }
}

/// Tells the subscription at once; the future is its answer.
fn settle(
    settlements: &mpsc::UnboundedSender<Settlement>,
    verdict: Verdict,
) -> impl Future<Output = Result<(), QueueError>> + use<> {
    let (reply, settled) = oneshot::channel();
    let told = settlements.send(Settlement {
        verdict,
        reply: Reply(Some(reply)),
    });
    async move {
        told.map_err(|_| QueueError::Stale)?;
        settled.await.unwrap_or(Err(QueueError::Stale))
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if let Some(settlements) = self.settlements.take() {
            // A failure means that the subscription is gone, and the message back in its queue already.
            let _ = settlements.send(Settlement {
                verdict: Verdict::Nack(self.tag),
                reply: Reply(None),
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

/// What the holder of deliveries decided about them, on its way to the subscription that they came from.
#[derive(Debug)]
pub(crate) struct Settlement {
    pub(crate) verdict: Verdict,
    pub(crate) reply: Reply,
}

/// To whom a settlement is answered: to nobody when the delivery was dropped.
#[derive(Debug)]
pub(crate) struct Reply(Option<oneshot::Sender<Result<(), QueueError>>>);

impl Reply {
    pub(crate) fn send(self, result: Result<(), QueueError>) {
        if let Some(reply) = self.0 {
            // Whoever settled it may have stopped waiting.
            let _ = reply.send(result);
        }
    }
}

/// By the tags of the deliveries.
#[derive(Debug)]
pub(crate) enum Verdict {
    Ack(Vec<u64>),
    Nack(u64),
    Reject(u64),
}
