mod cursor;
mod listing;
mod seen;

use std::collections::HashMap;

use futures_util::{StreamExt as _, stream};
use tokio::time::Instant;
use uuid::Uuid;
use velatura_ledger::{Job, JobState, LedgerError, NewTask};

use super::round;
use crate::context::{Context, OPEN_JOBS, now};
use crate::lead::Lead;
use crate::submission::{Alike, Source, Submission};
use cursor::Cursor;
use listing::Trouble;
use seen::Seen;

/// Jobs whose next pages are listed at the same time.
const AT_ONCE: usize = 4;

/// Finds the photos of submitted jobs: one page of each in turn, its tasks and the cursor recorded in one transaction,
/// so that work starts with the first page and goes on after a restart where it stopped.
pub(super) async fn run(lead: Lead) {
    let mut expanding: HashMap<Uuid, Progress> = HashMap::new();
    let mut failures = 0;
    loop {
        let go_on = match round(&lead, "expansion", turn(&lead, &mut expanding)).await {
            Ok(true) => !lead.over.is_cancelled(),
            Ok(false) => {
                failures = 0;
                let signal = tokio::time::timeout(lead.config.tick(), lead.signals.expand.notified());
                lead.over.run_until_cancelled(signal).await.is_some()
            }
            Err(error) => {
                failures += 1;
                tracing::debug!(%error, "no job can be expanded now");
                lead.heed(&error);
                lead.back_off(failures).await
            }
        };
        if !go_on {
            return;
        }
    }
}

/// What is kept of a job between its pages.
#[derive(Default)]
struct Progress {
    /// Outputs seen so far, where the template needs it; gone after a restart or a conflict, and then read again.
    seen: Option<Seen>,
    /// Listings that failed in a row.
    failures: u32,
    not_before: Option<Instant>,
}

/// One page of every job that is due; whether there was any.
async fn turn(lead: &Lead, expanding: &mut HashMap<Uuid, Progress>) -> Result<bool, LedgerError> {
    let jobs = lead.ledger.jobs_in(&[JobState::Expanding], OPEN_JOBS).await?;
    expanding.retain(|id, _| jobs.iter().any(|job| job.id == *id));
    let now = Instant::now();
    let mut due = Vec::new();
    for job in jobs {
        let progress = expanding.remove(&job.id).unwrap_or_default();
        if progress.not_before.is_none_or(|at| at <= now) {
            due.push((job, progress));
        } else {
            expanding.insert(job.id, progress);
        }
    }
    let any = !due.is_empty();
    let mut pages = stream::iter(due)
        .map(|(job, progress)| async move {
            let id = job.id;
            (id, page(lead, job, progress).await)
        })
        .buffer_unordered(AT_ONCE);
    let mut result = Ok(any);
    while let Some((id, page)) = pages.next().await {
        match page {
            Ok(progress) => {
                expanding.insert(id, progress);
            }
            Err(error) => result = Err(error),
        }
    }
    result
}

/// Lists and records the next page of a job. Errors are the ledger's; everything else is the job's own matter.
async fn page(lead: &Lead, job: Job, mut progress: Progress) -> Result<Progress, LedgerError> {
    match find(lead, &job, &mut progress).await? {
        Ok(page) => {
            let cursor = page.next.map(|next| next.to_text());
            match lead
                .ledger
                .expand(
                    lead.token,
                    job.id,
                    job.cursor.as_deref(),
                    &page.tasks,
                    cursor.as_deref(),
                    now(),
                )
                .await
            {
                Ok(job) => {
                    lead.metrics.photos_found_total.inc_by(page.tasks.len() as u64);
                    lead.signals.dispatch.notify_one();
                    lead.changed(&job).await;
                    progress.failures = 0;
                    progress.not_before = None;
                    Ok(progress)
                }
                // Somebody else was quicker, or the job was paused or cancelled: what is recorded counts.
                Err(LedgerError::Conflict { .. } | LedgerError::Illegal { .. }) => Ok(Progress::default()),
                Err(error) => Err(error),
            }
        }
        Err(Trouble::Passing(error)) => {
            progress.failures += 1;
            let wait = lead.config.retry().delay(progress.failures, rand::random());
            progress.not_before = Some(Instant::now() + wait);
            lead.metrics.listing_failures_total.inc();
            tracing::warn!(job = %job.id, %error, failures = progress.failures, ?wait, "a listing failed and is tried again");
            Ok(progress)
        }
        Err(Trouble::Final(reason)) => {
            tracing::warn!(job = %job.id, %reason, "a job can't be expanded");
            match lead.ledger.fail(lead.token, job.id, &reason, now()).await {
                Ok(job) => lead.changed(&job).await,
                Err(LedgerError::Illegal { .. }) => {}
                Err(error) => return Err(error),
            }
            Ok(progress)
        }
    }
}

/// A page's photos, no two of the job alike, and where the next one begins.
struct Page {
    tasks: Vec<NewTask>,
    next: Option<Cursor>,
}

async fn find(context: &Context, job: &Job, progress: &mut Progress) -> Result<Result<Page, Trouble>, LedgerError> {
    let submission = match context.submission(job) {
        Ok(submission) => submission,
        Err(refusal) => return Ok(Err(Trouble::Final(refusal.to_string()))),
    };
    let page = match Cursor::of(job) {
        Ok(cursor) => listing::page(context, &submission, cursor).await,
        Err(reason) => Err(Trouble::Final(reason)),
    };
    let page = match page {
        Ok(page) => page,
        Err(trouble) => return Ok(Err(trouble)),
    };
    if page.next.is_none() && page.tasks.is_empty() && job.counters.total() == 0 {
        return Ok(Err(Trouble::Final(nothing_found(&submission))));
    }
    if submission.outputs.alike == Alike::Anywhere && matches!(submission.source, Source::Prefix(_)) {
        let seen = match &mut progress.seen {
            Some(seen) => seen,
            none => none.insert(Seen::read(context, job, &submission).await?),
        };
        if let Err(reason) = seen.take(context, job, &submission, &page.tasks).await? {
            return Ok(Err(Trouble::Final(reason)));
        }
    }
    Ok(Ok(page))
}

fn nothing_found(submission: &Submission) -> String {
    match &submission.source {
        Source::Prefix(prefix) => {
            format!("there is no picture below {prefix}: check the source, and the endings of its names")
        }
        Source::Objects(_) => "no photo was named".to_owned(),
    }
}
