//! A job's record while a transaction holds it: read under a lock, changed here, written back once.

use serde::Serialize;
use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::database::{Changes, statement};
use super::outbox;
use super::rows::{number, parameter, state, storable, text};
use crate::state::{State, Step};
use crate::{Counters, Forgiven, Gate, Job, JobState, LedgerError, Millis, NewTerms, TaskState, Terms};

/// A job that is locked until its transaction ends.
#[derive(Debug)]
pub(super) struct Record {
    /// Its number, which its tasks know it by.
    pub(super) number: i64,
    /// The first task that may never have been dispatched: every pending one below it has its time.
    pub(super) fresh: u64,
    /// Whether tasks are still to be taken up again: then it is not done, whatever its counters say.
    pub(super) reopening: bool,
    job: Job,
    /// Whether it took an edge that its owner wants to hear of.
    news: bool,
}

impl Record {
    /// Locks one job.
    pub(super) async fn lock(changes: &mut Changes, id: Uuid) -> Result<Self, LedgerError> {
        Self::lock_all(changes, &[id])
            .await?
            .pop()
            .ok_or(LedgerError::NotFound(id))
    }

    /// Locks those of these jobs that exist, in the order that every transaction keeps.
    pub(super) async fn lock_all(changes: &mut Changes, ids: &[Uuid]) -> Result<Vec<Self>, LedgerError> {
        #[derive(Serialize)]
        struct Id {
            id: Uuid,
        }
        let ids: Vec<_> = ids.iter().map(|&id| Id { id }).collect();
        let (rows, lock) = (changes.dialect.rows(&["id TEXT"]), changes.dialect.lock());
        let text = format!("SELECT * FROM jobs WHERE id IN (SELECT id FROM {rows}) ORDER BY number {lock}");
        let locked = changes.fetch_all(statement(text).bind(parameter(&ids))).await?;
        locked
            .iter()
            .map(|row| {
                Ok(Self {
                    number: number(row, "number")?,
                    fresh: number(row, "fresh")?,
                    reopening: row.try_get::<Option<String>, _>("reopening")?.is_some(),
                    job: job(row)?,
                    news: false,
                })
            })
            .collect()
    }

    /// The job as it stands now.
    pub(super) fn job(&self) -> &Job {
        &self.job
    }

    /// How many tasks it has, which is the number that the next one gets.
    pub(super) fn total(&self) -> i64 {
        i64::try_from(self.job.counters.total()).unwrap_or(i64::MAX)
    }

    /// The job as it stands now, the record being saved.
    pub(super) fn into_job(self) -> Job {
        self.job
    }

    /// Takes an edge of the diagram. An end has its time.
    pub(super) fn enter(&mut self, to: JobState, reason: &str) -> Result<(), LedgerError> {
        let Job { id, state: from, .. } = self.job;
        if !from.may_become(to) {
            return Err(LedgerError::Illegal { id, from, to });
        }
        self.job.state = to;
        self.job.reason = storable(reason).into_owned();
        self.news = to.is_ended() || to == JobState::Paused;
        Ok(())
    }

    /// Takes an edge to an end of the diagram.
    pub(super) fn end(&mut self, to: JobState, reason: &str, now: Millis) -> Result<(), LedgerError> {
        self.enter(to, reason)?;
        self.job.ended_at = Some(now);
        Ok(())
    }

    /// Is done, if it is expanded and nothing is left to do.
    pub(super) fn end_if_over(&mut self, now: Millis) -> Result<(), LedgerError> {
        let over = self.job.expanded && !self.reopening && self.job.counters.unfinished() == 0;
        match over && !self.job.state.is_ended() {
            true => self.end(JobState::Done, "", now),
            false => Ok(()),
        }
    }

    /// Has tasks to do again.
    pub(super) fn reopened(&mut self) -> Result<(), LedgerError> {
        if self.job.state == JobState::Done {
            self.enter(JobState::Running, "")?;
            self.job.ended_at = None;
        }
        Ok(())
    }

    /// Something else was submitted in the end.
    pub(super) fn revised(&mut self, request: &str) {
        request.clone_into(&mut self.job.request);
        self.job.revision += 1;
    }

