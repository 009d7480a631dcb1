//! The API server itself, asked whether it would take every object of every case.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::release::NAMESPACE;
use crate::Tools;
use crate::chart::{Helm, Objects, cases};
use crate::cluster::ControlPlane;

/// What some cases name, and a cluster has.
const ASSUMED: &str = r#"
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: { name: high }
value: 1000
---
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: { name: gvisor }
handler: gvisor
"#;

const DRY: [&str; 7] = [
    "apply",
    "--server-side",
    "--dry-run=server",
    "--validate=strict",
    "--namespace",
    NAMESPACE,
    "--filename=-",
];

/// Every object, and a Pod of every workload, which Pod Security would refuse where it is not `restricted`. Returns how
/// many were taken.
///
/// # Errors
/// What the API server says to the first that it refuses.
pub(super) fn every_case(plane: &ControlPlane, tools: &Tools) -> Result<usize> {
    plane.ask(&["apply", "--filename=-"], ASSUMED)?;
    let helm = Helm::new(tools)?;
    let mut taken = 0;
    for (name, values) in cases() {
        let manifest = helm.manifest(&values, &[]).map_err(anyhow::Error::msg)?;
        plane.ask(&DRY, &manifest).with_context(|| format!("case {name}"))?;
        let objects = Objects::parse(&manifest)?;
        let pods: Vec<Value> = objects
            .workloads()
            .map(|workload| pod(workload.at("/spec/template")))
            .collect();
        plane
            .ask(&DRY, &list(&pods))
            .with_context(|| format!("Pods of case {name}"))?;
        taken += objects.0.len() + pods.len();
    }
    Ok(taken)
}

/// That the API server would have refused: a field nobody knows, and a Pod that is not `restricted`.
///
/// # Errors
/// When it takes them.
pub(super) fn refuses_mistakes(plane: &ControlPlane, tools: &Tools) -> Result<()> {
    let (_, values) = cases().into_iter().next().context("there are cases")?;
    let objects = Helm::new(tools)?.render(&values, &[])?;
    let workload = objects.workloads().next().context("there are workloads")?;
    let mut unknown = workload.0.clone();
    unknown["spec"]["replica"] = json!(3);
    let mut root = pod(workload.at("/spec/template"));
    root["spec"]["securityContext"]["runAsNonRoot"] = json!(false);
    for (mistake, word) in [(unknown, "replica"), (root, "restricted")] {
        let said = plane
            .ask(&DRY, &mistake.to_string())
            .err()
            .map(|error| format!("{error:#}"));
        let said = said.with_context(|| format!("the API server takes a mistake: {word}"))?;
        ensure!(said.contains(word), "refused for another reason: {said}");
    }
    Ok(())
}

/// A Pod as the workload makes it. Its account is not there in a dry run.
fn pod(template: &Value) -> Value {
    let mut pod = template.clone();
    pod["apiVersion"] = json!("v1");
    pod["kind"] = json!("Pod");
    pod["metadata"]["name"] = json!(format!("dry-{}", short(&template.to_string())));
    pod["spec"]["serviceAccountName"] = json!("default");
    pod
}

fn short(text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    hex::encode(&Sha256::digest(text)[..6])
}

fn list(objects: &[Value]) -> String {
    json!({ "apiVersion": "v1", "kind": "List", "items": objects }).to_string()
}

/// What is in the namespace but for what was there before; `kubectl get` of every kind there is.
///
/// # Errors
/// When kubectl fails.
pub(super) fn left_behind(plane: &ControlPlane) -> Result<Vec<String>> {
    let kinds = plane.ask(&["api-resources", "--namespaced", "--verbs=list", "--output=name"], "")?;
    // Events tell of what was; metrics.k8s.io and the like are computed.
    let kept: Vec<&str> = kinds
        .lines()
        .filter(|kind| !kind.starts_with("events") && !kind.contains("metrics.k8s.io"))
        .collect();
    let words = [
        "get",
        &kept.join(","),
        "--namespace",
        NAMESPACE,
        "--output=name",
        "--ignore-not-found",
    ];
    let there = plane.ask(&words, "")?;
    let of_the_user = [
        "secret/velatura-",
        "serviceaccount/default",
        "configmap/kube-root-ca.crt",
    ];
    let left = there
        .lines()
        .filter(|name| !of_the_user.iter().any(|known| name.starts_with(known)));
    Ok(left.map(str::to_owned).collect())
}
