use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::WebhookSettings;
use crate::backoff::Backoff;

/// What a coordinator may be told. Every key has a default; unknown keys are errors. Seconds may have a fraction.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CoordinatorConfig {
    /// Where REST, health, readiness and metrics are served. Port 0 takes any that is free.
    pub listen: SocketAddr,
    /// Where gRPC is served.
    pub grpc_listen: SocketAddr,
    /// A certificate with those between it and its CA, PEM: both are served over TLS.
    pub tls_certificate: Option<PathBuf>,
    /// Its key, PEM.
    pub tls_key: Option<PathBuf>,
    /// Whether callers have to show an API key.
    pub access: Access,
    /// Serves addresses other than loopback with access off, although nobody has to say who they are. For networks that are closed by
    /// other means.
    pub allow_unauthenticated_remote: bool,
    /// How webhooks are delivered.
    pub webhooks: WebhookSettings,
    /// The pool of workers that gets the tasks: 1 to 32 of a-z, 0-9 and -.
    pub pool: String,
    /// The most tasks that are in the broker and in workers at once. Never below the workers' prefetch, all together.
    pub window_tasks: u32,
    /// The same for tasks that somebody waits for: interactive jobs and samples.
    pub interactive_window_tasks: u32,
    /// The most photos that an interactive job may name.
    pub interactive_max_photos: u32,
    /// Attempts after which a task that asked for another one has failed.
    pub max_attempts: u32,
    /// The longest wait after a first failed attempt; it doubles with every further one.
    pub retry_base_seconds: f64,
    /// The longest wait after any failed attempt.
    pub retry_cap_seconds: f64,
    /// How long after its dispatch a task that the broker no longer holds is taken for lost and tried anew. Above the
    /// longest time that one photo takes.
    pub lease_seconds: f64,
    /// How long after its last sign of life another coordinator follows the leader, who gives one every third of it.
    pub leader_lease_seconds: f64,
    /// Takes back at start what was dispatched before: for a broker that does not outlive this process.
    pub reclaim_at_start: bool,
    /// How long the loops sleep when nothing wakes them; the longest that a due retry waits for its dispatch.
    pub tick_seconds: f64,
    /// Objects that are listed and recorded at a time: 1 to 1000.
    pub page_objects: u32,
    /// The most objects that a submission may name one by one.
    pub max_objects: u32,
    /// The largest request that is read.
    pub max_body_bytes: u32,
    /// Where photos that come with a request to `/v1/paint` lie, and the pictures of such requests: `s3://bucket/prefix` or
    /// `file:///folder`, readable and writable for workers too. Empty: there is no `/v1/paint`.
    pub staging: String,
    /// How long they are kept there.
    pub staging_seconds: f64,
    /// The largest photo that a request may bring.
    pub max_photo_bytes: u32,
    /// The share of failures above which the breaker pauses a job, 0 to 1; 1 never does.
    pub breaker_share: f64,
    /// The breaker looks at this many ended tasks of a job, counted from its start or from its last resume.
    pub breaker_first_tasks: u64,
    /// The breaker says nothing before this many tasks have ended.
    pub breaker_min_tasks: u64,
    /// Key ranges of one prefix that are listed at the same time, where it turns out to be long: 1 to 64.
    pub listing_ranges: u32,
    /// The most photos of one job.
    pub max_job_photos: u64,
    /// The largest manifest that is read, as it lies in storage; an inventory's files each.
    pub max_manifest_bytes: u64,
    /// The largest manifest that is taken over REST; larger ones are put into storage and named.
    pub max_upload_bytes: u32,
    /// How long a dry run looks through its source.
    pub dry_run_seconds: f64,
    /// How many days after a job's end its tasks are kept, if it does not say; 0 keeps them for ever. The job itself and
    /// its report stay.
    pub retention_days: u32,
    /// How long the loops may take to finish what they have in hand when told to stop.
    pub grace_seconds: f64,
}

/// Whether callers have to say who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Anyone who reaches the address may do everything: for loopback.
    #[default]
    Off,
    /// Every request shows an API key, which says for whom it acts and what it may.
    Keys,
}

