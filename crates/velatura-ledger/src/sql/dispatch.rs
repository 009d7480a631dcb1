//! Tasks go out, and come back untried.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::any::AnyRow;
use uuid::Uuid;

use super::database::{Changes, Database, Rows, statement};
use super::lease;
use super::record::Record;
use super::rows::{bigint, number, text};
use super::tasks::{self, Ended, task};
use super::{items, samples};
use crate::state::{DISPATCH, RECLAIM, UNDISPATCH};
use crate::{Gate, LedgerError, Millis, Task, Token};

pub(super) async fn dispatch(
    database: &Database,
    token: Token,
    id: Uuid,
    limit: usize,
    now: Millis,
) -> Result<Vec<Task>, LedgerError> {
    let mut changes = lease::begin(database, token).await?;
    let mut record = Record::lock(&mut changes, id).await?;
    if !record.job().state.dispatches() || record.job().counters.pending == 0 {
        return Ok(Vec::new());
    }
    let fresh = record.fresh;
    let rows = match record.job().gate {
        Gate::Open => tasks::begin_attempts(&mut changes, &mut record, DISPATCH, limit, now).await?,
        Gate::Sampling | Gate::Approval => samples::begin_attempts(&mut changes, &record, DISPATCH, limit, now).await?,
    };
    if rows.is_empty() && record.fresh == fresh {
        return Ok(Vec::new());
    }
    record.count(DISPATCH, rows.len())?;
    Record::save(&mut changes, std::slice::from_ref(&record)).await?;
    let mut dispatched = rows.iter().map(|row| task(row, id)).collect::<Result<Vec<_>, _>>()?;
    if record.job().itemized {
        let dialect = changes.dialect;
        items::fill(&mut changes, dialect, record.number, &mut dispatched).await?;
    }
    changes.commit().await?;
    dispatched.sort_unstable_by_key(|task| task.seq);
    Ok(dispatched)
}

pub(super) async fn undispatch(
    database: &Database,
    token: Token,
    id: Uuid,
    attempts: &[(u64, u32)],
) -> Result<(), LedgerError> {
    let mut changes = lease::begin(database, token).await?;
    let mut record = Record::lock(&mut changes, id).await?;
    let attempts = attempts.iter().map(|&(seq, attempt)| Ended {
        job: record.number,
        seq,
        attempt,
        counted: attempt.saturating_sub(1),
        at: 0,
        code: None,
        message: None,
    });
    let counted = tasks::count_ended_attempts(&mut changes, UNDISPATCH, &attempts.collect::<Vec<_>>()).await?;
    record.count(UNDISPATCH, counted.values().sum())?;
    Record::save(&mut changes, std::slice::from_ref(&record)).await?;
    changes.commit().await
}

pub(super) async fn reclaim(
    database: &Database,
    token: Token,
    before: Millis,
    limit: usize,
    now: Millis,
) -> Result<Vec<Task>, LedgerError> {
    let mut changes = lease::begin(database, token).await?;
    // Found without a lock, for jobs are locked before tasks; whoever reports one of them in between goes first.
    let lost = lost(&mut changes, before, limit).await?;
    let jobs: BTreeSet<Uuid> = lost.iter().map(job_id).collect::<Result<_, _>>()?;
    let mut records = Record::lock_all(&mut changes, &Vec::from_iter(jobs)).await?;
    let attempts = lost.iter().map(|row| {
        let attempt = number(row, "attempt")?;
        let (job, seq) = (number(row, "job")?, number(row, "seq")?);
        Ok(Ended {
            job,
            seq,
            attempt,
            counted: attempt,
            at: now,
            code: None,
            message: None,
        })
    });
    let attempts = attempts.collect::<Result<Vec<_>, LedgerError>>()?;
    let rows = tasks::end_attempts(&mut changes, RECLAIM, &attempts).await?;

    let mut by_job: BTreeMap<i64, Rows> = BTreeMap::new();
    for row in rows {
        by_job.entry(number(&row, "job")?).or_default().push(row);
    }
    let mut reclaimed = Vec::new();
    for record in &mut records {
        let rows = by_job.remove(&record.number).unwrap_or_default();
        record.count(RECLAIM, rows.len())?;
        for row in &rows {
            reclaimed.push(task(row, record.job().id)?);
        }
    }
    Record::save(&mut changes, &records).await?;
    changes.commit().await?;
    Ok(reclaimed)
}

/// The attempts that are under way longest, with their job's id.
async fn lost(changes: &mut Changes, before: Millis, limit: usize) -> Result<Rows, LedgerError> {
    let text = format!(
        "SELECT tasks.job, tasks.seq, tasks.attempt, jobs.id FROM tasks JOIN jobs ON jobs.number = tasks.job \
         WHERE tasks.state = '{}' AND tasks.at < $1 ORDER BY tasks.at LIMIT $2",
        RECLAIM.from()
    );
    Ok(changes
        .fetch_all(statement(text).bind(before).bind(bigint(limit)))
        .await?)
}

/// The id of the job that a row is about.
pub(super) fn job_id(row: &AnyRow) -> Result<Uuid, LedgerError> {
    let id = text(row, "id")?;
    id.parse().map_err(|_| LedgerError::Corrupt {
        reason: format!("a job's id is {id:?}"),
    })
}
