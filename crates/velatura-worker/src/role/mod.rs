//! The role `worker`: takes from the queue, reports, acknowledges.

mod attempt;
mod drain;
mod liveness;
mod report;
mod subscription;
mod withheld;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::RwLock;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use velatura_queue::{Broker, QueueError, QueueName};
use velatura_telemetry::{Condition, Probes, Readiness, Registry};

pub use drain::Ending;
use liveness::Liveness;
use subscription::{Places, Subscriptions};
use withheld::Withheld;

use crate::{Pipeline, WorkerConfig, WorkerMetrics};

/// A worker of a pool.
#[derive(Debug)]
pub struct Worker {
    config: WorkerConfig,
    pipeline: Arc<Pipeline>,
    broker: Arc<dyn Broker>,
    metrics: WorkerMetrics,
    readiness: Readiness,
    /// Fails from the start, so that nobody takes a worker for ready that does not run yet.
    taking: Condition,
    liveness: Arc<Liveness>,
    /// Random, so that a restarted process is never taken for its predecessor.
    id: String,
}

/// What every attempt of a worker shares.
#[derive(Debug)]
struct Shared {
    pipeline: Arc<Pipeline>,
    broker: Arc<dyn Broker>,
    metrics: WorkerMetrics,
    liveness: Arc<Liveness>,
    storage: Condition,
    withheld: Withheld,
    worker_id: String,
    provider: String,
    attempt_timeout: Duration,
    /// A message that was delivered before may have ended a process: it holds this alone, all others hold it together.
    quarantine: RwLock<()>,
    /// Cancelled when what has not reached the device is to be given back.
    turn_back: CancellationToken,
    /// Cancelled, with a reason in `fatal`, when this process can't go on.
    lost: CancellationToken,
    fatal: std::sync::OnceLock<String>,
}

impl Worker {
    /// A worker that takes nothing yet.
    pub fn new(
        config: WorkerConfig,
        pipeline: Arc<Pipeline>,
        broker: Arc<dyn Broker>,
        metrics: WorkerMetrics,
        readiness: Readiness,
    ) -> Self {
        let liveness = Arc::new(Liveness::new(Duration::from_secs(config.stuck_seconds)));
        readiness.fact("provider", pipeline.engine().provider().name());
        readiness.fact("pack", crate::pipeline::pack_id(pipeline.engine()));
        Self {
            id: Uuid::new_v4().simple().to_string(),
            config,
            pipeline,
            broker,
            metrics,
            taking: readiness.condition("taking"),
            readiness,
            liveness,
        }
    }

    /// What it answers about itself: alive means subscribed and progressing.
    pub fn probes(&self, registry: Registry) -> Probes {
        let liveness = self.liveness.clone();
        Probes {
            alive: Arc::new(move || liveness.check()),
            ..Probes::new(registry, self.readiness.clone())
        }
    }

    /// Works until `stop` is cancelled, then drains and says how that ended.
    ///
    /// # Errors
    /// When the queues can't be had at all; a broker that is away is waited for.
    pub async fn run(self, stop: CancellationToken) -> Result<Ending, QueueError> {
        let taking = self.taking;
        // A report must find its queue whoever comes first.
        if let Err(error) = self.broker.declare(&QueueName::Results).await {
            tracing::warn!(%error, "the queue of reports can't be declared now; the coordinator will");
        }
        let withheld = Withheld::default();
        let _listening = withheld.listen(&self.broker);
        let mut queues = Subscriptions::open(&self.broker, &self.config, &self.readiness, &self.liveness).await?;
        let shared = Arc::new(Shared {
            storage: self.readiness.condition("storage"),
            withheld,
            pipeline: self.pipeline,
            broker: self.broker,
            metrics: self.metrics,
            liveness: self.liveness,
            worker_id: self.id,
            provider: self
                .readiness
                .report()
                .facts
                .get("provider")
                .cloned()
                .unwrap_or_default(),
            attempt_timeout: Duration::from_secs(self.config.attempt_timeout_seconds),
            quarantine: RwLock::new(()),
            turn_back: CancellationToken::new(),
            lost: CancellationToken::new(),
            fatal: std::sync::OnceLock::new(),
        });
        // Until the first attempt says otherwise.
        shared.storage.holds();
        taking.holds();

        let places = Places::new(self.config.in_flight);
        let mut attempts = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = shared.lost.cancelled() => break,
                Some(ended) = attempts.join_next(), if !attempts.is_empty() => attempt::check(ended),
                taken = queues.next(&places) => {
                    let Some((place, delivery)) = taken else { break };
                    let shared = shared.clone();
                    attempts.spawn(async move {
                        shared.handle(delivery).await;
                        drop(place);
                    });
                }
            }
        }
        taking.fails("draining");
        queues.cancel();
        shared.turn_back.cancel();
        let ending = drain::wait(attempts, Duration::from_secs(self.config.drain_seconds)).await;
        Ok(shared
            .fatal
            .get()
            .map_or(ending, |reason| Ending::DeviceLost { reason: reason.clone() }))
    }
}
