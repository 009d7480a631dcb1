//! A job gets its tasks, page by page.

use uuid::Uuid;

use super::database::Database;
use super::errors::Errors;
use super::lease;
use super::link::Link;
use super::record::Record;
use super::rows::{storable, text};
use super::tasks::{self, Ended};
use super::{claims, copy, items, quota};
use crate::state::REFUSED;
use crate::{Job, JobState, LedgerError, Millis, NewTask, Token};

pub(super) async fn expand(
    database: &Database,
    token: Token,
    id: Uuid,
    expected: Option<&str>,
    page: &[NewTask],
    cursor: Option<&str>,
    now: Millis,
) -> Result<Job, LedgerError> {
    let mut changes = lease::begin(database, token).await?;
    let mut record = Record::lock(&mut changes, id).await?;
    let job = record.job();
    if job.expanded || job.cursor.as_deref() != expected {
        return Err(LedgerError::Conflict { id });
    }
    if job.state.is_ended() {
        return Err(LedgerError::Illegal {
            id,
            from: job.state,
            to: JobState::Running,
        });
    }
    if let Some(tenant) = quota::find(&mut changes, &job.tenant).await? {
        quota::check_tasks(&tenant, job.counters.total() + page.len() as u64)?;
    }
    let first = job.counters.total();
    let taken = claims::take(&mut changes, &record, page, first).await?;
    if !taken.is_empty() {
        return Err(LedgerError::Taken { id, taken });
    }
    match &*changes {
        Link::Postgres(_) if page.len() >= copy::LEAST => changes = copy::pending(changes, &record, page).await?,
        _ => tasks::add(&mut changes, &record, page).await?,
    }
    items::add(&mut changes, &record, page, first).await?;
    let refused = refused(&record, page, first, now);
    let rows = tasks::end_attempts(&mut changes, REFUSED, &refused).await?;
    let mut errors = Errors::default();
    for row in &rows {
        errors.failed(record.number, text(row, "code")?, 1);
    }
    errors.save(&mut changes).await?;
    record.expanded_to(cursor, page.len())?;
    record.count(REFUSED, rows.len())?;
    record.end_if_over(now)?;
    Record::save(&mut changes, std::slice::from_ref(&record)).await?;
    changes.commit().await?;
    Ok(record.into_job())
}

/// The tasks of a page that fail before they are tried.
fn refused<'a>(record: &Record, page: &'a [NewTask], first: u64, now: Millis) -> Vec<Ended<'a>> {
    let refusals = (first..)
        .zip(page)
        .filter_map(|(seq, task)| Some((seq, task.refusal.as_ref()?)));
    refusals
        .map(|(seq, refusal)| Ended {
            job: record.number,
            seq,
            attempt: 0,
            counted: 0,
            at: now,
            code: Some(storable(&refusal.code)),
            message: Some(storable(&refusal.message)),
        })
        .collect()
}
