use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use velatura_ledger::{Job, JobState, LedgerError, NewTask, Refusal};
use velatura_objects::ObjectError;

use super::record::{Recorded, record};
use crate::context::now;
use crate::lead::Lead;
use crate::sources::{Cursor, Trouble, Walk};
use crate::submission::{Source, Submission};

/// Photos that are found and not yet recorded; beyond that nobody looks for more. The way to the database and back, eight
/// times a batch, takes as long as some thousand photos, which are to be few among those of a batch.
const MOST_WAITING: usize = 20_000;
/// How long a turn lasts while other jobs wait for theirs.
const TURN: Duration = Duration::from_secs(10);

/// How a job's turn ended.
pub(super) enum Ended {
    /// It needs no more: it is expanded, or somebody moved it.
    Over,
    /// Others are waiting.
    Turn,
    /// Its source is away.
    Waits {
        error: ObjectError,
        /// Whether anything was recorded before.
        advanced: bool,
    },
    /// The ledger is away.
    Ledger(LedgerError),
}

type Recording = Pin<Box<dyn Future<Output = Recorded> + Send>>;

/// Finds and records a job's photos from its recorded cursor on. While one batch is being recorded the next is being
/// found; neither grows with the job.
pub(super) async fn expand(lead: &Lead, mut job: Job, crowded: &AtomicBool) -> Ended {
    let submission = match lead.submission(&job) {
        Ok(submission) => submission,
        Err(refusal) => return fail(lead, &job, refusal.code, refusal.to_string()).await,
    };
    let cursor = match Cursor::of(&job) {
        Ok(cursor) => cursor,
        Err(trouble) => return give_up(lead, &job, trouble, false).await,
    };
    let mut walk = Walk::new(lead.context(), &submission, cursor);
    let (begun, before) = (Instant::now(), job.counters.total());
    let mut found: Vec<NewTask> = Vec::new();
    let mut recording: Option<Recording> = None;
    let (mut is_news, mut trouble, mut last) = (false, None, false);
    loop {
        let looks_on = !last && trouble.is_none() && found.len() < MOST_WAITING && !lead.over.is_cancelled();
        tokio::select! {
            biased;
            recorded = async { recording.as_mut().expect("it is under way").await }, if recording.is_some() => {
                recording = None;
                match recorded {
                    Recorded::Job(recorded) => job = *recorded,
                    Recorded::Otherwise => return Ended::Over,
                    Recorded::Refused { code, reason } => return fail(lead, &job, code, reason).await,
                    Recorded::Not(error) => return Ended::Ledger(error),
                }
                if job.state != JobState::Expanding {
                    return Ended::Over;
                }
            }
            page = walk.next(), if looks_on => match page {
                Some(Ok(page)) => {
                    found.extend(page.into_iter().map(|found| found.task));
                    is_news = true;
                }
                Some(Err(stopped)) => trouble = Some(stopped),
                None => (last, is_news) = (true, true),
            },
            () = lead.over.cancelled(), if looks_on => {}
            else => {}
        }
        if recording.is_some() {
            continue;
        }
        if let Some(reason) = too_many(lead, &job, found.len()) {
            return fail(lead, &job, "photos-too-many", reason).await;
        }
        if is_news {
            let cursor = walk.cursor().to_text();
            last = cursor.is_none();
            if last && found.is_empty() && job.counters.total() == 0 {
                return fail(lead, &job, "source-empty", nothing_found(&submission)).await;
            }
            let page = std::mem::take(&mut found);
            recording = Some(Box::pin(record(
                lead.clone(),
                Arc::clone(&submission),
                job.clone(),
                page,
                cursor,
            )));
            is_news = false;
            continue;
        }
        if let Some(trouble) = trouble.take() {
            let advanced = job.counters.total() > before;
            return give_up(lead, &job, trouble, advanced).await;
        }
        let has_had_its_turn = crowded.load(Ordering::Relaxed) && begun.elapsed() > TURN;
        if has_had_its_turn || lead.over.is_cancelled() {
            return Ended::Turn;
        }
    }
}

async fn give_up(lead: &Lead, job: &Job, trouble: Trouble, advanced: bool) -> Ended {
    match trouble {
        Trouble::Passing(error) => Ended::Waits { error, advanced },
        Trouble::Final { code, reason } => fail(lead, job, code, reason).await,
    }
}

async fn fail(lead: &Lead, job: &Job, code: &str, reason: String) -> Ended {
    tracing::warn!(job = %job.id, code, reason, "a job has failed");
    let why = Refusal {
        code: code.to_owned(),
        message: reason,
    };
    match lead.ledger.fail(lead.token, job.id, &why, now()).await {
        Ok(job) => {
            lead.changed(&job).await;
            Ended::Over
        }
        Err(LedgerError::Illegal { .. }) => Ended::Over,
        Err(error) => Ended::Ledger(error),
    }
}

fn too_many(lead: &Lead, job: &Job, more: usize) -> Option<String> {
    let (most, photos) = (lead.config.max_job_photos, job.counters.total() + more as u64);
    (photos > most).then(|| format!("it has more than {most} photos: submit it in parts, or raise max_job_photos"))
}

fn nothing_found(submission: &Submission) -> String {
    match &submission.source {
        Source::Prefix(prefix, _) => {
            format!(
                "there is no picture below {prefix} that passes: check the source, its filter, and the endings of names"
            )
        }
        Source::Objects(_) => "no photo was named".to_owned(),
        Source::Manifest(manifest) => {
            format!(
                "the manifest {} names no photo that passes: check it, and the filter",
                manifest.location
            )
        }
    }
}
