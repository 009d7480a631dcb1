//! `velatura worker`: takes photos from the queue and paints them.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use velatura_objects::Stores;
use velatura_queue::RabbitMq;
use velatura_telemetry::{Readiness, Registry, serve};
use velatura_worker::{Ending, Pipeline, Worker, WorkerMetrics};

use crate::config::Config;
use crate::engine::EngineFlags;
use crate::exit::Ended;
use crate::stop;

/// How long the broker may take to answer at start-up.
const BROKER_PATIENCE: Duration = Duration::from_secs(20);

/// Take photos from the queue, paint them, store the results and report.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Where health, readiness and metrics are served [default: 127.0.0.1:8082]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The pool whose queues it takes from [default: default]
    #[arg(long)]
    pool: Option<String>,
    #[command(flatten)]
    engine: EngineFlags,
}

pub(crate) fn main(config: Option<&Path>, options: &Options) -> Result<Ended> {
    let mut config = Config::load(config)?;
    config.engine = options.engine.over(config.engine);
    config.worker.listen = options.listen.unwrap_or(config.worker.listen);
    config.worker.pool = options.pool.clone().unwrap_or(config.worker.pool);
    config.logs.init("info")?;
    tokio::runtime::Runtime::new()
        .context("the asynchronous runtime does not start")?
        .block_on(run(config))
}

async fn run(config: Config) -> Result<Ended> {
    let stop = stop::on_signal()?;
    let (registry, readiness) = (Registry::new(), Readiness::default());
    let settings = config.engine.clone();
    let library = settings.library()?;
    let engine = tokio::task::spawn_blocking(move || settings.start()).await??;
    let broker = Arc::new(RabbitMq::connect_within(&config.queue, BROKER_PATIENCE).await?);
    let metrics = WorkerMetrics::register(&registry);
    let stores = Arc::new(Stores::new(config.objects));
    let pipeline = Arc::new(Pipeline::new(
        &config.worker.pipeline,
        engine,
        stores,
        library,
        metrics.clone(),
    ));
    let listen = config.worker.listen;
    let worker = Worker::new(config.worker, pipeline, broker, metrics, readiness);
    let probes = worker.probes(registry).router();
    let (address, serving) = serve(listen, probes, stop.clone().cancelled_owned()).await?;
    eprintln!("velatura worker: health, readiness and metrics on http://{address}");
    let serving = tokio::spawn(serving);
    let ending = worker.run(stop.clone()).await?;
    // Readiness stays off and can be asked for until the last photo is done.
    stop.cancel();
    serving.await??;
    eprintln!("velatura worker: {ending}");
    match ending {
        Ending::Drained | Ending::BrokenOff { .. } => Ok(Ended::AllDone),
        Ending::DeviceLost { reason } => bail!("the device is lost: {reason}; a fresh process must take over"),
    }
}
