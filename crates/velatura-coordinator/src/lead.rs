use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use velatura_ledger::{LedgerError, Token};

use crate::context::Context;

/// A leadership: who has it expands, dispatches and reconciles, with its token in each transaction, until it is over.
#[derive(Debug, Clone)]
pub(crate) struct Lead {
    context: Arc<Context>,
    pub(crate) token: Token,
    /// Ends what the leader does: the lease was lost, or everything is to end.
    pub(crate) over: CancellationToken,
}

impl Lead {
    pub(crate) fn new(context: &Arc<Context>, token: Token) -> Self {
        Self {
            context: Arc::clone(context),
            token,
            over: context.stop.child_token(),
        }
    }

    /// What all of this coordinator shares.
    pub(crate) fn context(&self) -> &Arc<Context> {
        &self.context
    }

    /// What went wrong may mean that somebody else leads; then all of it ends.
    pub(crate) fn heed(&self, error: &LedgerError) {
        if *error == LedgerError::NotLeading && !self.over.is_cancelled() {
            tracing::warn!(token = %self.token, "another coordinator leads: this one stands back");
            self.over.cancel();
        }
    }

    /// Sleeps, unless this leadership ends: then false.
    pub(crate) async fn pause(&self, time: Duration) -> bool {
        self.over.run_until_cancelled(tokio::time::sleep(time)).await.is_some()
    }

    /// Waits before the next try of something that has failed `failures` times in a row; false when this leadership ends.
    pub(crate) async fn back_off(&self, failures: u32) -> bool {
        self.pause(self.config.outage().delay(failures, rand::random())).await
    }
}

impl Deref for Lead {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.context
    }
}
