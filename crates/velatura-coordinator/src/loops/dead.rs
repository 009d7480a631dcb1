use std::sync::Arc;

use velatura_ledger::{DeadKind, NewDeadLetter, Outcome, Report};
use velatura_proto::{from_json, v1};
use velatura_queue::{Delivery, QueueName};

use super::record::record;
use super::round;
use crate::context::{Context, now};

/// The code of a task that the broker gave up.
pub(crate) const POISON: &str = "poison";
const PREFETCH: u16 = 32;
/// How much of a message is kept.
const KEPT_BYTES: usize = 64 * 1024;

/// Reads the dead queue: a task that ended its worker too often has failed. Every message is kept for a person.
pub(super) async fn run(context: Arc<Context>) {
    let mut failures = 0;
    let mut consumer = loop {
        match context.broker.consume(&QueueName::Dead, PREFETCH).await {
            Ok(consumer) => break consumer,
            Err(error) => {
                tracing::warn!(%error, "the dead queue can't be read yet");
                failures += 1;
                if !context.back_off(failures).await {
                    return;
                }
            }
        }
    };
    while let Some(Some(delivery)) = context.stop.run_until_cancelled(consumer.next()).await {
        if round(&context, "dead", bury(&context, delivery)).await.is_err() {
            return;
        }
    }
}

/// The coordinator ends before the task could be recorded: its message goes back to the queue.
struct Unrecorded;

async fn bury(context: &Context, delivery: Delivery) -> Result<(), Unrecorded> {
    let read = read(&delivery);
    let letter = letter(&delivery, read.as_ref());
    let kind = letter.kind.as_str();
    match read {
        Ok(report) => {
            tracing::warn!(job = %report.job_id, seq = report.seq, attempt = report.attempt, "the broker gave a task up");
            if !record(context, &[report]).await {
                return Err(Unrecorded);
            }
        }
        Err(reason) => tracing::error!(message = delivery.id(), %reason, "a dead message can't be read"),
    }
    let mut failures = 0;
    while let Err(error) = context.ledger.bury(&letter).await {
        failures += 1;
        tracing::warn!(failures, %error, "a dead message can't be kept yet");
        if !context.back_off(failures).await {
            return Err(Unrecorded);
        }
    }
    context.metrics.dead_letters_total.with_label_values(&[kind]).inc();
    if let Err(error) = delivery.ack().await {
        tracing::debug!(%error, "a dead message will be delivered again");
    }
    Ok(())
}

/// What is kept of a message.
fn letter(delivery: &Delivery, read: Result<&Report, &String>) -> NewDeadLetter {
    let body = delivery.body();
    let (kind, reason, about) = match read {
        Ok(report) => {
            let reason = "no worker survived its photo, or none could read it".to_owned();
            (
                DeadKind::Poison,
                reason,
                Some((report.job_id, report.seq, report.attempt)),
            )
        }
        Err(reason) => (DeadKind::Unreadable, reason.clone(), None),
    };
    NewDeadLetter {
        kind,
        reason,
        message_id: delivery.id().to_owned(),
        about,
        body: String::from_utf8_lossy(&body[..body.len().min(KEPT_BYTES)]).into_owned(),
        bytes: body.len() as u64,
        now: now(),
    }
}

/// The error says why it is no task, nor anything that is sent through queues.
fn read(delivery: &Delivery) -> Result<Report, String> {
    let task: v1::Task = from_json(delivery.body()).map_err(|error| error.to_string())?;
    Ok(Report {
        job_id: task.job_id.parse().map_err(|_| "its job_id is no UUID".to_owned())?,
        seq: task.seq,
        attempt: task.attempt,
        outcome: Outcome::Failed {
            code: POISON.to_owned(),
            message: format!(
                "no worker survived this photo, or none could read its task: look at {}",
                task.source
            ),
        },
    })
}
