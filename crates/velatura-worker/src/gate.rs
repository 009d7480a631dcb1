use std::future::Future;
use std::time::Instant;

use tokio::sync::Semaphore;
use velatura_telemetry::{Histogram, IntGauge};

use crate::WorkerMetrics;

/// A stage of the pipeline: so many may be in it at once, the others wait before it, in order.
///
/// Waiting before a stage is the back pressure: what waits holds nothing but what the stages before it made.
#[derive(Debug)]
pub(crate) struct Gate {
    places: Semaphore,
    seconds: Histogram,
    wait_seconds: Histogram,
    busy: IntGauge,
}

impl Gate {
    pub(crate) fn new(stage: &str, width: usize, metrics: &WorkerMetrics) -> Self {
        metrics
            .stage_width
            .with_label_values(&[stage])
            .set(i64::try_from(width).unwrap_or(i64::MAX));
        Self {
            places: Semaphore::new(width),
            seconds: metrics.stage_seconds.with_label_values(&[stage]),
            wait_seconds: metrics.stage_wait_seconds.with_label_values(&[stage]),
            busy: metrics.stage_busy.with_label_values(&[stage]),
        }
    }

    /// Waits for a place, then works in it.
    pub(crate) async fn pass<T>(&self, work: impl Future<Output = T>) -> T {
        let came = Instant::now();
        let _place = self.places.acquire().await.expect("a gate is never closed");
        self.wait_seconds.observe(came.elapsed().as_secs_f64());
        let _busy = Busy::new(&self.busy);
        let began = Instant::now();
        let done = work.await;
        self.seconds.observe(began.elapsed().as_secs_f64());
        done
    }
}

/// Counts itself in a gauge, also when its future is dropped half-way.
pub(crate) struct Busy<'a>(&'a IntGauge);

impl<'a> Busy<'a> {
    pub(crate) fn new(gauge: &'a IntGauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}
