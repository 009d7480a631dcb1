use std::sync::Arc;

use velatura_ledger::LedgerError;
use velatura_telemetry::Condition;

use super::round;
use crate::context::{Context, OPEN, OPEN_JOBS, now};

/// Says whether ledger and broker can be used, and keeps the figures of what waits, whoever leads.
pub(super) async fn run(context: Arc<Context>, ledger: Condition, broker: Condition) {
    context.metrics.window_tasks.set(context.config.window_tasks.into());
    loop {
        ledger.follows(&round(&context, "health", look(&context)).await);
        broker.follows(&context.broker.check().await);
        if !context.pause(context.config.tick()).await {
            return;
        }
    }
}

async fn look(context: &Context) -> Result<(), LedgerError> {
    let open = context.ledger.jobs_in(&OPEN, OPEN_JOBS).await?;
    let backlog = context.ledger.backlog().await?;
    context.forget_all_but(&open);
    open.iter().for_each(|job| context.rates.observe(job, now()));
    let gauge = &context.metrics.backlog_tasks;
    gauge.with_label_values(&["pending"]).set(count(backlog.pending));
    gauge.with_label_values(&["dispatched"]).set(count(backlog.dispatched));
    context.metrics.jobs_open.set(count(backlog.jobs));
    Ok(())
}

fn count(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
