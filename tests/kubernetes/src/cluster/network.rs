//! A network of its own, in which nothing but this run is: loopback, a bridge for Pods, and no way out.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

/// What this machine, as a node, is called by from Pods: servers outside of the cluster are reached here.
pub const HOST: &str = "10.244.0.1";
/// In place of a DNS server.
const HOSTS: &str = "/run/netns/hosts";
/// The bridge to which Pods are joined.
const BRIDGE: &str = "pods";
/// Set in the process that already is inside.
const INSIDE: &str = "VELATURA_CLUSTER_INSIDE";

/// Starts this program again in namespaces of its own, and goes on there. Whatever is made in them goes with its last
/// process.
///
/// # Errors
/// When this is not root, or the kernel refuses.
pub fn enter() -> Result<()> {
    if std::env::var_os(INSIDE).is_none() {
        // SAFETY: asks for a number and can't fail.
        let is_root = unsafe { libc::geteuid() } == 0;
        ensure!(
            is_root,
            "this needs root: it makes network and mount namespaces for Pods"
        );
        let this = std::env::current_exe()?;
        let arguments = std::env::args_os().skip(1);
        let mut again = Command::new("unshare");
        again
            .args(["--net", "--mount"])
            .arg(this)
            .args(arguments)
            .env(INSIDE, "1");
        return Err(again.exec()).context("unshare does not start: is util-linux installed?");
    }
    // Names of network namespaces are files: in this mount namespace alone.
    std::fs::create_dir_all("/run/netns")?;
    run("mount", &["-t", "tmpfs", "none", "/run/netns"])?;
    std::fs::copy("/etc/hosts", HOSTS)?;
    run("mount", &["--bind", HOSTS, "/etc/hosts"])?;
    ip("link set lo up")?;
    ip(&format!("link add {BRIDGE} type bridge"))?;
    ip(&format!("addr add {HOST}/16 dev {BRIDGE}"))?;
    ip(&format!("link set {BRIDGE} up"))
}

/// Gives a Pod a network namespace with an address on the bridge.
///
/// # Errors
/// When the kernel refuses.
pub fn join(name: &str, address: &str) -> Result<()> {
    // A name of a device has at most 15 characters.
    let device = format!("v{}", &name[name.len().saturating_sub(12)..]);
    ip(&format!("netns add {name}"))?;
    ip(&format!("link add {device} type veth peer name eth0 netns {name}"))?;
    ip(&format!("link set {device} master {BRIDGE} up"))?;
    ip(&format!("-n {name} link set lo up"))?;
    ip(&format!("-n {name} addr add {address}/16 dev eth0"))?;
    ip(&format!("-n {name} link set eth0 up"))?;
    ip(&format!("-n {name} route add default via {HOST}"))
}

/// Takes a Pod's network away: who talks to it waits in vain, as with a machine that is gone.
pub fn leave(name: &str) {
    let _ = ip(&format!("netns del {name}"));
}

/// Makes a Service's address one of this machine's, and known by the Service's names to what runs outside of Pods.
///
/// # Errors
/// When the kernel refuses.
pub fn take(address: &str, names: &str) -> Result<()> {
    use std::io::Write as _;
    ip(&format!("addr add {address}/32 dev lo"))?;
    let mut hosts = std::fs::File::options().append(true).open(HOSTS)?;
    Ok(writeln!(hosts, "{address} {names}")?)
}

/// All names of a Service, as DNS has them in a cluster; the shortest is for its own namespace.
pub fn names(service: &str, namespace: &str) -> String {
    let full = format!("{service}.{namespace}");
    format!("{service} {full} {full}.svc {full}.svc.cluster.local")
}

fn ip(words: &str) -> Result<()> {
    run("ip", &words.split(' ').collect::<Vec<_>>())
}

fn run(program: &str, words: &[&str]) -> Result<()> {
    let output = Command::new(program)
        .args(words)
        .output()
        .with_context(|| format!("{program} does not start: is it installed?"))?;
    if !output.status.success() {
        bail!(
            "{program} {}: {}",
            words.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}
