use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use url::Url;

/// Which storage may be used, and how. The same keys as in the configuration file; what is left out has its default.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ObjectsConfig {
    /// How S3 is reached.
    pub s3: S3Config,
    /// The folders, absolute, in which `file://` locations may lie. None by default: `file://` is refused.
    pub local_roots: Vec<PathBuf>,
}

/// How S3, or a server that speaks its protocol, is reached.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct S3Config {
    /// The server's address, such as `http://garage:3900`; left out for AWS.
    #[serde(deserialize_with = "http_url")]
    pub endpoint_url: Option<Url>,
    /// A file of certificates, PEM, that vouch for a server on `https://`, beside those that the system knows.
    pub ca_file: Option<PathBuf>,
    /// The region. Left out: from the environment, the AWS profile or the instance; `us-east-1` with an `endpoint_url`.
    pub region: Option<String>,
    /// The access key. Left out: the AWS default chain (environment, profile, web identity, container, instance).
    pub access_key_id: Option<String>,
    /// The secret that belongs to `access_key_id`.
    pub secret_access_key: Option<Secret>,
    /// Whether the bucket is in the path (`http://host/bucket/key`) rather than in the host name. Left out: yes with an
    /// `endpoint_url`, no for AWS.
    pub force_path_style: Option<bool>,
    /// `aws` adds the integrity checksums that AWS has asked for since 2025; `generic` leaves them out for servers that
    /// stumble over them.
    pub compat: Compat,
    /// How long a connection may take to be made, in seconds.
    pub connect_timeout_seconds: NonZeroU32,
    /// How long one attempt at a request may take, in seconds, the transfer of the object included. A whole request
    /// takes at most this times one more than `retries`.
    pub attempt_timeout_seconds: NonZeroU32,
    /// How often a request is tried again after a fault of the storage or the network.
    pub retries: u32,
    /// How many requests this process has under way at once, over all buckets.
    pub max_concurrent_requests: NonZeroU32,
}

/// `garage:3900` is a URL too, of the scheme `garage`.
fn http_url<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Url>, D::Error> {
    let text = String::deserialize(from)?;
    match Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(Some(url)),
        _ => Err(D::Error::custom(format!(
            "`{text}` is no address: write http://host:port or https://host"
        ))),
    }
}

impl Default for S3Config {
    fn default() -> Self {
        Self {
            endpoint_url: None,
            ca_file: None,
            region: None,
            access_key_id: None,
            secret_access_key: None,
            force_path_style: None,
            compat: Compat::Aws,
            connect_timeout_seconds: const { NonZeroU32::new(3).expect("3 is not 0") },
            attempt_timeout_seconds: const { NonZeroU32::new(30).expect("30 is not 0") },
            retries: 4,
            max_concurrent_requests: const { NonZeroU32::new(64).expect("64 is not 0") },
        }
    }
}

impl S3Config {
    pub(crate) fn connect_timeout(&self) -> Duration {
        Duration::from_secs(self.connect_timeout_seconds.get().into())
    }

    pub(crate) fn attempt_timeout(&self) -> Duration {
        Duration::from_secs(self.attempt_timeout_seconds.get().into())
    }

    /// The time for a whole request with its retries.
    pub(crate) fn request_timeout(&self) -> Duration {
        self.attempt_timeout().saturating_mul(self.retries.saturating_add(1))
    }
}

/// Which dialect of the protocol is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compat {
    /// As AWS: a checksum with every upload, checked on every download.
    #[default]
    Aws,
    /// As older and smaller servers: no checksum that the protocol does not require.
    Generic,
}

/// Text that never shows in logs.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_configuration_is_the_default() {
        let config: ObjectsConfig = toml::from_str("").unwrap();
        assert_eq!(format!("{config:?}"), format!("{:?}", ObjectsConfig::default()));
    }

    #[test]
    fn every_key_is_read_and_the_secret_does_not_show() {
        let config: ObjectsConfig = toml::from_str(
            r#"
            local_roots = ["/photos"]
            [s3]
            endpoint_url = "http://127.0.0.1:3900"
            region = "garage"
            access_key_id = "GK1"
            secret_access_key = "hunter2"
            force_path_style = true
            compat = "generic"
            connect_timeout_seconds = 1
            attempt_timeout_seconds = 2
            retries = 0
            max_concurrent_requests = 3
            "#,
        )
        .unwrap();
        assert_eq!(config.s3.compat, Compat::Generic);
        assert_eq!(config.s3.secret_access_key.as_ref().unwrap().reveal(), "hunter2");
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn what_can_not_work_is_refused_with_its_key() {
        for (text, named) in [
            ("s3.bucket = 'x'", "bucket"),
            ("local_root = []", "local_root"),
            ("s3.compat = 'minio'", "minio"),
            ("s3.max_concurrent_requests = 0", "max_concurrent_requests"),
            ("s3.endpoint_url = 'garage:3900'", "write http://host:port"),
        ] {
            let error = toml::from_str::<ObjectsConfig>(text).unwrap_err().to_string();
            assert!(error.contains(named), "{text}: {error}");
        }
    }
}
