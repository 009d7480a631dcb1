//! What AMQP can't do: policies, and the number of messages that are with consumers.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::address::ManagementUrl;
use crate::{Depth, QueueConfig, QueueError, QueueName};

const TIMEOUT: Duration = Duration::from_secs(5);

/// The same file that operators import by hand.
const POLICIES: &str = include_str!("../../../../deploy/rabbitmq/policies.json");

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

#[derive(Deserialize)]
struct Policies {
    policies: Vec<Policy>,
}

#[derive(Deserialize)]
struct Policy {
    name: String,
    #[serde(flatten)]
    rest: serde_json::Map<String, Value>,
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
        let client = Client::builder()
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| QueueError::Config {
                key: "management_url",
                reason: error.to_string(),
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

    /// Sets the policies of all queues of the system. Doing so again changes nothing.
    pub(super) async fn apply_policies(&self) -> Result<(), QueueError> {
        let Policies { policies } = serde_json::from_str(POLICIES).map_err(|error| QueueError::Config {
            key: "policies.json",
            reason: error.to_string(),
        })?;
        for Policy { name, mut rest } in policies {
            rest.remove("vhost");
            let request = self.request(Method::PUT, &["policies", &self.vhost, &name]).json(&rest);
            self.send(request).await?;
        }
        Ok(())
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

    fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("api").extend(path);
        }
        self.client
            .request(method, url)
            .basic_auth(&self.user, Some(&self.password))
    }

    /// The response; `None` when there is no such thing.
    async fn send(&self, request: RequestBuilder) -> Result<Option<reqwest::Response>, QueueError> {
        let response = request.send().await.map_err(|error| self.unavailable(&error))?;
        match response.status() {
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(QueueError::Denied {
                reason: format!(
                    "{} does not let the user {:?} do this: correct user and password, or give it the tag policymaker \
                     (rabbitmqctl set_user_tags)",
                    self.shown, self.user
                ),
            }),
            status if status.is_success() => Ok(Some(response)),
            status => {
                let words = response.text().await.unwrap_or_default();
                Err(QueueError::Unavailable {
                    reason: format!("{} answers {status}: {words}", self.shown),
                })
            }
        }
    }

    fn unavailable(&self, error: &reqwest::Error) -> QueueError {
        let cause = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source()).last();
        let cause = cause.map(ToString::to_string).unwrap_or_default();
        QueueError::Unavailable {
            reason: format!(
                "the management API {} can't be used ({cause}): correct management_url",
                self.shown
            ),
        }
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
