//! Programs of Kubernetes, built from their Go modules at the versions pinned in `tests/kubernetes/tools`.
//!
//! There is no package with all of them, and each publishes its sources as a module whose checksum is pinned in `go.sum`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use sha2::{Digest as _, Sha256};

use super::Need;
use crate::run::{data_dir, quietly, root};

/// Helm and what checks the chart: part of every test run.
pub(crate) const CHART: Tools = Tools {
    name: "Helm, kubeconform and the schemas of Kubernetes, KEDA and the Prometheus Operator",
    cost: "from their Go modules: 150 MB to fetch, built in some 3 minutes on 2 cores",
    stamp: "chart",
    bring: bring_chart,
};

/// A control plane with KEDA: for `cargo xtask cluster`.
pub(crate) const CLUSTER: Tools = Tools {
    name: "etcd, the Kubernetes control plane, kubectl and KEDA",
    cost: "from their Go modules: some 600 MB to fetch, built in some 15 minutes on 2 cores, 800 MB",
    stamp: "cluster",
    bring: bring_cluster,
};

/// Programs that are built together.
pub(crate) struct Tools {
    name: &'static str,
    cost: &'static str,
    stamp: &'static str,
    bring: fn(&Path) -> Result<()>,
}

const HELM: &str = "helm.sh/helm/v3";
const KUBECONFORM: &str = "github.com/yannh/kubeconform";
const KUBERNETES: &str = "k8s.io/kubernetes";
const KEDA: &str = "github.com/kedacore/keda/v2";
/// Only its CustomResourceDefinitions are used, so it stands in no `go.mod`: with its version and checksum.
const PROMETHEUS_OPERATOR: [&str; 2] = [
    "github.com/prometheus-operator/prometheus-operator@v0.85.0",
    "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
];

impl Need for Tools {
    fn name(&self) -> &'static str {
        self.name
    }

    fn cost(&self) -> &'static str {
        self.cost
    }

    fn is_there(&self) -> bool {
        let stamp = folder().and_then(|folder| Ok(fs::read_to_string(folder.join(self.stamp))?));
        stamp.is_ok_and(|stamp| pinned().is_ok_and(|pinned| pinned == stamp))
    }

    fn bring(&self) -> Result<()> {
        let go = Command::new("go").arg("version").output();
        ensure!(
            go.is_ok_and(|go| go.status.success()),
            "Go 1.26 or later is needed to build them, and there is no `go` on the PATH: install it, then try again"
        );
        let folder = folder()?;
        fs::create_dir_all(folder.join("bin"))?;
        (self.bring)(&folder)?;
        Ok(fs::write(folder.join(self.stamp), pinned()?)?)
    }
}

/// Where they lie: the tests look here.
fn folder() -> Result<PathBuf> {
    Ok(data_dir()?.join("kubernetes"))
}

fn modules(set: &str) -> PathBuf {
    root().join("tests/kubernetes/tools").join(set)
}

/// What is pinned, in short: other modules are other tools.
fn pinned() -> Result<String> {
    let mut sum = Sha256::new();
    for set in ["cluster", "keda"] {
        for file in ["go.mod", "go.sum"] {
            sum.update(fs::read(modules(set).join(file))?);
        }
    }
    sum.update(PROMETHEUS_OPERATOR.concat());
    Ok(hex::encode(sum.finalize()))
}

/// The pinned version of a module.
fn version(set: &str, module: &str) -> Result<String> {
    let text = fs::read_to_string(modules(set).join("go.mod"))?;
    let mut words = text
        .lines()
        .map(|line| line.split_whitespace().filter(|word| *word != "require"));
    let found = words.find_map(|mut words| (words.next() == Some(module)).then(|| words.next()).flatten());
    Ok(found.with_context(|| format!("go.mod pins no {module}"))?.to_owned())
}

fn bring_chart(folder: &Path) -> Result<()> {
    let bin = folder.join("bin");
    let mut programs = vec!["github.com/yannh/kubeconform/cmd/kubeconform"];
    match helm_at_hand()? {
        Some(helm) => {
            let _ = fs::remove_file(bin.join("helm"));
            symlink(helm, bin.join("helm"))?;
        }
        None => programs.push("helm.sh/helm/v3/cmd/helm"),
    }
    build("cluster", &programs, &bin)?;
    schemas(&folder.join("schemas"))
}

/// The machine's own Helm, if it is the pinned version.
fn helm_at_hand() -> Result<Option<PathBuf>> {
    let wanted = version("cluster", HELM)?;
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let mut there = std::env::split_paths(&paths)
        .map(|path| path.join("helm"))
        .filter(|helm| helm.is_file());
    Ok(there.find(|helm| {
        let said = Command::new(helm)
            .args(["version", "--template", "{{.Version}}"])
            .output();
        said.is_ok_and(|said| String::from_utf8_lossy(&said.stdout) == wanted)
    }))
}

