//! KEDA's operator, and its adapter, which serves the metrics that the HorizontalPodAutoscaler asks for.

use std::fs;
use std::path::Path;

use anyhow::Result;
use velatura_testkit::free_port;

use super::ControlPlane;
use crate::Tools;

/// The adapter's API among those of the API server, and who may read it.
const ADAPTER: &str = r#"
apiVersion: v1
kind: Service
metadata: { name: keda-metrics-apiserver, namespace: keda }
spec: { type: ExternalName, externalName: localhost, ports: [{ port: PORT }] }
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: { name: v1beta1.external.metrics.k8s.io }
spec:
  service: { name: keda-metrics-apiserver, namespace: keda, port: PORT }
  group: external.metrics.k8s.io
  version: v1beta1
  insecureSkipTLSVerify: true
  groupPriorityMinimum: 100
  versionPriority: 100
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: keda-external-metrics-reader }
rules: [{ apiGroups: [external.metrics.k8s.io], resources: ["*"], verbs: [get, list, watch] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: keda-external-metrics-reader }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: keda-external-metrics-reader }
subjects: [{ kind: ServiceAccount, name: horizontal-pod-autoscaler, namespace: kube-system }]
"#;

/// Makes the kinds of KEDA and the Prometheus Operator known, and starts KEDA.
///
/// # Errors
/// When a part is missing or does not become healthy.
pub fn start(plane: &mut ControlPlane, folder: &Path, tools: &Tools) -> Result<()> {
    let kinds = tools.schemas().join("crds");
    plane.ask(&["apply", "--server-side", "-f", &kinds.to_string_lossy()], "")?;
    plane.ask(
        &["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"],
        "",
    )?;
    plane.ask(&["create", "namespace", "keda"], "")?;

    let [grpc, adapter, metrics, probe] = std::array::from_fn(|_| free_port());
    fs::create_dir_all(folder.join("keda"))?;
    for (from, to) in [
        ("ca.crt", "ca.crt"),
        ("server.crt", "tls.crt"),
        ("server.key", "tls.key"),
    ] {
        fs::copy(folder.join(from), folder.join("keda").join(to))?;
    }
    plane.spawn(
        "keda-operator",
        &[
            "--metrics-bind-address=0",
            &format!("--health-probe-bind-address=127.0.0.1:{probe}"),
            &format!("--metrics-service-bind-address=127.0.0.1:{grpc}"),
            "--cert-dir=keda",
            "--zap-log-level=info",
        ],
    )?;
    plane.until_healthy(&["curl", "-fsS", &format!("http://127.0.0.1:{probe}/readyz")])?;
    plane.spawn(
        "keda-adapter",
        &[
            &format!("--secure-port={adapter}"),
            "--bind-address=127.0.0.1",
            &format!("--port={metrics}"),
            "--cert-dir=keda",
            "--tls-cert-file=keda/tls.crt",
            "--tls-private-key-file=keda/tls.key",
            &format!("--metrics-service-address=localhost:{grpc}"),
            "--lister-kubeconfig=kubeconfig",
            "--authentication-kubeconfig=kubeconfig",
            "--authorization-kubeconfig=kubeconfig",
        ],
    )?;
    plane.ask(&["apply", "-f", "-"], &ADAPTER.replace("PORT", &adapter.to_string()))?;
    let available = [
        "wait",
        "--for=condition=Available",
        "apiservice/v1beta1.external.metrics.k8s.io",
        "--timeout=90s",
    ];
    plane.ask(&available, "").map(drop)
}
