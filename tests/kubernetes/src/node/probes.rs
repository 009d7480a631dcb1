//! A container's probes: HTTP requests to the Pod's own address.

use std::time::Duration;

use serde_json::Value;

/// A probe.
#[derive(Debug, Clone)]
pub(super) struct Probe {
    url: String,
    timeout: Duration,
    /// How long between two questions.
    pub(super) period: Duration,
    /// How many answers of one kind in a row count.
    pub(super) failures: u64,
}

impl Probe {
    /// As a container states it; none where it does not, or asks otherwise than by HTTP.
    pub(super) fn of(container: &Value, name: &str, address: &str) -> Option<Self> {
        let probe = &container[name];
        let http = probe["httpGet"].as_object()?;
        let port = match &http["port"] {
            Value::String(named) => {
                let mut ports = container["ports"].as_array()?.iter();
                ports.find(|port| port["name"] == *named)?["containerPort"].as_u64()?
            }
            number => number.as_u64()?,
        };
        let path = http["path"].as_str().unwrap_or("/");
        let scheme = http["scheme"].as_str().unwrap_or("HTTP").to_lowercase();
        let seconds = |key: &str, default| Duration::from_secs(probe[key].as_u64().unwrap_or(default));
        Some(Self {
            url: format!("{scheme}://{address}:{port}{path}"),
            timeout: seconds("timeoutSeconds", 1),
            period: seconds("periodSeconds", 10),
            failures: probe["failureThreshold"].as_u64().unwrap_or(3),
        })
    }

    /// Whether the container answers well.
    pub(super) async fn ask(&self, http: &reqwest::Client) -> bool {
        let answer = http.get(&self.url).timeout(self.timeout).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }
}
