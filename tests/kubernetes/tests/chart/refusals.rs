//! Values that can't work.

use crate::{HELM, case};

#[test]
fn wrong_values_are_refused_with_a_sentence_that_names_the_value_and_the_remedy() {
    // What is set, and the words that must be said: the value, then what to do.
    let refused: [(&str, [&str; 2]); 35] = [
        (
            r#"pools=[{"name":"a"},{"name":"b","replica":3}]"#,
            ["pools[1].replica is not a value of this chart", "replicas"],
        ),
        (
            r#"config={"worker":{"in_flihgt":3}}"#,
            ["config.worker.in_flihgt is not a value", "in_flight"],
        ),
        (
            r#"pools=[{"name":"a","config":{"worker":{"pipeline":{"pixels":3}}}}]"#,
            ["pools[0].config.worker.pipeline.pixels is not", "budget_pixels"],
        ),
        (
            r#"imagePullSecrets=[{"nam":"a"}]"#,
            ["imagePullSecrets[0].nam is not", "name"],
        ),
        (
            r#"autoscaling={"enabled":true}"#,
            ["autoscaling is not a value", "pools"],
        ),
        (
            r#"config={"ledger":{"url":"postgres://x"}}"#,
            ["config.ledger is decided by the chart", "set ledger.existingSecret"],
        ),
        (
            r#"poolDefaults={"config":{"engine":{"device":"cuda"}}}"#,
            [
                "poolDefaults.config.engine.device is decided",
                "set the device of a pool",
            ],
        ),
        (
            r#"config={"worker":{"listen":"0.0.0.0:1"}}"#,
            ["config.worker.listen is decided by the chart", "leave it out"],
        ),
        (
            r#"poolDefaults={"name":"a"}"#,
            ["poolDefaults.name is set", "set name in pools"],
        ),
        (
            r#"coordinator={"tls":{"secretName":"velatura-tls"}}"#,
            ["coordinator.tls.secretName is not", "existingSecret"],
        ),
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
            r#"config.coordinator.access="keys""#,
            ["exporter.existingSecret is empty", "velatura keys create"],
        ),
        (
            r#"coordinator={"ingress":{"enabled":true,"hosts":["a.example"]}}"#,
            ["config.coordinator.access is off", "set config.coordinator.access=keys"],
        ),
        (
            r#"config.coordinator.access="keys";exporter.existingSecret="key";coordinator={"ingress":{"enabled":true}}"#,
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
