//! Requests as a careful client makes them: with retries, and never more than that.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::Certificate;
use serde_json::Value;
use tokio::sync::watch;

/// How long a client goes on trying, and the pause between two attempts, which doubles up to the longest. What takes longest is
/// a node that vanishes: until Kubernetes has noticed, one connection in two may lead to a coordinator that is gone. While the
/// broker restarts, nothing is to be repeated at all.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// A client of the coordinators' Service.
#[derive(Debug)]
pub(super) struct Requests {
    base: String,
    http: reqwest::Client,
    made: AtomicU64,
    retried: AtomicU64,
}

impl Requests {
    /// To a server that is called by this name, and trusted if the authority vouches for it.
    pub(super) fn to(name: &str, address: SocketAddr, authority: &[u8]) -> Result<Self> {
        // Each on a connection of its own, as from many clients.
        let http = reqwest::Client::builder()
            .pool_max_idle_per_host(0)
            .timeout(Duration::from_secs(5))
            .resolve(name, address)
            .tls_certs_only([Certificate::from_pem(authority)?])
            .build()?;
        Ok(Self {
            base: format!("https://{name}:{}", address.port()),
            http,
            made: AtomicU64::new(0),
            retried: AtomicU64::new(0),
        })
    }

    /// Requests made, and attempts beyond the first.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.made.load(Ordering::Relaxed), self.retried.load(Ordering::Relaxed))
    }

    /// Asks again and again until told to stop; an error when one request failed for good.
    pub(super) async fn ask_on(self: Arc<Self>, path: String, stop: watch::Receiver<bool>) -> Result<()> {
        while !*stop.borrow() {
            self.get(&path).await?;
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value> {
        self.send(path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.send(path, Some(body)).await
    }

    async fn send(&self, path: &str, body: Option<&Value>) -> Result<Value> {
        self.made.fetch_add(1, Ordering::Relaxed);
        let (began, mut pause) = (Instant::now(), PAUSE);
        loop {
            let url = format!("{}{path}", self.base);
            let request = match body {
                Some(body) => self.http.post(url).json(body),
                None => self.http.get(url),
            };
            let said = match request.send().await {
                Ok(answer) if answer.status().is_success() => match answer.json().await {
                    Ok(answer) => return Ok(answer),
                    Err(error) => error.to_string(),
                },
                Ok(answer) if answer.status().is_server_error() || answer.status() == 429 => {
                    format!("{}: {}", answer.status(), answer.text().await.unwrap_or_default())
                }
                Ok(answer) => bail!("{path}: {}: {}", answer.status(), answer.text().await?),
                Err(error) => format!("{error:?}"),
            };
            ensure!(began.elapsed() < PATIENCE, "{path} failed for {PATIENCE:?}: {said}");
            self.retried.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// A number of a job's counters: 64-bit numbers are text in proto3 JSON, and 0 is left out.
pub(super) fn counter(job: &Value, name: &str) -> Result<u64> {
    match &job["counters"][name] {
        Value::Null => Ok(0),
        Value::String(text) => text.parse().with_context(|| format!("{name} is {text}")),
        number => number.as_u64().with_context(|| format!("{name} is {number}")),
    }
}
