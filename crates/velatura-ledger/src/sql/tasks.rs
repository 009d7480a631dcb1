//! What happens to tasks, a set at a time. Every statement takes one [`Step`], and says which rows really took it.

use std::borrow::Cow;

use serde::Serialize;
use sqlx::Executor;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::database::{Changes, Rows, statement};
use super::record::Record;
use super::rows::{bigint, number, parameter, state, text};
use crate::state::Step;
use crate::{LedgerError, Millis, NewTask, Task, TaskState};

/// A task's columns as both databases return them from an `UPDATE` that has a `FROM`.
const COLUMNS: &str =
    "tasks.job, tasks.seq, tasks.state, tasks.source, tasks.key, tasks.attempt, tasks.code, tasks.message";

/// Adds a page of tasks behind those that the job has.
pub(super) async fn add(
    changes: &mut Changes,
    record: &Record,
    tasks: &[NewTask],
    now: Millis,
) -> Result<(), LedgerError> {
    #[derive(Serialize)]
    struct Added<'a> {
        seq: u64,
        source: &'a str,
        key: &'a str,
    }
    if tasks.is_empty() {
        return Ok(());
    }
    let numbered = (record.job().counters.total()..).zip(tasks);
    let added: Vec<_> = numbered
        .map(|(seq, task)| Added {
            seq,
            source: &task.source,
            key: &task.key,
        })
        .collect();
    let rows = changes.dialect.rows(&["seq BIGINT", "source TEXT", "key TEXT"]);
    let text = format!(
        "INSERT INTO tasks (job, seq, state, source, key, attempt, at, code, message) \
         SELECT $2, r.seq, '{}', r.source, r.key, 0, $3, '', '' FROM {rows}",
        TaskState::Pending
    );
    changes
        .execute(statement(text).bind(parameter(&added)).bind(record.number).bind(now))
        .await?;
    Ok(())
}

/// Lets up to `limit` due tasks of a job take a step that begins their next attempt: those that are due longest.
pub(super) async fn begin_attempts(
    changes: &mut Changes,
    record: &Record,
    step: Step,
    limit: usize,
    now: Millis,
) -> Result<Rows, LedgerError> {
    let (from, to) = (step.from(), step.to());
    let due =
        format!("SELECT seq FROM tasks WHERE job = $1 AND state = '{from}' AND at <= $2 ORDER BY at, seq LIMIT $3");
    let text = format!(
        "UPDATE tasks SET state = '{to}', attempt = attempt + 1, at = $2 WHERE job = $1 AND seq {} RETURNING {COLUMNS}",
        changes.dialect.among(&due)
    );
    Ok(changes
        .fetch_all(statement(text).bind(record.number).bind(now).bind(bigint(limit)))
        .await?)
}

/// An attempt, and what its task takes from its end.
#[derive(Serialize)]
pub(super) struct Ended<'a> {
    /// The job's number.
    pub(super) job: i64,
    /// The task's number within the job.
    pub(super) seq: u64,
    /// The attempt; if it is not the task's current one, nothing happens.
    pub(super) attempt: u32,
    /// The attempts that the task has had from now on.
    pub(super) counted: u32,
    /// When it is due again, or when it ended.
    pub(super) at: Millis,
    /// What went wrong; `None` leaves what is recorded.
    pub(super) code: Option<Cow<'a, str>>,
    /// What went wrong, one sentence; `None` leaves what is recorded.
    pub(super) message: Option<Cow<'a, str>>,
}

/// Lets the tasks of these attempts take a step; those that are not current don't.
pub(super) async fn end_attempts(changes: &mut Changes, step: Step, ended: &[Ended<'_>]) -> Result<Rows, LedgerError> {
    const ENDED: [&str; 7] = [
        "job BIGINT",
        "seq BIGINT",
        "attempt BIGINT",
        "counted BIGINT",
        "at BIGINT",
        "code TEXT",
        "message TEXT",
    ];
    if ended.is_empty() {
        return Ok(Rows::new());
    }
    let (from, to, rows) = (step.from(), step.to(), changes.dialect.rows(&ENDED));
    // `state || ''` is no column: a planner that believes few tasks to be in a state must not go through all of those for
    // each row of `r`, but look each row up by its key.
    let text = format!(
        "UPDATE tasks SET state = '{to}', attempt = r.counted, at = r.at, \
             code = COALESCE(r.code, tasks.code), message = COALESCE(r.message, tasks.message) \
         FROM {rows} \
         WHERE tasks.job = r.job AND tasks.seq = r.seq AND tasks.attempt = r.attempt AND tasks.state || '' = '{from}' \
         RETURNING {COLUMNS}"
    );
    Ok(changes.fetch_all(statement(text).bind(parameter(ended))).await?)
}

/// Lets up to `limit` tasks of a job take a step, whichever they are; says how many did.
pub(super) async fn sweep(
    changes: &mut Changes,
    record: &Record,
    step: Step,
    limit: usize,
    now: Millis,
) -> Result<usize, LedgerError> {
    let (from, to) = (step.from(), step.to());
    let some = format!("SELECT seq FROM tasks WHERE job = $1 AND state = '{from}' ORDER BY seq LIMIT $3");
    let text = format!(
        "UPDATE tasks SET state = '{to}', at = $2 WHERE job = $1 AND seq {}",
        changes.dialect.among(&some)
    );
    let swept = changes
        .execute(statement(text).bind(record.number).bind(now).bind(bigint(limit)))
        .await?;
    Ok(usize::try_from(swept.rows_affected()).unwrap_or(usize::MAX))
}

/// A task out of its row.
pub(super) fn task(row: &AnyRow, job_id: Uuid) -> Result<Task, LedgerError> {
    Ok(Task {
        job_id,
        seq: number(row, "seq")?,
        state: state(row)?,
        source: text(row, "source")?,
        key: text(row, "key")?,
        attempt: number(row, "attempt")?,
        code: text(row, "code")?,
        message: text(row, "message")?,
    })
}
