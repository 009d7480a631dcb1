//! What runs out on the broker's nodes.

use std::collections::BTreeMap;

use reqwest::{Method, StatusCode};
use serde::Deserialize;

use super::management::Management;
use crate::QueueError;

/// Known to all versions; a resource without an alarm is told as 0, so that its series is there.
const RESOURCES: [&str; 2] = ["memory", "disk"];

#[derive(Deserialize)]
struct Check {
    #[serde(default)]
    alarms: Vec<Alarm>,
}

#[derive(Deserialize)]
struct Alarm {
    resource: String,
}

/// Nodes in alarm, by resource.
pub(super) async fn alarms(management: &Management) -> Result<BTreeMap<String, u64>, QueueError> {
    let mut nodes: BTreeMap<String, u64> = RESOURCES.map(|resource| (resource.to_owned(), 0)).into();
    let request = management.request(Method::GET, &["health", "checks", "alarms"]);
    // It answers 503 when there are any, which is no fault of its own.
    let Some(answer) = management
        .send_expecting(request, StatusCode::SERVICE_UNAVAILABLE)
        .await?
    else {
        return Ok(nodes);
    };
    let check: Check = answer.json().await.map_err(|error| management.unavailable(&error))?;
    for alarm in check.alarms {
        *nodes.entry(alarm.resource).or_default() += 1;
    }
    Ok(nodes)
}
