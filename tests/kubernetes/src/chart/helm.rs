//! The pinned Helm.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use super::Objects;
use crate::Tools;

/// What Helm said instead of rendering: one sentence.
pub type Refusal = String;

/// Helm with a home of its own, so that nothing of the user's settings or repositories takes part.
#[derive(Debug)]
pub struct Helm {
    program: PathBuf,
    home: TempDir,
}

impl Helm {
    /// The pinned one, as the set-up left it.
    ///
    /// # Errors
    /// When it is not there.
    pub fn new(tools: &Tools) -> Result<Self> {
        Ok(Self {
            program: tools.program("helm")?,
            home: TempDir::new()?,
        })
    }

    /// A command of it.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        for part in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
            command.env(part, self.home.path());
        }
        command.env_remove("KUBECONFIG").env_remove("HELM_NAMESPACE");
        command
    }

    /// Lints a chart with values, warnings counted as errors.
    ///
    /// # Errors
    /// What Helm complains about.
    pub fn lint(&self, chart: &Path, values: &Path) -> Result<(), Refusal> {
        let mut command = self.command();
        command
            .arg("lint")
            .arg("--strict")
            .arg(chart)
            .arg("--values")
            .arg(values);
        let output = command.output().map_err(|error| error.to_string())?;
        match output.status.success() {
            true => Ok(()),
            false => Err(String::from_utf8_lossy(&output.stdout).into_owned()),
        }
    }

    /// What `helm install` would send, as text: `settings` are `--set-json` of `key=json`.
    ///
    /// # Errors
    /// What Helm says when it refuses.
    pub fn manifest(&self, values: &Path, settings: &[String]) -> Result<String, Refusal> {
        let mut command = self.command();
        command.args(["template", "release", "--namespace", "velatura"]);
        command.arg(super::folder()).arg("--values").arg(values);
        command.args(settings.iter().flat_map(|setting| ["--set-json", setting]));
        let Output { status, stdout, stderr } = command.output().map_err(|error| error.to_string())?;
        match status.success() {
            true => Ok(String::from_utf8_lossy(&stdout).into_owned()),
            false => Err(sentence(&String::from_utf8_lossy(&stderr))),
        }
    }

    /// The same, parsed.
    ///
    /// # Errors
    /// When Helm refuses, or renders no YAML.
    pub fn render(&self, values: &Path, settings: &[String]) -> Result<Objects> {
        let text = self.manifest(values, settings).map_err(anyhow::Error::msg)?;
        Objects::parse(&text).context("what Helm rendered")
    }
}

/// What the chart said, without where Helm was when it said it.
fn sentence(stderr: &str) -> Refusal {
    // Before it, Helm names the links it followed.
    let said = stderr.trim();
    let said = &said[said.find("Error: ").unwrap_or(0)..];
    let at = said
        .find("execution error at")
        .and_then(|at| said[at..].find("): ").map(|end| at + end + 3));
    match at {
        // Behind it, Helm has advice about itself.
        Some(at) => said[at..].lines().next().unwrap_or_default().to_owned(),
        None => said.to_owned(),
    }
}
