//! `velatura coordinator`: accepts jobs, feeds the queue, keeps the ledger.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;
use velatura_coordinator::Coordinator;
use velatura_objects::Stores;
use velatura_queue::RabbitMq;
use velatura_telemetry::{Readiness, Registry};

use crate::config::Config;
use crate::exit::Ended;
use crate::stop;

/// How long the broker may take to answer at start-up.
const BROKER_PATIENCE: Duration = Duration::from_secs(20);

/// Accept jobs over REST and gRPC, expand them, feed the queue and record what the workers report.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Where REST, health, readiness and metrics are served [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where gRPC is served [default: 127.0.0.1:8081]
    #[arg(long, value_name = "ADDRESS")]
    grpc_listen: Option<SocketAddr>,
    /// The ledger: postgres://user:password@host/database or sqlite:///absolute/path.db
    #[arg(long, value_name = "URL")]
    ledger: Option<String>,
}

pub(crate) fn main(config: Option<&Path>, options: &Options) -> Result<Ended> {
    let mut config = Config::load(config)?;
    config.coordinator.listen = options.listen.unwrap_or(config.coordinator.listen);
    config.coordinator.grpc_listen = options.grpc_listen.unwrap_or(config.coordinator.grpc_listen);
    config.ledger.url = options.ledger.clone().unwrap_or(config.ledger.url);
    config.logs.init("info")?;
    tokio::runtime::Runtime::new()
        .context("the asynchronous runtime does not start")?
        .block_on(run(config))
}

async fn run(config: Config) -> Result<Ended> {
    let stop = stop::on_signal()?;
    let broker = RabbitMq::connect_within(&config.queue, BROKER_PATIENCE).await?;
    let coordinator = Coordinator {
        ledger: velatura_ledger::connect(&config.ledger.url).await?,
        broker: Arc::new(broker),
        stores: Arc::new(Stores::new(config.objects)),
        registry: Registry::new(),
        readiness: Readiness::default(),
        config: config.coordinator,
    };
    let running = coordinator.start(stop).await?;
    eprintln!(
        "velatura coordinator: REST on http://{}, gRPC on {}",
        running.rest_address, running.grpc_address
    );
    let ending = running.join().await?;
    tracing::info!(?ending, "the coordinator has ended");
    Ok(Ended::AllDone)
}
