//! etcd, API server, controller manager and scheduler as processes on loopback.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use velatura_testkit::{Child, free_port};

use super::certificates::Certificates;
use crate::Tools;

/// How long a part may take to be healthy on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// After so many seconds without a word a node is not ready; Pods on it are evicted as long after that.
const NODE_GRACE_SECONDS: u32 = 8;

/// A running control plane. Its processes end with it.
#[derive(Debug)]
pub struct ControlPlane {
    folder: PathBuf,
    tools: Tools,
    processes: Vec<Child>,
}

impl ControlPlane {
    /// Starts it, with RBAC, Pod Security admission and the aggregation of further APIs.
    ///
    /// # Errors
    /// When a part is missing or does not become healthy; its log is in the message.
    pub fn start(folder: &Path, tools: &Tools) -> Result<Self> {
        let mut this = Self {
            folder: folder.to_owned(),
            tools: tools.clone(),
            processes: Vec::new(),
        };
        let certificates = Certificates::make(folder)?;
        let [client, peer, api, manager, scheduler] = std::array::from_fn(|_| free_port());
        fs::write(this.kubeconfig(), certificates.kubeconfig(api))?;
        fs::write(folder.join("tokens.csv"), certificates.tokens())?;

        this.spawn(
            "etcd",
            &[
                &format!("--data-dir={}", folder.join("etcd").display()),
                "--unsafe-no-fsync",
                "--log-level=warn",
                &format!("--listen-client-urls=http://127.0.0.1:{client}"),
                &format!("--advertise-client-urls=http://127.0.0.1:{client}"),
                &format!("--listen-peer-urls=http://127.0.0.1:{peer}"),
                &format!("--initial-advertise-peer-urls=http://127.0.0.1:{peer}"),
                &format!("--initial-cluster=default=http://127.0.0.1:{peer}"),
            ],
        )?;
        this.until_healthy(&["curl", "-fsS", &format!("http://127.0.0.1:{client}/health")])?;

        let toleration = |what: &str| format!("--default-{what}-toleration-seconds={NODE_GRACE_SECONDS}");
        this.spawn(
            "kube-apiserver",
            &[
                &format!("--etcd-servers=http://127.0.0.1:{client}"),
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                &format!("--secure-port={api}"),
                "--endpoint-reconciler-type=none",
                "--tls-cert-file=server.crt",
                "--tls-private-key-file=server.key",
                "--cert-dir=.",
                "--token-auth-file=tokens.csv",
                "--anonymous-auth=false",
                "--authorization-mode=RBAC",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=accounts.pub",
                "--service-account-signing-key-file=accounts.key",
                "--service-cluster-ip-range=10.96.0.0/24",
                "--requestheader-client-ca-file=ca.crt",
                "--requestheader-allowed-names=front-proxy-client",
                "--requestheader-username-headers=X-Remote-User",
                "--requestheader-group-headers=X-Remote-Group",
                "--requestheader-extra-headers-prefix=X-Remote-Extra-",
                "--proxy-client-cert-file=proxy.crt",
                "--proxy-client-key-file=proxy.key",
                "--profiling=false",
                &toleration("not-ready"),
                &toleration("unreachable"),
            ],
        )?;
        this.until_kubectl(&["get", "--raw", "/readyz"])?;

        this.spawn(
            "kube-controller-manager",
            &[
                "--kubeconfig=kubeconfig",
                "--bind-address=127.0.0.1",
                &format!("--secure-port={manager}"),
                "--cert-dir=manager",
                "--use-service-account-credentials=true",
                "--service-account-private-key-file=accounts.key",
                "--root-ca-file=ca.crt",
                "--leader-elect=false",
                "--horizontal-pod-autoscaler-sync-period=3s",
                "--node-monitor-period=2s",
                &format!("--node-monitor-grace-period={NODE_GRACE_SECONDS}s"),
            ],
        )?;
        this.spawn(
            "kube-scheduler",
            &[
                "--kubeconfig=kubeconfig",
                "--bind-address=127.0.0.1",
                &format!("--secure-port={scheduler}"),
                "--cert-dir=scheduler",
                "--leader-elect=false",
            ],
        )?;
        // Healthy comes before ready: a Pod is refused until there is an account for it.
        this.until_kubectl(&["get", "serviceaccount", "default"])?;
        Ok(this)
    }

    /// The administrator's.
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.join("kubeconfig")
    }

    /// A command of kubectl.
    ///
    /// # Errors
    /// When it is not there.
    pub fn kubectl(&self) -> Result<Command> {
        let mut command = Command::new(self.tools.program("kubectl")?);
        command.env("KUBECONFIG", self.kubeconfig()).env("HOME", &self.folder);
        Ok(command)
    }

    /// Starts a further program of the tools, which ends with the control plane.
    ///
    /// # Errors
    /// When it does not start.
    pub fn spawn(&mut self, program: &str, arguments: &[&str]) -> Result<()> {
        let log = fs::File::create(self.folder.join(format!("{program}.log")))?;
        let mut command = Command::new(self.tools.program(program)?);
        command.args(arguments).current_dir(&self.folder);
        command.env("KUBECONFIG", self.kubeconfig()).env("HOME", &self.folder);
        // What KEDA wants to know of the Pod it does not run in.
        command.envs([
            ("POD_NAMESPACE", "keda"),
            ("KEDA_CLUSTER_OBJECT_NAMESPACE", "keda"),
            ("WATCH_NAMESPACE", ""),
        ]);
        command.stdout(log.try_clone()?).stderr(log);
        self.processes.push(Child::spawn(program, command)?);
        Ok(())
    }

    /// Waits until a command succeeds; an error when the program started last ends before that.
    ///
    /// # Errors
    /// The end of the program's log.
    pub fn until_healthy(&mut self, command: &[&str]) -> Result<()> {
        let folder = self.folder.clone();
        let mut ask = Command::new(command[0]);
        ask.args(&command[1..])
            .env("KUBECONFIG", self.kubeconfig())
            .env("HOME", &folder);
        let last = self.processes.last_mut().context("something was started")?;
        let mut said = String::new();
        let healthy = last.until(PATIENCE, || {
            let output = ask.output().with_context(|| format!("{} does not start", command[0]))?;
            said = String::from_utf8_lossy(&output.stderr).into_owned();
            Ok(output.status.success())
        });
        healthy.with_context(|| format!("{said}logs are in {}", folder.display()))
    }

    fn until_kubectl(&mut self, words: &[&str]) -> Result<()> {
        let kubectl = self.tools.program("kubectl")?;
        let kubectl = kubectl.to_str().context("a path is UTF-8")?;
        self.until_healthy(&[&[kubectl], words].concat())
    }

    /// Serves the API on a port of loopback without certificates and tokens, for [`super::Api`].
    ///
    /// # Errors
    /// When it does not serve.
    pub fn spawn_proxy(&mut self, port: u16) -> Result<()> {
        self.spawn("kubectl", &["proxy", &format!("--port={port}")])?;
        self.until_healthy(&["curl", "-fsS", &format!("http://127.0.0.1:{port}/readyz")])
    }

    /// Runs kubectl to its end, and returns what it printed.
    ///
    /// # Errors
    /// What it said when it failed.
    pub fn ask(&self, words: &[&str], input: &str) -> Result<String> {
        use std::io::Write as _;
        use std::process::Stdio;
        let mut command = self.kubectl()?;
        command
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let mut stdin = child.stdin.take().context("kubectl listens")?;
        let text = input.to_owned();
        let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
        let output = child.wait_with_output()?;
        let _ = writer.join();
        ensure!(
            output.status.success(),
            "kubectl {}: {}",
            words.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
