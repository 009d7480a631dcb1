use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::run::{data_dir, quietly, root};

/// A copy of a part of the repository, to be spoilt; it goes when done.
pub(super) struct Copy(PathBuf);

impl Copy {
    pub(super) fn of(folders: &[&str]) -> Result<Self> {
        let copy = Self(data_dir()?.join(format!("spoilt-{}", std::process::id())));
        let _ = fs::remove_dir_all(&copy.0);
        fs::create_dir_all(&copy.0)?;
        let mut cp = Command::new("cp");
        cp.current_dir(root())
            .args(["-r", "--parents"])
            .args(folders)
            .arg(&copy.0);
        quietly(&mut cp)?;
        Ok(copy)
    }

    pub(super) fn root(&self) -> &Path {
        &self.0
    }

    /// Puts one text in the place of another in a file.
    pub(super) fn replace(&self, (file, right, wrong): (&str, &str, &str)) -> Result<()> {
        let path = self.0.join(file);
        let text = fs::read_to_string(&path).with_context(|| format!("{file} can't be read"))?;
        ensure!(
            text.contains(right),
            "{file} has no {right:?} to be spoilt: correct the mistake in xtask/src/deploy"
        );
        Ok(fs::write(&path, text.replacen(right, wrong, 1))?)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
