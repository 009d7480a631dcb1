//! Where the set-up puts the programs that the chart is tested with.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

/// The repository's root.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("the crate lies in tests/")
        .to_owned()
}

/// A folder of programs, and of what the API's schemas are made of. `cargo xtask setup` fills it.
#[derive(Debug, Clone)]
pub struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// As this user's set-up left them.
    ///
    /// # Errors
    /// When they are not there.
    pub fn find() -> Result<Self> {
        let set = |name| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let data = set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share")));
        let folder = data
            .context("neither XDG_DATA_HOME nor HOME is set")?
            .join("velatura/kubernetes");
        Ok(Self { folder })
    }

    /// A program.
    ///
    /// # Errors
    /// When it is not there.
    pub fn program(&self, name: &str) -> Result<PathBuf> {
        let program = self.folder.join("bin").join(name);
        ensure!(
            program.is_file(),
            "there is no {}: run `cargo xtask setup`",
            program.display()
        );
        Ok(program)
    }

    /// The API's own description, and the CustomResourceDefinitions of others.
    pub fn schemas(&self) -> PathBuf {
        self.folder.join("schemas")
    }
}
