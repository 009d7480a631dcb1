//! What the chart promises, without a cluster.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Value, json};
use velatura_e2e::velatura_command;
use velatura_kubernetes::Tools;
use velatura_kubernetes::chart::{Helm, Object, Objects, RULES, Strict, cases, complaints, folder, generated};

static TOOLS: LazyLock<Tools> = LazyLock::new(|| Tools::find().expect("a home"));
static HELM: LazyLock<Helm> = LazyLock::new(|| Helm::new(&TOOLS).expect("the pinned helm"));
static STRICT: LazyLock<Strict> = LazyLock::new(|| Strict::new(&TOOLS).expect("kubeconform and the API's schemas"));

fn case(name: &str) -> PathBuf {
    folder().join(format!("ci/{name}-values.yaml"))
}

fn rendered(name: &str) -> Objects {
    HELM.render(&case(name), &[])
        .unwrap_or_else(|error| panic!("{name}: {error:#}"))
}

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

/// A rule by its name in one word, and a change that breaks it.
type Mistake = (&'static str, fn(&mut Objects));

#[test]
fn the_strict_check_finds_unknown_missing_and_wrongly_typed_fields_of_built_in_and_custom_kinds() {
    let mistakes: [Mistake; 6] = [
        ("replica", |o| first(o, "Deployment")["spec"]["replica"] = json!(3)),
        ("template", |o| remove(&mut first(o, "Deployment")["spec"], "template")),
        ("replicas", |o| {
            first(o, "Deployment")["spec"]["replicas"] = json!("three")
        }),
        ("minReplicas", |o| {
            first(o, "ScaledObject")["spec"]["minReplicas"] = json!(1)
        }),
        ("scaleTargetRef", |o| {
            remove(&mut first(o, "ScaledObject")["spec"], "scaleTargetRef")
        }),
        ("pollingInterval", |o| {
            first(o, "ScaledObject")["spec"]["pollingInterval"] = json!("often")
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
fn every_case_keeps_the_rules() {
    for (name, _) in cases() {
        let found = complaints(&rendered(&name));
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}

#[test]
fn each_rule_finds_its_breach() {
    const POD: &str = "/spec/template/spec";
    let mistakes: [Mistake; 20] = [
        ("restricted", |o| {
            at(o, "Deployment", POD)["securityContext"]["runAsNonRoot"] = json!(false)
        }),
        ("restricted", |o| {
            at(o, "Deployment", POD)["containers"][0]["securityContext"]["capabilities"] = json!({})
        }),
        ("restricted", |o| {
            at(o, "Deployment", POD)["initContainers"][0]["securityContext"] = json!({})
        }),
        ("token", |o| {
            remove(at(o, "Deployment", POD), "automountServiceAccountToken")
        }),
        ("token", |o| {
            first(o, "ServiceAccount")["automountServiceAccountToken"] = json!(true)
        }),
        ("needs", |o| {
            remove(&mut at(o, "Deployment", POD)["containers"][0]["resources"], "limits")
        }),
        ("probes", |o| {
            remove(&mut at(o, "Deployment", POD)["containers"][0], "readinessProbe")
        }),
        ("probes", |o| {
            at(o, "Deployment", POD)["containers"][0]["livenessProbe"]["httpGet"]["path"] = json!("/readyz");
        }),
        ("grace", |o| {
            worker(o)["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = json!(60)
        }),
        ("updates", |o| {
            at(o, "Deployment", "/spec")["strategy"] = json!({ "type": "Recreate" })
        }),
        ("made anew", |o| {
            let file = worker_file(o);
            *file = json!(file.as_str().unwrap().replace("in_flight = 24", "in_flight = 25"));
        }),
        ("spread", |o| {
            remove(&mut worker(o)["spec"]["template"]["spec"], "topologySpreadConstraints")
        }),
        ("trigger", |o| trigger(o)["metadata"]["protocol"] = json!("amqp")),
        ("trigger", |o| {
            trigger(o)["metadata"]["queueName"] = json!("velatura.tasks.other.bulk.v1")
        }),
        ("trigger", |o| {
            trigger(o)["metadata"]["excludeUnacknowledged"] = json!("true")
        }),
        ("number", |o| worker(o)["spec"]["replicas"] = json!(3)),
        ("window", |o| {
            first(o, "ScaledObject")["spec"]["maxReplicaCount"] = json!(5000)
        }),
        ("referred", |o| {
            first(o, "ScaledObject")["spec"]["scaleTargetRef"]["name"] = json!("nobody")
        }),
        ("referred", |o| {
            first(o, "Service")["spec"]["selector"]["app.kubernetes.io/component"] = json!("nobody")
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

#[test]
fn wrong_values_are_refused_with_a_sentence_that_names_the_value_and_the_remedy() {
    // What is set, and the words that must be said: the value, then what to do.
    let refused: [(&str, [&str; 2]); 26] = [
        (r#"pools=[{"name":"a","replica":3}]"#, ["/pools/0", "replica"]),
        (r#"config={"worker":{"in_flihgt":3}}"#, ["/config/worker", "in_flihgt"]),
        (r#"config={"ledger":{"url":"postgres://x"}}"#, ["/config", "ledger"]),
        (
            r#"poolDefaults={"keda":{"trigger":"queues"}}"#,
            ["/poolDefaults/keda/trigger", "'queue', 'drainTime'"],
        ),
        (r#"poolDefaults={"device":"gpu"}"#, ["/poolDefaults/device", "cuda"]),
        (r#"poolDefaults={"device":"cuda"}"#, ["gpu.resource", "nvidia.com/gpu"]),
        (
            r#"poolDefaults={"gpu":{"resource":"nvidia.com/gpu"}}"#,
            ["gpu.resource nvidia.com/gpu", "set device=cuda"],
        ),
        (
            r#"poolDefaults={"keda":{"enabled":true,"maxReplicas":100}};config={"coordinator":{"window_tasks":2399}}"#,
            ["config.coordinator.window_tasks is 2399", "at least 2400"],
        ),
        (
            r#"poolDefaults={"replicas":500};config={"coordinator":{"window_tasks":2000}}"#,
            ["window_tasks is 2000", "at least 3000"],
        ),
        (
            r#"poolDefaults={"terminationGracePeriodSeconds":60}"#,
            ["terminationGracePeriodSeconds", "above worker.drain_seconds, 60"],
        ),
        (
            r#"poolDefaults={"packSource":{"url":"https://packs.example/a.tar.gz"}}"#,
            ["packSource.sha256", "set both"],
        ),
        (
            r#"pools=[{"name":"a","config":{"worker":{"drain_seconds":90}}}]"#,
            [
                "terminationGracePeriodSeconds of pool a is 90",
                "above worker.drain_seconds, 90",
            ],
        ),
        (
            r#"coordinator={"terminationGracePeriodSeconds":25}"#,
            ["coordinator.terminationGracePeriodSeconds is 25", "above 25"],
        ),
        (
            r#"config={"coordinator":{"lease_seconds":600}}"#,
            ["lease_seconds is 600", "above config.worker.attempt_timeout_seconds"],
        ),
        (
            r#"poolDefaults={"keda":{"enabled":true}};broker.keys.managementUrl="""#,
            ["broker.keys.managementUrl is empty", "name the key"],
        ),
        (
            r#"poolDefaults={"keda":{"enabled":true,"trigger":"drainTime"}};exporter={"enabled":false}"#,
            ["exporter.enabled is false", "set exporter.enabled=true"],
        ),
        (
            r#"poolDefaults={"keda":{"enabled":true},"hpa":{"enabled":true}}"#,
            ["keda.enabled and hpa.enabled", "set one of them to false"],
        ),
        (
            r#"poolDefaults={"keda":{"enabled":true,"minReplicas":11}}"#,
            ["keda.minReplicas of pool default is 11", "at most keda.maxReplicas, 10"],
        ),
        (
            r#"broker.existingSecret="""#,
            ["broker.existingSecret is empty", "name the Secret"],
        ),
        (
            r#"ledger.existingSecret="""#,
            ["ledger.existingSecret is empty", "name the Secret"],
        ),
        (
            r#"tryout={"enabled":true}"#,
            ["tryout.enabled", "set tryout.enabled=false"],
        ),
        (r#"broker.keys.username="user""#, ["broker.keys.username", "set both"]),
        (
            r#"pools=[{"name":"a"},{"name":"a"}]"#,
            ["two pools have the name a", "its own"],
        ),
        (
            r#"pools=[{"name":"a"},{"name":"b","pack":"other"}]"#,
            ["pack", "another release"],
        ),
        (
            r#"monitoring={"monitors":true}"#,
            ["networkPolicy.metricsFrom is empty", "name Prometheus"],
        ),
        (
            r#"coordinator={"ingress":{"enabled":true}}"#,
            ["coordinator.ingress.hosts is empty", "list the names"],
        ),
    ];
    for (settings, words) in refused {
        let settings: Vec<String> = settings.split(';').map(str::to_owned).collect();
        let said = HELM
            .manifest(&case("minimal"), &settings)
            .expect_err(&settings.join(" "));
        assert!(words.iter().all(|word| said.contains(word)), "{settings:?}: {said}");
        let schema = said.contains("don't meet the specifications");
        assert!(
            schema || !said.contains('\n'),
            "{settings:?}: more than a sentence: {said}"
        );
    }
}

#[test]
fn the_binary_reads_every_configuration_and_variable() {
    for (name, _) in cases() {
        let objects = rendered(&name);
        for workload in ours(&objects) {
            let (text, _) = objects.configuration(workload).unwrap();
            let said = checked(&text, &variables(workload));
            assert!(said.is_ok(), "{name}, {}: {said:?}\n{text}", workload.title());
        }
    }
    let said = checked("[worker]\nin_flihgt = 3", &[]).unwrap_err();
    assert!(said.contains("in_flihgt"), "{said}");
    let said = checked("", &[("VELATURA_QUEUE__URL".to_owned(), "amqp://broker".to_owned())]).unwrap_err();
    assert!(said.contains("url"), "{said}");
}

#[test]
fn every_word_and_flag_of_a_container_is_known_to_the_binary() {
    for (name, _) in cases() {
        for workload in ours(&rendered(&name)) {
            for (_, container) in workload.containers() {
                let words = strings(&container["args"]);
                let said = help(&words).unwrap_or_else(|said| panic!("{name}, {}: {said}", workload.title()));
                for flag in words.iter().filter(|word| word.starts_with("--")) {
                    let flag = flag.split('=').next().unwrap_or(flag);
                    assert!(said.contains(flag), "{name}, {}: {flag}", workload.title());
                }
            }
        }
    }
    assert!(help(&["paint".to_owned()]).is_err());
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
    // 4 and 40 workers by the queue at 64 tasks each, 7 by the drain time at what they hold.
    assert_eq!(
        config["coordinator"]["window_tasks"].as_integer(),
        Some(44 * 64 + 7 * 24)
    );
    let names: BTreeSet<&str> = objects.of("ServiceAccount").map(Object::name).collect();
    assert_eq!(names.len(), 3, "one for each role: {names:?}");
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

fn ours(objects: &Objects) -> impl Iterator<Item = &Object> {
    objects
        .workloads()
        .filter(|workload| !workload.component().starts_with("tryout"))
}

/// Variables of a workload that belong to the configuration, with values of the right form for those from Secrets.
fn variables(workload: &Object) -> Vec<(String, String)> {
    let all = workload
        .containers()
        .into_iter()
        .flat_map(|(_, container)| container["env"].as_array().into_iter().flatten());
    let set = all.filter_map(|variable| {
        let name = variable["name"]
            .as_str()
            .filter(|name| name.starts_with("VELATURA_") && *name != "VELATURA_CONFIG")?;
        let value = match name {
            "VELATURA_QUEUE__URLS" => "amqp://user:password@one:5672/%2f,amqp://user:password@two:5672/%2f",
            "VELATURA_QUEUE__MANAGEMENT_URL" => "http://user:password@broker:15672",
            "VELATURA_LEDGER__URL" => "postgres://user:password@ledger/velatura",
            _ => "text",
        };
        Some((name.to_owned(), value.to_owned()))
    });
    set.collect()
}

fn checked(configuration: &str, variables: &[(String, String)]) -> Result<(), String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), configuration).unwrap();
    let mut command = velatura_command();
    command.arg("--config").arg(file.path()).args(["config", "--check"]);
    let output = command.envs(variables.iter().cloned()).output().unwrap();
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// The help of a role, once with its subcommand.
fn help(words: &[String]) -> Result<String, String> {
    let roles = words.iter().take_while(|word| !word.starts_with("--")).take(2);
    let output = velatura_command().args(roles).arg("--help").output().unwrap();
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

fn strings(list: &Value) -> Vec<String> {
    let words = list.as_array().into_iter().flatten();
    words
        .map(|word| word.as_str().expect("words are text").to_owned())
        .collect()
}

fn named<'a>(objects: &'a mut Objects, is: impl Fn(&Object) -> bool) -> &'a mut Value {
    &mut objects
        .0
        .iter_mut()
        .find(|object| is(object))
        .expect("there is such an object")
        .0
}

fn first<'a>(objects: &'a mut Objects, kind: &str) -> &'a mut Value {
    named(objects, |object| object.kind() == kind)
}

fn at<'a>(objects: &'a mut Objects, kind: &str, place: &str) -> &'a mut Value {
    first(objects, kind).pointer_mut(place).expect("there is such a place")
}

fn worker(objects: &mut Objects) -> &mut Value {
    named(objects, |object| {
        object.kind() == "Deployment" && object.component() == "worker"
    })
}

fn worker_file(objects: &mut Objects) -> &mut Value {
    &mut named(objects, |object| {
        object.kind() == "ConfigMap" && object.component() == "worker"
    })["data"]["velatura.toml"]
}

fn trigger(objects: &mut Objects) -> &mut Value {
    &mut first(objects, "ScaledObject")["spec"]["triggers"][0]
}

fn remove(object: &mut Value, key: &str) {
    object
        .as_object_mut()
        .and_then(|map| map.remove(key))
        .expect("there is such a key");
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
