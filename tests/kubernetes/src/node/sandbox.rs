//! A container as a process: its own network, root and user.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use anyhow::{Context as _, Result};
use serde_json::Value;
use tokio::process::{Child, Command};

use super::image::Image;
use super::pod::Pod;

/// What makes a process look like a container; see there.
const SANDBOX: &str = include_str!("sandbox.sh");

/// What the containers of a Pod have in common.
#[derive(Debug)]
pub(super) struct Sandbox {
    pub(super) folder: PathBuf,
    pub(super) logs: PathBuf,
    pub(super) volumes: BTreeMap<String, PathBuf>,
    pub(super) hosts: String,
}

impl Sandbox {
    /// Starts a container.
    pub(super) fn start(
        &self,
        pod: &Pod,
        container: &Value,
        image: &Image,
        variables: Vec<(String, String)>,
    ) -> Result<Child> {
        let name = container["name"].as_str().context("a container has a name")?;
        let work = self.folder.join(name);
        let root = work.join("root");
        fs::create_dir_all(&root)?;
        fs::write(work.join("sandbox.sh"), SANDBOX)?;
        fs::write(work.join("hosts"), &self.hosts)?;
        fs::write(work.join("files"), self.files(container, image, &work.join("hosts"))?)?;

        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.logs.join(format!("{}-{name}.log", pod.name())))?;
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", &pod.network(), "bash"])
            .arg(work.join("sandbox.sh"))
            .arg(&root);
        command
            .arg(pod.security("runAsUser").to_string())
            .arg(pod.security("runAsGroup").to_string());
        command.arg(work.join("files")).arg(Image::PROGRAM);
        for word in container["args"].as_array().into_iter().flatten() {
            command.arg(word.as_str().context("a word is text")?);
        }
        command
            .env_clear()
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        command
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        command.kill_on_drop(true).spawn().context("the sandbox does not start")
    }

    fn files(&self, container: &Value, image: &Image, hosts: &std::path::Path) -> Result<String> {
        let mut lines = format!("{} /etc/hosts ro\n", hosts.display());
        for (from, to) in image.files() {
            lines += &format!("{} {to} ro\n", from.display());
        }
        for mount in container["volumeMounts"].as_array().into_iter().flatten() {
            let name = mount["name"].as_str().context("a mount has a name")?;
            let from = self
                .volumes
                .get(name)
                .with_context(|| format!("there is no volume {name}"))?;
            let to = mount["mountPath"].as_str().context("a mount has a path")?;
            let mode = if mount["readOnly"] == true { "ro" } else { "rw" };
            lines += &format!("{} {to} {mode}\n", from.display());
        }
        Ok(lines)
    }
}

/// Sends a signal to a container that has not been waited for.
pub(super) fn signal(child: &Child, signal: i32) {
    if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()) {
        // SAFETY: the child has not been waited for, so the id is still its own.
        unsafe { libc::kill(pid, signal) };
    }
}

/// How a container ended, as the API has it.
pub(super) fn ended(status: ExitStatus) -> Value {
    use std::os::unix::process::ExitStatusExt as _;
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    let reason = if code == 0 { "Completed" } else { "Error" };
    serde_json::json!({ "terminated": { "exitCode": code, "reason": reason, "finishedAt": super::status::now() } })
}
