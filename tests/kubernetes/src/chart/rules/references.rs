//! Names that lead somewhere.

use serde_json::Value;

use super::Complaint;
use crate::chart::{Object, Objects};

/// ConfigMaps, accounts, authentications, ports, targets and selected Pods are in the manifest; Secrets may be the
/// user's, but never nameless.
pub(super) fn resolved(objects: &Objects) -> Vec<Complaint> {
    let mut found = Vec::new();
    for workload in objects.workloads() {
        found.extend(of_pod(objects, workload));
    }
    let selecting = [
        ("Service", "/spec/selector"),
        ("PodDisruptionBudget", "/spec/selector/matchLabels"),
        ("NetworkPolicy", "/spec/podSelector/matchLabels"),
        ("PodMonitor", "/spec/selector/matchLabels"),
    ];
    for (kind, place) in selecting {
        for object in objects.of(kind) {
            if !objects
                .workloads()
                .any(|workload| selects(object.at(place), pod_labels(workload)))
            {
                found.push(format!("{} selects nobody", object.title()));
            }
        }
    }
    for monitor in objects.of("ServiceMonitor") {
        let wanted = monitor.at("/spec/selector/matchLabels");
        if !objects
            .of("Service")
            .any(|service| selects(wanted, service.at("/metadata/labels")))
        {
            found.push(format!("{} selects no Service", monitor.title()));
        }
    }
    for (kind, place, target) in [
        ("ScaledObject", "/spec/scaleTargetRef/name", "Deployment"),
        ("HorizontalPodAutoscaler", "/spec/scaleTargetRef/name", "Deployment"),
        ("Ingress", "/spec/rules/0/http/paths/0/backend/service/name", "Service"),
    ] {
        for object in objects.of(kind) {
            if objects.get(target, object.text(place)).is_err() {
                found.push(format!("{} leads to no {target}", object.title()));
            }
        }
    }
    for scaled in objects.of("ScaledObject") {
        for trigger in scaled.at("/spec/triggers").as_array().into_iter().flatten() {
            let name = trigger["authenticationRef"]["name"].as_str();
            if name.is_some_and(|name| objects.get("TriggerAuthentication", name).is_err()) {
                found.push(format!("{} has no TriggerAuthentication", scaled.title()));
            }
        }
    }
    found
}

fn pod_labels(workload: &Object) -> &Value {
    workload.at("/spec/template/metadata/labels")
}

fn selects(selector: &Value, labels: &Value) -> bool {
    let wanted = selector.as_object();
    wanted.is_some_and(|wanted| !wanted.is_empty() && wanted.iter().all(|(key, value)| labels[key] == *value))
}

fn of_pod(objects: &Objects, workload: &Object) -> Vec<Complaint> {
    let mut missing = Vec::new();
    let pod = workload.at("/spec/template/spec");
    let volumes: Vec<&Value> = pod["volumes"].as_array().into_iter().flatten().collect();
    for volume in &volumes {
        let name = volume["configMap"]["name"].as_str();
        if name.is_some_and(|name| objects.get("ConfigMap", name).is_err()) {
            missing.push(format!("ConfigMap {}", volume["configMap"]["name"]));
        }
        if volume["secret"].is_object() && volume["secret"]["secretName"].as_str().is_none_or(str::is_empty) {
            missing.push("the name of a Secret".to_owned());
        }
    }
    let account = pod["serviceAccountName"].as_str().unwrap_or("default");
    let of_chart = account.starts_with("release-velatura") || account.starts_with("painters");
    if of_chart && objects.get("ServiceAccount", account).is_err() {
        missing.push(format!("ServiceAccount {account}"));
    }
    for (_, container) in workload.containers() {
        for mount in container["volumeMounts"].as_array().into_iter().flatten() {
            if !volumes.iter().any(|volume| volume["name"] == mount["name"]) {
                missing.push(format!("volume {}", mount["name"]));
            }
        }
        for variable in container["env"].as_array().into_iter().flatten() {
            let secret = &variable["valueFrom"]["secretKeyRef"];
            let nameless = |key: &str| secret[key].as_str().is_none_or(str::is_empty);
            if secret.is_object() && (nameless("name") || nameless("key")) {
                missing.push(format!("the Secret of {}", variable["name"]));
            }
        }
        for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
            let port = container[probe]["httpGet"]["port"]
                .as_str()
                .or(container[probe]["tcpSocket"]["port"].as_str());
            let ports = || container["ports"].as_array().into_iter().flatten();
            if port.is_some_and(|port| !ports().any(|there| there["name"] == port)) {
                missing.push(format!("port {port:?}"));
            }
        }
    }
    missing
        .into_iter()
        .map(|what| format!("{} lacks {what}", workload.title()))
        .collect()
}