impl Default for CoordinatorConfig {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 8080).into(),
            grpc_listen: (Ipv4Addr::LOCALHOST, 8081).into(),
            tls_certificate: None,
            tls_key: None,
            access: Access::Off,
            allow_unauthenticated_remote: false,
            webhooks: WebhookSettings::default(),
            pool: "default".to_owned(),
            window_tasks: 1000,
            interactive_window_tasks: 64,
            interactive_max_photos: 100,
            max_attempts: 5,
            retry_base_seconds: 2.0,
            retry_cap_seconds: 300.0,
            lease_seconds: 900.0,
            leader_lease_seconds: 6.0,
            reclaim_at_start: false,
            tick_seconds: 1.0,
            page_objects: 1000,
            max_objects: 10_000,
            max_body_bytes: 8 * 1024 * 1024,
            staging: String::new(),
            staging_seconds: 3600.0,
            max_photo_bytes: 64 * 1024 * 1024,
            breaker_share: 0.5,
            breaker_first_tasks: 1000,
            breaker_min_tasks: 20,
            listing_ranges: 8,
            max_job_photos: 100_000_000,
            max_manifest_bytes: 16 << 30,
            max_upload_bytes: 64 << 20,
            dry_run_seconds: 20.0,
            retention_days: 90,
            grace_seconds: 20.0,
        }
    }
}

/// A setting that can't work.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{key} is {value}, but must be {rule}")]
pub struct ConfigError {
    /// The setting.
    pub key: &'static str,
    /// What it was set to.
    pub value: f64,
    /// What it may be.
    pub rule: &'static str,
}

