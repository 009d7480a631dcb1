//! A ledger, and all that is under way around it.

use std::collections::BTreeMap;

use uuid::Uuid;
use velatura_ledger::{JobState, LedgerError, Token};

use super::{Event, What};
use crate::suite::*;

/// What a job should have, and what its rows were.
#[derive(Default)]
struct Known {
    tasks: usize,
    pages: usize,
    rows: BTreeMap<u64, (TaskState, u32)>,
}

/// The world.
pub(super) struct World {
    url: String,
    ledger: Arc<dyn Ledger>,
    /// The leader's, and that of the one before, who has not heard of it.
    token: Token,
    earlier: Option<Token>,
    jobs: BTreeMap<Uuid, Known>,
    /// Tasks in the broker, and reports on their way.
    tasks: Vec<Task>,
    reports: Vec<Report>,
    now: Millis,
}

impl World {
    pub(super) async fn open(url: String) -> Self {
        let ledger = velatura_ledger::connect(&url).await.unwrap();
        let token = ledger.lead("first", HOUR).await.unwrap().unwrap();
        Self {
            url,
            ledger,
            token,
            earlier: None,
            jobs: BTreeMap::new(),
            tasks: Vec::new(),
            reports: Vec::new(),
            now: NOW,
        }
    }

    fn job(&self, choice: u32) -> Option<Uuid> {
        let count = self.jobs.len();
        (count > 0).then(|| *self.jobs.keys().nth(choice as usize % count).unwrap())
    }

    pub(super) async fn happen(&mut self, Event { what, a, b }: Event) {
        self.now += Millis::from(b % 50);
        // Now and then it is the earlier leader who acts: it must be refused, and then knows.
        let stale = self.earlier.take_if(|_| b.is_multiple_of(3));
        let token = stale.unwrap_or(self.token);
        let job = self.job(a);
        let refused = match (what, job) {
            (What::Submit, _) if self.jobs.len() < 3 => {
                let job = self.ledger.submit(submission(None, "{}")).await.unwrap();
                self.jobs.insert(job.id, Known::default());
                None
            }
            (What::Expand, Some(job)) => Some(self.expand(token, job, b).await),
            (What::Dispatch, Some(job)) => Some(self.dispatch(token, job, b).await),
            (What::Work, _) => {
                self.work(a, b);
                None
            }
            (What::Record, _) => {
                self.record(a, b).await;
                None
            }
            (What::Reclaim, _) => {
                let before = self.now - Millis::from(b % 300);
                Some(self.ledger.reclaim(token, before, 7, self.now).await.map(drop))
            }
            (What::TakeOver, _) => {
                // The same name gets a new lease at once, so that no test waits for one to run out.
                self.earlier = Some(self.token);
                self.token = self.ledger.lead("first", HOUR).await.unwrap().unwrap();
                None
            }
            (What::Pause, Some(job)) => {
                legal(&self.ledger.pause(job, "").await);
                None
            }
            (What::Resume, Some(job)) => {
                legal(&self.ledger.resume(job).await);
                None
            }
            (What::Cancel, Some(job)) if b.is_multiple_of(4) => {
                legal(&self.ledger.cancel(job, "", self.now).await);
                None
            }
            (What::Fail, Some(job)) if b.is_multiple_of(4) => {
                Some(match self.ledger.fail(token, job, &gone(), self.now).await {
                    Err(LedgerError::Illegal { .. }) => Ok(()),
                    other => other.map(drop),
                })
            }
            (What::Retry, Some(job)) => {
                let codes = [failed_code()];
                let codes = if b.is_multiple_of(2) { &codes[..] } else { &[] };
                legal(&self.ledger.retry_failed(job, codes, self.now).await);
                None
            }
            (What::Revise, Some(job)) if b.is_multiple_of(3) => {
                let revision = self.ledger.job(job).await.unwrap().revision;
                legal(&self.ledger.revise(job, revision, "{}", self.now).await);
                None
            }
            (What::Settle, _) => Some(self.ledger.settle(token, 5, self.now).await.map(drop)),
            (What::Reopen, _) if !self.url.contains(":memory:") => {
                self.ledger = velatura_ledger::connect(&self.url).await.unwrap();
                None
            }
            _ => None,
        };
        match (refused, stale) {
            (Some(Err(LedgerError::NotLeading)), Some(_)) | (Some(Ok(())) | None, None) => {}
            // Who did nothing that only a leader may, goes on not knowing.
            (None, Some(stale)) => self.earlier = Some(stale),
            (refused, stale) => panic!("{what:?} of leader {token}, stale {}: {refused:?}", stale.is_some()),
        }
    }

