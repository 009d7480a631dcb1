//! Addresses that hold a password and never show it.

use std::fmt;
use std::str::FromStr;

use lapin::uri::AMQPUri;
use serde::Deserialize;
use url::{Host, Url};

use crate::QueueError;

/// An AMQP address. It is shown without its password.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BrokerUrl {
    uri: AMQPUri,
}

impl BrokerUrl {
    pub(crate) fn local() -> Self {
        Self {
            uri: AMQPUri::default(),
        }
    }

    pub(crate) fn uri(&self) -> &AMQPUri {
        &self.uri
    }

    pub(crate) fn user(&self) -> &str {
        &self.uri.authority.userinfo.username
    }

    pub(crate) fn password(&self) -> &str {
        &self.uri.authority.userinfo.password
    }

    pub(crate) fn vhost(&self) -> &str {
        &self.uri.vhost
    }
}

impl FromStr for BrokerUrl {
    type Err = QueueError;

    fn from_str(text: &str) -> Result<Self, QueueError> {
        // What the parsers say may quote the address and, with it, the password.
        let invalid = || QueueError::Config {
            key: "urls",
            reason:
                "a broker's address must look like amqp://user:password@host:5672/vhost, with special characters in \
                     user, password and vhost written as %xx"
                    .to_owned(),
        };
        let url = Url::parse(text).map_err(|_| invalid())?;
        let mut uri: AMQPUri = text.parse().map_err(|_| invalid())?;
        match url.host() {
            // The AMQP parser takes an IPv6 address for a missing host.
            Some(Host::Ipv6(address)) => uri.authority.host = address.to_string(),
            Some(_) => {}
            None => return Err(invalid()),
        }
        if uri.vhost.is_empty() {
            // By the letter `amqp://host/` names a vhost without a name; nobody has one or means it.
            "/".clone_into(&mut uri.vhost);
        }
        Ok(Self { uri })
    }
}

impl TryFrom<String> for BrokerUrl {
    type Error = QueueError;

    fn try_from(text: String) -> Result<Self, QueueError> {
        text.parse()
    }
}

impl fmt::Display for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AMQPUri {
            scheme,
            authority,
            vhost,
            ..
        } = &self.uri;
        let host = if authority.host.contains(':') {
            format!("[{}]", authority.host)
        } else {
            authority.host.clone()
        };
        write!(f, "{scheme}://{}@{host}:{}", self.user(), authority.port)?;
        if vhost == "/" { Ok(()) } else { write!(f, "/{vhost}") }
    }
}

impl fmt::Debug for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The address of RabbitMQ's management API. It is shown without its password.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ManagementUrl {
    url: Url,
}

impl ManagementUrl {
    /// The address itself, password included.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }
}

impl FromStr for ManagementUrl {
    type Err = QueueError;

    fn from_str(text: &str) -> Result<Self, QueueError> {
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(Self { url }),
            _ => Err(QueueError::Config {
                key: "management_url",
                reason: "the management API's address must look like http://host:15672".to_owned(),
            }),
        }
    }
}

impl TryFrom<String> for ManagementUrl {
    type Error = QueueError;

    fn try_from(text: String) -> Result<Self, QueueError> {
        text.parse()
    }
}

impl fmt::Display for ManagementUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.url.clone();
        // Can't fail: an http address with a host may have a password, or none.
        let _ = shown.set_password(None);
        f.write_str(shown.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for ManagementUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
