//! Every case of `ci/`, by Helm itself and against the API; and what reaches where.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::json;
use velatura_kubernetes::chart::{Object, cases, folder, generated};

use crate::spoil::{Mistake, first, remove};
use crate::{HELM, STRICT, case, rendered};

#[test]
fn every_case_passes_helm_lint() {
    for (name, values) in cases() {
        HELM.lint(&folder(), &values)
            .unwrap_or_else(|said| panic!("{name}: {said}"));
    }
}

#[test]
fn a_chart_with_a_mistake_does_not_pass_helm_lint() {
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&folder(), copy.path());
    let template = copy.path().join("templates/exporter-service.yaml");
    fs::write(
        &template,
        fs::read_to_string(&template).unwrap() + "{{ .Values.nobody.knows }}",
    )
    .unwrap();
    let said = HELM.lint(copy.path(), &case("minimal")).unwrap_err();
    assert!(said.contains("exporter-service.yaml"), "{said}");
}

#[test]
fn every_case_is_valid_for_the_api_with_nothing_unknown_missing_or_wrongly_typed() {
    for (name, _) in cases() {
        let wrong = STRICT.complaints(&rendered(&name)).unwrap();
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    }
}

#[test]
fn the_strict_check_finds_unknown_missing_and_wrongly_typed_fields_of_built_in_and_custom_kinds() {
    let mistakes: [Mistake; 6] = [
        ("replica", |o| first(o, "Deployment")["spec"]["replica"] = json!(3)),
        ("template", |o| remove(&mut first(o, "Deployment")["spec"], "template")),
        ("replicas", |o| {
            first(o, "Deployment")["spec"]["replicas"] = json!("three");
        }),
        ("minReplicas", |o| {
            first(o, "ScaledObject")["spec"]["minReplicas"] = json!(1);
        }),
        ("scaleTargetRef", |o| {
            remove(&mut first(o, "ScaledObject")["spec"], "scaleTargetRef");
        }),
        ("pollingInterval", |o| {
            first(o, "ScaledObject")["spec"]["pollingInterval"] = json!("often");
        }),
    ];
    for (field, mistake) in mistakes {
        let mut objects = rendered("gpu-keda");
        mistake(&mut objects);
        let wrong = STRICT.complaints(&objects).unwrap();
        assert!(wrong.len() == 1 && wrong[0].contains(field), "{field}: {wrong:?}");
    }
    let mut objects = rendered("external-everything");
    first(&mut objects, "PrometheusRule")["spec"]["groups"][0]["rules"][0]["fro"] = json!("10m");
    first(&mut objects, "PodMonitor")["spec"]["podMetricsEndpoints"][0]["port"] = json!(8082);
    assert_eq!(STRICT.complaints(&objects).unwrap().len(), 2);
}

#[test]
fn values_reach_what_they_are_for() {
    let objects = rendered("gpu-keda");
    let spot = objects.get("Deployment", "release-velatura-worker-spot").unwrap();
    let (_, config) = objects.configuration(spot).unwrap();
    assert_eq!(config["engine"]["device"].as_str(), Some("cuda"));
    assert_eq!(config["worker"]["drain_seconds"].as_integer(), Some(90));
    assert_eq!(config["worker"]["in_flight"].as_integer(), Some(24));
    assert_eq!(
        config["worker"]["pipeline"]["budget_pixels"].as_integer(),
        Some(200_000_000)
    );
    assert_eq!(
        spot.text("/spec/template/spec/containers/0/resources/limits/nvidia.com~1gpu"),
        "1"
    );
    assert!(spot.text("/spec/template/spec/containers/0/image").ends_with("-cuda"));
    let coordinator = objects.get("Deployment", "release-velatura-coordinator").unwrap();
    let (_, config) = objects.configuration(coordinator).unwrap();
    // 4 and 40 workers by the queue at 64 tasks each, 7 by the drain time at what they hold; and a quarter more.
    assert_eq!(
        config["coordinator"]["window_tasks"].as_integer(),
        Some((44 * 64 + 7 * 24) * 5 / 4)
    );
    // A fetched pack by its place, since an image may have one of the same name; one of the image by its name.
    let fetching = rendered("external-everything");
    let worker = fetching.get("Deployment", "release-velatura-worker-default").unwrap();
    let (_, config) = fetching.configuration(worker).unwrap();
    let place = format!("{}/velatura/models/adain-vgg19", mounted(worker, "packs"));
    assert_eq!(config["engine"]["pack"].as_str(), Some(place.as_str()));
    let (_, config) = objects.configuration(spot).unwrap();
    assert_eq!(config["engine"]["pack"].as_str(), Some("velatura-light"));
    let names: BTreeSet<&str> = objects.of("ServiceAccount").map(Object::name).collect();
    assert_eq!(names.len(), 3, "one for each role: {names:?}");
}

