//! What happens to tasks, a set at a time. Every statement takes one [`Step`], and says which rows really took it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::database::{Changes, Rows, statement};
use super::dialect::Dialect;
use super::given::Given;
use super::record::Record;
use super::rows::{bigint, number, state, text};
use crate::state::Step;
use crate::{Item, LedgerError, Millis, NewTask, Task, TaskState};

/// A task's columns as both databases return them from an `UPDATE` that has a `FROM`.
pub(super) const COLUMNS: &str =
    "tasks.job, tasks.seq, tasks.state, tasks.source, tasks.key, tasks.attempt, tasks.at, tasks.code, tasks.message";

/// The `at` of a pending task that was never dispatched: its turn comes with its number.
pub(super) const NEVER: Millis = -1;

/// Adds a page of tasks behind those that the job has.
pub(super) async fn add(changes: &mut Changes, record: &Record, tasks: &[NewTask]) -> Result<(), LedgerError> {
    if tasks.is_empty() {
        return Ok(());
    }
    let mut given = Given::new(changes.dialect)
        .series("seq", record.total(), tasks.len())
        .texts("key", tasks.iter().map(|task| Some(Cow::Borrowed(task.key.as_str()))));
    let prefix = common_prefix(tasks);
    let source = match prefix {
        Some(_) => "$2 || r.key",
        None => {
            given = given.texts(
                "source",
                tasks.iter().map(|task| Some(Cow::Borrowed(task.source.as_str()))),
            );
            "$2 || r.source"
        }
    };
    let text = format!(
        "INSERT INTO tasks (job, seq, state, source, key, attempt, at, code, message) \
         SELECT $1, r.seq, '{}', {source}, r.key, 0, {NEVER}, '', '' FROM {}",
        TaskState::Pending,
        given.table(3)
    );
    let add = statement(text).bind(record.number).bind(prefix.unwrap_or_default());
    changes.execute(given.bind(add)).await?;
    Ok(())
}

/// What the sources of all photos begin with, where the rest of each is its key: half of what they say need not be sent.
fn common_prefix(tasks: &[NewTask]) -> Option<&str> {
    let first = tasks.first()?;
    let prefix = first.source.strip_suffix(first.key.as_str())?;
    let is_common = |task: &NewTask| task.source.strip_prefix(prefix) == Some(task.key.as_str());
    tasks.iter().all(is_common).then_some(prefix)
}

/// Lets up to `limit` due tasks of a job take a step that begins their next attempt: first those that wait for their time,
/// longest due first, then those that were never dispatched.
pub(super) async fn begin_attempts(
    changes: &mut Changes,
    record: &mut Record,
    step: Step,
    limit: usize,
    now: Millis,
) -> Result<Rows, LedgerError> {
    leave_pending(
        changes,
        record,
        step,
        "attempt = attempt + 1, at = $2",
        COLUMNS,
        limit,
        (now, now),
    )
    .await
}

/// Lets up to `limit` pending tasks of a job take a step: of those that wait the ones that are due at `due`.
async fn leave_pending(
    changes: &mut Changes,
    record: &mut Record,
    step: Step,
    set: &str,
    returning: &str,
    limit: usize,
    (now, due): (Millis, Millis),
) -> Result<Rows, LedgerError> {
    let (from, to) = (step.from(), step.to());
    let update = |some: &str, among: &dyn Fn(&str) -> String| {
        let some = format!("SELECT seq FROM tasks WHERE job = $1 AND state = '{from}' AND {some}");
        format!(
            "UPDATE tasks SET state = '{to}', {set} WHERE job = $1 AND seq {} RETURNING {returning}",
            among(&some)
        )
    };
    let dialect = changes.dialect;
    let among = |query: &str| dialect.among(query);
    let waiting = update("at >= 0 AND at <= $4 ORDER BY at, seq LIMIT $3", &among);
    let waiting = statement(waiting)
        .bind(record.number)
        .bind(now)
        .bind(bigint(limit))
        .bind(due);
    let mut left = changes.fetch_all(waiting).await?;

    let (wanted, total) = (limit - left.len().min(limit), record.total());
    let first = i64::try_from(record.fresh).unwrap_or(i64::MAX);
    if wanted > 0 && first < total {
        let fresh = update(&format!("at = {NEVER} AND seq >= $4 ORDER BY seq LIMIT $3"), &among);
        let fresh = statement(fresh)
            .bind(record.number)
            .bind(now)
            .bind(bigint(wanted))
            .bind(first);
        let rows = changes.fetch_all(fresh).await?;
        record.fresh = match rows.len() < wanted {
            true => record.job().counters.total(),
            false => {
                let last = rows.iter().map(|row| number::<u64>(row, "seq"));
                last.collect::<Result<Vec<_>, _>>()?.into_iter().max().unwrap_or(0) + 1
            }
        };
        left.extend(rows);
    }
    Ok(left)
}

