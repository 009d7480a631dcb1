use velatura_ledger::{Job, Report};

use crate::context::{Context, now};
use crate::control;

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
                // Somebody may wait for the end elsewhere.
                let ended: Vec<Job> = jobs.into_iter().filter(|job| job.state.is_ended()).collect();
                if !ended.is_empty() {
                    context.call_out(control::changed(&ended)).await;
                }
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
