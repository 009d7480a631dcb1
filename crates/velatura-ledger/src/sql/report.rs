//! Attempts end.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use uuid::Uuid;

use super::database::Database;
use super::errors::Errors;
use super::record::Record;
use super::rows::{number, storable, text};
use super::tasks::{self, Ended};
use crate::state::{DONE, FAILED, RETRY, RETURNED, SKIPPED, Step};
use crate::{Job, LedgerError, Millis, Outcome, Report};

pub(super) async fn report(database: &Database, reports: &[Report], now: Millis) -> Result<Vec<Job>, LedgerError> {
    let ids: BTreeSet<Uuid> = reports.iter().map(|report| report.job_id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut changes = database.begin().await?;
    let mut records = Record::lock_all(&mut changes, &Vec::from_iter(ids)).await?;
    let numbers: BTreeMap<Uuid, i64> = records.iter().map(|record| (record.job().id, record.number)).collect();

    // By whether they say what went wrong, too: of those it is counted.
    let mut by_step: BTreeMap<(Step, bool), Vec<Ended<'_>>> = BTreeMap::new();
    let mut told = HashSet::new();
    for report in reports {
        // What the ledger never had can't change; of two reports of an attempt the first counts.
        let Some(&job) = numbers.get(&report.job_id) else {
            continue;
        };
        if told.insert((job, report.seq, report.attempt)) {
            let (step, ended) = ended(report, job, now);
            by_step.entry((step, ended.code.is_some())).or_default().push(ended);
        }
    }

    let mut changed: BTreeMap<i64, BTreeMap<Step, usize>> = BTreeMap::new();
    let mut errors = Errors::default();
    for (&(step, wrong), attempts) in &by_step {
        let mut count = |job, tasks| *changed.entry(job).or_default().entry(step).or_default() += tasks;
        if !wrong {
            let counted = tasks::count_ended_attempts(&mut changes, step, attempts).await?;
            counted.into_iter().for_each(|(job, tasks)| count(job, tasks));
            continue;
        }
        for row in tasks::end_attempts(&mut changes, step, attempts).await? {
            let job = number(&row, "job")?;
            count(job, 1);
            match step == FAILED {
                true => errors.failed(job, text(&row, "code")?, 1),
                false => errors.retried(job, text(&row, "code")?),
            }
        }
    }
    errors.save(&mut changes).await?;
    records.retain(|record| changed.contains_key(&record.number));
    for record in &mut records {
        for (step, count) in changed.remove(&record.number).unwrap_or_default() {
            record.count(step, count)?;
        }
        record.end_if_over(now)?;
    }
    Record::save(&mut changes, &records).await?;
    changes.commit().await?;
    Ok(records.into_iter().map(Record::into_job).collect())
}

/// The step that an outcome makes a task take, and what it leaves behind.
fn ended(report: &Report, job: i64, now: Millis) -> (Step, Ended<'_>) {
    let &Report { seq, attempt, .. } = report;
    let counted = match report.outcome {
        Outcome::Returned { .. } => attempt.saturating_sub(1),
        _ => attempt,
    };
    let (step, at, wrong) = match &report.outcome {
        Outcome::Done => (DONE, now, None),
        Outcome::Skipped => (SKIPPED, now, None),
        Outcome::Returned { at } => (RETURNED, *at, None),
        Outcome::Retry { at, code, message } => (RETRY, *at, Some((code, message))),
        Outcome::Failed { code, message } => (FAILED, now, Some((code, message))),
    };
    let (code, message) = wrong.map(|(code, message)| (storable(code), storable(message))).unzip();
    (
        step,
        Ended {
            job,
            seq,
            attempt,
            counted,
            at,
            code,
            message,
        },
    )
}