    /// Forgives the failures so far: from now on only new ones count.
    pub(super) async fn forgive(&mut self, changes: &mut Changes) -> Result<(), LedgerError> {
        let counters = &self.job.counters;
        self.job.forgiven = Forgiven {
            ended: counters.ended(),
            failed: counters.failed,
        };
        let count = |tasks: u64| i64::try_from(tasks).unwrap_or(i64::MAX);
        let forgive = statement("UPDATE jobs SET forgiven_ended = $2, forgiven_failed = $3 WHERE number = $1")
            .bind(self.number)
            .bind(count(self.job.forgiven.ended))
            .bind(count(self.job.forgiven.failed));
        changes.execute(forgive).await?;
        Ok(())
    }

    /// Changes what is given of the terms.
    pub(super) async fn set_terms(&mut self, changes: &mut Changes, new: &NewTerms) -> Result<(), LedgerError> {
        let terms = &mut self.job.terms;
        terms.share = new.share.unwrap_or(terms.share);
        terms.priority = new.priority.unwrap_or(terms.priority);
        terms.max_running = new.max_running.unwrap_or(terms.max_running);
        let set = statement("UPDATE jobs SET share = $2, priority = $3, max_running = $4 WHERE number = $1")
            .bind(self.number)
            .bind(terms.share)
            .bind(i64::from(terms.priority))
            .bind(terms.max_running.map(|most| i64::try_from(most).unwrap_or(i64::MAX)));
        changes.execute(set).await?;
        Ok(())
    }

    /// Says by a code why it failed.
    pub(super) async fn set_code(&mut self, changes: &mut Changes, code: &str) -> Result<(), LedgerError> {
        let update = statement("UPDATE jobs SET code = $2 WHERE number = $1");
        changes.execute(update.bind(self.number).bind(code)).await?;
        code.clone_into(&mut self.job.code);
        Ok(())
    }

    /// Opens or closes the gate.
    pub(super) async fn set_gate(&mut self, changes: &mut Changes, gate: Gate) -> Result<(), LedgerError> {
        let update = statement("UPDATE jobs SET gate = $2 WHERE number = $1");
        changes.execute(update.bind(self.number).bind(gate.name())).await?;
        self.job.gate = gate;
        Ok(())
    }

    /// Goes on after a recorded page that brought so many tasks.
    pub(super) fn expanded_to(&mut self, cursor: Option<&str>, tasks: usize) -> Result<(), LedgerError> {
        self.job.counters.pending += tasks as u64;
        self.job.cursor = cursor.map(str::to_owned);
        self.job.expanded = cursor.is_none();
        match self.job.expanded && self.job.state == JobState::Expanding {
            true => self.enter(JobState::Running, ""),
            false => Ok(()),
        }
    }

    /// Counts tasks that took a step.
    pub(super) fn count(&mut self, step: Step, tasks: usize) -> Result<(), LedgerError> {
        let from = counter(&mut self.job.counters, step.from());
        *from = from.checked_sub(tasks as u64).ok_or_else(|| LedgerError::Corrupt {
            reason: format!("job {} counts fewer {} tasks than it has", self.job.id, step.from()),
        })?;
        *counter(&mut self.job.counters, step.to()) += tasks as u64;
        Ok(())
    }

    /// Writes records back, in one statement, and leaves the news of them for delivery.
    pub(super) async fn save(changes: &mut Changes, records: &[Self]) -> Result<(), LedgerError> {
        const COLUMNS: [&str; 14] = [
            "number BIGINT",
            "fresh BIGINT",
            "state TEXT",
            "reason TEXT",
            "pending BIGINT",
            "dispatched BIGINT",
            "done BIGINT",
            "skipped BIGINT",
            "failed BIGINT",
            "cancelled BIGINT",
            "cursor TEXT",
            "expanded BIGINT",
            "unsettled BIGINT",
            "ended_at BIGINT",
        ];
        let saved: Vec<_> = records.iter().map(Saved::of).collect();
        let rows = changes.dialect.rows(&COLUMNS);
        let text = format!(
            "UPDATE jobs SET fresh = r.fresh, state = r.state, reason = r.reason, pending = r.pending, dispatched = r.dispatched, \
             done = r.done, skipped = r.skipped, failed = r.failed, cancelled = r.cancelled, cursor = r.cursor, \
             expanded = r.expanded, unsettled = r.unsettled, ended_at = r.ended_at \
             FROM {rows} WHERE jobs.number = r.number"
        );
        changes.execute(statement(text).bind(parameter(&saved))).await?;
        let news = records.iter().filter(|record| record.news);
        outbox::add(changes, news.map(|record| &record.job)).await
    }
}

