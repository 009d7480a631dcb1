//! How the ledger's records look from outside.

use velatura_ledger::{
    Counters, DeadKind, DeadLetter, ErrorCount, Gate, Job, JobState, Millis, Task, TaskState, tries,
};
use velatura_proto::v1;

use crate::context::{Context, now, request, rfc3339};
use crate::report;
use crate::submission::{Submission, destination_of};

/// A job with all that was submitted.
pub(super) fn job(context: &Context, job: &Job) -> v1::Job {
    // What this program can't read any more is left out, so that the job can still be seen and cancelled.
    let request = request(job).unwrap_or_default();
    let rate = context.rates.of(job.id, now());
    v1::Job {
        id: job.id.to_string(),
        state: state(job.state).into(),
        reason: job.reason.clone(),
        code: job.code.clone(),
        description: request.description,
        source: request.source,
        recipes: request.recipes,
        destination: request.destination,
        counters: Some(counters(&job.counters)),
        created_at: rfc3339(job.created_at),
        ended_at: job.ended_at.map(rfc3339).unwrap_or_default(),
        rate,
        seconds_left: seconds_left(job, rate),
        samples: job.samples,
        approval: approval(job.gate).into(),
        report: report(job),
        retention_days: job.retention.map_or(context.config.retention_days, days),
        purged_at: job.purged_at.map(rfc3339).unwrap_or_default(),
        share: job.terms.share,
        max_running: job.terms.max_running.unwrap_or(0),
        interactive: job.terms.interactive,
        priority: job.terms.priority,
        ..Default::default()
    }
}

/// Where the record of an ended job is, or what has become of it.
fn report(job: &Job) -> Option<v1::Report> {
    job.ended_at?;
    let state = match (job.is_reported(), job.report_error.is_empty()) {
        (true, _) => v1::report::State::Written,
        (false, true) => v1::report::State::Writing,
        (false, false) => v1::report::State::Failed,
    };
    let destination = destination_of(&request(job).ok()?).ok()?;
    Some(v1::Report {
        state: state.into(),
        url: report::summary(&destination, job).to_string(),
        message: job.report_error.clone(),
    })
}

fn approval(gate: Gate) -> v1::Approval {
    match gate {
        Gate::Open => v1::Approval::Unspecified,
        Gate::Sampling => v1::Approval::Sampling,
        Gate::Approval => v1::Approval::Awaited,
    }
}

fn days(time: Millis) -> u32 {
    u32::try_from(time / 86_400_000).unwrap_or(u32::MAX)
}

/// A job without the photos that were named one by one, for lists and streams.
pub(crate) fn brief(context: &Context, record: &Job) -> v1::Job {
    let mut job = job(context, record);
    if let Some(source) = &mut job.source {
        source.objects.clear();
    }
    job
}

/// A task of a job. Outputs are left out where the submission can't be read any more, and of lines that named no photo.
pub(crate) fn task(submission: Option<&Submission>, job: &Job, task: Task) -> v1::TaskStatus {
    let outputs = submission.filter(|_| !task.key.is_empty()).map(|submission| {
        let outputs = submission.outputs.of(&task.key);
        outputs.map(|output| output.to_string()).collect()
    });
    v1::TaskStatus {
        outputs: outputs.unwrap_or_default(),
        sample: job.samples > 0 && job.sample_numbers().contains(&task.seq),
        version_id: task.item.version_id.unwrap_or_default(),
        mask: task.item.mask.unwrap_or_default(),
        depth_map: task.item.depth_map.unwrap_or_default(),
        ended_at: task.ended_at.map(rfc3339).unwrap_or_default(),
        seq: task.seq,
        state: task_state(task.state).into(),
        source: task.source,
        key: task.key,
        attempts: tries(task.attempt),
        code: task.code,
        message: task.message,
    }
}

pub(crate) fn error_count(error: ErrorCount) -> v1::ErrorCount {
    v1::ErrorCount {
        code: error.code,
        failed: error.failed,
        retried: error.retried,
    }
}

pub(super) fn dead_letter(dead: DeadLetter) -> v1::DeadLetter {
    /// As much as a person looks at.
    const EXCERPT_CHARS: usize = 2000;
    let letter = dead.letter;
    let (job_id, seq, attempt) = letter
        .about
        .map_or_else(Default::default, |(job, seq, attempt)| (job.to_string(), seq, attempt));
    v1::DeadLetter {
        id: dead.id,
        kind: match letter.kind {
            DeadKind::Poison => v1::dead_letter::Kind::Poison,
            DeadKind::Unreadable => v1::dead_letter::Kind::Unreadable,
        }
        .into(),
        reason: letter.reason,
        message_id: letter.message_id,
        at: rfc3339(letter.now),
        job_id,
        seq,
        attempt,
        excerpt: letter.body.chars().take(EXCERPT_CHARS).collect(),
        bytes: letter.bytes,
    }
}

/// Unknown until every photo is found, and while nothing ends.
fn seconds_left(job: &Job, rate: f64) -> Option<f64> {
    let known = job.state == JobState::Running && rate > 0.0;
    known.then(|| job.counters.unfinished() as f64 / rate)
}

pub(crate) fn counters(counters: &Counters) -> v1::Counters {
    v1::Counters {
        total: counters.total(),
        pending: counters.pending,
        dispatched: counters.dispatched,
        done: counters.done,
        skipped: counters.skipped,
        failed: counters.failed,
        cancelled: counters.cancelled,
    }
}

pub(crate) fn state(state: JobState) -> v1::job::State {
    match state {
        JobState::Expanding => v1::job::State::Expanding,
        JobState::Running => v1::job::State::Running,
        JobState::Paused => v1::job::State::Paused,
        JobState::Done => v1::job::State::Done,
        JobState::Cancelled => v1::job::State::Cancelled,
        JobState::Failed => v1::job::State::Failed,
    }
}

fn task_state(state: TaskState) -> v1::task_status::State {
    match state {
        TaskState::Pending => v1::task_status::State::Pending,
        TaskState::Dispatched => v1::task_status::State::Dispatched,
        TaskState::Done => v1::task_status::State::Done,
        TaskState::Skipped => v1::task_status::State::Skipped,
        TaskState::Failed => v1::task_status::State::Failed,
        TaskState::Cancelled => v1::task_status::State::Cancelled,
    }
}
