//! `cargo xtask bench bulk` and `cargo xtask bench faults`; and the processes that they start.

use std::time::Duration;

use anyhow::Result;
use clap::{Parser, Subcommand};
use velatura_load::{bulk, faults, library, servers, worker};
use velatura_queue::Lane;

/// The coordinator under load, with simulated painting
#[derive(Debug, Parser)]
struct Command {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Expansion, dispatch and results a second, beside their limits
    Bulk(bulk::Options),
    /// A job during which everything dies; then every task is done exactly once
    Faults(faults::Options),
    /// Paint nothing, and report it, until the process is ended
    Worker {
        /// The broker's address
        #[arg(long)]
        broker: String,
        /// Its management API
        #[arg(long)]
        management: String,
        /// What a handful of tasks takes
        #[arg(long, default_value_t = 20)]
        milliseconds: u64,
    },
    /// Serve a library whose listing is computed, until the process is ended
    Library {
        /// Where, on loopback
        #[arg(long)]
        port: u16,
        /// How many photos
        #[arg(long)]
        photos: u64,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    // One crypto provider for all that speaks TLS.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match Command::parse().what {
        What::Bulk(options) => bulk::run(options).await,
        What::Faults(options) => {
            let this = std::process::Command::new(std::env::current_exe()?);
            let survived = faults::run(&options, this).await?;
            println!(
                "{} tasks done exactly once in {:.0} s; {} attempts were repeated, nothing was recorded for at most {:.1} s, \
                 a dead leader had a successor at work after at most {:.1} s",
                options.tasks,
                survived.seconds,
                survived.more_attempts,
                survived.longest_pause,
                survived.slowest_takeover
            );
            Ok(())
        }
        What::Worker {
            broker,
            management,
            milliseconds,
        } => {
            let broker = servers::client_of(&broker, &management)?;
            let time = Duration::from_millis(milliseconds);
            worker::paint(&broker, &worker::tasks(Lane::Bulk)?, time, |_| {}, |_| false).await
        }
        What::Library { port, photos } => library::serve(port, photos).await,
    }
}
