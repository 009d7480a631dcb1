//! Who a Pod is, what it may use, and how it is asked about itself.

use serde_json::{Value, json};

use super::Complaint;
use crate::chart::{Object, Objects};

/// `restricted` of the Pod Security Standards, and a root file system that can't be written.
pub(super) fn restricted(objects: &Objects) -> Vec<Complaint> {
    let mut found = Vec::new();
    for workload in objects.workloads() {
        let pod = workload.at("/spec/template/spec");
        let mut must = |place: &str, what: &Value, wanted: Value| {
            if *what != wanted {
                found.push(format!("{}: {place} is {what}, not {wanted}", workload.title()));
            }
        };
        must("runAsNonRoot", &pod["securityContext"]["runAsNonRoot"], json!(true));
        must(
            "seccompProfile",
            &pod["securityContext"]["seccompProfile"]["type"],
            json!("RuntimeDefault"),
        );
        for host in ["hostNetwork", "hostPID", "hostIPC"] {
            must(host, &pod[host], Value::Null);
        }
        for (_, container) in workload.containers() {
            let security = &container["securityContext"];
            must(
                "readOnlyRootFilesystem",
                &security["readOnlyRootFilesystem"],
                json!(true),
            );
            must(
                "allowPrivilegeEscalation",
                &security["allowPrivilegeEscalation"],
                json!(false),
            );
            must("capabilities", &security["capabilities"], json!({ "drop": ["ALL"] }));
            must("privileged", &security["privileged"], Value::Null);
        }
        for volume in pod["volumes"].as_array().into_iter().flatten() {
            must("hostPath", &volume["hostPath"], Value::Null);
        }
    }
    found
}

/// Nobody talks to Kubernetes, so nobody needs a token.
pub(super) fn no_token(objects: &Objects) -> Vec<Complaint> {
    let workloads = objects
        .workloads()
        .map(|object| (object, "/spec/template/spec/automountServiceAccountToken"));
    let accounts = objects
        .of("ServiceAccount")
        .map(|object| (object, "/automountServiceAccountToken"));
    workloads
        .chain(accounts)
        .filter(|(object, place)| *object.at(place) != json!(false))
        .map(|(object, _)| format!("{} mounts its token", object.title()))
        .collect()
}

/// Requests and limits of processor and memory.
pub(super) fn resources(objects: &Objects) -> Vec<Complaint> {
    each_container(objects, |_, _, container| {
        let lacks = |kind: &str, what: &str| container["resources"][kind][what].is_null();
        ["requests", "limits"]
            .into_iter()
            .flat_map(|kind| ["cpu", "memory"].map(|what| (kind, what)))
            .filter(|(kind, what)| lacks(kind, what))
            .map(|(kind, what)| format!("has no {kind} of {what}"))
            .collect()
    })
}

/// Liveness and readiness are different questions, and starting has its own patience.
pub(super) fn probes(objects: &Objects) -> Vec<Complaint> {
    each_container(objects, |workload, list, container| {
        if list == "initContainers" {
            return Vec::new();
        }
        let ours = !workload.component().starts_with("tryout");
        let mut wrong = Vec::new();
        // Coordinators serve whoever submits, asks and steers also while the broker is away.
        let ready = match workload.component() {
            "coordinator" => "/readyz/ledger",
            _ => "/readyz",
        };
        for (probe, path) in [
            ("startupProbe", "/healthz"),
            ("livenessProbe", "/healthz"),
            ("readinessProbe", ready),
        ] {
            let probe_is = &container[probe];
            if probe_is.is_null() {
                wrong.push(format!("has no {probe}"));
            } else if ours && probe_is["httpGet"]["path"] != path {
                wrong.push(format!(
                    "asks {} as its {probe}, not {path}",
                    probe_is["httpGet"]["path"]
                ));
            }
        }
        wrong
    })
}

fn each_container(objects: &Objects, wrong: impl Fn(&Object, &'static str, &Value) -> Vec<String>) -> Vec<Complaint> {
    let mut found = Vec::new();
    for workload in objects.workloads() {
        for (list, container) in workload.containers() {
            let name = container["name"].as_str().unwrap_or("nameless");
            let wrong = wrong(workload, list, container);
            found.extend(
                wrong
                    .into_iter()
                    .map(|wrong| format!("{}: container {name} {wrong}", workload.title())),
            );
        }
    }
    found
}
