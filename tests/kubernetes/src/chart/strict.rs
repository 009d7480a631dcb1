//! The strict check against the API: unknown, missing and wrongly typed fields.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tempfile::TempDir;

use super::{Objects, write_schemas};
use crate::Tools;

/// kubeconform, on schemas made from the pinned API.
#[derive(Debug)]
pub struct Strict {
    program: PathBuf,
    schemas: TempDir,
}

impl Strict {
    /// Makes the schemas.
    ///
    /// # Errors
    /// When what they are made of is not there.
    pub fn new(tools: &Tools) -> Result<Self> {
        let schemas = TempDir::new()?;
        write_schemas(&tools.schemas(), schemas.path())?;
        Ok(Self {
            program: tools.program("kubeconform")?,
            schemas,
        })
    }

    /// What is wrong with the objects, each with its name; empty when nothing is. A kind without a schema is wrong, too.
    ///
    /// # Errors
    /// When kubeconform does not run.
    pub fn complaints(&self, objects: &Objects) -> Result<Vec<String>> {
        let folder = TempDir::new()?;
        for (index, object) in objects.0.iter().enumerate() {
            fs::write(folder.path().join(format!("{index}.json")), object.0.to_string())?;
        }
        let at = self.schemas.path().display();
        let output = Command::new(&self.program)
            .args(["-strict", "-output", "json"])
            .args([
                "-schema-location",
                &format!("{at}/k8s/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"),
            ])
            .args([
                "-schema-location",
                &format!("{at}/crds/{{{{.Group}}}}/{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json"),
            ])
            .arg(folder.path())
            .output()
            .context("kubeconform does not start")?;
        let report: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
        let found = report["resources"]
            .as_array()
            .context("kubeconform says nothing about resources")?;
        let text = |resource: &Value, key: &str| resource[key].as_str().unwrap_or_default().to_owned();
        Ok(found
            .iter()
            .filter(|resource| resource["status"] != "statusValid")
            .map(|resource| {
                format!(
                    "{} {}: {}",
                    text(resource, "kind"),
                    text(resource, "name"),
                    text(resource, "msg")
                )
            })
            .collect())
    }
}
