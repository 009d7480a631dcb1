use velatura_ledger::{Job, Outcome, Report, Task, tries};
use velatura_proto::to_json;
use velatura_queue::{Lane, Message, QueueError};

use crate::context::now;
use crate::lead::Lead;
use crate::loops::Halt;
use crate::submission::Submission;

/// The most tasks that are moved in one transaction and published at once.
pub(super) const BATCH: usize = 500;

/// Moves up to `limit` due tasks of a job to the broker; gives how many left the job's backlog.
///
/// The ledger comes first: a task is dispatched there before anyone can report on it. What the broker did not take goes
/// back, its attempt not counted. Should this process end in between, the reconciler finds the task.
pub(super) async fn send(lead: &Lead, job: &Job, lane: Lane, limit: usize) -> Result<usize, Halt> {
    let submission = match lead.submission(job) {
        Ok(submission) => submission,
        Err(refusal) => {
            let job = lead.ledger.pause(job.id, &refusal.to_string()).await?;
            lead.signals.changed(job.id);
            return Ok(0);
        }
    };
    let tasks = lead.ledger.dispatch(lead.token, job.id, limit, now()).await?;
    let moved = tasks.len();
    if moved == 0 {
        return Ok(0);
    }
    let (worn, tasks): (Vec<Task>, Vec<Task>) = tasks
        .into_iter()
        .partition(|task| tries(task.attempt) > lead.config.max_attempts);
    give_up(lead, &worn).await?;
    publish(lead, &submission, lane, &tasks).await?;
    lead.signals.changed(job.id);
    Ok(moved)
}

/// Ends tasks that were dispatched as often as may be and never came back: whoever took them vanished each time.
async fn give_up(lead: &Lead, worn: &[Task]) -> Result<(), Halt> {
    if worn.is_empty() {
        return Ok(());
    }
    let max = lead.config.max_attempts;
    let report = |task: &Task| Report {
        job_id: task.job_id,
        seq: task.seq,
        attempt: task.attempt,
        outcome: Outcome::Failed {
            code: "lost".to_owned(),
            message: format!("{max} attempts were begun and none reported back: look at the workers' ends"),
        },
    };
    let reports: Vec<Report> = worn.iter().map(report).collect();
    for job in lead.ledger.report(&reports, now()).await? {
        lead.changed(&job).await;
    }
    Ok(())
}

async fn publish(lead: &Lead, submission: &Submission, lane: Lane, tasks: &[Task]) -> Result<(), Halt> {
    if tasks.is_empty() {
        return Ok(());
    }
    let message = |task: &Task| Message {
        body: to_json(&submission.task(task)).into(),
        id: format!("{}/{}/{}", task.job_id, task.seq, task.attempt),
    };
    let results = lead
        .broker
        .publish(lead.queues.of(lane), tasks.iter().map(message).collect())
        .await;
    let mut refused: Option<QueueError> = None;
    let mut back = Vec::new();
    for (task, result) in tasks.iter().zip(results) {
        if let Err(error) = result {
            back.push((task.seq, task.attempt));
            refused = Some(error);
        }
    }
    lead.metrics
        .tasks_dispatched_total
        .inc_by((tasks.len() - back.len()) as u64);
    match refused {
        None => Ok(()),
        Some(error) => {
            lead.metrics.publish_failures_total.inc_by(back.len() as u64);
            tracing::warn!(tasks = back.len(), %error, "the broker did not take tasks: they go back to the ledger");
            take_back(lead, tasks[0].job_id, &back).await;
            Err(error.into())
        }
    }
}

/// However long the ledger is away, or until all ends: then the reconciler does it.
async fn take_back(lead: &Lead, job: uuid::Uuid, tasks: &[(u64, u32)]) {
    let mut failures = 0;
    while let Err(error) = lead.ledger.undispatch(lead.token, job, tasks).await {
        failures += 1;
        lead.heed(&error);
        tracing::warn!(%job, tasks = tasks.len(), failures, %error, "tasks can't go back to the ledger yet");
        if !lead.back_off(failures).await {
            return;
        }
    }
}
