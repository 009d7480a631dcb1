//! The API server, over `kubectl proxy`: it knows certificates and tokens, so that this speaks plain HTTP on loopback.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// A client of the API server.
#[derive(Debug, Clone)]
pub struct Api {
    base: String,
    http: reqwest::Client,
    over: Arc<AtomicBool>,
}

/// An object that there is, has changed, or was deleted.
#[derive(Debug)]
pub struct Event {
    /// Whether it is no more.
    pub deleted: bool,
    /// As it is, or was.
    pub object: Value,
}

impl Api {
    /// Of the proxy on this port.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn on(port: u16) -> Result<Self> {
        Ok(Self {
            base: format!("http://127.0.0.1:{port}"),
            http: reqwest::Client::builder()
                .connect_timeout(Duration::from_secs(5))
                .build()?,
            over: Arc::default(),
        })
    }

    /// From now on the API server may go: who watches it stops without a word.
    pub fn leave(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Whether that has been said.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// An object or a list.
    ///
    /// # Errors
    /// What the API server answers when it refuses.
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.send(self.http.get(self.url(path))).await
    }

    /// Makes an object.
    ///
    /// # Errors
    /// As above.
    pub async fn create(&self, path: &str, object: &Value) -> Result<Value> {
        self.send(self.http.post(self.url(path)).json(object)).await
    }

    /// Changes an object, lists by their keys.
    ///
    /// # Errors
    /// As above.
    pub async fn patch(&self, path: &str, change: &Value) -> Result<Value> {
        let request = self.http.patch(self.url(path)).body(change.to_string());
        self.send(request.header("content-type", "application/strategic-merge-patch+json"))
            .await
    }

    /// Removes an object at once; one that is gone already is no error.
    ///
    /// # Errors
    /// As above.
    pub async fn remove(&self, path: &str) -> Result<()> {
        let request = self
            .http
            .delete(self.url(path))
            .json(&json!({ "gracePeriodSeconds": 0 }));
        match self.send(request).await {
            Err(error) if !format!("{error:#}").contains("404") => Err(error),
            _ => Ok(()),
        }
    }

    /// Every object of a list, then each that changes, for as long as anybody listens. After a break all come again.
    pub fn watch(&self, path: &str) -> mpsc::Receiver<Event> {
        let (to, events) = mpsc::channel(256);
        let (this, path) = (self.clone(), path.to_owned());
        tokio::spawn(async move {
            while !to.is_closed() && !this.is_over() {
                let followed = this.follow(&path, &to).await;
                if let Err(error) = followed
                    && !this.is_over()
                {
                    eprintln!("watching {path}: {error:#}");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        });
        events
    }

    async fn follow(&self, path: &str, to: &mpsc::Sender<Event>) -> Result<()> {
        let list = self.get(path).await?;
        for object in list["items"].as_array().into_iter().flatten() {
            let (deleted, object) = (false, object.clone());
            to.send(Event { deleted, object }).await?;
        }
        let version = list["metadata"]["resourceVersion"]
            .as_str()
            .context("a list has a version")?;
        let path = format!("{path}?watch=1&resourceVersion={version}");
        let answer = self.http.get(self.url(&path)).send().await?.error_for_status()?;
        let (mut chunks, mut line) = (answer.bytes_stream(), Vec::new());
        while let Some(chunk) = chunks.next().await {
            for byte in chunk? {
                if byte != b'\n' {
                    line.push(byte);
                    continue;
                }
                let event: Value = serde_json::from_slice(&line)?;
                line.clear();
                ensure!(event["type"] != "ERROR", "{}", event["object"]["message"]);
                let (deleted, object) = (event["type"] == "DELETED", event["object"].clone());
                to.send(Event { deleted, object }).await?;
            }
        }
        Ok(())
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Value> {
        let answer = request.timeout(Duration::from_secs(30)).send().await?;
        let (status, path) = (answer.status(), answer.url().path().to_owned());
        let text = answer.text().await?;
        if !status.is_success() {
            let said: Value = serde_json::from_str(&text).unwrap_or_default();
            bail!("{status} for {path}: {}", said["message"].as_str().unwrap_or(&text));
        }
        Ok(serde_json::from_str(&text)?)
    }
}
