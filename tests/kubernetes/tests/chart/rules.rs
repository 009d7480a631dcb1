//! What matters beyond being valid, and that each rule can be broken.

use serde_json::json;
use velatura_kubernetes::chart::{RULES, cases, complaints};

use crate::rendered;
use crate::spoil::{Mistake, at, first, remove, trigger, worker, worker_file};

#[test]
fn every_case_keeps_the_rules() {
    for (name, _) in cases() {
        let found = complaints(&rendered(&name));
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}

#[test]
fn each_rule_finds_its_breach() {
    const POD: &str = "/spec/template/spec";
    let mistakes: [Mistake; 22] = [
        ("restricted", |o| {
            at(o, "Deployment", POD)["securityContext"]["runAsNonRoot"] = json!(false);
        }),
        ("restricted", |o| {
            at(o, "Deployment", POD)["containers"][0]["securityContext"]["capabilities"] = json!({});
        }),
        ("restricted", |o| {
            at(o, "Deployment", POD)["initContainers"][0]["securityContext"] = json!({});
        }),
        ("token", |o| {
            remove(at(o, "Deployment", POD), "automountServiceAccountToken");
        }),
        ("token", |o| {
            first(o, "ServiceAccount")["automountServiceAccountToken"] = json!(true);
        }),
        ("needs", |o| {
            remove(&mut at(o, "Deployment", POD)["containers"][0]["resources"], "limits");
        }),
        ("probes", |o| {
            remove(&mut at(o, "Deployment", POD)["containers"][0], "readinessProbe");
        }),
        ("probes", |o| {
            at(o, "Deployment", POD)["containers"][0]["livenessProbe"]["httpGet"]["path"] = json!("/readyz");
        }),
        ("probes", |o| {
            at(o, "Deployment", POD)["containers"][0]["readinessProbe"]["httpGet"]["path"] = json!("/readyz");
        }),
        ("grace", |o| {
            worker(o)["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = json!(60);
        }),
        ("updates", |o| {
            at(o, "Deployment", "/spec")["strategy"] = json!({ "type": "Recreate" });
        }),
        ("made anew", |o| {
            let file = worker_file(o);
            *file = json!(file.as_str().unwrap().replace("in_flight = 24", "in_flight = 25"));
        }),
        ("spread", |o| {
            remove(&mut worker(o)["spec"]["template"]["spec"], "topologySpreadConstraints");
        }),
        ("trigger", |o| trigger(o)["metadata"]["protocol"] = json!("amqp")),
        ("trigger", |o| {
            trigger(o)["metadata"]["queueName"] = json!("velatura.tasks.other.bulk.v1");
        }),
        ("trigger", |o| {
            trigger(o)["metadata"]["excludeUnacknowledged"] = json!("true");
        }),
        ("asked", |o| {
            first(o, "ScaledObject")["spec"]["fallback"] = json!({ "failureThreshold": 3, "replicas": 0 });
        }),
        ("number", |o| worker(o)["spec"]["replicas"] = json!(3)),
        ("window", |o| {
            first(o, "ScaledObject")["spec"]["maxReplicaCount"] = json!(5000);
        }),
        ("referred", |o| {
            first(o, "ScaledObject")["spec"]["scaleTargetRef"]["name"] = json!("nobody");
        }),
        ("referred", |o| {
            first(o, "Service")["spec"]["selector"]["app.kubernetes.io/component"] = json!("nobody");
        }),
        ("by reference", |o| {
            at(o, "Deployment", POD)["containers"][0]["env"][0]["value"] =
                json!("postgres://velatura:secret@db/velatura");
        }),
    ];
    let untried: Vec<_> = RULES
        .iter()
        .map(|(rule, _)| rule)
        .filter(|rule| !mistakes.iter().any(|(word, _)| rule.contains(word)))
        .collect();
    assert!(untried.is_empty(), "nobody breaks {untried:?}");
    for (word, mistake) in mistakes {
        let mut objects = rendered("gpu-keda");
        mistake(&mut objects);
        let found = complaints(&objects);
        let rule = |complaint: &String| complaint.split(": ").next().is_some_and(|rule| rule.contains(word));
        assert!(found.iter().any(rule), "{word}: {found:?}");
    }
}
