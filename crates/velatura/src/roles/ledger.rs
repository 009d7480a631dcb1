//! `velatura ledger`: the record of jobs and tasks.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};

use crate::config::Config;
use crate::exit::Ended;

/// Look after the ledger.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Migrate(Migrate),
}

/// Make the ledger's tables or bring them up to date, and end.
///
/// A coordinator does so by itself when it starts. Done before that, a new version starts on tables that are ready, and
/// a database that is not there yet is waited for.
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// The ledger: postgres://user:password@host/database or sqlite:///absolute/path.db
    #[arg(long, value_name = "URL")]
    ledger: Option<String>,
    /// How long the database may take to answer
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wait_seconds: u64,
}

pub(crate) fn main(config: Option<&Path>, command: &Command) -> Result<Ended> {
    let Command::Migrate(options) = command;
    let config = Config::load(config)?;
    config.logs.init("info")?;
    let url = options.ledger.clone().unwrap_or(config.ledger.url);
    tokio::runtime::Runtime::new()
        .context("the asynchronous runtime does not start")?
        .block_on(migrate(&url, Duration::from_secs(options.wait_seconds)))?;
    println!("The ledger's tables are up to date.");
    Ok(Ended::AllDone)
}

async fn migrate(url: &str, patience: Duration) -> Result<()> {
    let deadline = tokio::time::Instant::now() + patience;
    loop {
        match velatura_ledger::connect(url).await {
            Ok(_) => return Ok(()),
            Err(error) if error.is_transient() && tokio::time::Instant::now() < deadline => {
                tracing::info!(%error, "the ledger does not answer yet");
                // A database gives no signal when it comes up.
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}
