use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use velatura_queue::{Broker, QueueError};
use velatura_telemetry::{Probes, Readiness, Registry, ServeError, serve};

use crate::latest::Latest;
use crate::metrics::Own;
use crate::poll::Poller;
use crate::sources::{Coordinator, Depths};
use crate::{ConfigError, ExporterConfig};

/// Everything an exporter is made of. Its registry is its own: what it serves is only what it was told.
#[derive(Debug)]
pub struct Exporter {
    /// What it was told.
    pub config: ExporterConfig,
    /// The broker whose queues are looked at, if any.
    pub broker: Option<Arc<dyn Broker>>,
}

/// An exporter at work.
#[derive(Debug)]
pub struct Running {
    /// Where it is served.
    pub address: SocketAddr,
    polling: JoinHandle<()>,
    serving: JoinHandle<Result<(), ServeError>>,
}

/// Why an exporter does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting can't work.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The pool's name can't be a queue's.
    #[error(transparent)]
    Pool(#[from] QueueError),
    /// The address can't be had.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The certificates of `ca_file` can't be used.
    #[error("exporter.ca_file {}: {reason}", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No client can be made for HTTP.
    #[error(
        "no HTTP client can be made on this machine: install its CA certificates (the package ca-certificates), or name a \
         file of them in SSL_CERT_FILE: {0}"
    )]
    Client(#[from] reqwest::Error),
}

/// Why an exporter ended without being told to.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The server broke off.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// A part of it panicked.
    #[error("a part of the exporter panicked: this is a fault of the program, start it again and report it: {0}")]
    Panicked(#[from] tokio::task::JoinError),
}

impl Exporter {
    /// Asks and serves until `stop` is cancelled. A coordinator or broker that is away is no error: it is told in the
    /// metrics.
    ///
    /// # Errors
    /// A setting that can't work, or an address that can't be had.
    pub async fn start(self, stop: CancellationToken) -> Result<Running, StartError> {
        let Self { config, broker } = self;
        config.validate()?;
        let (registry, readiness) = (Registry::new(), Readiness::default());
        let latest = Latest::default();
        let poller = Poller {
            coordinator: Coordinator::new(&config)?,
            broker: broker
                .map(|broker| Depths::new(broker, &config.pool, config.timeout()))
                .transpose()?,
            latest: latest.clone(),
            own: Own::register(&registry),
            polled: readiness.condition("polled"),
            config,
        };
        registry
            .register(Box::new(latest))
            .expect("a registry has one exporter");
        let stop = stop.child_token();
        let router = Probes::new(registry, readiness).router();
        let (address, serving) = serve(poller.config.listen, router, stop.clone().cancelled_owned()).await?;
        tracing::info!(%address, coordinator = %poller.config.coordinator_url, "exporter started");
        Ok(Running {
            address,
            polling: tokio::spawn(poller.run(stop)),
            serving: tokio::spawn(serving),
        })
    }
}

impl Running {
    /// Waits until it has ended.
    ///
    /// # Errors
    /// When it ended without being told to.
    pub async fn join(self) -> Result<(), RunError> {
        self.polling.await?;
        self.serving.await??;
        Ok(())
    }
}
