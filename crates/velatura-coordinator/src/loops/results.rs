mod verdict;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use velatura_ledger::{Millis, Report};
use velatura_proto::{from_json, v1};
use velatura_queue::{Consumer, ConsumerState, Delivery, QueueName};
use velatura_telemetry::Condition;

use super::record::record;
use super::round;
use crate::CoordinatorConfig;
use crate::context::{Context, now};

/// What a worker's report means for its task.
pub(crate) fn decided(report: &v1::TaskReport, config: &CoordinatorConfig, now: Millis) -> Result<Report, String> {
    verdict::report(report, config, now, rand::random())
}

/// The most reports that are recorded in one transaction.
const BATCH: usize = 1000;
/// How long a report waits for others to be recorded with.
const BATCH_WITHIN: Duration = Duration::from_millis(50);
/// The next batch gathers while one is recorded; it is the most that RabbitMQ gives a consumer of a quorum queue.
const PREFETCH: u16 = 2000;

/// Takes the reports of workers, records them in batches, then acks them.
pub(super) async fn run(context: Arc<Context>, condition: Condition) {
    let mut failures = 0;
    let mut consumer = loop {
        match context.broker.consume(&QueueName::Results, PREFETCH).await {
            Ok(consumer) => break consumer,
            Err(error) => {
                condition.fails(error.to_string());
                failures += 1;
                if !context.back_off(failures).await {
                    return;
                }
            }
        }
    };
    let (batches, gathered) = mpsc::channel(1);
    let mut recorder = JoinSet::new();
    recorder.spawn(record_all(Arc::clone(&context), gathered));
    let mut state = consumer.state();
    loop {
        follow(&condition, &state.borrow_and_update());
        tokio::select! {
            biased;
            () = context.stop.cancelled() => break,
            Ok(()) = state.changed() => {}
            first = consumer.next_many(BATCH) => {
                if first.is_empty() {
                    break;
                }
                let batch = read(&context, gather(&mut consumer, first).await).await;
                // Refused when the recorder has ended, which it does only when all ends.
                if batches.send(batch).await.is_err() {
                    break;
                }
            }
        }
    }
    drop(batches);
    recorder.join_all().await;
    condition.fails("the coordinator is stopping");
}

/// Reports that can be read, with their deliveries.
struct Batch {
    reports: Vec<Report>,
    deliveries: Vec<Delivery>,
}

/// Records one batch after the other, while the next one gathers.
async fn record_all(context: Arc<Context>, mut gathered: mpsc::Receiver<Batch>) {
    while let Some(batch) = gathered.recv().await {
        if round(&context, "results", apply(&context, batch)).await.is_err() {
            return;
        }
    }
}

fn follow(condition: &Condition, state: &ConsumerState) {
    match state {
        ConsumerState::Subscribed => condition.holds(),
        ConsumerState::Interrupted { reason } => condition.fails(reason.clone()),
        ConsumerState::Cancelled => condition.fails("the subscription has ended"),
    }
}

/// The first reports and those that come soon after them.
async fn gather(consumer: &mut Consumer, mut batch: Vec<Delivery>) -> Vec<Delivery> {
    let mut enough = pin!(tokio::time::sleep(BATCH_WITHIN));
    while batch.len() < BATCH {
        tokio::select! {
            biased;
            () = &mut enough => break,
            next = consumer.next_many(BATCH - batch.len()) => match next.is_empty() {
                false => batch.extend(next),
                true => break,
            },
        }
    }
    batch
}

/// Reads reports; those that can't be read go to the dead queue.
async fn read(context: &Context, gathered: Vec<Delivery>) -> Batch {
    let mut batch = Batch {
        reports: Vec::with_capacity(gathered.len()),
        deliveries: Vec::with_capacity(gathered.len()),
    };
    for delivery in gathered {
        match report(context, &delivery) {
            Ok(report) => {
                batch.reports.push(report);
                batch.deliveries.push(delivery);
            }
            Err(reason) => {
                tracing::error!(message = delivery.id(), %reason, "a report can't be read and goes to the dead queue");
                context.metrics.reports_total.with_label_values(&["unreadable"]).inc();
                unsettled(delivery.reject().await);
            }
        }
    }
    batch
}

/// The coordinator ends before the batch could be recorded: its deliveries go back to the queue.
struct Unrecorded;

async fn apply(context: &Context, Batch { reports, deliveries }: Batch) -> Result<(), Unrecorded> {
    if !reports.is_empty() && !record(context, &reports).await {
        return Err(Unrecorded);
    }
    unsettled(Delivery::ack_all(deliveries).await);
    Ok(())
}

fn report(context: &Context, delivery: &Delivery) -> Result<Report, String> {
    let report: v1::TaskReport = from_json(delivery.body()).map_err(|error| error.to_string())?;
    let decided = decided(&report, &context.config, now())?;
    context
        .metrics
        .reports_total
        .with_label_values(&[&report.outcome().as_str_name().to_ascii_lowercase()])
        .inc();
    Ok(decided)
}

/// A delivery that could not be settled comes again, and then changes nothing.
fn unsettled(result: Result<(), velatura_queue::QueueError>) {
    if let Err(error) = result {
        tracing::debug!(%error, "a recorded report will be delivered again");
    }
}