    async fn expand(&mut self, token: Token, id: Uuid, b: u32) -> Result<(), LedgerError> {
        let job = self.ledger.job(id).await.unwrap();
        let known = self.jobs.get_mut(&id).unwrap();
        let mut page = photos(known.tasks, b as usize % 9);
        // Now and then a line of a manifest is no photo.
        if b.is_multiple_of(7) {
            page.iter_mut().take(1).for_each(|line| line.refusal = Some(gone()));
        }
        let last = b.is_multiple_of(5);
        let next = (!last).then(|| format!("page {}", known.pages + 1));
        let cursor = job.cursor.as_deref();
        let expanded = self
            .ledger
            .expand(token, id, cursor, &page, next.as_deref(), self.now)
            .await;
        match expanded {
            Ok(_) => {
                known.tasks += page.len();
                known.pages += 1;
                Ok(())
            }
            Err(LedgerError::Conflict { .. }) if job.expanded => Ok(()),
            Err(LedgerError::Illegal { .. }) if job.state.is_ended() => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn dispatch(&mut self, token: Token, id: Uuid, b: u32) -> Result<(), LedgerError> {
        let mut tasks = self.ledger.dispatch(token, id, b as usize % 12, self.now).await?;
        match b % 10 {
            // The coordinator dies before, or while, it publishes.
            0 => {}
            1 => self.tasks.extend(tasks.drain(..tasks.len() / 2)),
            // The broker does not take the rest.
            2 => {
                let back = tasks.split_off(tasks.len() / 2);
                let back: Vec<_> = back.iter().map(|task| (task.seq, task.attempt)).collect();
                self.tasks.extend(tasks);
                self.ledger.undispatch(token, id, &back).await?;
            }
            _ => self.tasks.extend(tasks),
        }
        Ok(())
    }

    fn work(&mut self, a: u32, b: u32) {
        if self.tasks.is_empty() {
            return;
        }
        let nth = a as usize % self.tasks.len();
        // A worker that dies after its report leaves the task in the broker.
        let task = match b.is_multiple_of(7) {
            true => self.tasks[nth].clone(),
            false => self.tasks.swap_remove(nth),
        };
        let outcome = match b % 10 {
            0..6 => Outcome::Done,
            6 => Outcome::Skipped,
            7 => retry(self.now + Millis::from(b % 200)),
            8 => Outcome::Returned {
                at: self.now + Millis::from(b % 200),
            },
            _ => failed(),
        };
        self.reports.push(report(&task, outcome));
    }

    async fn record(&mut self, a: u32, b: u32) {
        let mut batch = Vec::new();
        for _ in 0..b % 6 {
            if self.reports.is_empty() {
                break;
            }
            let nth = a as usize % self.reports.len();
            // A coordinator that dies before its ack gets the report again.
            batch.push(match b.is_multiple_of(4) {
                true => self.reports[nth].clone(),
                false => self.reports.swap_remove(nth),
            });
        }
        self.ledger.report(&batch, self.now).await.unwrap();
    }

    /// Counters equal rows; every task is there once; each went along edges, its attempts never back but for one untried.
    pub(super) async fn check(&mut self) {
        for (&id, known) in &mut self.jobs {
            let job = self.ledger.job(id).await.unwrap();
            let rows = self.ledger.tasks(id, None, 0, usize::MAX).await.unwrap();
            let count = |state| rows.iter().filter(|task| task.state == state).count() as u64;
            let counted = Counters {
                pending: count(TaskState::Pending),
                dispatched: count(TaskState::Dispatched),
                done: count(TaskState::Done),
                skipped: count(TaskState::Skipped),
                failed: count(TaskState::Failed),
                cancelled: count(TaskState::Cancelled),
            };
            assert_eq!(job.counters, counted, "counters and rows of {id}");
            let errors = self.ledger.errors(id).await.unwrap();
            let by_code: u64 = errors.iter().map(|error| error.failed).sum();
            assert_eq!(by_code, counted.failed, "errors by code and failed rows of {id}");
            let seqs: Vec<_> = rows.iter().map(|task| task.seq).collect();
            assert_eq!(seqs, (0..known.tasks as u64).collect::<Vec<_>>(), "tasks of {id}");
            let over = job.expanded && job.counters.unfinished() == 0;
            assert!(
                !over || job.state.is_ended(),
                "nothing is left of {id}, and it is {}",
                job.state
            );
            assert!(
                job.state != JobState::Done || over,
                "{id} is done, and not over: {:?}",
                job.counters
            );
            for task in rows {
                let (state, attempt) = (task.state, task.attempt);
                let (before, earlier) = known
                    .rows
                    .insert(task.seq, (state, attempt))
                    .unwrap_or((TaskState::Pending, 0));
                // What has ended is taken up only in a new run, and never if it was not tried.
                let taken_up = earlier > 0 && attempt / 1000 > earlier / 1000;
                assert!(
                    before == state || !before.is_ended() || taken_up,
                    "{id}/{}: {before} became {state}",
                    task.seq
                );
                let untried = before == TaskState::Dispatched && state == TaskState::Pending;
                assert!(
                    attempt >= earlier || (untried && attempt + 1 == earlier),
                    "{id}/{}: attempt {earlier} became {attempt}",
                    task.seq
                );
            }
        }
    }

    /// Nothing dies any more, and everything that was lost is found: every job ends, with every task.
    pub(super) async fn come_to_an_end(&mut self) {
        let ids: Vec<Uuid> = self.jobs.keys().copied().collect();
        for id in ids {
            let job = self.ledger.job(id).await.unwrap();
            if job.state == JobState::Paused {
                self.ledger.resume(id).await.unwrap();
            }
            if !job.state.is_ended() && !job.expanded {
                self.expand(self.token, id, 5).await.unwrap();
            }
        }
        while self.ledger.settle(self.token, 100, self.now).await.unwrap() > 0 {}
        for round in 0.. {
            let jobs: Vec<Uuid> = self.jobs.keys().copied().collect();
            let mut open = false;
            for id in jobs {
                open |= !self.ledger.job(id).await.unwrap().state.is_ended();
            }
            if !open {
                break;
            }
            assert!(round < 100, "a job does not end");
            self.now += 10_000;
            self.ledger
                .reclaim(self.token, self.now, usize::MAX, self.now)
                .await
                .unwrap();
            for id in self.jobs.keys().copied().collect::<Vec<_>>() {
                let tasks = self
                    .ledger
                    .dispatch(self.token, id, usize::MAX >> 1, self.now)
                    .await
                    .unwrap();
                self.reports.extend(reports(&tasks, &Outcome::Done));
            }
            let batch = std::mem::take(&mut self.reports);
            self.ledger.report(&batch, self.now).await.unwrap();
            self.check().await;
        }
        for id in self.jobs.keys() {
            assert_eq!(self.ledger.job(*id).await.unwrap().counters.unfinished(), 0, "{id}");
        }
    }
}

/// The code of what workers fail with.
fn failed_code() -> String {
    match failed() {
        Outcome::Failed { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

/// Moves that are not drawn are refused, and that is all that may go wrong.
fn legal(answer: &Result<Job, LedgerError>) {
    assert!(matches!(answer, Ok(_) | Err(LedgerError::Illegal { .. })), "{answer:?}");
}
