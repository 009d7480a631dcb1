use velatura_ledger::Report;

use crate::context::{Context, now};

/// Records what became of attempts, however long the ledger is away; false when all ends before it is recorded. The
/// caller settles its deliveries only after that, so that nothing is lost.
pub(super) async fn record(context: &Context, reports: &[Report]) -> bool {
    let mut failures = 0;
    loop {
        match context.ledger.report(reports, now()).await {
            Ok(jobs) => {
                for job in &jobs {
                    context.changed(job).await;
                }
                context.signals.dispatch.notify_one();
                return true;
            }
            Err(error) => {
                failures += 1;
                tracing::warn!(reports = reports.len(), failures, %error, "reports can't be recorded yet");
                if !context.back_off(failures).await {
                    return false;
                }
            }
        }
    }
}
