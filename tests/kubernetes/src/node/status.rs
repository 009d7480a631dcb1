//! What an agent tells the API server about a Pod.

use serde_json::{Value, json};

use super::pod::Pod;
use crate::cluster::Api;

/// The time as the API writes it.
pub(super) fn now() -> String {
    let seconds = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    jiff::Timestamp::from_second(i64::try_from(seconds).unwrap_or(0)).map_or(String::new(), |time| time.to_string())
}

/// How far a Pod has come.
#[derive(Debug)]
pub(super) struct Status {
    pub(super) address: String,
    pub(super) started: String,
    /// Whether all that goes before has succeeded.
    pub(super) initialized: bool,
    pub(super) ready: bool,
    pub(super) restarts: u64,
    /// The state of its container, as the API has it.
    pub(super) state: Value,
    /// States of what goes before, by name.
    pub(super) before: Vec<(String, Value)>,
}

impl Status {
    pub(super) fn new(address: String) -> Self {
        Self {
            address,
            started: now(),
            initialized: false,
            ready: false,
            restarts: 0,
            state: json!({ "waiting": { "reason": "PodInitializing" } }),
            before: Vec::new(),
        }
    }

    /// Tells it; what can't be told now is told with the next change.
    pub(super) async fn tell(&self, api: &Api, pod: &Pod) {
        let condition = |kind: &str, holds: bool| {
            let status = if holds { "True" } else { "False" };
            json!({ "type": kind, "status": status, "lastTransitionTime": now() })
        };
        let container = |spec: &Value, ready: bool, restarts: u64, state: &Value| {
            json!({
                "name": spec["name"], "image": spec["image"], "imageID": spec["image"], "ready": ready,
                "restartCount": restarts, "started": ready, "state": state,
            })
        };
        let before = pod.list("/spec/initContainers").into_iter().filter_map(|spec| {
            let (_, state) = self.before.iter().find(|(name, _)| spec["name"] == **name)?;
            Some(container(&spec, state["terminated"]["exitCode"] == 0, 0, state))
        });
        let phase = if self.initialized { "Running" } else { "Pending" };
        let status = json!({ "status": {
            "phase": phase,
            "podIP": self.address, "podIPs": [{ "ip": self.address }], "hostIP": crate::cluster::network::HOST,
            "startTime": self.started,
            "conditions": [
                condition("Initialized", self.initialized),
                condition("ContainersReady", self.ready),
                condition("Ready", self.ready),
            ],
            "initContainerStatuses": before.collect::<Vec<_>>(),
            "containerStatuses": [container(&pod.0["spec"]["containers"][0], self.ready, self.restarts, &self.state)],
        }});
        if let Err(error) = api.patch(&format!("{}/status", pod.path()), &status).await {
            let gone = format!("{error:#}").contains("404");
            if !gone {
                eprintln!("agent: status of {}: {error:#}", pod.name());
            }
        }
    }
}