fn bring_cluster(folder: &Path) -> Result<()> {
    let bin = folder.join("bin");
    build(
        "cluster",
        &[
            "go.etcd.io/etcd/server/v3",
            "k8s.io/kubernetes/cmd/kube-apiserver",
            "k8s.io/kubernetes/cmd/kube-controller-manager",
            "k8s.io/kubernetes/cmd/kube-scheduler",
            "k8s.io/kubernetes/cmd/kubectl",
        ],
        &bin,
    )?;
    fs::rename(bin.join("server"), bin.join("etcd"))?;
    build(
        "keda",
        &[
            "github.com/kedacore/keda/v2/cmd/operator",
            "github.com/kedacore/keda/v2/cmd/adapter",
        ],
        &bin,
    )?;
    for program in ["operator", "adapter"] {
        fs::rename(bin.join(program), bin.join(format!("keda-{program}")))?;
    }
    Ok(())
}

fn build(set: &str, programs: &[&str], into: &Path) -> Result<()> {
    let mut go = go();
    go.current_dir(modules(set))
        .args(["build", "-trimpath", "-ldflags", &labels(set)?, "-o"]);
    // With a slash at its end it is a folder.
    quietly(go.arg(into.join("")).args(programs))
}

fn go() -> Command {
    let mut go = Command::new("go");
    go.env("GOWORK", "off")
        .env("CGO_ENABLED", "0")
        .env("GOFLAGS", "-buildvcs=false -mod=readonly");
    go
}

/// The versions that programs call themselves by. Without them Helm would render for Kubernetes 1.20, and refuse.
fn labels(set: &str) -> Result<String> {
    if set == "keda" {
        return Ok(format!("-s -w -X {KEDA}/version.Version={}", version(set, KEDA)?));
    }
    let (kubernetes, helm) = (version(set, KUBERNETES)?, version(set, HELM)?);
    let minor = kubernetes
        .split('.')
        .nth(1)
        .context("a version of Kubernetes has a minor")?;
    let mut labels = vec![
        (format!("{HELM}/internal/version.version"), helm),
        (format!("{HELM}/internal/version.gitTreeState"), "clean".to_owned()),
        ("main.version".to_owned(), version(set, KUBECONFORM)?),
    ];
    for package in ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"] {
        labels.push((format!("{package}.gitVersion"), kubernetes.clone()));
        labels.push((format!("{package}.gitMajor"), "1".to_owned()));
        labels.push((format!("{package}.gitMinor"), minor.to_owned()));
        labels.push((format!("{package}.gitTreeState"), "clean".to_owned()));
    }
    for package in ["chartutil", "lint/rules"] {
        labels.push((format!("{HELM}/pkg/{package}.k8sVersionMajor"), "1".to_owned()));
        labels.push((format!("{HELM}/pkg/{package}.k8sVersionMinor"), minor.to_owned()));
    }
    let labels = labels.iter().map(|(name, value)| format!(" -X {name}={value}"));
    Ok(labels.fold("-s -w".to_owned(), |flags, label| flags + &label))
}

/// What Kubernetes publishes about its API, and the CustomResourceDefinitions of the others.
fn schemas(into: &Path) -> Result<()> {
    let _ = fs::remove_dir_all(into);
    fs::create_dir_all(into.join("crds"))?;
    let kubernetes = sources(&format!("{KUBERNETES}@{}", version("cluster", KUBERNETES)?), None)?;
    fs::copy(
        kubernetes.join("api/openapi-spec/swagger.json"),
        into.join("swagger.json"),
    )?;
    let keda = sources(&format!("{KEDA}@{}", version("keda", KEDA)?), None)?.join("config/crd/bases");
    let [operator, sum] = PROMETHEUS_OPERATOR;
    let prometheus = sources(operator, Some(sum))?.join("example/prometheus-operator-crd");
    for file in [
        keda.join("keda.sh_scaledobjects.yaml"),
        keda.join("keda.sh_triggerauthentications.yaml"),
        keda.join("keda.sh_clustertriggerauthentications.yaml"),
        keda.join("keda.sh_scaledjobs.yaml"),
        keda.join("eventing.keda.sh_cloudeventsources.yaml"),
        keda.join("eventing.keda.sh_clustercloudeventsources.yaml"),
        prometheus.join("monitoring.coreos.com_podmonitors.yaml"),
        prometheus.join("monitoring.coreos.com_servicemonitors.yaml"),
        prometheus.join("monitoring.coreos.com_prometheusrules.yaml"),
    ] {
        let name = file.file_name().context("a file has a name")?;
        fs::copy(&file, into.join("crds").join(name)).with_context(|| format!("copying {}", file.display()))?;
    }
    Ok(())
}

/// The folder of a module's sources, fetched if need be and compared with its checksum.
fn sources(module: &str, sum: Option<&str>) -> Result<PathBuf> {
    let mut go = go();
    // Outside of any module, so that it is only fetched; Go compares it with the public database of checksums.
    let output = go
        .env_remove("GOFLAGS")
        .current_dir("/")
        .args(["mod", "download", "-json", module])
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let field = |name: &str| {
        let line = said
            .lines()
            .find_map(|line| line.trim().strip_prefix(&format!("\"{name}\": \"")));
        line.map(|rest| rest.trim_end_matches(',').trim_end_matches('"').to_owned())
    };
    let Some(dir) = field("Dir") else {
        bail!("{module} can't be fetched: {}", field("Error").unwrap_or_default());
    };
    let found = field("Sum").unwrap_or_default();
    ensure!(
        sum.is_none_or(|sum| sum == found),
        "{module} has the checksum {found}, not the pinned one"
    );
    Ok(dir.into())
}
