mod job;
mod record;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;
use velatura_ledger::{Job, JobState, LedgerError};

use super::round;
use crate::context::OPEN_JOBS;
use crate::lead::Lead;
use job::Ended;

/// Jobs whose photos are looked for at the same time; the others take turns with them.
const AT_ONCE: usize = 8;

/// Finds the photos of submitted jobs: pages of several at once, each page's tasks and the cursor recorded in one
/// transaction, so that work starts with the first page and goes on after a restart where it stopped.
pub(super) async fn run(lead: Lead) {
    let mut expansion = Expansion {
        crowded: Arc::new(AtomicBool::new(false)),
        jobs: JoinSet::new(),
        progress: HashMap::new(),
        turn: 0,
        failed: None,
        lead: lead.clone(),
    };
    let mut failures = 0;
    while !lead.over.is_cancelled() {
        let started = round(&lead, "expansion", expansion.start()).await;
        if let Err(error) = started.and_then(|()| expansion.failed.take().map_or(Ok(()), Err)) {
            failures += 1;
            tracing::debug!(%error, "no job can be expanded now");
            lead.heed(&error);
            if !lead.back_off(failures).await {
                break;
            }
            continue;
        }
        failures = 0;
        tokio::select! {
            () = lead.over.cancelled() => {}
            () = lead.signals.expand.notified() => {}
            () = tokio::time::sleep(lead.config.tick()) => {}
            Some(ended) = expansion.jobs.join_next() => expansion.note(ended),
        }
    }
    // What is being recorded may finish; what is being listed is listed again by whoever goes on.
    while let Some(ended) = expansion.jobs.join_next().await {
        expansion.note(ended);
    }
}

struct Expansion {
    lead: Lead,
    jobs: JoinSet<(Uuid, Ended)>,
    progress: HashMap<Uuid, Progress>,
    /// More jobs want to be expanded than may be at once.
    crowded: Arc<AtomicBool>,
    turn: u64,
    failed: Option<LedgerError>,
}

/// What is kept of a job between its turns.
#[derive(Default)]
struct Progress {
    is_under_way: bool,
    /// When it was last served.
    turn: u64,
    /// Listings that failed in a row.
    failures: u32,
    not_before: Option<Instant>,
}

impl Expansion {
    /// Lets jobs begin or go on, as many as may be at once, those first that have waited longest.
    async fn start(&mut self) -> Result<(), LedgerError> {
        while let Some(ended) = self.jobs.try_join_next() {
            self.note(ended);
        }
        let ledger = &self.lead.ledger;
        let jobs = ledger.jobs_in(&[JobState::Expanding], OPEN_JOBS).await?;
        self.crowded.store(jobs.len() > AT_ONCE, Ordering::Relaxed);
        let is_open = |id: &Uuid| jobs.iter().any(|job| job.id == *id);
        self.progress
            .retain(|id, progress| progress.is_under_way || is_open(id));
        let now = Instant::now();
        let mut due: Vec<Job> = Vec::new();
        for job in jobs {
            let progress = self.progress.entry(job.id).or_default();
            if !progress.is_under_way && progress.not_before.is_none_or(|at| at <= now) {
                due.push(job);
            }
        }
        due.sort_by_key(|job| self.progress[&job.id].turn);
        for job in due.into_iter().take(AT_ONCE.saturating_sub(self.jobs.len())) {
            self.turn += 1;
            let progress = self.progress.entry(job.id).or_default();
            (progress.is_under_way, progress.turn) = (true, self.turn);
            let (lead, crowded) = (self.lead.clone(), Arc::clone(&self.crowded));
            self.jobs
                .spawn(async move { (job.id, job::expand(&lead, job, &crowded).await) });
        }
        Ok(())
    }

    /// Takes note of how a job's turn ended.
    fn note(&mut self, ended: Result<(Uuid, Ended), tokio::task::JoinError>) {
        let (id, ended) = match ended {
            Ok(ended) => ended,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => return,
            },
        };
        let progress = self.progress.entry(id).or_default();
        progress.is_under_way = false;
        match ended {
            Ended::Over => {
                self.progress.remove(&id);
            }
            Ended::Turn => (progress.failures, progress.not_before) = (0, None),
            Ended::Ledger(error) => self.failed = Some(error),
            Ended::Waits { error, advanced } => {
                progress.failures = if advanced { 1 } else { progress.failures + 1 };
                let wait = self.lead.config.retry().delay(progress.failures, rand::random());
                progress.not_before = Some(Instant::now() + wait);
                self.lead.metrics.listing_failures_total.inc();
                let failures = progress.failures;
                tracing::warn!(job = %id, %error, failures, ?wait, "a listing failed and is tried again");
            }
        }
    }
}
