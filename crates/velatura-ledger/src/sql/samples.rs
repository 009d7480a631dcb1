//! Some photos are painted before the others, and the job may wait for what a person thinks of them.

use serde::Serialize;
use uuid::Uuid;

use super::database::{Changes, Database, Rows, statement};
use super::dispatch::job_id;
use super::record::Record;
use super::rows::{bigint, number, parameter};
use super::tasks;
use crate::state::Step;
use crate::{Gate, Job, JobState, LedgerError, Millis, TaskState};

/// What a job says that waits.
const AWAITED: &str = "its samples are painted: look at them, then approve or reject the job";

#[derive(Serialize)]
struct Row {
    seq: u64,
}

fn drawn(record: &Record) -> String {
    let numbers = record.job().sample_numbers();
    parameter(&numbers.into_iter().map(|seq| Row { seq }).collect::<Vec<_>>())
}

/// Lets due samples take a step that begins their next attempt.
pub(super) async fn begin_attempts(
    changes: &mut Changes,
    record: &Record,
    step: Step,
    limit: usize,
    now: Millis,
) -> Result<Rows, LedgerError> {
    let (from, to) = (step.from(), step.to());
    let table = changes.dialect.rows(&["seq BIGINT"]);
    let due = format!(
        "SELECT tasks.seq FROM {table} JOIN tasks ON tasks.job = $2 AND tasks.seq = r.seq \
         WHERE tasks.state || '' = '{from}' AND tasks.at <= $3 ORDER BY tasks.seq LIMIT $4"
    );
    let text = format!(
        "UPDATE tasks SET state = '{to}', attempt = attempt + 1, at = $3 WHERE job = $2 AND seq {} RETURNING {}",
        changes.dialect.among(&due),
        tasks::COLUMNS,
    );
    Ok(changes
        .fetch_all(
            statement(text)
                .bind(drawn(record))
                .bind(record.number)
                .bind(now)
                .bind(bigint(limit)),
        )
        .await?)
}

/// Lets a job go on, or wait, whose samples have all ended. Gives the job if it did.
pub(super) async fn settle(database: &Database) -> Result<Vec<Job>, LedgerError> {
    let mut settled = Vec::new();
    let waiting = format!(
        "SELECT id FROM jobs WHERE gate = 'sampling' AND expanded = 1 AND state = '{}' ORDER BY number LIMIT 100",
        JobState::Running
    );
    let rows = database.reader().await?.fetch_all(statement(waiting)).await?;
    for row in rows {
        let mut changes = database.begin().await?;
        let mut record = Record::lock(&mut changes, job_id(&row)?).await?;
        if record.job().gate != Gate::Sampling || record.job().state != JobState::Running {
            continue;
        }
        if unfinished(&mut changes, &record).await? > 0 {
            continue;
        }
        if record.job().waits_for_approval {
            record.enter(JobState::Paused, AWAITED)?;
            record.set_gate(&mut changes, Gate::Approval).await?;
        } else {
            record.set_gate(&mut changes, Gate::Open).await?;
        }
        Record::save(&mut changes, std::slice::from_ref(&record)).await?;
        changes.commit().await?;
        settled.push(record.into_job());
    }
    Ok(settled)
}

async fn unfinished(changes: &mut Changes, record: &Record) -> Result<u64, LedgerError> {
    let table = changes.dialect.rows(&["seq BIGINT"]);
    let count = format!(
        "SELECT COUNT(*) AS unfinished FROM {table} JOIN tasks ON tasks.job = $2 AND tasks.seq = r.seq \
         WHERE tasks.state || '' IN ('{}', '{}')",
        TaskState::Pending,
        TaskState::Dispatched
    );
    let row = changes
        .fetch_one(statement(count).bind(drawn(record)).bind(record.number))
        .await?;
    number(&row, "unfinished")
}

pub(super) async fn approve(database: &Database, id: Uuid) -> Result<Job, LedgerError> {
    let mut changes = database.begin().await?;
    let mut record = Record::lock(&mut changes, id).await?;
    match record.job().gate {
        Gate::Approval if record.job().state == JobState::Paused => {
            record.enter(JobState::Running, "")?;
            record.set_gate(&mut changes, Gate::Open).await?;
            Record::save(&mut changes, std::slice::from_ref(&record)).await?;
            changes.commit().await?;
            Ok(record.into_job())
        }
        Gate::Open if record.job().waits_for_approval && !record.job().state.is_ended() => Ok(record.into_job()),
        Gate::Open | Gate::Sampling | Gate::Approval => Err(LedgerError::NotAwaited { id }),
    }
}
