use velatura_telemetry::{Described, metrics};

/// What a coordinator measures, by name.
pub const METRICS: &[Described] = Metrics::DESCRIBED;

metrics! {
    /// What a coordinator counts.
    pub(crate) struct Metrics in "velatura_coordinator_" {
        /// Jobs that were accepted.
        jobs_submitted_total: IntCounter,
        /// Photos that were found and recorded as tasks.
        photos_found_total: IntCounter,
        /// Listings that failed and are tried again.
        listing_failures_total: IntCounter,
        /// Tasks that the broker took.
        tasks_dispatched_total: IntCounter,
        /// Tasks that the broker did not take and that went back to the ledger.
        publish_failures_total: IntCounter,
        /// Tasks whose outcome never came and that are tried anew.
        tasks_reclaimed_total: IntCounter,
        /// Reports of workers by what they said; unreadable ones go to the dead queue.
        reports_total: IntCounterVec["outcome"],
        /// Messages in the dead queue: tasks that ended their worker (poison), and unreadable ones.
        dead_letters_total: IntCounterVec["kind"],
        /// Jobs that the breaker paused.
        breaker_trips_total: IntCounter,
        /// The most tasks that may be in the broker and in workers.
        window_tasks: IntGauge,
        /// Tasks that have not ended: pending in the ledger, or dispatched to broker and workers.
        backlog_tasks: IntGaugeVec["state"],
        /// 1 while this coordinator leads expansion, dispatch and reconciliation, else 0.
        leader: IntGauge,
        /// Jobs that have not ended.
        jobs_open: IntGauge,
        /// Seconds that one round of a loop took, its waiting left out.
        loop_seconds: HistogramVec["loop"],
        /// Rounds of a loop that failed because the ledger or the broker was away.
        loop_failures_total: IntCounterVec["loop"],
        /// Attempts to deliver a webhook, by how they ended: taken, again, given_up, disabled.
        webhooks_total: IntCounterVec["outcome"],
        /// Requests over HTTP.
        http_requests_total: IntCounterVec["method", "route", "status"],
        /// Seconds until the answer to a request over HTTP began.
        http_request_seconds: HistogramVec["route"],
        /// Calls over gRPC, by method and status code.
        grpc_requests_total: IntCounterVec["method", "code"],
    }
}