#[test]
fn coordinators_with_a_certificate_serve_tls_to_everyone_who_asks_them() {
    let objects = rendered("external-everything");
    let coordinator = objects.get("Deployment", "release-velatura-coordinator").unwrap();
    let (_, config) = objects.configuration(coordinator).unwrap();
    for (key, file) in [("tls_certificate", "tls.crt"), ("tls_key", "tls.key")] {
        let path = config["coordinator"][key].as_str().unwrap();
        assert_eq!(path, format!("{}/{file}", mounted(coordinator, "tls")));
        assert!(tls_files(coordinator).contains(&file));
    }
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        let scheme = format!("/spec/template/spec/containers/0/{probe}/httpGet/scheme");
        assert_eq!(coordinator.text(&scheme), "HTTPS");
    }

    let host = "release-velatura-coordinator.velatura.svc";
    let exporter = objects.get("Deployment", "release-velatura-exporter").unwrap();
    let (_, config) = objects.configuration(exporter).unwrap();
    let asked = config["exporter"]["coordinator_url"].as_str();
    assert_eq!(asked, Some(format!("https://{host}:8080/").as_str()));
    let authority = config["exporter"]["ca_file"].as_str().unwrap();
    assert_eq!(authority, format!("{}/ca.crt", mounted(exporter, "tls")));
    assert_eq!(tls_files(exporter), ["ca.crt"], "the private key is the coordinators'");

    let monitor = objects
        .get("ServiceMonitor", "release-velatura-coordinator")
        .unwrap()
        .at("/spec/endpoints/0");
    assert_eq!(
        (&monitor["scheme"], &monitor["tlsConfig"]["serverName"]),
        (&json!("https"), &json!(host))
    );
    // Without one nobody does.
    assert!(
        !serde_json::to_string(&rendered("gpu-keda").0.iter().map(|o| &o.0).collect::<Vec<_>>())
            .unwrap()
            .contains("HTTPS")
    );
}

/// Where the container finds a volume.
fn mounted<'a>(workload: &'a Object, volume: &str) -> &'a str {
    let mounts = workload
        .at("/spec/template/spec/containers/0/volumeMounts")
        .as_array()
        .unwrap();
    let mount = mounts.iter().find(|mount| mount["name"] == *volume).unwrap();
    mount["mountPath"].as_str().unwrap()
}

fn tls_files(workload: &Object) -> Vec<&str> {
    let volumes = workload.at("/spec/template/spec/volumes").as_array().unwrap();
    let volume = volumes.iter().find(|volume| volume["name"] == "tls").unwrap();
    let items = volume["secret"]["items"].as_array().unwrap();
    items.iter().map(|item| item["path"].as_str().unwrap()).collect()
}

#[test]
fn what_is_made_of_other_files_is_as_they_are() {
    for (name, text) in generated().unwrap() {
        let there = fs::read_to_string(folder().join(name)).unwrap();
        assert!(
            there == text,
            "helm/velatura/{name} is out of date: run `cargo xtask chart --write`"
        );
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        match path.is_dir() {
            true => copy_folder(&path, &to.join(name)),
            false => drop(fs::copy(&path, to.join(name)).unwrap()),
        }
    }
}
