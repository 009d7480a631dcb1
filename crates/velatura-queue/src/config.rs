use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::QueueError;
use crate::address::{BrokerUrl, ManagementUrl};

/// Where the broker is and how long to wait for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QueueConfig {
    /// Brokers of one cluster, tried in turn: `amqp://user:password@host:5672/vhost`, or `amqps://` for TLS. Characters
    /// that have a meaning in a URL are written as `%xx`; no vhost means `/`.
    pub urls: Vec<BrokerUrl>,
    /// The management API, `http://host:15672` or `https://`. With it, policies are applied at start-up and depths
    /// include what is with consumers. Without a user in it, that of the first broker is taken.
    pub management_url: Option<ManagementUrl>,
    /// A file of certificates, PEM, that vouch for brokers on `amqps://` and for the management API on `https://`, beside
    /// those that the system knows.
    pub ca_file: Option<PathBuf>,
    /// How long a message may take from `publish` to the broker's confirmation, and any other request to its answer.
    /// 1 to 600.
    pub publish_timeout_seconds: u64,
    /// How long one attempt to connect may take. 1 to 600.
    pub connect_timeout_seconds: u64,
    /// A connection that is silent for twice as long is lost. 1 to 600.
    pub heartbeat_seconds: u16,
    /// How this process is called in the broker's management pages.
    pub connection_name: String,
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self {
            urls: vec![BrokerUrl::local()],
            management_url: None,
            ca_file: None,
            publish_timeout_seconds: 10,
            connect_timeout_seconds: 5,
            heartbeat_seconds: 10,
            connection_name: "velatura".to_owned(),
        }
    }
}

impl QueueConfig {
    pub(crate) fn validate(&self) -> Result<(), QueueError> {
        if self.urls.is_empty() {
            let reason = "at least one broker is needed, such as amqp://user:password@host:5672".to_owned();
            return Err(QueueError::Config { key: "urls", reason });
        }
        let times = [
            ("publish_timeout_seconds", self.publish_timeout_seconds),
            ("connect_timeout_seconds", self.connect_timeout_seconds),
            ("heartbeat_seconds", u64::from(self.heartbeat_seconds)),
        ];
        for (key, seconds) in times {
            if !(1..=600).contains(&seconds) {
                return Err(QueueError::Config {
                    key,
                    reason: format!("{seconds} is not within 1 to 600"),
                });
            }
        }
        Ok(())
    }

    /// The certificates of `ca_file`, PEM.
    pub(crate) fn authorities(&self) -> Result<Option<String>, QueueError> {
        let Some(path) = &self.ca_file else { return Ok(None) };
        let wrong = |reason: String| QueueError::Config {
            key: "ca_file",
            reason: format!("{}: {reason}", path.display()),
        };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        match text.contains("-----BEGIN CERTIFICATE-----") {
            true => Ok(Some(text)),
            false => Err(wrong("there is no certificate in it, PEM is expected".to_owned())),
        }
    }

    pub(crate) fn publish_timeout(&self) -> Duration {
        Duration::from_secs(self.publish_timeout_seconds)
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        Duration::from_secs(self.connect_timeout_seconds)
    }
}
