use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::select_all;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_stream::wrappers::WatchStream;
use tokio_util::task::AbortOnDropHandle;
use velatura_queue::{Broker, Consumer, ConsumerState, Delivery, Lane, QueueError, QueueName};
use velatura_telemetry::Readiness;

use super::liveness::Liveness;
use crate::WorkerConfig;

/// The two lanes of a pool: what somebody waits for comes first.
#[derive(Debug)]
pub(super) struct Subscriptions {
    interactive: Consumer,
    bulk: Consumer,
    _watch: AbortOnDropHandle<()>,
}

impl Subscriptions {
    pub(super) async fn open(
        broker: &Arc<dyn Broker>,
        config: &WorkerConfig,
        readiness: &Readiness,
        liveness: &Arc<Liveness>,
    ) -> Result<Self, QueueError> {
        let interactive = broker
            .consume(&QueueName::tasks(&config.pool, Lane::Interactive)?, config.in_flight)
            .await?;
        let bulk = broker
            .consume(&QueueName::tasks(&config.pool, Lane::Bulk)?, config.in_flight)
            .await?;
        let states = [interactive.state(), bulk.state()];
        let (condition, liveness) = (readiness.condition("queue"), liveness.clone());
        let watch = tokio::spawn(async move {
            let mut changes = select_all(states.clone().map(WatchStream::new));
            while changes.next().await.is_some() {
                let interrupted = states.iter().find_map(|state| match &*state.borrow() {
                    ConsumerState::Interrupted { reason } => Some(reason.clone()),
                    ConsumerState::Subscribed | ConsumerState::Cancelled => None,
                });
                liveness.subscribed(interrupted.is_none());
                match interrupted {
                    Some(reason) => condition.fails(reason),
                    None => condition.holds(),
                }
            }
        });
        Ok(Self {
            interactive,
            bulk,
            _watch: AbortOnDropHandle::new(watch),
        })
    }

    /// The next message of either lane, taken only when there is a place to work on it; `None` once cancelled.
    pub(super) async fn next(&mut self, places: &Places) -> Option<(OwnedSemaphorePermit, Delivery)> {
        tokio::select! {
            biased;
            taken = take(&mut self.interactive, place(&places.interactive)) => taken,
            taken = take(&mut self.bulk, place(&places.bulk)) => taken,
        }
    }

    pub(super) fn cancel(&self) {
        self.interactive.cancel();
        self.bulk.cancel();
    }
}

/// Reserves, then takes.
async fn take(
    lane: &mut Consumer,
    place: impl Future<Output = OwnedSemaphorePermit>,
) -> Option<(OwnedSemaphorePermit, Delivery)> {
    let place = place.await;
    lane.next().await.map(|delivery| (place, delivery))
}

/// Attempts that may be under way. What somebody waits for has places of its own, half as many again, so that it need not
/// wait for the end of another attempt first.
#[derive(Debug)]
pub(super) struct Places {
    interactive: Arc<Semaphore>,
    bulk: Arc<Semaphore>,
}

impl Places {
    pub(super) fn new(in_flight: u16) -> Self {
        let bulk = usize::from(in_flight.max(1));
        Self {
            interactive: Arc::new(Semaphore::new(bulk.div_ceil(2))),
            bulk: Arc::new(Semaphore::new(bulk)),
        }
    }
}

async fn place(places: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    Arc::clone(places)
        .acquire_owned()
        .await
        .expect("places are never closed")
}
