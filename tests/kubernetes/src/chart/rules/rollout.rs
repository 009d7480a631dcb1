//! How Pods come and go.

use serde_json::json;

use super::Complaint;
use crate::chart::{Object, Objects};

/// Seconds after SIGTERM that a role of ours takes for itself, as its configuration says.
fn drain_seconds(objects: &Objects, workload: &Object) -> Option<f64> {
    let (_, configuration) = objects.configuration(workload).ok()?;
    let key = match workload.component() {
        "worker" => &configuration["worker"]["drain_seconds"],
        "coordinator" => &configuration["coordinator"]["grace_seconds"],
        _ => return None,
    };
    key.as_float().or_else(|| Some(key.as_integer()? as f64))
}

/// What has begun is finished before the kubelet loses its patience.
pub(super) fn grace(objects: &Objects) -> Vec<Complaint> {
    let mut found = Vec::new();
    for workload in objects.workloads() {
        let grace = workload
            .at("/spec/template/spec/terminationGracePeriodSeconds")
            .as_f64();
        let Some(grace) = grace else {
            found.push(format!("{} leaves its grace to the cluster", workload.title()));
            continue;
        };
        if let Some(drain) = drain_seconds(objects, workload).filter(|drain| *drain >= grace) {
            found.push(format!("{} has {grace} s to go, and takes {drain} s", workload.title()));
        }
    }
    found
}

/// A new Pod is ready before an old one goes, or they go one by one.
pub(super) fn rolling(objects: &Objects) -> Vec<Complaint> {
    let ours = objects
        .workloads()
        .filter(|object| !object.component().starts_with("tryout"));
    ours.filter(|workload| {
        let strategy = workload.at("/spec/strategy/rollingUpdate");
        let one_by_one = strategy["maxSurge"] == json!(0) && strategy["maxUnavailable"] == json!(1);
        strategy["maxUnavailable"] != json!(0) && !one_by_one
    })
    .map(|workload| format!("{} is updated by {}", workload.title(), workload.at("/spec/strategy")))
    .collect()
}

/// A changed ConfigMap alone would restart nobody.
pub(super) fn checksum(objects: &Objects) -> Vec<Complaint> {
    let ours = objects
        .workloads()
        .filter(|workload| objects.configuration(workload).is_ok());
    ours.filter_map(|workload| {
        let (text, _) = objects.configuration(workload).ok()?;
        let stated = workload.text("/spec/template/metadata/annotations/checksum~1config");
        (stated != sum(&text)).then(|| format!("{} states another checksum than that of its file", workload.title()))
    })
    .collect()
}

fn sum(text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    hex::encode(Sha256::digest(text.trim_end()))
}

/// Over nodes and zones.
pub(super) fn spread(objects: &Objects) -> Vec<Complaint> {
    let several = ["worker", "coordinator"];
    let ours = objects
        .workloads()
        .filter(|workload| several.contains(&workload.component()));
    ours.filter(|workload| {
        let constraints = workload.at("/spec/template/spec/topologySpreadConstraints");
        constraints.as_array().is_none_or(|constraints| {
            let selector = workload.at("/spec/selector");
            constraints.len() < 2
                || constraints
                    .iter()
                    .any(|constraint| constraint["labelSelector"] != *selector)
        })
    })
    .map(|workload| format!("{} is not spread over nodes and zones", workload.title()))
    .collect()
}
