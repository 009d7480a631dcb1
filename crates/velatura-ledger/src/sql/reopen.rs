//! Tasks that have ended are taken up again, in slices: the first in the transaction of who asks for it, the others by
//! the reconciler, in the order of their numbers, so that a job of ten million tasks locks nothing for long and no task is
//! taken up twice.

use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use super::database::{Changes, Database, statement};
use super::dispatch::job_id;
use super::errors::Errors;
use super::lease;
use super::record::Record;
use super::rows::{bigint, number, text};
use crate::attempt::next_run;
use crate::state::{PAINT_MORE, RETRY_FAILED, Step};
use crate::{Job, JobState, LedgerError, Millis, Token};

/// Tasks that are taken up along with the request, in one transaction of a fraction of a second.
const AT_ONCE: usize = 10_000;

/// What is to be taken up, as it is recorded with its job until all of it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reopening {
    /// What has failed, with one of these codes if any are given.
    Failed { codes: Vec<String> },
    /// What was painted, or is being painted, before more was to be painted.
    Painted,
}

impl Reopening {
    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("it is JSON")
    }

    fn steps(&self) -> &'static [Step] {
        match self {
            Self::Failed { .. } => &RETRY_FAILED,
            Self::Painted => &PAINT_MORE,
        }
    }

    fn codes(&self) -> &[String] {
        match self {
            Self::Failed { codes } => codes,
            Self::Painted => &[],
        }
    }
}

pub(super) async fn retry(database: &Database, id: Uuid, codes: &[String], now: Millis) -> Result<Job, LedgerError> {
    let mut changes = database.begin().await?;
    let mut record = Record::lock(&mut changes, id).await?;
    let codes = codes.to_vec();
    begin(&mut changes, &mut record, Reopening::Failed { codes }, now).await?;
    changes.commit().await?;
    Ok(record.into_job())
}

pub(super) async fn retry_task(
    database: &Database,
    id: Uuid,
    seq: u64,
    code: &str,
    now: Millis,
) -> Result<Job, LedgerError> {
    let mut changes = database.begin().await?;
    let mut record = Record::lock(&mut changes, id).await?;
    may_reopen(&record)?;
    let [step] = RETRY_FAILED;
    let text = format!(
        "UPDATE tasks SET state = '{}', attempt = {}, at = {now} WHERE job = $1 AND seq = $2 AND state = '{}' AND code = $3",
        step.to(),
        next_run(),
        step.from()
    );
    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
    let update = statement(text).bind(record.number).bind(seq).bind(code);
    if changes.execute(update).await? == 1 {
        record.count(step, 1)?;
        record.reopened()?;
        Record::save(&mut changes, std::slice::from_ref(&record)).await?;
        let mut errors = Errors::default();
        errors.failed(record.number, code.to_owned(), -1);
        errors.save(&mut changes).await?;
        changes.commit().await?;
    }
    Ok(record.into_job())
}

/// Refuses where nothing can be taken up.
fn may_reopen(record: &Record) -> Result<(), LedgerError> {
    let &Job {
        id,
        state: from,
        purged_at,
        ..
    } = record.job();
    if purged_at.is_some() {
        return Err(LedgerError::Purged { id });
    }
    if is_over(from) {
        let to = JobState::Running;
        return Err(LedgerError::Illegal { id, from, to });
    }
    match record.reopening {
        true => Err(LedgerError::Reopening { id }),
        false => Ok(()),
    }
}

/// Replaces what was submitted by something that paints more, and takes up what was painted.
pub(super) async fn revise(
    database: &Database,
    id: Uuid,
    revision: u32,
    request: &str,
    now: Millis,
) -> Result<Job, LedgerError> {
    let mut changes = database.begin().await?;
    let mut record = Record::lock(&mut changes, id).await?;
    if record.job().revision != revision {
        return Err(LedgerError::Revised { id });
    }
    let revise = statement("UPDATE jobs SET request = $2, revision = revision + 1 WHERE number = $1");
    changes.execute(revise.bind(record.number).bind(request)).await?;
    record.revised(request);
    begin(&mut changes, &mut record, Reopening::Painted, now).await?;
    changes.commit().await?;
    Ok(record.into_job())
}

/// One more slice of a job that has tasks to be taken up; says how many were looked at. 0 means that no job has any.
pub(super) async fn reopen(database: &Database, token: Token, limit: usize, now: Millis) -> Result<usize, LedgerError> {
    let mut changes = lease::begin(database, token).await?;
    let reopening = statement("SELECT id FROM jobs WHERE reopening IS NOT NULL ORDER BY number LIMIT 1");
    let Some(row) = changes.fetch_optional(reopening).await? else {
        return Ok(0);
    };
    let mut record = Record::lock(&mut changes, job_id(&row)?).await?;
    let (reopening, from) = waiting(&mut changes, &record).await?;
    let taken = match reopening {
        // Cancelled meanwhile: there is nothing to go on with.
        Some(_) if is_over(record.job().state) => None,
        Some(reopening) => slice(&mut changes, &mut record, &reopening, from, limit, now).await?,
        None => None,
    };
    if taken.is_none() {
        remember(&mut changes, &mut record, None).await?;
        record.end_if_over(now)?;
        Record::save(&mut changes, std::slice::from_ref(&record)).await?;
    }
    changes.commit().await?;
    Ok(taken.unwrap_or(0).max(1))
}

