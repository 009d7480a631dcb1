use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;
use velatura_ledger::{Job, LedgerError, Millis};

use super::round;
use crate::context::now;
use crate::lead::Lead;
use crate::report;

/// Ended jobs looked at in a round.
const JOBS: usize = 20;
/// Rows that one transaction deletes.
const BATCH: usize = 5000;
/// Purges and the like come so many ticks apart: nobody waits for them.
const TICKS: u32 = 10;
/// How long a report that can't be written waits until it is tried again: somebody may have mended what was wrong.
const LATER: Duration = Duration::from_secs(600);
const DAY: Millis = 86_400_000;

/// What comes after the end: writes reports, forgets tasks whose time is over, and gives back output names that nobody
/// needs any more. One job after the other, for nobody waits for it.
pub(super) async fn run(lead: Lead) {
    let mut waits: HashMap<Uuid, (u32, Instant)> = HashMap::new();
    let mut ticks = 0;
    while lead.pause(lead.config.tick()).await {
        let reported = round(&lead, "reports", write_reports(&lead, &mut waits)).await;
        let mut kept = reported;
        if ticks % TICKS == 0 && kept.is_ok() {
            kept = round(&lead, "purge", purge(&lead)).await;
        }
        ticks = ticks.wrapping_add(1);
        if let Err(error) = kept {
            tracing::debug!(%error, "nothing can be archived now");
        }
    }
}

async fn write_reports(lead: &Lead, waits: &mut HashMap<Uuid, (u32, Instant)>) -> Result<(), LedgerError> {
    let ended = lead.ledger.unreported(JOBS + waits.len()).await?;
    waits.retain(|id, _| ended.iter().any(|job| job.id == *id));
    for job in ended {
        let waiting = waits.get(&job.id);
        if waiting.is_some_and(|(_, until)| *until > Instant::now()) {
            continue;
        }
        if lead.over.is_cancelled() {
            return Ok(());
        }
        let failures = waiting.map_or(0, |(failures, _)| *failures);
        if let Some(wait) = write(lead, &job, failures).await? {
            waits.insert(job.id, (failures + 1, Instant::now() + wait));
        }
    }
    Ok(())
}

/// Writes one report; gives how long to wait before it is tried again, if it can't be written.
async fn write(lead: &Lead, job: &Job, failures: u32) -> Result<Option<Duration>, LedgerError> {
    let error = match report::write(lead, job).await {
        Ok(()) => {
            lead.submissions.forget(job.id);
            lead.signals.changed(job.id);
            return Ok(None);
        }
        Err(report::ReportError::Ledger(error)) => return Err(error),
        Err(error) => error,
    };
    tracing::warn!(job = %job.id, %error, failures, "a report can't be written and is tried again");
    if error.is_transient() {
        return Ok(Some(lead.config.outage().delay(failures + 1, rand::random())));
    }
    if let Some(ended_at) = job.ended_at {
        let error = error.to_string();
        lead.ledger.reported(job.id, ended_at, Some(&error)).await?;
        lead.signals.changed(job.id);
    }
    Ok(Some(LATER))
}

async fn purge(lead: &Lead) -> Result<(), LedgerError> {
    let keep = Millis::from(lead.config.retention_days) * DAY;
    while lead.ledger.purge(Some(keep), BATCH, now()).await? > 0 && !lead.over.is_cancelled() {}
    while lead.ledger.give_back_claims(BATCH).await? > 0 && !lead.over.is_cancelled() {}
    Ok(())
}
