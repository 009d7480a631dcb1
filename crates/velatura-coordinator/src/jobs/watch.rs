use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, stream};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use velatura_ledger::{Job, JobState};
use velatura_proto::v1;

use super::{Jobs, view};
use crate::access::{Caller, Role};
use crate::context::Context;
use crate::error::ApiError;

/// A job that changes with every batch of results is told at most this often.
const AT_MOST_EVERY: Duration = Duration::from_millis(200);
/// Looks at the job at least this often: what another coordinator did is signalled nowhere here.
const AT_LEAST_EVERY: Duration = Duration::from_secs(2);

impl Jobs {
    /// The job as it is now, then whenever it has changed, until it has ended or this coordinator stops. Several
    /// changes in a row may come as one; the last always comes.
    pub(crate) async fn watch(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<impl Stream<Item = Result<v1::Job, ApiError>> + use<>, ApiError> {
        // Subscribed before the first look, so that no change falls in between.
        let changes = self.context.signals.changes();
        let first = self.job(caller, Role::Read, id).await?;
        let watcher = Watcher {
            context: Arc::clone(&self.context),
            changes,
            seen: first.clone(),
            untold: Some(first),
            failed: false,
        };
        Ok(stream::unfold(watcher, |mut watcher| async move {
            let job = watcher.next().await?;
            Some((job, watcher))
        }))
    }
}

struct Watcher {
    context: Arc<Context>,
    changes: broadcast::Receiver<uuid::Uuid>,
    seen: Job,
    untold: Option<Job>,
    failed: bool,
}

impl Watcher {
    async fn next(&mut self) -> Option<Result<v1::Job, ApiError>> {
        let context = Arc::clone(&self.context);
        let job = match self.untold.take() {
            Some(job) => job,
            None if self.failed || self.is_over() => return None,
            None => match context.stop.run_until_cancelled(self.change()).await? {
                Ok(job) => job,
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            },
        };
        self.seen = job;
        Some(Ok(view::brief(&self.context, &self.seen)))
    }

    /// Over means that nothing can change any more, the tasks of a large cancelled job included.
    fn is_over(&self) -> bool {
        let job = &self.seen;
        job.state == JobState::Done || (job.state.is_ended() && job.counters.unfinished() == 0)
    }

    /// The job when it is no longer as it was seen.
    async fn change(&mut self) -> Result<Job, ApiError> {
        loop {
            tokio::time::sleep(AT_MOST_EVERY).await;
            // Nothing heard in time, or too much to hear it all: look anyway.
            let _ = tokio::time::timeout(AT_LEAST_EVERY, self.signal()).await;
            match self.context.ledger.job(self.seen.id).await {
                Ok(job) if job != self.seen => return Ok(job),
                Ok(_) => {}
                Err(error) if error.is_transient() => tracing::debug!(%error, "a watched job can't be read now"),
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn signal(&mut self) {
        loop {
            match self.changes.recv().await {
                Ok(id) if id != self.seen.id => {}
                Ok(_) | Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}
