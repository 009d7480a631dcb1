use std::fmt::Display;
use std::future::Future;
use std::time::Instant;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use velatura_telemetry::{Condition, Registry};

use crate::ExporterConfig;
use crate::latest::Latest;
use crate::metrics::Own;
use crate::sources::{Coordinator, Depths};

/// Asks every source again and again.
pub(crate) struct Poller {
    pub(crate) config: ExporterConfig,
    pub(crate) coordinator: Coordinator,
    pub(crate) broker: Option<Depths>,
    pub(crate) latest: Latest,
    pub(crate) own: Own,
    /// Holds once everyone has been asked. A source that is away is a metric, not a reason to be taken out of service:
    /// who else would tell?
    pub(crate) polled: Condition,
}

impl Poller {
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut ticks = interval(self.config.poll_every());
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            tokio::join!(self.poll_coordinator(), self.poll_broker());
            self.polled.holds();
        }
    }

    async fn poll_coordinator(&self) {
        let answer = self.measured("coordinator", self.coordinator.ask(&self.config)).await;
        self.latest.coordinator(answer);
    }

    async fn poll_broker(&self) {
        if let Some(broker) = &self.broker {
            let answer = self.measured("broker", broker.ask()).await;
            self.latest.broker(answer);
        }
    }

    async fn measured<E: Display>(
        &self,
        source: &'static str,
        ask: impl Future<Output = Result<Registry, E>>,
    ) -> Option<Registry> {
        let begun = Instant::now();
        let answer = ask.await;
        let seconds = begun.elapsed().as_secs_f64();
        self.own.poll_seconds.with_label_values(&[source]).observe(seconds);
        let up = self.own.up.with_label_values(&[source]);
        match answer {
            Ok(answer) => {
                up.set(1);
                Some(answer)
            }
            Err(error) => {
                up.set(0);
                self.own.poll_failures_total.with_label_values(&[source]).inc();
                tracing::warn!(source, %error, "a source is away");
                None
            }
        }
    }
}
