//! A worker with its queues, as the coordinator sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::{interval, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use velatura_proto::{MESSAGE_VERSION, from_json, to_json, v1};
use velatura_queue::{Broker, Consumer, Depth, InProcess, Lane, Message, QueueError, QueueName};
use velatura_recipe::Recipe;
use velatura_telemetry::Readiness;
use velatura_worker::{Ending, Worker, WorkerConfig};

use crate::studio::{Studio, output_key};

/// No claim takes so long, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits, but not for ever.
pub(crate) async fn soon<T>(what: &str, awaited: impl Future<Output = T>) -> T {
    match timeout(PATIENCE, awaited).await {
        Ok(value) => value,
        Err(_) => panic!("waited in vain for {what}"),
    }
}

/// Waits for what gives no signal.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let looking = async {
        let mut looks = interval(Duration::from_millis(5));
        while !holds().await {
            looks.tick().await;
        }
    };
    soon(what, looking).await;
}

/// A worker at work, and both ends of its queues.
pub(crate) struct Post {
    pub(crate) studio: Studio,
    pub(crate) broker: Arc<Watched>,
    pub(crate) readiness: Readiness,
    pub(crate) stop: CancellationToken,
    pub(crate) job_id: Uuid,
    results: Mutex<Consumer>,
}

impl Post {
    /// Queues without a worker.
    pub(crate) async fn new(studio: Studio) -> Self {
        let broker = Arc::new(Watched::default());
        for lane in Lane::ALL {
            broker.declare(&tasks(lane)).await.unwrap();
        }
        let results = Mutex::new(broker.consume(&QueueName::Results, 1).await.unwrap());
        Self {
            studio,
            broker,
            readiness: Readiness::default(),
            stop: CancellationToken::new(),
            job_id: Uuid::new_v4(),
            results,
        }
    }

    /// A worker that takes two at once.
    pub(crate) fn worker(&self) -> Worker {
        self.worker_with(WorkerConfig {
            in_flight: 2,
            ..WorkerConfig::default()
        })
    }

    pub(crate) fn worker_with(&self, config: WorkerConfig) -> Worker {
        let Studio { pipeline, metrics, .. } = &self.studio;
        Worker::new(
            config,
            pipeline.clone(),
            self.broker.clone(),
            metrics.clone(),
            self.readiness.clone(),
        )
    }

    pub(crate) fn start(&self, worker: Worker) -> JoinHandle<Result<Ending, QueueError>> {
        tokio::spawn(worker.run(self.stop.clone()))
    }

    /// Stops a worker and says how it ended.
    pub(crate) async fn ending(&self, running: JoinHandle<Result<Ending, QueueError>>) -> Ending {
        self.stop.cancel();
        soon("the worker's end", running).await.unwrap().unwrap()
    }

    pub(crate) fn task(&self, seq: u64, key: &str, recipes: &[Recipe]) -> v1::Task {
        let painting = |recipe: &Recipe| v1::Painting {
            recipe: Some(recipe.into()),
            output: self.studio.place(&output_key(key, recipe)),
        };
        v1::Task {
            version: MESSAGE_VERSION,
            job_id: self.job_id.to_string(),
            seq,
            attempt: 1,
            source: self.studio.place(key),
            key: key.to_owned(),
            paintings: recipes.iter().map(painting).collect(),
            ..v1::Task::default()
        }
    }

    pub(crate) async fn send(&self, lane: Lane, task: &v1::Task) {
        self.send_body(lane, to_json(task)).await;
    }

    pub(crate) async fn send_body(&self, lane: Lane, body: Vec<u8>) {
        let message = Message {
            body: Bytes::from(body),
            id: "a task".to_owned(),
        };
        let sent = self.broker.publish(&tasks(lane), vec![message]).await;
        assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    }

    /// The next report.
    pub(crate) async fn report(&self) -> v1::TaskReport {
        let mut results = self.results.lock().await;
        let delivery = soon("a report", results.next()).await.unwrap();
        let report = from_json(delivery.body()).unwrap();
        delivery.ack().await.unwrap();
        report
    }

    /// How much lies in the bulk lane.
    pub(crate) async fn backlog(&self) -> Depth {
        self.broker.depth(&tasks(Lane::Bulk)).await.unwrap()
    }

    /// Waits until every task is settled, and says how many were given back.
    pub(crate) async fn settled(&self) -> u64 {
        until("the last settlement", async || self.backlog().await.unacked == Some(0)).await;
        self.backlog().await.ready
    }

    /// How many reports there were so far.
    pub(crate) fn reports(&self) -> usize {
        self.broker.at_reports().len()
    }

    /// What `/readyz` says of a condition.
    pub(crate) fn condition(&self, name: &str) -> String {
        self.readiness
            .report()
            .conditions
            .get(name)
            .cloned()
            .unwrap_or_default()
    }
}

pub(crate) fn tasks(lane: Lane) -> QueueName {
    QueueName::tasks("default", lane).unwrap()
}

/// The in-process broker, which notes at each report how many tasks are unsettled, and may be away for some offers.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    inner: InProcess,
    at_reports: std::sync::Mutex<Vec<Depth>>,
    away_for_offers: AtomicU32,
}

impl Watched {
    /// Takes none of the next reports that are offered.
    pub(crate) fn be_away_for(&self, offers: u32) {
        self.away_for_offers.store(offers, Ordering::SeqCst);
    }

    /// How much lay in the bulk lane when each report came.
    pub(crate) fn at_reports(&self) -> Vec<Depth> {
        self.at_reports.lock().unwrap().clone()
    }
}

#[async_trait]
impl Broker for Watched {
    async fn call_out(&self, body: bytes::Bytes) -> Result<(), QueueError> {
        self.inner.call_out(body).await
    }

    fn listen(&self) -> velatura_queue::Listener {
        self.inner.listen()
    }

    async fn declare(&self, queue: &QueueName) -> Result<(), QueueError> {
        self.inner.declare(queue).await
    }

    async fn publish(&self, queue: &QueueName, messages: Vec<Message>) -> Vec<Result<(), QueueError>> {
        if *queue == QueueName::Results {
            let one_less = |left: u32| left.checked_sub(1);
            if self
                .away_for_offers
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
                .is_ok()
            {
                let reason = "it is away".to_owned();
                return vec![Err(QueueError::Unavailable { reason }); messages.len()];
            }
            let depth = self.inner.depth(&tasks(Lane::Bulk)).await.unwrap();
            self.at_reports.lock().unwrap().push(depth);
        }
        self.inner.publish(queue, messages).await
    }

    async fn consume(&self, queue: &QueueName, prefetch: u16) -> Result<Consumer, QueueError> {
        self.inner.consume(queue, prefetch).await
    }

    async fn depth(&self, queue: &QueueName) -> Result<Depth, QueueError> {
        self.inner.depth(queue).await
    }

    async fn check(&self) -> Result<(), QueueError> {
        self.inner.check().await
    }
}
