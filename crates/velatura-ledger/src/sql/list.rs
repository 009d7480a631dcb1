//! What is recorded, for those who ask.

use sqlx::Row;
use uuid::Uuid;

use super::database::{Database, statement};
use super::dispatch::job_id;
use super::link::Reader;
use super::rows::{bigint, number};
use super::tasks::task;
use super::{items, record};
use crate::state::State;
use crate::{Backlog, Job, JobState, LedgerError, Millis, Task, TaskState};

pub(super) async fn job(database: &Database, id: Uuid) -> Result<Job, LedgerError> {
    let one = statement("SELECT * FROM jobs WHERE id = $1").bind(id.to_string());
    let row = database.reader().await?.fetch_optional(one).await?;
    record::job(&row.ok_or(LedgerError::NotFound(id))?)
}

pub(super) async fn jobs(
    database: &Database,
    tenant: Option<&str>,
    before: Option<Uuid>,
    limit: usize,
) -> Result<Vec<Job>, LedgerError> {
    // Ids are ordered by time, as text too; the greatest stands for "none".
    let before = before.unwrap_or(Uuid::max());
    let only = tenant.map(|_| "AND tenant = $3").unwrap_or_default();
    let page = format!("SELECT * FROM jobs WHERE id < $1 {only} ORDER BY id DESC LIMIT $2");
    let page = statement(page).bind(before.to_string()).bind(bigint(limit));
    let page = match tenant {
        Some(tenant) => page.bind(tenant),
        None => page,
    };
    let rows = database.reader().await?.fetch_all(page).await?;
    rows.iter().map(record::job).collect()
}

pub(super) async fn jobs_in(database: &Database, states: &[JobState], limit: usize) -> Result<Vec<Job>, LedgerError> {
    if states.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT * FROM jobs WHERE state IN ({}) ORDER BY interactive DESC, id LIMIT $1",
        names(states)
    );
    let rows = database
        .reader()
        .await?
        .fetch_all(statement(text).bind(bigint(limit)))
        .await?;
    rows.iter().map(record::job).collect()
}

pub(super) async fn tasks(
    database: &Database,
    id: Uuid,
    state: Option<TaskState>,
    from: u64,
    limit: usize,
) -> Result<Vec<Task>, LedgerError> {
    let mut reader = database.reader().await?;
    let (job, itemized) = kept_job(&mut reader, id).await?;
    let only = state.map(|state| format!("AND state = '{state}'")).unwrap_or_default();
    let text = format!("SELECT * FROM tasks WHERE job = $1 AND seq >= $2 {only} ORDER BY seq LIMIT $3");
    let from = i64::try_from(from).unwrap_or(i64::MAX);
    let rows = reader
        .fetch_all(statement(text).bind(job).bind(from).bind(bigint(limit)))
        .await?;
    let mut tasks = rows.iter().map(|row| task(row, id)).collect::<Result<Vec<_>, _>>()?;
    if itemized {
        items::fill(&mut reader, database.dialect, job, &mut tasks).await?;
    }
    Ok(tasks)
}

pub(super) async fn backlog(database: &Database) -> Result<Backlog, LedgerError> {
    let unended: Vec<_> = JobState::ALL
        .iter()
        .copied()
        .filter(|state| !state.is_ended())
        .collect();
    let dispatching: Vec<_> = JobState::ALL
        .iter()
        .copied()
        .filter(|state| state.dispatches())
        .collect();
    let text = format!(
        "SELECT CAST(COALESCE(SUM(CASE WHEN state NOT IN ({}) THEN 0 \
                 WHEN gate = 'open' OR pending < samples THEN pending ELSE samples END), 0) AS BIGINT) AS pending, \
             CAST(COALESCE(SUM(dispatched), 0) AS BIGINT) AS dispatched, \
             CAST(COALESCE(SUM(CASE WHEN interactive = 1 OR gate = 'sampling' THEN dispatched ELSE 0 END), 0) AS BIGINT) \
                 AS interactive, MIN(created_at) AS oldest, COUNT(*) AS jobs \
         FROM jobs WHERE state IN ({})",
        names(&dispatching),
        names(&unended)
    );
    let row = database.reader().await?.fetch_one(statement(text)).await?;
    Ok(Backlog {
        pending: number(&row, "pending")?,
        dispatched: number(&row, "dispatched")?,
        interactive: number(&row, "interactive")?,
        oldest: row.try_get("oldest")?,
        jobs: number(&row, "jobs")?,
    })
}

pub(super) async fn check(database: &Database) -> Result<(), LedgerError> {
    database
        .reader()
        .await?
        .fetch_one(statement("SELECT COUNT(*) FROM ledger_migrations"))
        .await?;
    Ok(())
}

/// The number of a job whose tasks are still kept, and whether some of them have items.
pub(super) async fn kept_job(reader: &mut Reader, id: Uuid) -> Result<(i64, bool), LedgerError> {
    let job = statement("SELECT number, purged_at, itemized FROM jobs WHERE id = $1").bind(id.to_string());
    let row = reader.fetch_optional(job).await?.ok_or(LedgerError::NotFound(id))?;
    if row.try_get::<Option<i64>, _>("purged_at")?.is_some() {
        return Err(LedgerError::Purged { id });
    }
    Ok((row.try_get("number")?, number::<i64>(&row, "itemized")? == 1))
}

/// The number that a job's tasks know it by.
pub(super) async fn job_number(reader: &mut Reader, id: Uuid) -> Result<i64, LedgerError> {
    let job = statement("SELECT number FROM jobs WHERE id = $1").bind(id.to_string());
    let job = reader.fetch_optional(job).await?.ok_or(LedgerError::NotFound(id))?;
    Ok(job.try_get("number")?)
}

pub(super) async fn withheld(database: &Database, since: Millis, limit: usize) -> Result<Vec<Uuid>, LedgerError> {
    let text = format!(
        "SELECT id FROM jobs WHERE state = '{}' OR (state IN ({}) AND ended_at >= $1) ORDER BY id DESC LIMIT $2",
        JobState::Paused,
        names(&[JobState::Cancelled, JobState::Failed])
    );
    let withheld = statement(text).bind(since).bind(bigint(limit));
    let rows = database.reader().await?.fetch_all(withheld).await?;
    rows.iter().map(job_id).collect()
}

/// States as an SQL list; their names are this crate's own words.
fn names(states: &[JobState]) -> String {
    let quoted: Vec<_> = states.iter().map(|state| format!("'{state}'")).collect();
    quoted.join(", ")
}