impl CoordinatorConfig {
    /// Refuses what can't work.
    ///
    /// # Errors
    /// The first setting that is out of its range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        const POSITIVE: &str = "above 0 and at most a year";
        const COUNT: &str = "at least 1";
        let year = 365.0 * 86_400.0;
        let seconds = |value: f64| value > 0.0 && value <= year;
        let rules: [(&'static str, f64, bool, &'static str); 23] = [
            ("window_tasks", self.window_tasks.into(), self.window_tasks >= 1, COUNT),
            (
                "interactive_window_tasks",
                self.interactive_window_tasks.into(),
                self.interactive_window_tasks >= 1,
                COUNT,
            ),
            (
                "interactive_max_photos",
                self.interactive_max_photos.into(),
                (1..=1000).contains(&self.interactive_max_photos),
                "1 to 1000",
            ),
            (
                "max_attempts",
                self.max_attempts.into(),
                (1..=velatura_ledger::MOST_ATTEMPTS).contains(&self.max_attempts),
                "1 to 999",
            ),
            (
                "retry_base_seconds",
                self.retry_base_seconds,
                seconds(self.retry_base_seconds),
                POSITIVE,
            ),
            (
                "retry_cap_seconds",
                self.retry_cap_seconds,
                seconds(self.retry_cap_seconds),
                POSITIVE,
            ),
            (
                "lease_seconds",
                self.lease_seconds,
                seconds(self.lease_seconds),
                POSITIVE,
            ),
            (
                "leader_lease_seconds",
                self.leader_lease_seconds,
                (1.0..=60.0).contains(&self.leader_lease_seconds),
                "1 to 60",
            ),
            (
                "staging_seconds",
                self.staging_seconds,
                seconds(self.staging_seconds),
                POSITIVE,
            ),
            (
                "max_photo_bytes",
                self.max_photo_bytes.into(),
                self.max_photo_bytes >= 1024,
                "at least 1024",
            ),
            ("tick_seconds", self.tick_seconds, seconds(self.tick_seconds), POSITIVE),
            (
                "grace_seconds",
                self.grace_seconds,
                seconds(self.grace_seconds),
                POSITIVE,
            ),
            (
                "page_objects",
                self.page_objects.into(),
                (1..=1000).contains(&self.page_objects),
                "1 to 1000",
            ),
            ("max_objects", self.max_objects.into(), self.max_objects >= 1, COUNT),
            (
                "max_body_bytes",
                self.max_body_bytes.into(),
                self.max_body_bytes >= 1024,
                "at least 1024",
            ),
            (
                "breaker_share",
                self.breaker_share,
                (0.0..=1.0).contains(&self.breaker_share),
                "0 to 1",
            ),
            (
                "breaker_min_tasks",
                self.breaker_min_tasks as f64,
                (1..=self.breaker_first_tasks).contains(&self.breaker_min_tasks),
                "at least 1 and at most breaker_first_tasks",
            ),
            (
                "listing_ranges",
                self.listing_ranges.into(),
                (1..=64).contains(&self.listing_ranges),
                "1 to 64",
            ),
            (
                "max_job_photos",
                self.max_job_photos as f64,
                self.max_job_photos >= 1,
                COUNT,
            ),
            (
                "webhooks.timeout_seconds",
                self.webhooks.timeout_seconds,
                seconds(self.webhooks.timeout_seconds),
                POSITIVE,
            ),
            (
                "webhooks.retry_seconds",
                self.webhooks
                    .retry_seconds
                    .iter()
                    .copied()
                    .find(|wait| !seconds(*wait))
                    .unwrap_or(1.0),
                self.webhooks.retry_seconds.iter().copied().all(seconds),
                POSITIVE,
            ),
            (
                "dry_run_seconds",
                self.dry_run_seconds,
                self.dry_run_seconds > 0.0 && self.dry_run_seconds <= 600.0,
                "above 0 and at most 600",
            ),
            (
                "retention_days",
                self.retention_days.into(),
                self.retention_days <= 36_500,
                "at most 36500",
            ),
        ];
        match rules.into_iter().find(|(_, _, holds, _)| !holds) {
            Some((key, value, _, rule)) => Err(ConfigError { key, value, rule }),
            None => Ok(()),
        }
    }

    pub(crate) fn tick(&self) -> Duration {
        Duration::from_secs_f64(self.tick_seconds)
    }

    pub(crate) fn lease(&self) -> Duration {
        Duration::from_secs_f64(self.lease_seconds)
    }

    pub(crate) fn grace(&self) -> Duration {
        Duration::from_secs_f64(self.grace_seconds)
    }

    /// How long a failed attempt of a task waits for the next one.
    pub(crate) fn retry(&self) -> Backoff {
        Backoff {
            base: Duration::from_secs_f64(self.retry_base_seconds),
            cap: Duration::from_secs_f64(self.retry_cap_seconds),
        }
    }

    /// How long a loop waits for a broker, ledger or storage that is away: from a tick to half a minute.
    pub(crate) fn outage(&self) -> Backoff {
        Backoff {
            base: self.tick(),
            cap: self.tick().max(Duration::from_secs(30)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid_and_loopback() {
        let config = CoordinatorConfig::default();
        assert_eq!(config.validate(), Ok(()));
        assert!(config.listen.ip().is_loopback() && config.grpc_listen.ip().is_loopback());
    }

    #[test]
    fn what_can_not_work_is_refused_by_name() {
        type Spoil = fn(&mut CoordinatorConfig);
        let spoilt: [(&str, Spoil); 5] = [
            ("window_tasks", |c| c.window_tasks = 0),
            ("retry_base_seconds", |c| c.retry_base_seconds = f64::NAN),
            ("page_objects", |c| c.page_objects = 1001),
            ("breaker_share", |c| c.breaker_share = 1.5),
            ("breaker_min_tasks", |c| c.breaker_min_tasks = 2000),
        ];
        for (key, spoil) in spoilt {
            let mut config = CoordinatorConfig::default();
            spoil(&mut config);
            assert_eq!(config.validate().unwrap_err().key, key);
        }
    }

    #[test]
    fn unknown_keys_are_errors() {
        let error = serde_json::from_str::<CoordinatorConfig>(r#"{"window": 5}"#).unwrap_err();
        assert!(error.to_string().contains("window"), "{error}");
    }
}
