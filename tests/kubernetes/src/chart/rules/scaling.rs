//! Autoscalers that see what there is, and rule alone.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Complaint;
use crate::chart::{Object, Objects};

fn triggers_of(scaled: &Object) -> Vec<&Value> {
    scaled.at("/spec/triggers").as_array().into_iter().flatten().collect()
}

/// Over http, which alone counts what workers hold; no patterns, which RabbitMQ answers wrongly for quorum queues; both
/// lanes of the queue that the workers of the pool take from.
pub(super) fn triggers(objects: &Objects) -> Vec<Complaint> {
    let mut found = Vec::new();
    for scaled in objects.of("ScaledObject") {
        let mut queues = BTreeSet::new();
        for trigger in triggers_of(scaled) {
            let (kind, data) = (trigger["type"].as_str().unwrap_or_default(), &trigger["metadata"]);
            let right = match kind {
                "rabbitmq" => {
                    queues.insert(data["queueName"].as_str().unwrap_or_default());
                    data["protocol"] == "http"
                        && data["mode"] == "QueueLength"
                        && data["excludeUnacknowledged"] == "false"
                        && data["useRegex"].is_null()
                        && !trigger["authenticationRef"]["name"].is_null()
                }
                "metrics-api" => data["format"] == "prometheus" && data["valueLocation"] == "velatura_workers_wanted",
                _ => false,
            };
            if !right {
                found.push(format!("{} has the trigger {trigger}", scaled.title()));
            }
        }
        let pool = pool(objects, scaled).unwrap_or_default();
        let both = ["interactive", "bulk"].map(|lane| format!("velatura.tasks.{pool}.{lane}.v1"));
        if !queues.is_empty() && queues != both.iter().map(String::as_str).collect() {
            found.push(format!("{} asks for {queues:?}, not for {both:?}", scaled.title()));
        }
    }
    found
}

/// The queue pool that the workers of a scaled Deployment take from.
fn pool(objects: &Objects, scaled: &Object) -> Option<String> {
    let workload = objects
        .get("Deployment", scaled.text("/spec/scaleTargetRef/name"))
        .ok()?;
    let (_, configuration) = objects.configuration(workload).ok()?;
    Some(configuration["worker"]["pool"].as_str()?.to_owned())
}

/// Where a trigger can't be asked, KEDA leaves the workers that there are, unless it is told what to fall back to: then one
/// of 0 replicas takes them all away under their work.
pub(super) fn no_fallback(objects: &Objects) -> Vec<Complaint> {
    let told = objects
        .of("ScaledObject")
        .filter(|scaled| !scaled.at("/spec/fallback").is_null());
    told.map(|scaled| format!("{} falls back to {}", scaled.title(), scaled.at("/spec/fallback")))
        .collect()
}

/// One autoscaler a workload; and a workload that has one does not state a number, which every upgrade would set back.
pub(super) fn one_master(objects: &Objects) -> Vec<Complaint> {
    let scalers = || objects.of("ScaledObject").chain(objects.of("HorizontalPodAutoscaler"));
    let mut found = Vec::new();
    for workload in objects.workloads() {
        let masters = scalers()
            .filter(|scaler| scaler.text("/spec/scaleTargetRef/name") == workload.name())
            .count();
        if masters > 1 {
            found.push(format!("{} has {masters} autoscalers", workload.title()));
        }
        if (masters == 0) == workload.at("/spec/replicas").is_null() {
            let number = workload.at("/spec/replicas");
            found.push(format!(
                "{} has {masters} autoscalers and states {number} replicas",
                workload.title()
            ));
        }
    }
    found
}

/// At least the most workers times what each is to have, over all that share it.
pub(super) fn window(objects: &Objects) -> Vec<Complaint> {
    let coordinator = objects
        .workloads()
        .find(|workload| workload.component() == "coordinator");
    let configuration = coordinator.and_then(|coordinator| objects.configuration(coordinator).ok());
    let window = configuration.and_then(|(_, config)| config["coordinator"]["window_tasks"].as_integer());
    let Some(window) = window else {
        return vec!["coordinators have no window".to_owned()];
    };
    let number = |value: &Value| -> i64 {
        let text = value.as_str().and_then(|text| text.parse().ok());
        text.or(value.as_i64()).unwrap_or(0)
    };
    let wanted: i64 = objects
        .of("ScaledObject")
        .map(|scaled| {
            let each = triggers_of(scaled)
                .iter()
                .map(|trigger| number(&trigger["metadata"]["value"]))
                .max();
            number(scaled.at("/spec/maxReplicaCount")) * each.unwrap_or(0)
        })
        .sum();
    if window < wanted {
        return vec![format!(
            "the window holds {window} tasks, the autoscalers react to {wanted}"
        )];
    }
    Vec::new()
}
