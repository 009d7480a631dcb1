//! The image that every Pod has, laid out as `deploy/Dockerfile` does.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::repository;

/// The binary, ONNX Runtime and the pack, as files of this machine.
#[derive(Debug, Clone)]
pub struct Image {
    binary: PathBuf,
    onnxruntime: PathBuf,
}

impl Image {
    /// The program in a container.
    pub const PROGRAM: &str = "/velatura/bin/velatura";

    /// Of this binary.
    ///
    /// # Errors
    /// When ONNX Runtime is not where the set-up puts it.
    pub fn of(binary: PathBuf) -> Result<Self> {
        let set = |name| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let data = set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share")));
        let versions = data
            .context("neither XDG_DATA_HOME nor HOME is set")?
            .join("velatura/onnxruntime");
        let found = std::fs::read_dir(&versions)
            .ok()
            .and_then(|mut entries| entries.next()?.ok());
        let onnxruntime = found.with_context(|| format!("{} is empty: run `cargo xtask setup`", versions.display()))?;
        Ok(Self {
            binary,
            onnxruntime: onnxruntime.path(),
        })
    }

    /// Its files: where from, and where to.
    pub(super) fn files(&self) -> [(PathBuf, &'static str); 3] {
        [
            (self.binary.clone(), Self::PROGRAM),
            (self.onnxruntime.clone(), "/velatura/lib/velatura"),
            (repository().join("models"), "/velatura/share/velatura/models"),
        ]
    }
}
