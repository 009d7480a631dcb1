//! A job ends before its tasks do.

use uuid::Uuid;

use super::database::{Changes, Database, statement};
use super::dispatch::job_id;
use super::lease;
use super::record::Record;
use super::tasks;
use crate::state::{CANCEL_DISPATCHED, CANCEL_PENDING};
use crate::{Job, JobState, LedgerError, Millis, Refusal, Token};

/// Tasks that are cancelled along with their job, in one transaction of a fraction of a second.
const AT_ONCE: usize = 10_000;

pub(super) async fn cancel(database: &Database, id: Uuid, reason: &str, now: Millis) -> Result<Job, LedgerError> {
    let mut changes = database.begin().await?;
    let mut record = Record::lock(&mut changes, id).await?;
    if record.job().state == JobState::Cancelled {
        return Ok(record.into_job());
    }
    record.end(JobState::Cancelled, reason, now)?;
    cancel_tasks(&mut changes, &mut record, AT_ONCE, now).await?;
    changes.commit().await?;
    Ok(record.into_job())
}

pub(super) async fn fail(
    database: &Database,
    token: Token,
    id: Uuid,
    why: &Refusal,
    now: Millis,
) -> Result<Job, LedgerError> {
    let mut changes = lease::begin(database, token).await?;
    let mut record = Record::lock(&mut changes, id).await?;
    let &Job {
        state: from, expanded, ..
    } = record.job();
    if from == JobState::Failed {
        return Ok(record.into_job());
    }
    // A paused job may have its photos listed or not.
    if expanded {
        return Err(LedgerError::Illegal {
            id,
            from,
            to: JobState::Failed,
        });
    }
    record.end(JobState::Failed, &why.message, now)?;
    record.set_code(&mut changes, &why.code).await?;
    cancel_tasks(&mut changes, &mut record, AT_ONCE, now).await?;
    changes.commit().await?;
    Ok(record.into_job())
}

pub(super) async fn settle(database: &Database, token: Token, limit: usize, now: Millis) -> Result<usize, LedgerError> {
    let mut changes = lease::begin(database, token).await?;
    let unsettled = statement("SELECT id FROM jobs WHERE unsettled = 1 ORDER BY number LIMIT 1");
    let Some(row) = changes.fetch_optional(unsettled).await? else {
        return Ok(0);
    };
    let mut record = Record::lock(&mut changes, job_id(&row)?).await?;
    let cancelled = cancel_tasks(&mut changes, &mut record, limit, now).await?;
    changes.commit().await?;
    Ok(cancelled)
}

/// Cancels up to `limit` tasks of an ended job and saves its record; says how many.
async fn cancel_tasks(
    changes: &mut Changes,
    record: &mut Record,
    limit: usize,
    now: Millis,
) -> Result<usize, LedgerError> {
    let pending = tasks::sweep_pending(changes, record, CANCEL_PENDING, limit, now).await?;
    record.count(CANCEL_PENDING, pending)?;
    let dispatched = tasks::sweep_dispatched(changes, record, CANCEL_DISPATCHED, limit - pending, now).await?;
    record.count(CANCEL_DISPATCHED, dispatched)?;
    Record::save(changes, std::slice::from_ref(record)).await?;
    Ok(pending + dispatched)
}
