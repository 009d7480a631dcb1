use velatura_ledger::LedgerError;

use super::round;
use crate::lead::Lead;

/// Lets jobs go on whose samples are painted, or pauses them until somebody has approved of those.
pub(super) async fn run(lead: Lead) {
    while lead.pause(lead.config.tick()).await {
        if let Err(error) = round(&lead, "samples", settle(&lead)).await {
            tracing::debug!(%error, "no samples can be settled now");
        }
    }
}

async fn settle(lead: &Lead) -> Result<(), LedgerError> {
    for job in lead.ledger.settle_samples().await? {
        tracing::info!(job = %job.id, state = %job.state, samples = job.samples, "samples are painted");
        lead.changed(&job).await;
        lead.signals.dispatch.notify_one();
    }
    Ok(())
}
