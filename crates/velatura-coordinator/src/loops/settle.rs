use super::{Halt, round};
use crate::context::now;
use crate::lead::Lead;

/// The most tasks that one transaction moves.
const BATCH: usize = 1000;

/// Finishes in slices what users began with one transaction: cancels the tasks of large cancelled jobs, and takes up those
/// of large jobs that are to be done again.
pub(super) async fn run(lead: Lead) {
    while lead.pause(lead.config.tick()).await {
        if let Err(halt) = round(&lead, "settle", settle(&lead)).await {
            tracing::debug!(%halt, "nothing can be settled now");
            halt.heed(&lead);
        }
    }
}

async fn settle(lead: &Lead) -> Result<(), Halt> {
    while lead.ledger.settle(lead.token, BATCH, now()).await? > 0 && !lead.over.is_cancelled() {}
    while lead.ledger.reopen(lead.token, BATCH, now()).await? > 0 && !lead.over.is_cancelled() {
        lead.signals.dispatch.notify_one();
    }
    Ok(())
}
