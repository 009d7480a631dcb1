use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use url::Url;

/// What an exporter may be told. Every key has a default; unknown keys are errors. Seconds may have a fraction.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExporterConfig {
    /// Where metrics, health and readiness are served; they hold no secrets. Port 0 takes any that is free.
    pub listen: SocketAddr,
    /// The coordinator's REST address.
    pub coordinator_url: Url,
    /// The API key, where the coordinator asks for one: one with the role `monitor` does.
    pub api_key: Option<ApiKey>,
    /// A file of certificates, PEM, that vouch for the coordinator beside those that the system knows.
    pub ca_file: Option<PathBuf>,
    /// The pool of workers whose queue is looked at.
    pub pool: String,
    /// How often the coordinator and the broker are asked.
    pub poll_seconds: f64,
    /// How long each may take to answer.
    pub timeout_seconds: f64,
    /// How many photos one worker finishes in a second; measure it with `cargo xtask bench`.
    pub worker_tasks_per_second: f64,
    /// In how many seconds the backlog should be worked off.
    pub target_drain_seconds: f64,
    /// The fewest workers ever wanted.
    pub min_workers: u32,
    /// The most workers ever wanted.
    pub max_workers: u32,
}

impl Default for ExporterConfig {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 8083).into(),
            coordinator_url: Url::parse("http://127.0.0.1:8080").expect("it is written here"),
            api_key: None,
            ca_file: None,
            pool: "default".to_owned(),
            poll_seconds: 5.0,
            timeout_seconds: 3.0,
            worker_tasks_per_second: 1.0,
            target_drain_seconds: 600.0,
            min_workers: 0,
            max_workers: 10,
        }
    }
}

/// A key that is not printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct ApiKey(String);

impl ApiKey {
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for ApiKey {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// A setting that can't work.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{key} is {value}, but must be {rule}")]
pub struct ConfigError {
    /// The setting.
    pub key: &'static str,
    /// What it was set to.
    pub value: String,
    /// What it may be.
    pub rule: &'static str,
}

impl ExporterConfig {
    /// Refuses what can't work.
    ///
    /// # Errors
    /// The first setting that is out of its range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let positive = [
            ("poll_seconds", self.poll_seconds),
            ("timeout_seconds", self.timeout_seconds),
            ("worker_tasks_per_second", self.worker_tasks_per_second),
            ("target_drain_seconds", self.target_drain_seconds),
        ];
        for (key, value) in positive {
            if !(value > 0.0 && value <= 1e6) {
                let rule = "above 0 and at most 1000000";
                return Err(ConfigError {
                    key,
                    value: value.to_string(),
                    rule,
                });
            }
        }
        if self.min_workers > self.max_workers {
            let (key, value, rule) = ("min_workers", self.min_workers.to_string(), "at most max_workers");
            return Err(ConfigError { key, value, rule });
        }
        if !matches!(self.coordinator_url.scheme(), "http" | "https") {
            let (key, value, rule) = (
                "coordinator_url",
                self.coordinator_url.to_string(),
                "http:// or https://",
            );
            return Err(ConfigError { key, value, rule });
        }
        Ok(())
    }

    pub(crate) fn poll_every(&self) -> Duration {
        Duration::from_secs_f64(self.poll_seconds)
    }

    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs_f64(self.timeout_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid_and_what_can_not_work_is_refused_by_name() {
        assert_eq!(ExporterConfig::default().validate(), Ok(()));
        type Spoil = fn(&mut ExporterConfig);
        let spoilt: [(&str, Spoil); 4] = [
            ("poll_seconds", |c| c.poll_seconds = 0.0),
            ("worker_tasks_per_second", |c| c.worker_tasks_per_second = f64::INFINITY),
            ("min_workers", |c| c.min_workers = 11),
            ("coordinator_url", |c| {
                c.coordinator_url = "ftp://coordinator".parse().unwrap();
            }),
        ];
        for (key, spoil) in spoilt {
            let mut config = ExporterConfig::default();
            spoil(&mut config);
            assert_eq!(config.validate().unwrap_err().key, key);
        }
    }
}
