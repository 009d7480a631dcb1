//! `load bulk`: what the coordinator does a second, each beside its limit in the same run.

mod expansion;
mod fairness;
mod window;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use velatura_coordinator::{Coordinator, CoordinatorConfig, Running};
use velatura_ledger::{Job, Ledger, Outcome, Report};
use velatura_objects::Stores;
use velatura_queue::Broker;
use velatura_telemetry::{Readiness, Registry};

use crate::bare::{Bare, BareTable};
use crate::now;
use crate::row::Table;
use crate::servers::{Database, Servers, stores};
use crate::{library, memory};

/// Where in the job rates are taken, per cent.
const PLACES: [u64; 3] = [10, 50, 90];
/// How long anything may take that does not depend on the job's size.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long this program may lead while no coordinator does.
const LEADING: Duration = Duration::from_secs(24 * 3600);
/// Tasks that go through the ledger at once on the way from one place to the next.
const STRIDE: usize = 5000;

/// What is measured, and how large.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Photos in the library, hence tasks of the job
    #[arg(long, default_value_t = 200_000)]
    tasks: u64,
    /// Where the ledger lies
    #[arg(long, value_enum, default_value_t = Database::Postgres)]
    database: Database,
    /// A line of JSON a row instead of a table
    #[arg(long)]
    json: bool,
    /// Only the expansion, for a quick look
    #[arg(long)]
    only_expansion: bool,
}

/// Everything a measurement needs.
pub(crate) struct Bench {
    pub(crate) tasks: u64,
    pub(crate) servers: Servers,
    pub(crate) broker: Arc<dyn Broker>,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) stores: Arc<Stores>,
    pub(crate) bare: Bare,
    pub(crate) bare_table: BareTable,
    pub(crate) table: Table,
}

/// Measures everything, and prints each row as soon as it is known.
pub async fn run(options: Options) -> Result<()> {
    ensure!(
        options.tasks >= 10_000,
        "--tasks must be at least 10000, or there is nothing to measure"
    );
    let (_library, endpoint) = library::start(options.tasks)?;
    let servers = Servers::start(options.database)?;
    let mut bench = Bench {
        tasks: options.tasks,
        broker: servers.queue().await?,
        ledger: velatura_ledger::connect(&servers.ledger).await?,
        stores: stores(&endpoint)?,
        bare: Bare::connect(&servers.broker.url()).await?,
        bare_table: BareTable::make(&servers.ledger).await?,
        table: Table::begin(options.json),
        servers,
    };
    if options.only_expansion {
        return expansion::measure(&mut bench).await.map(drop);
    }
    fairness::measure(&bench).await?;
    let job = expansion::measure(&mut bench).await?;
    for place in PLACES {
        bench.go_to(job, options.tasks * place / 100).await?;
        window::measure(&mut bench, job, place).await?;
    }
    let end = bench.ledger.job(job).await?;
    ensure!(
        end.counters.total() == options.tasks && end.counters.failed == 0,
        "the counters went astray: {end:?}"
    );
    Ok(())
}

impl Bench {
    /// A coordinator in this process, that keeps so many tasks in the broker.
    pub(crate) async fn coordinator(&self, window: u32) -> Result<Started> {
        let stop = CancellationToken::new();
        let any = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        let coordinator = Coordinator {
            config: CoordinatorConfig {
                listen: any,
                grpc_listen: any,
                window_tasks: window,
                ..CoordinatorConfig::default()
            },
            ledger: velatura_ledger::connect(&self.servers.ledger).await?,
            broker: Arc::clone(&self.broker),
            stores: Arc::clone(&self.stores),
            registry: Registry::new(),
            readiness: Readiness::default(),
        };
        let running = coordinator.start(stop.clone()).await?;
        Ok(Started { running, stop })
    }

    /// Waits until the job is as wished.
    pub(crate) async fn until(&self, job: Uuid, mut wish: impl FnMut(&Job) -> bool) -> Result<Job> {
        let wait = async {
            loop {
                let now = self.ledger.job(job).await?;
                if wish(&now) {
                    return Ok(now);
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait)
            .await
            .context("the job stands still")?
    }

    /// Lets tasks go through the ledger, and the ledger alone, until so many are done: it has the life behind it that it
    /// would have, in minutes instead of hours.
    async fn go_to(&self, job: Uuid, done: u64) -> Result<()> {
        let token = self
            .ledger
            .lead("load", LEADING)
            .await?
            .context("another coordinator leads")?;
        loop {
            let left = done.saturating_sub(self.ledger.job(job).await?.counters.done);
            if left == 0 {
                return Ok(self.ledger.resign(token).await?);
            }
            let limit = usize::try_from(left)?.min(STRIDE);
            let tasks = self.ledger.dispatch(token, job, limit, now()).await?;
            let report = |seq, attempt| Report {
                job_id: job,
                seq,
                attempt,
                outcome: Outcome::Done,
            };
            let reports: Vec<_> = tasks.iter().map(|task| report(task.seq, task.attempt)).collect();
            self.ledger.report(&reports, now()).await?;
        }
    }
}

/// A coordinator at work.
pub(crate) struct Started {
    running: Running,
    stop: CancellationToken,
}

impl Started {
    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.running.grpc_address)
    }

    pub(crate) async fn stop(self) -> Result<()> {
        self.stop.cancel();
        self.running.join().await?;
        Ok(())
    }
}

/// Memory in MiB.
pub(crate) fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

pub(crate) use memory::{forget_peak, own};
