//! Simulated painting: a worker that takes tasks from the real broker, waits as long as it is told, and reports them done.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures_util::future::join_all;
use velatura_proto::{MESSAGE_VERSION, from_json, to_json, v1};
use velatura_queue::{Broker, Delivery, Lane, Message, QueueName};

/// Tasks that are reported together.
const BATCH: usize = 200;

/// The queue that tasks of a lane wait in.
pub fn tasks(lane: Lane) -> Result<QueueName> {
    Ok(QueueName::tasks("default", lane)?)
}

/// The report of a painted task.
pub fn done(task: &v1::Task) -> Message {
    let report = v1::TaskReport {
        version: MESSAGE_VERSION,
        job_id: task.job_id.clone(),
        seq: task.seq,
        attempt: task.attempt,
        outcome: v1::task_report::Outcome::Done.into(),
        ..v1::TaskReport::default()
    };
    Message {
        body: to_json(&report).into(),
        id: format!("{}/{}/{}", task.job_id, task.seq, task.attempt),
    }
}

/// Paints until `enough` says so after a batch. A batch takes `time`, however many tasks it has; `saw` is shown each.
pub async fn paint(
    broker: &Arc<dyn Broker>,
    queue: &QueueName,
    time: Duration,
    mut saw: impl FnMut(&v1::Task),
    mut enough: impl FnMut(usize) -> bool,
) -> Result<()> {
    let mut consumer = broker.consume(queue, BATCH as u16 * 2).await?;
    let mut painted = 0;
    while !enough(painted) {
        let Some(first) = consumer.next().await else { break };
        let mut batch = vec![first];
        while batch.len() < BATCH {
            // What comes without waiting is painted together.
            match tokio::time::timeout(Duration::from_millis(2), consumer.next()).await {
                Ok(Some(delivery)) => batch.push(delivery),
                Ok(None) | Err(_) => break,
            }
        }
        let assignments: Vec<v1::Task> = batch
            .iter()
            .map(|delivery| from_json(delivery.body()).context("a task that can't be read"))
            .collect::<Result<_>>()?;
        assignments.iter().for_each(&mut saw);
        tokio::time::sleep(time).await;
        report(broker, &assignments).await;
        painted += batch.len();
        // A delivery that could not be settled comes again, and its second report changes nothing.
        join_all(batch.into_iter().map(Delivery::ack)).await;
    }
    Ok(())
}

/// Reports until the broker has every report.
async fn report(broker: &Arc<dyn Broker>, painted: &[v1::Task]) {
    let mut open: Vec<Message> = painted.iter().map(done).collect();
    while !open.is_empty() {
        let results = broker.publish(&QueueName::Results, open.clone()).await;
        open = open
            .into_iter()
            .zip(results)
            .filter_map(|(message, result)| result.is_err().then_some(message))
            .collect();
        if !open.is_empty() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
