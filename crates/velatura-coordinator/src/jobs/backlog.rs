use std::time::Duration;

use velatura_proto::v1;
use velatura_queue::QueueName;

use super::Jobs;
use crate::access::{Caller, Role};
use crate::context::now;
use crate::error::ApiError;

/// How long the broker may take to say how much lies in its queues.
const DEPTHS_WITHIN: Duration = Duration::from_secs(2);

impl Jobs {
    /// What waits, by the ledger's count. Queues that the broker says nothing about are left out rather than given as
    /// empty.
    pub(crate) async fn backlog(&self, caller: &Caller) -> Result<v1::Backlog, ApiError> {
        caller.must(Role::Monitor)?;
        let backlog = self.context.ledger.backlog().await?;
        let now = now();
        Ok(v1::Backlog {
            pending: backlog.pending,
            dispatched: backlog.dispatched,
            oldest_seconds: backlog
                .oldest
                .map_or(0.0, |oldest| (now - oldest).max(0) as f64 / 1000.0),
            rate: self.context.rates.of_all(now),
            queues: tokio::time::timeout(DEPTHS_WITHIN, self.depths())
                .await
                .unwrap_or_default(),
            jobs: backlog.jobs,
        })
    }

    async fn depths(&self) -> Vec<v1::QueueDepth> {
        let mut depths = Vec::with_capacity(4);
        for queue in [
            &self.context.queues.bulk,
            &self.context.queues.interactive,
            &QueueName::Results,
            &QueueName::Dead,
        ] {
            match self.context.broker.depth(queue).await {
                Ok(depth) => depths.push(v1::QueueDepth {
                    queue: queue.to_string(),
                    ready: depth.ready,
                    unacked: depth.unacked,
                }),
                Err(error) => tracing::debug!(%queue, %error, "depth unknown"),
            }
        }
        depths
    }
}
