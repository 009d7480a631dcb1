use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Response, StatusCode, header, redirect};
use url::Url;
use velatura_ledger::{Delivered, Delivery, JobState, News};
use velatura_proto::{to_json, v1};

use super::guard::Guard;
use super::secret::signature;
use super::settings::WebhookSettings;
use crate::context::{millis, now, rfc3339};
use crate::jobs::{counters, state};

/// Delivers news, each attempt on its own.
#[derive(Debug)]
pub(crate) struct Sender {
    settings: WebhookSettings,
    /// For `https://`, and for `http://`.
    encrypted: Way,
    plain: Way,
}

/// A client, and what it may call.
#[derive(Debug)]
struct Way {
    client: Client,
    guard: Guard,
}

/// Why a delivery failed, for whoever owns the address.
struct Failure {
    error: String,
    /// What its answer's `Retry-After` asks for.
    wait: Option<Duration>,
    gone: bool,
}

impl Sender {
    pub(crate) fn new(settings: &WebhookSettings) -> Result<Self, reqwest::Error> {
        // Somebody may have chosen the provider already; then it is theirs.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let way = |plain| {
            let guard = Guard::new(&settings.networks, plain);
            let client = Client::builder()
                .user_agent(concat!("velatura/", env!("CARGO_PKG_VERSION")))
                .timeout(settings.timeout())
                // A redirection, or a proxy, would lead past the guard.
                .redirect(redirect::Policy::none())
                .no_proxy()
                .dns_resolver(Arc::new(guard.clone()))
                .build()?;
            Ok::<_, reqwest::Error>(Way { client, guard })
        };
        Ok(Self {
            settings: settings.clone(),
            encrypted: way(false)?,
            plain: way(true)?,
        })
    }

    /// Refuses a URL that could never be called.
    pub(crate) fn check(&self, url: &str) -> Result<Url, String> {
        let url: Url = url.parse().map_err(|error| format!("{url:?} is no URL: {error}"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("a webhook's URL has no user or password: deliveries are signed".to_owned());
        }
        let way = self.way(&url)?;
        way.guard.check(&url).map_err(|refused| refused.to_string())?;
        Ok(url)
    }

    fn way(&self, url: &Url) -> Result<&Way, String> {
        match url.scheme() {
            "https" => Ok(&self.encrypted),
            "http" if self.settings.networks.is_empty() => Err("a webhook's URL begins with https://".to_owned()),
            "http" => Ok(&self.plain),
            other => Err(format!(
                "{other}:// can't be called: a webhook's URL begins with https://"
            )),
        }
    }

    /// One attempt, and what follows from it.
    pub(crate) async fn deliver(&self, delivery: &Delivery) -> Delivered {
        let failure = match self.attempt(delivery).await {
            Ok(()) => return Delivered::Taken,
            Err(failure) => failure,
        };
        let now = now();
        if failure.gone {
            return Delivered::Disabled { at: now };
        }
        let error = failure.error;
        match self.settings.wait(delivery.attempt, rand::random()) {
            Some(wait) => Delivered::Again {
                at: now + millis(wait.max(failure.wait.unwrap_or_default())),
                error,
            },
            None => Delivered::GivenUp { error },
        }
    }

    async fn attempt(&self, delivery: &Delivery) -> Result<(), Failure> {
        let url = self.check(&delivery.url)?;
        let body = String::from_utf8(to_json(&payload(&delivery.news))).expect("JSON is UTF-8");
        let timestamp = now().div_euclid(1000);
        let request = self.way(&url)?.client.post(url);
        let request = request
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", &delivery.id)
            .header("webhook-timestamp", timestamp)
            .header(
                "webhook-signature",
                signature(&delivery.secret, &delivery.id, timestamp, &body),
            )
            .body(body);
        // What it says beside its status is of no use here, and may be endless.
        let answer = request.send().await.map_err(|error| Failure::from(sentence(&error)))?;
        answered(&answer)
    }
}

fn answered(answer: &Response) -> Result<(), Failure> {
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let asked = answer.headers().get(header::RETRY_AFTER);
    let seconds = asked.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    Err(Failure {
        error: match status.is_redirection() {
            true => format!("it answered {status}, and redirections are not followed: register the new address"),
            false => format!("it answered {status}"),
        },
        // Nobody may keep a message for longer than the schedule does.
        wait: seconds.map(|seconds| Duration::from_secs(seconds.min(86_400))),
        gone: status == StatusCode::GONE,
    })
}

impl From<String> for Failure {
    fn from(error: String) -> Self {
        Self {
            error,
            wait: None,
            gone: false,
        }
    }
}

/// The innermost cause says what happened, the error around it only that something did.
fn sentence(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it did not answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    format!("it can't be reached: {cause}")
}

fn payload(news: &News) -> v1::WebhookPayload {
    let kind = match news.state {
        JobState::Done => "job.done",
        JobState::Cancelled => "job.cancelled",
        JobState::Failed => "job.failed",
        JobState::Paused | JobState::Expanding | JobState::Running => "job.paused",
    };
    v1::WebhookPayload {
        r#type: kind.to_owned(),
        timestamp: rfc3339(news.at),
        data: Some(v1::Job {
            id: news.job.to_string(),
            state: state(news.state).into(),
            reason: news.reason.clone(),
            code: news.code.clone(),
            counters: Some(counters(&news.counters)),
            created_at: rfc3339(news.created_at),
            ended_at: news.ended_at.map(rfc3339).unwrap_or_default(),
            ..Default::default()
        }),
    }
}
