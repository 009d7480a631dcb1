use std::time::Duration;

use serde::Deserialize;

use super::Network;

/// How webhooks are delivered: section `[coordinator.webhooks]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookSettings {
    /// Networks beside the public internet that may be called, also without TLS: `10.0.0.0/8`.
    pub networks: Vec<Network>,
    /// How long one delivery may take.
    pub timeout_seconds: f64,
    /// How long each further attempt waits after the one before it failed; after the last of them it is given up.
    pub retry_seconds: Vec<f64>,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self {
            networks: Vec::new(),
            timeout_seconds: 15.0,
            // The specification's own: a little over a day.
            retry_seconds: vec![5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 36_000.0],
        }
    }
}

impl WebhookSettings {
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs_f64(self.timeout_seconds)
    }

    /// How long to wait after `attempt`, counted from 1, has failed; `None` when it was the last. Up to a tenth is added,
    /// so that what failed together does not come back together.
    pub(super) fn wait(&self, attempt: u32, random: f64) -> Option<Duration> {
        let seconds = self.retry_seconds.get(attempt.saturating_sub(1) as usize)?;
        Some(Duration::from_secs_f64(seconds * (1.0 + random.clamp(0.0, 1.0) / 10.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_default_it_tries_for_a_day_and_then_gives_up() {
        let settings = WebhookSettings::default();
        let waits: Vec<Duration> = (1..).map_while(|attempt| settings.wait(attempt, 0.0)).collect();
        assert_eq!(waits.len(), 7);
        assert!(waits.iter().sum::<Duration>() > Duration::from_secs(24 * 3600));
        assert!(settings.wait(1, 1.0).unwrap() > waits[0]);
    }
}
