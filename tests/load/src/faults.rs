//! `load faults`: a job during which everything dies, several times; at its end every task is done exactly once.

mod audit;
mod coordinators;
mod report;
mod workers;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use tempfile::TempDir;

use crate::servers::{Database, Servers};
use crate::{client, library};
use audit::Audit;
use coordinators::Coordinators;
use workers::Workers;

/// How the run goes.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Photos in the library, hence tasks of the job
    #[arg(long, default_value_t = 200_000)]
    pub tasks: u64,
    /// Coordinators at work at once
    #[arg(long, default_value_t = 2)]
    pub coordinators: usize,
    /// How often the leading coordinator is killed
    #[arg(long, default_value_t = 5)]
    pub leader_kills: usize,
    /// How often the broker is stopped and started again
    #[arg(long, default_value_t = 3)]
    pub broker_restarts: usize,
    /// How often PostgreSQL is stopped and started again
    #[arg(long, default_value_t = 2)]
    pub database_restarts: usize,
    /// Workers at work at once; a third of them is killed, and followed by others
    #[arg(long, default_value_t = 6)]
    pub workers: usize,
    /// Draws the moments of the kills
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The longest that the job may stand still, seconds
    #[arg(long, default_value_t = 180)]
    pub patience: u64,
    /// The binary of the coordinators [default: `velatura` beside this program]
    #[arg(long)]
    pub velatura: Option<PathBuf>,
}

/// What dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Leader,
    Broker,
    Database,
    Worker,
}

/// What the run was like.
#[derive(Debug, Clone, Copy)]
pub struct Survived {
    /// From the submission to the end.
    pub seconds: f64,
    /// Attempts above one a task: how often something was tried again.
    pub more_attempts: u64,
    /// The longest that nothing was recorded, seconds.
    pub longest_pause: f64,
    /// The longest from the death of a leader to the first task that its successor dispatched, seconds.
    pub slowest_takeover: f64,
}

/// Runs it; an error says what was lost or doubled.
pub async fn run(options: &Options, library_command: std::process::Command) -> Result<Survived> {
    let port = velatura_testkit::free_port();
    let mut command = library_command;
    command.args([
        "library",
        "--port",
        &port.to_string(),
        "--photos",
        &options.tasks.to_string(),
    ]);
    let program = PathBuf::from(command.get_program());
    let (_library, endpoint) = library::start_with(command, port)?;
    let mut servers = Servers::start(Database::Postgres)?;
    let folder = TempDir::with_prefix("velatura-faults-")?;
    let velatura = match &options.velatura {
        Some(velatura) => velatura.clone(),
        None => program.with_file_name("velatura"),
    };
    let mut coordinators = Coordinators::start(&velatura, folder.path(), &servers, &endpoint, options.coordinators)?;
    let mut workers = Workers::start(&program, &servers, options.workers)?;
    let mut audit = Audit::new(&servers.ledger);

    let mut rng = SmallRng::seed_from_u64(options.seed);
    let mut faults = schedule(options, &mut rng);
    let began = Instant::now();
    let job = client::submit(&coordinators.grpc()).await?.to_string();
    let (mut done, mut moved, mut longest) = (0, Instant::now(), Duration::ZERO);
    let mut slowest = Duration::ZERO;
    while done < options.tasks {
        if let Some(now_done) = audit.done(&job).await
            && now_done > done
        {
            longest = longest.max(moved.elapsed());
            (done, moved) = (now_done, Instant::now());
        }
        ensure!(
            moved.elapsed() < Duration::from_secs(options.patience),
            "nothing was recorded for {} s, at {done} of {} tasks; faults left: {faults:?}\n{}",
            options.patience,
            options.tasks,
            coordinators.logs()
        );
        while let Some((_, fault)) = faults.pop_if(|(at, _)| *at <= done) {
            eprintln!(
                "{:7.1} s  {done:>8} done  {fault:?} dies",
                began.elapsed().as_secs_f64()
            );
            match fault {
                Fault::Leader => {
                    let before = audit.lead(&job).await.map_or(0, |lead| lead.token);
                    coordinators.kill_leader(&audit.leader().await.unwrap_or_default())?;
                    let killed = Instant::now();
                    let successor = audit.successor(&job, before);
                    let patience = Duration::from_secs(options.patience);
                    let found = tokio::time::timeout(patience, successor).await;
                    found.with_context(|| format!("nobody has taken over\n{}", coordinators.logs()))?;
                    slowest = slowest.max(killed.elapsed());
                }
                Fault::Worker => workers.kill_one(&mut rng)?,
                Fault::Broker => {
                    servers.broker.stop()?;
                    servers.broker.start_again()?;
                }
                Fault::Database => {
                    let database = servers.postgres.as_mut().context("the run has a PostgreSQL")?;
                    database.stop()?;
                    database.start_again()?;
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    let more_attempts = audit.check(&job, options.tasks).await?;
    report::check(&endpoint, &job, options.tasks).await?;
    Ok(Survived {
        seconds,
        more_attempts,
        longest_pause: longest.as_secs_f64(),
        slowest_takeover: slowest.as_secs_f64(),
    })
}

/// When each fault comes, by the tasks that are done; the first is the last of the list. All come between a twentieth and
/// nine tenths of the job.
fn schedule(options: &Options, rng: &mut SmallRng) -> Vec<(u64, Fault)> {
    let counted = [
        (Fault::Leader, options.leader_kills),
        (Fault::Broker, options.broker_restarts),
        (Fault::Database, options.database_restarts),
        (Fault::Worker, options.workers.div_ceil(3)),
    ];
    let mut faults = Vec::new();
    for (fault, count) in counted {
        faults.extend((0..count).map(|_| (rng.random_range(options.tasks / 20..options.tasks * 9 / 10), fault)));
    }
    faults.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    faults
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn every_fault_comes_before_the_job_is_over() {
        let options = Command::parse_from(["faults"]).options;
        let faults = schedule(&options, &mut SmallRng::seed_from_u64(7));
        assert_eq!(faults.len(), 5 + 3 + 2 + 2);
        assert!(faults.is_sorted_by(|a, b| a.0 >= b.0), "{faults:?}");
        assert!(
            faults.iter().all(|(at, _)| (10_000..180_000).contains(at)),
            "{faults:?}"
        );
    }
}