/// An attempt, and what its task takes from its end.
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

/// Lets the tasks of these attempts take a step; those that are not current don't. Gives the others, with all that
/// [`task`] reads.
pub(super) async fn end_attempts(changes: &mut Changes, step: Step, ended: &[Ended<'_>]) -> Result<Rows, LedgerError> {
    run(changes, step, ended, |_, update| {
        format!("{update} RETURNING {COLUMNS}")
    })
    .await
}

/// As [`end_attempts`], but gives only how many tasks of each job took the step: most end well, and nobody asks more.
pub(super) async fn count_ended_attempts(
    changes: &mut Changes,
    step: Step,
    ended: &[Ended<'_>],
) -> Result<BTreeMap<i64, usize>, LedgerError> {
    let mut counted = BTreeMap::new();
    for row in run(changes, step, ended, Dialect::counting).await? {
        *counted.entry(number(&row, "job")?).or_default() += number::<usize>(&row, "tasks")?;
    }
    Ok(counted)
}

async fn run(
    changes: &mut Changes,
    step: Step,
    ended: &[Ended<'_>],
    asking: fn(Dialect, &str) -> String,
) -> Result<Rows, LedgerError> {
    if ended.is_empty() {
        return Ok(Rows::new());
    }
    let numbers = |of: fn(&Ended<'_>) -> i64| ended.iter().map(of);
    let mut given = Given::new(changes.dialect)
        .numbers("job", numbers(|ended| ended.job))
        .numbers("seq", numbers(|ended| i64::try_from(ended.seq).unwrap_or(i64::MAX)))
        .numbers("attempt", numbers(|ended| ended.attempt.into()))
        .numbers("counted", numbers(|ended| ended.counted.into()))
        .numbers("at", numbers(|ended| ended.at));
    // Most attempts end well and leave no text.
    let mut wrong = "";
    if ended
        .iter()
        .any(|ended| ended.code.is_some() || ended.message.is_some())
    {
        given = given
            .texts("code", ended.iter().map(|ended| ended.code.clone()))
            .texts("message", ended.iter().map(|ended| ended.message.clone()));
        wrong = ", code = COALESCE(r.code, tasks.code), message = COALESCE(r.message, tasks.message)";
    }
    let (from, to) = (step.from(), step.to());
    // `state || ''` is no column: a planner that believes few tasks to be in a state must not go through all of those for
    // each row of `r`, but look each row up by its key.
    let text = format!(
        "UPDATE tasks SET state = '{to}', attempt = r.counted, at = r.at{wrong} FROM {} \
         WHERE tasks.job = r.job AND tasks.seq = r.seq AND tasks.attempt = r.attempt AND tasks.state || '' = '{from}'",
        given.table(1)
    );
    let text = asking(changes.dialect, &text);
    Ok(changes.fetch_all(given.bind(statement(text))).await?)
}

/// Lets up to `limit` pending tasks of a job take a step, whichever they are; says how many did.
pub(super) async fn sweep_pending(
    changes: &mut Changes,
    record: &mut Record,
    step: Step,
    limit: usize,
    now: Millis,
) -> Result<usize, LedgerError> {
    let swept = leave_pending(changes, record, step, "at = $2", "tasks.seq", limit, (now, Millis::MAX));
    Ok(swept.await?.len())
}

/// Lets up to `limit` dispatched tasks of a job take a step, whichever they are; says how many did.
pub(super) async fn sweep_dispatched(
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
    Ok(usize::try_from(swept).unwrap_or(usize::MAX))
}

/// A task out of its row.
pub(super) fn task(row: &AnyRow, job_id: Uuid) -> Result<Task, LedgerError> {
    let state: TaskState = state(row)?;
    let at: Millis = row.try_get("at")?;
    Ok(Task {
        job_id,
        seq: number(row, "seq")?,
        state,
        source: text(row, "source")?,
        key: text(row, "key")?,
        attempt: number(row, "attempt")?,
        code: text(row, "code")?,
        message: text(row, "message")?,
        item: Item::default(),
        ended_at: state.is_ended().then_some(at),
    })
}
