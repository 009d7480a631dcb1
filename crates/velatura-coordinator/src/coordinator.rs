use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use velatura_ledger::{Ledger, LedgerError};
use velatura_objects::Stores;
use velatura_queue::{Broker, Lane, QueueError, QueueName};
use velatura_telemetry::{Probes, Readiness, Registry, ServeError, ServerTls, TlsError, serve_over};

use crate::access::Keyring;
use crate::breaker::Breaker;
use crate::config::Access;
use crate::context::{Context, LISTINGS, Queues, Submissions};
use crate::jobs::Jobs;
use crate::metrics::Metrics;
use crate::rates::Rates;
use crate::signals::Signals;
use crate::webhooks::Sender;
use crate::{ConfigError, CoordinatorConfig, grpc, loops, rest};

/// Everything a coordinator is made of. It comes in from outside, so that the same coordinator runs on PostgreSQL and
/// RabbitMQ, or on SQLite and the in-process broker in one process.
#[derive(Debug)]
pub struct Coordinator {
    /// What it was told.
    pub config: CoordinatorConfig,
    /// The record of jobs and tasks.
    pub ledger: Arc<dyn Ledger>,
    /// Where tasks go and reports come from.
    pub broker: Arc<dyn Broker>,
    /// Opens sources, and says which locations may be used.
    pub stores: Arc<Stores>,
    /// Takes its metrics, and is served at `/metrics` with all that others registered.
    pub registry: Registry,
    /// Takes its conditions `ledger`, `broker`, `results` and `dispatch` and the fact `leading`, and is served at `/readyz`.
    pub readiness: Readiness,
}

/// A coordinator at work.
#[derive(Debug)]
pub struct Running {
    /// Where REST is served.
    pub rest_address: SocketAddr,
    /// Where gRPC is served.
    pub grpc_address: SocketAddr,
    ended: JoinHandle<Result<Ending, RunError>>,
}

/// How a coordinator ended that was told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Everything in hand was finished.
    Finished,
    /// The grace period ran out first. What was in hand is delivered again or found by the next reconciliation.
    CutShort,
}

/// Why a coordinator does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting can't work.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Anyone on the network could give orders.
    #[error(
        "{key} = {address} would let anyone on the network submit jobs, since nobody has to say who they are: set \
         access = \"keys\", use 127.0.0.1, or set allow_unauthenticated_remote = true on a closed network"
    )]
    Remote {
        /// The setting.
        key: &'static str,
        /// What it was set to.
        address: SocketAddr,
    },
    /// An address can't be had.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// What should be served over TLS can't be.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// One of the two files is not named.
    #[error("coordinator.tls_certificate and coordinator.tls_key need each other: name both files, or none")]
    HalfTls,
    /// No client can be made for webhooks.
    #[error(
        "no HTTP client can be made on this machine: install its CA certificates (the package ca-certificates), or name a \
         file of them in SSL_CERT_FILE: {0}"
    )]
    Client(#[from] reqwest::Error),
    /// The queues can't be declared.
    #[error(transparent)]
    Broker(#[from] QueueError),
    /// The ledger can't be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Why a coordinator ended without being told to.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A loop or server ended, by a fault of this program.
    #[error("the coordinator's {0} ended by itself: this is a fault of the program, start it again and report it")]
    Ended(&'static str),
    /// A loop or server panicked.
    #[error("a part of the coordinator panicked: this is a fault of the program, start it again and report it: {0}")]
    Panicked(#[source] tokio::task::JoinError),
}

impl Coordinator {
    /// Starts to serve and to work, until `stop` is cancelled.
    ///
    /// # Errors
    /// Whatever makes it impossible from the start: a setting, an address, an unreachable broker or ledger. Once it
    /// runs, it outlives their absence.
    pub async fn start(self, stop: CancellationToken) -> Result<Running, StartError> {
        let Self {
            config,
            ledger,
            broker,
            stores,
            registry,
            readiness,
        } = self;
        config.validate()?;
        for (key, address) in [("listen", config.listen), ("grpc_listen", config.grpc_listen)] {
            if config.access == Access::Keys || address.ip().is_loopback() {
                continue;
            }
            if !config.allow_unauthenticated_remote {
                return Err(StartError::Remote { key, address });
            }
            tracing::warn!(key, %address, "anyone who reaches this address may do everything: access is off");
        }
        let tls = match (&config.tls_certificate, &config.tls_key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some(ServerTls::read(certificate, key)?),
            (Some(_), None) | (None, Some(_)) => return Err(StartError::HalfTls),
        };
        let queues = Queues {
            bulk: QueueName::tasks(&config.pool, Lane::Bulk)?,
            interactive: QueueName::tasks(&config.pool, Lane::Interactive)?,
        };
        for queue in [&queues.bulk, &queues.interactive, &QueueName::Results, &QueueName::Dead] {
            broker.declare(queue).await?;
        }
        ledger.check().await?;
        let stop = stop.child_token();
        let context = Arc::new(Context {
            sender: Arc::new(Sender::new(&config.webhooks)?),
            keyring: Keyring::new(config.access),
            metrics: Metrics::register(&registry),
            signals: Signals::new(),
            rates: Rates::default(),
            breaker: Breaker::new(&config),
            submissions: Submissions::default(),
            listings: Semaphore::new(LISTINGS),
            stop: stop.clone(),
            queues,
            config,
            ledger,
            broker,
            stores,
        });

        let jobs = Jobs::new(Arc::clone(&context));
        let probes = Probes::new(registry, readiness.clone());
        let rest = rest::router(&jobs, probes);
        let (rest_address, rest) =
            serve_over(context.config.listen, tls.clone(), rest, stop.clone().cancelled_owned()).await?;
        let grpc = grpc::router(&jobs);
        let (grpc_address, grpc) =
            serve_over(context.config.grpc_listen, tls, grpc, stop.clone().cancelled_owned()).await?;

        let mut parts = JoinSet::new();
        loops::start(&context, &readiness, &mut parts);
        parts.spawn(served("REST server", rest));
        parts.spawn(served("gRPC server", grpc));
        tracing::info!(rest = %rest_address, grpc = %grpc_address, queue = %context.queues.bulk, "coordinator started");
        Ok(Running {
            rest_address,
            grpc_address,
            ended: tokio::spawn(supervise(context, parts)),
        })
    }
}

impl Running {
    /// Waits until it has ended.
    ///
    /// # Errors
    /// When it ended without being told to.
    pub async fn join(self) -> Result<Ending, RunError> {
        self.ended.await.map_err(RunError::Panicked)?
    }
}

async fn served(name: &'static str, server: impl Future<Output = Result<(), ServeError>>) -> &'static str {
    if let Err(error) = server.await {
        tracing::error!(%error, "a server broke off");
    }
    name
}

/// Waits for the first reason to end, then for the end.
async fn supervise(context: Arc<Context>, mut parts: JoinSet<&'static str>) -> Result<Ending, RunError> {
    let failed = tokio::select! {
        biased;
        () = context.stop.cancelled() => None,
        Some(part) = parts.join_next() => Some(part.map_or_else(RunError::Panicked, RunError::Ended)),
    };
    context.stop.cancel();
    let all_ended = async { while parts.join_next().await.is_some() {} };
    let ending = match tokio::time::timeout(context.config.grace(), all_ended).await {
        Ok(()) => Ending::Finished,
        Err(_) => Ending::CutShort,
    };
    parts.shutdown().await;
    match failed {
        None => {
            tracing::info!(?ending, "coordinator stopped");
            Ok(ending)
        }
        Some(error) => Err(error),
    }
}
