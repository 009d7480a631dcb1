use std::time::Duration;

use velatura_ledger::{LedgerError, Millis};
use velatura_queue::{Depth, QueueName};

use super::{Halt, round};
use crate::context::{millis, now};
use crate::lead::Lead;

/// The most tasks that one transaction moves.
const BATCH: usize = 1000;
const AT_MOST_EVERY: Duration = Duration::from_millis(20);
const AT_LEAST_EVERY: Duration = Duration::from_secs(30);

/// Finds tasks whose outcome never came.
///
/// A task is tried anew when its lease is over *and* the broker holds fewer tasks and reports than the ledger has
/// dispatched, twice in a row: tasks that only wait, because no worker is there yet, are left alone however long that
/// takes. The figures are of different moments, so that now and then a task may be tried anew although it was not lost.
/// That is harmless: outputs are stored under the same key, and reports of the earlier attempt are fenced off by its
/// number.
pub(super) async fn run(lead: Lead) {
    let every = (lead.config.lease() / 10).clamp(AT_MOST_EVERY, AT_LEAST_EVERY);
    let mut lost_before = 0;
    while lead.pause(every).await {
        match round(&lead, "reconcile", reconcile(&lead, lost_before)).await {
            Ok(lost) => lost_before = lost,
            Err(halt) => {
                tracing::debug!(%halt, "nothing can be reconciled now");
                halt.heed(&lead);
                lost_before = 0;
            }
        }
    }
}

/// Gives how many tasks seem to be lost.
async fn reconcile(lead: &Lead, lost_before: u64) -> Result<u64, Halt> {
    // In the order in which a task travels: what moves on in between is counted twice, and never taken for lost.
    let tasks = sum(
        lead.broker.depth(&lead.queues.bulk).await?,
        lead.broker.depth(&lead.queues.interactive).await?,
    );
    let results = lead.broker.depth(&QueueName::Results).await?;
    let lost = lost(lead.ledger.backlog().await?.dispatched, tasks, results);
    let surely = usize::try_from(lost.min(lost_before)).unwrap_or(usize::MAX).min(BATCH);
    if surely > 0 {
        reclaim(lead, now() - millis(lead.config.lease()), surely).await?;
    }
    Ok(lost)
}

/// What lies in both lanes.
fn sum(one: Depth, other: Depth) -> Depth {
    Depth {
        ready: one.ready + other.ready,
        unacked: one.unacked.zip(other.unacked).map(|(one, other)| one + other),
    }
}

/// How many dispatched tasks the broker holds neither as a task nor as a report. Where it does not say how many are with
/// workers, none are lost as long as any wait: workers are busy, or absent.
fn lost(dispatched: u64, tasks: Depth, results: Depth) -> u64 {
    let reported = results.ready + results.unacked.unwrap_or(0);
    match tasks.unacked {
        Some(unacked) => dispatched.saturating_sub(tasks.ready + unacked + reported),
        None if tasks.ready > 0 => 0,
        None => dispatched.saturating_sub(reported),
    }
}

async fn reclaim(lead: &Lead, before: Millis, limit: usize) -> Result<usize, LedgerError> {
    let tasks = lead.ledger.reclaim(lead.token, before, limit, now()).await?;
    for task in &tasks {
        tracing::warn!(job = %task.job_id, seq = task.seq, attempt = task.attempt, "no outcome came: tried anew");
        lead.signals.changed(task.job_id);
    }
    if !tasks.is_empty() {
        lead.metrics.tasks_reclaimed_total.inc_by(tasks.len() as u64);
        lead.signals.dispatch.notify_one();
    }
    Ok(tasks.len())
}

/// Takes back everything that was dispatched: to whom is gone.
pub(super) async fn take_back(lead: &Lead) -> Result<(), LedgerError> {
    while reclaim(lead, Millis::MAX, BATCH).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_broker_holds_is_not_lost() {
        let depth = |ready, unacked| Depth { ready, unacked };
        let none = depth(0, Some(0));
        assert_eq!(lost(10, depth(7, Some(3)), none), 0);
        assert_eq!(lost(10, depth(7, Some(1)), none), 2);
        assert_eq!(lost(10, depth(7, Some(1)), depth(1, Some(1))), 0);
        assert_eq!(lost(2, depth(7, Some(1)), none), 0);
        assert_eq!(lost(10, depth(1, None), none), 0);
        assert_eq!(lost(10, depth(0, None), depth(4, None)), 6);
    }
}
