//! The chart as a release.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::servers::Published;
use crate::Tools;
use crate::chart::{Helm, folder};
use crate::cluster::ControlPlane;

/// Where it is installed; Pods there must be `restricted`.
pub(super) const NAMESPACE: &str = "velatura";
/// Its name.
pub(super) const NAME: &str = "velatura";

/// The most workers that KEDA may ask for by the queue's length.
pub(super) const MOST_WORKERS: f64 = 3.0;

/// What is told to the chart: little for everything, so that much happens within minutes on two cores.
const VALUES: &str = r#"
image: { repository: registry.example/velatura }
broker: { existingSecret: velatura-broker }
ledger: { existingSecret: velatura-ledger }
objects: { existingSecret: velatura-objects }
config:
  logs: { format: text }
  objects: { s3: { endpoint_url: "STORAGE", region: us-east-1 } }
  # Far less than the job has, so that the backlog lies in the ledger.
  coordinator: { lease_seconds: 61, window_tasks: 60 }
  engine: { threads: 1 }
  worker: { in_flight: 4, attempt_timeout_seconds: 60, drain_seconds: 30 }
  exporter: { poll_seconds: 1, worker_tasks_per_second: 5, target_drain_seconds: 60 }
coordinator: { tls: { existingSecret: velatura-tls, keys: { ca: ca.crt } } }
networkPolicy: { metricsFrom: [{ namespaceSelector: {} }] }
monitoring: { monitors: true, rules: true, dashboards: true }
poolDefaults:
  packSource: { url: "PACK", sha256: "SUM" }
  terminationGracePeriodSeconds: 40
  resources:
    requests: { cpu: 500m, memory: 512Mi }
    limits: { cpu: "2", memory: 2Gi }
pools:
  # Follows the exporter instead of the queue; one worker, for it paints beside the others.
  - name: drain
    keda: { enabled: true, trigger: drainTime, maxReplicas: 1, pollingSeconds: 2, cooldownSeconds: 5 }
  - name: default
    keda:
      enabled: true
      minReplicas: 0
      maxReplicas: MOST
      tasksPerReplica: 12
      pollingSeconds: 2
      cooldownSeconds: 5
      scaleDownStabilizationSeconds: 5
      scaleDownPercent: 100
"#;

/// What an upgrade changes: the configuration of every role, so that all Pods are made anew.
const UPGRADE: &str = "config: { logs: { format: json }, worker: { in_flight: 5 } }\n";

/// Helm with the values of this run.
#[derive(Debug)]
pub(super) struct Release {
    helm: Helm,
    kubeconfig: PathBuf,
    values: PathBuf,
    upgrade: PathBuf,
}

impl Release {
    pub(super) fn new(
        tools: &Tools,
        plane: &ControlPlane,
        work: &Path,
        storage: &str,
        pack: &Published,
    ) -> Result<Self> {
        let this = Self {
            helm: Helm::new(tools)?,
            kubeconfig: plane.kubeconfig(),
            values: work.join("values.yaml"),
            upgrade: work.join("upgrade.yaml"),
        };
        let told = [
            ("STORAGE", storage),
            ("MOST", &MOST_WORKERS.to_string()),
            ("PACK", &pack.url),
            ("SUM", &pack.sha256),
        ];
        let values = told
            .iter()
            .fold(VALUES.to_owned(), |text, (mark, value)| text.replace(mark, value));
        fs::write(&this.values, values)?;
        fs::write(&this.upgrade, UPGRADE)?;
        Ok(this)
    }

    pub(super) fn install(&self) -> Result<()> {
        let chart = folder();
        let words = ["install", NAME, path(&chart)?, "--values", path(&self.values)?];
        self.helm(&[&words[..], &["--wait", "--timeout", "4m"]].concat())
    }

    pub(super) fn upgrade(&self) -> Result<()> {
        let chart = folder();
        let words = [
            "upgrade",
            NAME,
            path(&chart)?,
            "--values",
            path(&self.values)?,
            "--values",
            path(&self.upgrade)?,
        ];
        self.helm(&[&words[..], &["--wait", "--timeout", "4m"]].concat())
    }

    pub(super) fn uninstall(&self) -> Result<()> {
        self.helm(&["uninstall", NAME, "--wait", "--timeout", "2m"])
    }

    fn helm(&self, words: &[&str]) -> Result<()> {
        let mut command = self.helm.command();
        command
            .args(words)
            .args(["--namespace", NAMESPACE])
            .env("KUBECONFIG", &self.kubeconfig);
        let output = command.output().context("helm does not start")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "helm {}: {}", words[0], said.trim());
        Ok(())
    }
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().context("a path is UTF-8")
}
