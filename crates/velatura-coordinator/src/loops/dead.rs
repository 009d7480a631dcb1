use std::sync::Arc;

use velatura_ledger::{Outcome, Report};
use velatura_proto::{from_json, v1};
use velatura_queue::{Delivery, QueueName};

use super::record::record;
use super::round;
use crate::context::Context;

/// The code of a task that the broker gave up.
const POISON: &str = "poison";
const PREFETCH: u16 = 32;
/// How much of an unreadable message goes into the log.
const EXCERPT_BYTES: usize = 200;

/// Reads the dead queue: a task that ended its worker too often has failed; what can't be read is logged and forgotten.
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
    let kind = match read(&delivery) {
        Some(report) => {
            tracing::warn!(job = %report.job_id, seq = report.seq, attempt = report.attempt, "the broker gave a task up");
            if !record(context, &[report]).await {
                return Err(Unrecorded);
            }
            POISON
        }
        None => {
            let body = delivery.body();
            let excerpt = String::from_utf8_lossy(&body[..body.len().min(EXCERPT_BYTES)]);
            tracing::error!(message = delivery.id(), %excerpt, "a dead message can't be read and is dropped");
            "unreadable"
        }
    };
    context.metrics.dead_letters_total.with_label_values(&[kind]).inc();
    if let Err(error) = delivery.ack().await {
        tracing::debug!(%error, "a dead message will be delivered again");
    }
    Ok(())
}

fn read(delivery: &Delivery) -> Option<Report> {
    let task: v1::Task = from_json(delivery.body()).ok()?;
    Some(Report {
        job_id: task.job_id.parse().ok()?,
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
