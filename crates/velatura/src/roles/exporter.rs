//! `velatura exporter`: tells Prometheus about the backlog.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use clap::Args;
use velatura_exporter::Exporter;
use velatura_queue::Broker;

use crate::config::Config;
use crate::exit::Ended;
use crate::stop;

/// Serve queue depth, backlog, age, rate, drain time and workers wanted as Prometheus text.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Where the metrics are served
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Only what the coordinator knows, without asking the broker
    #[arg(long)]
    without_broker: bool,
}

pub(crate) fn main(config: Option<&Path>, options: &Options) -> Result<Ended> {
    let mut config = Config::load(config)?;
    config.exporter.listen = options.listen.unwrap_or(config.exporter.listen);
    config.logs.init("info")?;
    tokio::runtime::Runtime::new()
        .context("the asynchronous runtime does not start")?
        .block_on(run(config, options.without_broker))
}

async fn run(config: Config, without_broker: bool) -> Result<Ended> {
    let stop = stop::on_signal()?;
    let broker: Option<Arc<dyn Broker>> = if without_broker {
        None
    } else {
        Some(velatura_queue::connect(&config.queue)?)
    };
    let running = Exporter {
        config: config.exporter,
        broker,
    }
    .start(stop)
    .await?;
    eprintln!("velatura exporter: metrics on http://{}/metrics", running.address);
    running.join().await?;
    Ok(Ended::AllDone)
}
