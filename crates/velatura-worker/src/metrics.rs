use velatura_telemetry::{Described, metrics};

/// What a worker measures, by name.
pub const METRICS: &[Described] = WorkerMetrics::DESCRIBED;

metrics! {
    /// What a worker measures of itself.
    pub struct WorkerMetrics in "velatura_worker_" {
        /// Attempts that ended, by outcome: done, skipped, retry, failed, not_tried.
        attempts_total: IntCounterVec["outcome"],
        /// Attempts that went wrong, by error code.
        faults_total: IntCounterVec["code"],
        /// Pictures stored.
        pictures_total: IntCounter,
        /// Bytes of photos fetched.
        fetched_bytes_total: IntCounter,
        /// Bytes of pictures stored.
        stored_bytes_total: IntCounter,
        /// Seconds that an attempt spent in a stage, waiting excluded.
        stage_seconds: HistogramVec["stage"],
        /// Seconds that an attempt waited before a stage.
        stage_wait_seconds: HistogramVec["stage"],
        /// Attempts in a stage now; divided by its width this is the stage's busy share.
        stage_busy: IntGaugeVec["stage"],
        /// How many attempts fit in a stage at once.
        stage_width: IntGaugeVec["stage"],
        /// Attempts under way.
        in_flight: IntGauge,
        /// Decoded pixels in memory now.
        decoded_pixels: IntGauge,
        /// 1 for the device asked for, the provider that really runs the networks, and the pack.
        provider_info: IntGaugeVec["device", "provider", "pack"],
    }
}