async fn begin(changes: &mut Changes, record: &mut Record, what: Reopening, now: Millis) -> Result<(), LedgerError> {
    may_reopen(record)?;
    slice(changes, record, &what, 0, AT_ONCE, now).await?;
    record.forgive(changes).await
}

fn is_over(state: JobState) -> bool {
    matches!(state, JobState::Cancelled | JobState::Failed)
}

/// Takes up to `limit` tasks up that were tried (what was refused when the job was expanded stays refused), those from a number on, and saves the record; `None` when there are none.
async fn slice(
    changes: &mut Changes,
    record: &mut Record,
    what: &Reopening,
    from: u64,
    limit: usize,
    now: Millis,
) -> Result<Option<usize>, LedgerError> {
    let states: Vec<_> = what.steps().iter().map(|step| format!("'{}'", step.from())).collect();
    let states = states.join(", ");
    let with_code = match what.codes() {
        [] => String::new(),
        codes => {
            let places: Vec<_> = (0..codes.len()).map(|nth| format!("${}", nth + 4)).collect();
            format!("AND code IN ({})", places.join(", "))
        }
    };
    let from = i64::try_from(from).unwrap_or(i64::MAX);
    let some = format!(
        "SELECT COUNT(*) AS some, COALESCE(MAX(seq), 0) AS last FROM (SELECT seq FROM tasks \
         WHERE job = $1 AND seq >= $2 AND state IN ({states}) AND attempt > 0 {with_code} ORDER BY seq LIMIT $3) AS slice"
    );
    let mut some = statement(some).bind(record.number).bind(from).bind(bigint(limit));
    for code in what.codes() {
        some = some.bind(code.clone());
    }
    let some = changes.fetch_one(some).await?;
    let (found, last): (usize, i64) = (number(&some, "some")?, some.try_get("last")?);
    if found == 0 {
        return Ok(None);
    }
    let mut errors = Errors::default();
    for &step in what.steps() {
        let move_them = format!(
            "UPDATE tasks SET state = '{}', attempt = {}, at = {now} \
             WHERE job = $1 AND seq >= $2 AND seq <= $3 AND state = '{}' AND attempt > 0 {with_code} RETURNING code",
            step.to(),
            next_run(),
            step.from()
        );
        let mut update = statement(move_them).bind(record.number).bind(from).bind(last);
        for code in what.codes() {
            update = update.bind(code.clone());
        }
        let rows = changes.fetch_all(update).await?;
        record.count(step, rows.len())?;
        if matches!(what, Reopening::Failed { .. }) {
            for row in &rows {
                errors.failed(record.number, text(row, "code")?, -1);
            }
        }
    }
    errors.save(changes).await?;
    record.reopened()?;
    let next = u64::try_from(last).unwrap_or(0) + 1;
    // What is left, if anything is, is looked for by the reconciler: it alone knows when there is no more.
    let left = (found == limit).then_some((what, next));
    remember(changes, record, left).await?;
    Record::save(changes, std::slice::from_ref(record)).await?;
    Ok(Some(found))
}

/// What is to be taken up, and from which number on.
async fn waiting(changes: &mut Changes, record: &Record) -> Result<(Option<Reopening>, u64), LedgerError> {
    let waiting = statement("SELECT reopening, reopen_from FROM jobs WHERE number = $1").bind(record.number);
    let row = changes.fetch_one(waiting).await?;
    let what: Option<String> = row.try_get("reopening")?;
    let what = what.map(|text| serde_json::from_str(&text)).transpose();
    let what = what.map_err(|error| LedgerError::Corrupt {
        reason: format!("what job {} takes up again can't be read: {error}", record.job().id),
    })?;
    Ok((what, number(&row, "reopen_from")?))
}

async fn remember(
    changes: &mut Changes,
    record: &mut Record,
    left: Option<(&Reopening, u64)>,
) -> Result<(), LedgerError> {
    record.reopening = left.is_some();
    let (what, from) = left.map_or((None, 0), |(what, from)| (Some(what.to_text()), from));
    let remember = statement("UPDATE jobs SET reopening = $2, reopen_from = $3 WHERE number = $1")
        .bind(record.number)
        .bind(what)
        .bind(i64::try_from(from).unwrap_or(i64::MAX));
    changes.execute(remember).await?;
    Ok(())
}
