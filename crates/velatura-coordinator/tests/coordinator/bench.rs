//! A coordinator with everything real but the network between its parts: the in-process broker, SQLite in memory, a
//! folder, and workers that each test makes for itself.

mod client;
mod outage;
mod workers;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};
use velatura_coordinator::{Coordinator, CoordinatorConfig, Ending, Running};
use velatura_ledger::Ledger;
use velatura_objects::{ObjectsConfig, S3Config, Stores};
use velatura_proto::v1;
use velatura_proto::v1::jobs_client::JobsClient;
use velatura_queue::{Broker, InProcess, Lane, QueueName};
use velatura_telemetry::{Readiness, Registry};

pub(crate) use client::Client;
pub(crate) use outage::{Fuse, UnreliableBroker, UnreliableLedger};
pub(crate) use workers::{Worker, done, outcome};

/// How long anything may take before the test has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What a test changes before the coordinator starts.
pub(crate) struct Setup {
    pub(crate) config: CoordinatorConfig,
    pub(crate) broker: Arc<dyn Broker>,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) folder: TempDir,
    /// Other folders that it may use.
    pub(crate) roots: Vec<PathBuf>,
    pub(crate) s3: S3Config,
}

/// A running coordinator.
pub(crate) struct Bench {
    pub(crate) client: Client,
    grpc_address: SocketAddr,
    pub(crate) broker: Arc<dyn Broker>,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) folder: TempDir,
    pub(crate) registry: Registry,
    pub(crate) stop: CancellationToken,
    pub(crate) running: Running,
}

impl Setup {
    pub(crate) async fn new() -> Self {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            config: CoordinatorConfig {
                listen: loopback,
                grpc_listen: loopback,
                tick_seconds: 0.02,
                leader_lease_seconds: 3.0,
                retry_base_seconds: 0.02,
                retry_cap_seconds: 0.1,
                ..CoordinatorConfig::default()
            },
            broker: Arc::new(InProcess::new()),
            ledger: velatura_ledger::connect("sqlite::memory:").await.unwrap(),
            folder: TempDir::new().unwrap(),
            roots: Vec::new(),
            s3: S3Config::default(),
        }
        .photos(["a folder that is there.txt"])
    }

    /// Empty files are photos enough for a coordinator.
    pub(crate) fn photos<S: AsRef<str>>(self, keys: impl IntoIterator<Item = S>) -> Self {
        for key in keys {
            photo(self.folder.path(), key.as_ref());
        }
        self
    }

    pub(crate) fn coordinator(&self) -> Coordinator {
        let stores = Stores::new(ObjectsConfig {
            local_roots: [&[self.folder.path().to_owned()], &self.roots[..]].concat(),
            s3: self.s3.clone(),
        });
        Coordinator {
            config: self.config.clone(),
            ledger: Arc::clone(&self.ledger),
            broker: Arc::clone(&self.broker),
            stores: Arc::new(stores),
            registry: Registry::new(),
            readiness: Readiness::default(),
        }
    }

    pub(crate) async fn start(self) -> Bench {
        let coordinator = self.coordinator();
        let registry = coordinator.registry.clone();
        let stop = CancellationToken::new();
        let running = coordinator.start(stop.clone()).await.unwrap();
        Bench {
            client: Client::new(running.rest_address),
            grpc_address: running.grpc_address,
            broker: self.broker,
            ledger: self.ledger,
            folder: self.folder,
            registry,
            stop,
            running,
        }
    }
}

pub(crate) async fn start() -> Bench {
    Setup::new().await.start().await
}

pub(crate) fn photo(folder: &Path, key: &str) {
    let path = folder.join("photos").join(key);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, b"").unwrap();
}

pub(crate) fn tasks_queue() -> QueueName {
    QueueName::tasks("default", Lane::Bulk).unwrap()
}

impl Bench {
    pub(crate) fn url(&self, below: &str) -> String {
        format!("file://{}/{below}", self.folder.path().display())
    }

    /// All photos, in one style, beside them.
    pub(crate) fn request(&self) -> v1::SubmitJobRequest {
        v1::SubmitJobRequest {
            source: Some(v1::Source {
                objects: vec![],
                prefix: self.url("photos"),
                ..Default::default()
            }),
            recipes: vec![recipe("waves")],
            destination: Some(v1::Destination {
                prefix: self.url("painted"),
                template: String::new(),
                ..Default::default()
            }),
            ..Default::default()
        }
    }

    pub(crate) async fn grpc(&self) -> JobsClient<Channel> {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.grpc_address)).unwrap();
        JobsClient::new(endpoint.connect().await.unwrap())
    }

    pub(crate) async fn submit(&self) -> v1::Job {
        self.client.submit(&self.request()).await
    }

    /// The job once it is as wished, as the stream of its changes tells it.
    pub(crate) async fn until(&self, id: &str, wish: impl Fn(&v1::Job) -> bool) -> v1::Job {
        let job = tokio::time::timeout(PATIENCE, self.client.events(id).until(&wish)).await;
        match job {
            Ok(Some(job)) => job,
            Ok(None) => panic!("the job ended otherwise: {:?}", self.client.job(id).await),
            Err(_) => panic!("it never came to that: {:?}", self.client.job(id).await),
        }
    }

    pub(crate) async fn until_ended(&self, id: &str) -> v1::Job {
        self.until(id, |job| !job.ended_at.is_empty()).await
    }

    pub(crate) fn metric(&self, line: &str) -> Option<f64> {
        let text = velatura_telemetry::text(&self.registry);
        let value = text
            .lines()
            .find_map(|found| found.strip_prefix(line)?.strip_prefix(' '))?;
        value.parse().ok()
    }

    pub(crate) async fn stop(self) -> Ending {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.running.join())
            .await
            .unwrap()
            .unwrap()
    }
}

/// Waits for something that nothing signals.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) fn recipe(style: &str) -> v1::Recipe {
    v1::Recipe {
        styles: vec![v1::WeightedStyle {
            style: style.into(),
            weight: None,
        }],
        ..Default::default()
    }
}

pub(crate) fn counters(job: &v1::Job) -> v1::Counters {
    job.counters.unwrap()
}