/// What of a record can change.
#[derive(Serialize)]
struct Saved<'a> {
    number: i64,
    fresh: u64,
    state: &'static str,
    reason: &'a str,
    #[serde(flatten)]
    counters: Counters,
    cursor: Option<&'a str>,
    expanded: i64,
    unsettled: i64,
    ended_at: Option<Millis>,
}

impl<'a> Saved<'a> {
    fn of(record: &'a Record) -> Self {
        let job = &record.job;
        Self {
            number: record.number,
            fresh: record.fresh,
            state: job.state.as_str(),
            reason: &job.reason,
            counters: job.counters,
            cursor: job.cursor.as_deref(),
            expanded: i64::from(job.expanded),
            unsettled: i64::from(job.state.is_ended() && job.counters.unfinished() > 0),
            ended_at: job.ended_at,
        }
    }
}

/// The counter of a state.
fn counter(counters: &mut Counters, state: TaskState) -> &mut u64 {
    match state {
        TaskState::Pending => &mut counters.pending,
        TaskState::Dispatched => &mut counters.dispatched,
        TaskState::Done => &mut counters.done,
        TaskState::Skipped => &mut counters.skipped,
        TaskState::Failed => &mut counters.failed,
        TaskState::Cancelled => &mut counters.cancelled,
    }
}

fn gate(row: &AnyRow) -> Result<Gate, LedgerError> {
    let name = text(row, "gate")?;
    Gate::named(&name).ok_or_else(|| LedgerError::Corrupt {
        reason: format!("there is no gate {name:?}"),
    })
}

/// A job out of its row.
pub(super) fn job(row: &AnyRow) -> Result<Job, LedgerError> {
    let id = text(row, "id")?;
    Ok(Job {
        id: id.parse().map_err(|_| LedgerError::Corrupt {
            reason: format!("a job's id is {id:?}"),
        })?,
        tenant: text(row, "tenant")?,
        state: state(row)?,
        reason: text(row, "reason")?,
        code: text(row, "code")?,
        request: text(row, "request")?,
        counters: Counters {
            pending: number(row, "pending")?,
            dispatched: number(row, "dispatched")?,
            done: number(row, "done")?,
            skipped: number(row, "skipped")?,
            failed: number(row, "failed")?,
            cancelled: number(row, "cancelled")?,
        },
        cursor: row.try_get("cursor")?,
        expanded: number::<i64>(row, "expanded")? == 1,
        terms: Terms {
            share: row.try_get("share")?,
            priority: number(row, "priority")?,
            max_running: row
                .try_get::<Option<i64>, _>("max_running")?
                .map(|most| u64::try_from(most).unwrap_or(0)),
            interactive: number::<i64>(row, "interactive")? == 1,
        },
        revision: number(row, "revision")?,
        forgiven: Forgiven {
            ended: number(row, "forgiven_ended")?,
            failed: number(row, "forgiven_failed")?,
        },
        created_at: number(row, "created_at")?,
        ended_at: row.try_get("ended_at")?,
        samples: number(row, "samples")?,
        waits_for_approval: number::<i64>(row, "approval")? == 1,
        gate: gate(row)?,
        retention: row.try_get("retention")?,
        reach: row.try_get("reach")?,
        reported: row.try_get("reported")?,
        report_error: text(row, "report_error")?,
        purged_at: row.try_get("purged_at")?,
        itemized: number::<i64>(row, "itemized")? == 1,
    })
}
