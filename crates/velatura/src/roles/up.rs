//! `velatura up`: coordinator, worker and exporter in one process.

mod key;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use clap::Args;
use velatura_coordinator::{Access, Coordinator};
use velatura_exporter::Exporter;
use velatura_objects::Stores;
use velatura_queue::InProcess;
use velatura_telemetry::{Readiness, Registry, serve};
use velatura_worker::{Pipeline, Worker, WorkerMetrics};

use crate::config::Config;
use crate::engine::EngineFlags;
use crate::exit::Ended;
use crate::stop;

/// Coordinator, worker and exporter in one process: SQLite, a queue in memory, folders or S3.
///
/// Nothing else has to be installed. Jobs go on where they stopped after a restart.
///
/// Example:
///   velatura up --root ~/Pictures
///   velatura submit ~/Pictures/2024 --style nocturne --to ~/Pictures/painted --watch
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// Where the ledger lies
    #[arg(long, value_name = "FOLDER", default_value = "velatura-data")]
    data: PathBuf,
    /// A folder in which photos and results may lie; repeat for several
    #[arg(long = "root", value_name = "FOLDER")]
    roots: Vec<PathBuf>,
    /// Where REST, health, readiness and metrics are served [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where gRPC is served [default: 127.0.0.1:8081]
    #[arg(long, value_name = "ADDRESS")]
    grpc_listen: Option<SocketAddr>,
    /// Where the worker's probes and metrics are served [default: 127.0.0.1:8082]
    #[arg(long, value_name = "ADDRESS")]
    worker_listen: Option<SocketAddr>,
    /// Where the exporter's metrics are served
    #[arg(long, value_name = "ADDRESS")]
    exporter_listen: Option<SocketAddr>,
    #[command(flatten)]
    engine: EngineFlags,
}

pub(crate) fn main(config: Option<&Path>, options: &Options) -> Result<Ended> {
    let mut config = Config::load(config)?;
    config.engine = options.engine.over(config.engine);
    config.coordinator.listen = options.listen.unwrap_or(config.coordinator.listen);
    config.coordinator.grpc_listen = options.grpc_listen.unwrap_or(config.coordinator.grpc_listen);
    config.worker.listen = options.worker_listen.unwrap_or(config.worker.listen);
    config.exporter.listen = options.exporter_listen.unwrap_or(config.exporter.listen);
    for root in &options.roots {
        let root = root
            .canonicalize()
            .with_context(|| format!("--root {}: there is no such folder", root.display()))?;
        config.objects.local_roots.push(root);
    }
    config.logs.init("info")?;
    tokio::runtime::Runtime::new()
        .context("the asynchronous runtime does not start")?
        .block_on(run(config, &options.data))
}

async fn run(mut config: Config, data: &Path) -> Result<Ended> {
    let stop = stop::on_signal()?;
    std::fs::create_dir_all(data).with_context(|| format!("can't make the folder {}", data.display()))?;
    let data = data.canonicalize()?;
    let ledger = format!("sqlite://{}", data.join("ledger.db").display());
    if config.coordinator.staging.is_empty() {
        let staging = data.join("staging");
        std::fs::create_dir_all(&staging).with_context(|| format!("can't make the folder {}", staging.display()))?;
        config.coordinator.staging = format!("file://{}", staging.display());
        config.objects.local_roots.push(staging);
    }
    let broker = Arc::new(InProcess::new());
    let stores = Arc::new(Stores::new(config.objects));

    let (registry, readiness) = (Registry::new(), Readiness::default());
    let metrics = WorkerMetrics::register(&registry);
    let settings = config.engine.clone();
    let library = settings.library()?;
    let engine = tokio::task::spawn_blocking(move || settings.start()).await??;
    let pipeline = Pipeline::new(
        &config.worker.pipeline,
        engine,
        stores.clone(),
        library,
        metrics.clone(),
    );
    let listen = config.worker.listen;
    let worker = Worker::new(
        config.worker,
        Arc::new(pipeline),
        broker.clone(),
        metrics,
        readiness.clone(),
    );
    let probes = worker.probes(registry.clone()).router();
    let (worker_address, probing) = serve(listen, probes, stop.clone().cancelled_owned()).await?;

    // The queue in memory does not outlive the process, so what was in it is taken back at start.
    let ledger = velatura_ledger::connect(&ledger).await?;
    let wants_keys = config.coordinator.access == Access::Keys;
    let over_tls = config.coordinator.tls_certificate.is_some();
    let config_of_coordinator = velatura_coordinator::CoordinatorConfig {
        reclaim_at_start: true,
        ..config.coordinator
    };
    let coordinator = Coordinator {
        config: config_of_coordinator,
        ledger: Arc::clone(&ledger),
        broker: broker.clone(),
        stores,
        registry,
        readiness,
    };
    let coordinator = coordinator.start(stop.clone()).await?;
    let mut exporter = config.exporter;
    if !(over_tls && exporter.coordinator_url.scheme() == "https") {
        let scheme = if over_tls { "https" } else { "http" };
        exporter.coordinator_url = format!("{scheme}://{}", coordinator.rest_address).parse()?;
    }
    if wants_keys && exporter.api_key.is_none() {
        exporter.api_key = Some(key::of_exporter(&ledger, &data).await?.into());
    }
    let exporter = Exporter {
        config: exporter,
        broker: Some(broker),
    }
    .start(stop.clone())
    .await?;
    eprintln!(
        "velatura up: REST on http://{}, gRPC on {}",
        coordinator.rest_address, coordinator.grpc_address
    );
    eprintln!(
        "             worker on http://{worker_address}, exporter on http://{}/metrics",
        exporter.address
    );

    let probing = tokio::spawn(probing);
    let working = tokio::spawn(worker.run(stop.clone()));
    let coordinated = coordinator.join().await;
    stop.cancel();
    let ending = working.await??;
    probing.await??;
    exporter.join().await?;
    coordinated?;
    eprintln!("velatura up: {ending}");
    Ok(Ended::AllDone)
}
