use velatura_ledger::{Job, Outcome, Report, Task};
use velatura_proto::to_json;
use velatura_queue::{Message, QueueError};

use crate::context::{Context, now};
use crate::loops::Halt;
use crate::submission::Submission;

/// The most tasks that are moved in one transaction and published at once.
pub(super) const BATCH: usize = 500;

/// Moves up to `limit` due tasks of a job to the broker; gives how many left the job's backlog.
///
/// The ledger comes first: a task is dispatched there before anyone can report on it. What the broker did not take goes
/// back, its attempt not counted. Should this process end in between, the reconciler finds the task.
pub(super) async fn send(context: &Context, job: &Job, limit: usize) -> Result<usize, Halt> {
    let submission = match context.submission(job) {
        Ok(submission) => submission,
        Err(refusal) => {
            let job = context.ledger.pause(job.id, &refusal.to_string()).await?;
            context.signals.changed(job.id);
            return Ok(0);
        }
    };
    let tasks = context.ledger.dispatch(job.id, limit, now()).await?;
    let moved = tasks.len();
    if moved == 0 {
        return Ok(0);
    }
    let (worn, tasks): (Vec<Task>, Vec<Task>) = tasks
        .into_iter()
        .partition(|task| task.attempt > context.config.max_attempts);
    give_up(context, &worn).await?;
    publish(context, &submission, &tasks).await?;
    context.signals.changed(job.id);
    Ok(moved)
}

/// Ends tasks that were dispatched as often as may be and never came back: whoever took them vanished each time.
async fn give_up(context: &Context, worn: &[Task]) -> Result<(), Halt> {
    if worn.is_empty() {
        return Ok(());
    }
    let max = context.config.max_attempts;
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
    for job in context.ledger.report(&reports, now()).await? {
        context.changed(&job).await;
    }
    Ok(())
}

async fn publish(context: &Context, submission: &Submission, tasks: &[Task]) -> Result<(), Halt> {
    if tasks.is_empty() {
        return Ok(());
    }
    let message = |task: &Task| Message {
        body: to_json(&submission.task(task)).into(),
        id: format!("{}/{}/{}", task.job_id, task.seq, task.attempt),
    };
    let results = context
        .broker
        .publish(&context.tasks, tasks.iter().map(message).collect())
        .await;
    let mut refused: Option<QueueError> = None;
    let mut back = Vec::new();
    for (task, result) in tasks.iter().zip(results) {
        if let Err(error) = result {
            back.push((task.seq, task.attempt));
            refused = Some(error);
        }
    }
    context
        .metrics
        .tasks_dispatched_total
        .inc_by((tasks.len() - back.len()) as u64);
    match refused {
        None => Ok(()),
        Some(error) => {
            context.metrics.publish_failures_total.inc_by(back.len() as u64);
            tracing::warn!(tasks = back.len(), %error, "the broker did not take tasks: they go back to the ledger");
            take_back(context, tasks[0].job_id, &back).await;
            Err(error.into())
        }
    }
}

/// However long the ledger is away, or until all ends: then the reconciler does it.
async fn take_back(context: &Context, job: uuid::Uuid, tasks: &[(u64, u32)]) {
    let mut failures = 0;
    while let Err(error) = context.ledger.undispatch(job, tasks).await {
        failures += 1;
        tracing::warn!(%job, tasks = tasks.len(), failures, %error, "tasks can't go back to the ledger yet");
        if !context.back_off(failures).await {
            return;
        }
    }
}
