//! `velatura tenants`: who shares a coordinator, and how.

use std::path::Path;

use anyhow::Result;
use clap::{Args, Subcommand};
use velatura_proto::v1;

use super::jobs::block_on;
use super::keys::OnLedger;
use crate::exit::Ended;

/// Record tenants, their shares and limits, on the ledger itself: run it where the coordinator's configuration is.
///
/// Examples:
///   velatura tenants set acme --weight 2 --max-open-jobs 10
///   velatura tenants list
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub(crate) enum Command {
    /// Record a tenant, or change it to just this: a limit that is not given is none
    Set(Set),
    /// All tenants, a line each
    List(OnLedger),
}

#[derive(Debug, Args)]
pub(crate) struct Set {
    /// 1 to 63 of a-z, 0-9, - and _
    name: String,
    /// Its share of the workers, against the other tenants' weights
    #[arg(long, default_value_t = 1.0)]
    weight: f64,
    /// The most photos in the broker and in workers at once
    #[arg(long, value_name = "PHOTOS")]
    max_running: Option<u64>,
    /// The most jobs that have not ended
    #[arg(long, value_name = "JOBS")]
    max_open_jobs: Option<u64>,
    /// The most photos that one job may have
    #[arg(long, value_name = "PHOTOS")]
    max_tasks_per_job: Option<u64>,
    /// The most jobs accepted within any 60 seconds
    #[arg(long, value_name = "JOBS")]
    submissions_per_minute: Option<u64>,
    #[command(flatten)]
    ledger: OnLedger,
}

pub(crate) fn main(config: Option<&Path>, command: &Command) -> Result<Ended> {
    block_on(run(config, command))
}

async fn run(config: Option<&Path>, command: &Command) -> Result<Ended> {
    match command {
        Command::Set(set) => {
            let tenant = v1::Tenant {
                name: set.name.clone(),
                weight: Some(set.weight),
                max_running: set.max_running,
                max_open_jobs: set.max_open_jobs,
                max_tasks_per_job: set.max_tasks_per_job,
                submissions_per_minute: set.submissions_per_minute,
            };
            line(&set.ledger.open(config).await?.put_tenant(tenant).await?);
        }
        Command::List(ledger) => {
            let listed = ledger.open(config).await?.list_tenants().await?;
            listed.tenants.iter().for_each(line);
        }
    }
    Ok(Ended::AllDone)
}

fn line(tenant: &v1::Tenant) {
    let limit = |name: &str, limit: Option<u64>| limit.map(|n| format!("  {name} {n}")).unwrap_or_default();
    println!(
        "{:<16} weight {}{}{}{}{}",
        tenant.name,
        tenant.weight(),
        limit("running", tenant.max_running),
        limit("open jobs", tenant.max_open_jobs),
        limit("photos a job", tenant.max_tasks_per_job),
        limit("jobs a minute", tenant.submissions_per_minute),
    );
}
