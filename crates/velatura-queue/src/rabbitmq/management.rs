//! RabbitMQ's management API: what AMQP can't do.

use std::time::Duration;

use reqwest::{Certificate, Client, Method, RequestBuilder, StatusCode};
use serde::Deserialize;
use url::Url;

use crate::address::ManagementUrl;
use crate::{Depth, QueueConfig, QueueError, QueueName};

const TIMEOUT: Duration = Duration::from_secs(5);

/// RabbitMQ's management API.
#[derive(Clone)]
pub(super) struct Management {
    client: Client,
    shown: ManagementUrl,
    base: Url,
    user: String,
    password: String,
    vhost: String,
}

/// Why it refuses.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    reason: String,
}

#[derive(Deserialize)]
struct Queue {
    messages_ready: Option<u64>,
    messages_unacknowledged: Option<u64>,
}

impl Management {
    /// `None` when the configuration names no management API.
    pub(super) fn new(config: &QueueConfig) -> Result<Option<Self>, QueueError> {
        let Some(shown) = config.management_url.clone() else {
            return Ok(None);
        };
        // Whoever installed one before has chosen; ours is ring.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = Client::builder().timeout(TIMEOUT);
        if let Some(authorities) = config.authorities()? {
            let certificates = Certificate::from_pem_bundle(authorities.as_bytes());
            client = client.tls_certs_merge(certificates.map_err(|error| QueueError::Config {
                key: "ca_file",
                reason: error.to_string(),
            })?);
        }
        // Also for an address without TLS it wants to know whom to trust, since it could be led on to one with.
        let client = client.build().map_err(|error| QueueError::Config {
            key: "management_url",
            reason: format!(
                "no HTTP client can be made on this machine ({}): install its CA certificates (the package \
                 ca-certificates), or name a file of them in SSL_CERT_FILE",
                innermost(&error)
            ),
        })?;
        let broker = &config.urls[0];
        let url = shown.url();
        let (user, password) = match (decoded(url.username()), url.password()) {
            (user, Some(password)) if !user.is_empty() => (user, decoded(password)),
            _ => (broker.user().to_owned(), broker.password().to_owned()),
        };
        let mut base = url.clone();
        // Can't fail: an http address with a host may have a user, or none.
        let _ = base.set_username("").and_then(|()| base.set_password(None));
        Ok(Some(Self {
            client,
            shown,
            base,
            user,
            password,
            vhost: broker.vhost().to_owned(),
        }))
    }

    pub(super) fn vhost(&self) -> &str {
        &self.vhost
    }

    /// What waits and what is with consumers, as of the last few seconds.
    pub(super) async fn depth(&self, queue: &QueueName) -> Result<Depth, QueueError> {
        let request = self.request(Method::GET, &["queues", &self.vhost, &queue.to_string()]);
        let Some(response) = self.send(request).await? else {
            return Err(QueueError::Missing { queue: queue.clone() });
        };
        let counts: Queue = response.json().await.map_err(|error| self.unavailable(&error))?;
        match counts.messages_ready {
            Some(ready) => Ok(Depth {
                ready,
                unacked: counts.messages_unacknowledged,
            }),
            // A queue that was made a moment ago, or an API without statistics: unknown is not empty.
            None => Err(QueueError::Unavailable {
                reason: format!("{} has no statistics of {queue} yet", self.shown),
            }),
        }
    }

    /// A request to a path below `/api`, one piece a segment.
    pub(super) fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("api").extend(path);
        }
        self.client
            .request(method, url)
            .basic_auth(&self.user, Some(&self.password))
    }

    /// The response; `None` when there is no such thing.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Option<reqwest::Response>, QueueError> {
        self.send_expecting(request, StatusCode::OK).await
    }

    /// The same, with one more status that is as good as a success.
    pub(super) async fn send_expecting(
        &self,
        request: RequestBuilder,
        expected: StatusCode,
    ) -> Result<Option<reqwest::Response>, QueueError> {
        let response = request.send().await.map_err(|error| self.unavailable(&error))?;
        match response.status() {
            status if status == expected => Ok(Some(response)),
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(self.denied(response).await),
            status if status.is_success() => Ok(Some(response)),
            status => {
                let words = response.text().await.unwrap_or_default();
                Err(QueueError::Unavailable {
                    reason: format!("{} answers {status}: {words}", self.shown),
                })
            }
        }
    }

    async fn denied(&self, response: reqwest::Response) -> QueueError {
        let refusal: Refusal = response.json().await.unwrap_or_default();
        // Versions spell it differently; all say it of a wrong name or password alone.
        let login = ["login failed", "not_authorized", "not_authorised"];
        let remedy = if login.contains(&refusal.reason.to_lowercase().as_str()) {
            "correct user and password"
        } else {
            "give it the tag policymaker (rabbitmqctl set_user_tags) and access to the vhost"
        };
        QueueError::Denied {
            reason: format!(
                "{} does not let the user {:?} do this ({}): {remedy}",
                self.shown, self.user, refusal.reason
            ),
        }
    }

    pub(super) fn unavailable(&self, error: &reqwest::Error) -> QueueError {
        let cause = innermost(error);
        QueueError::Unavailable {
            reason: format!(
                "the management API {} can't be used ({cause}): correct management_url, or enable the plugin \
                 (rabbitmq-plugins enable rabbitmq_management)",
                self.shown
            ),
        }
    }
}

/// What lies behind an error: the client's own words say only what it did.
fn innermost(error: &reqwest::Error) -> String {
    let chain = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    chain.last().map(ToString::to_string).unwrap_or_default()
}

impl std::fmt::Display for Management {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.shown.fmt(f)
    }
}

impl std::fmt::Debug for Management {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Management").field(&self.shown).finish()
    }
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}
