use velatura_telemetry::{Described, metrics};

/// What an exporter measures, by name and by whom it asks.
pub const METRICS: [&[Described]; 3] = [Own::DESCRIBED, FromCoordinator::DESCRIBED, FromBroker::DESCRIBED];

metrics! {
    /// What the exporter says of itself, always.
    pub(crate) struct Own in "velatura_exporter_" {
        /// Whether a source answered when it was last asked: 1 or 0. With 0, everything that comes from it is left out.
        up: IntGaugeVec["source"],
        /// Times that a source was asked and did not answer.
        poll_failures_total: IntCounterVec["source"],
        /// Seconds that a source took to answer.
        poll_seconds: HistogramVec["source"],
    }
}

metrics! {
    /// What the coordinator said.
    pub(crate) struct FromCoordinator in "velatura_" {
        /// Tasks that have not ended: pending in the ledger, or dispatched to the broker and workers.
        backlog_tasks: IntGaugeVec["state"],
        /// Jobs that have not ended.
        open_jobs: IntGauge,
        /// Seconds since the oldest unfinished task came; 0 when there is none.
        oldest_task_age_seconds: Gauge,
        /// Tasks that ended in a second, over the last minute.
        tasks_ended_per_second: Gauge,
        /// Seconds until the backlog is worked off, at the present rate or that of one worker, whichever is higher.
        drain_seconds: Gauge,
        /// Seconds within which the backlog should be worked off, as configured.
        drain_target_seconds: Gauge,
        /// Workers that would work the backlog off within the target, within their bounds.
        workers_wanted: IntGauge,
    }
}

metrics! {
    /// What the broker said.
    pub(crate) struct FromBroker in "velatura_" {
        /// Messages in a queue: ready for a consumer, or unacked with one.
        queue_messages: IntGaugeVec["queue", "state"],
        /// Alarms of the broker's nodes: while there is one, nothing can be published.
        broker_alarms: IntGaugeVec["resource"],
    }
}
