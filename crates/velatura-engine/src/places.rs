use std::path::{Path, PathBuf};

/// The version of ONNX Runtime that the set-up brings, and the folder's name in its known place.
pub const ONNX_RUNTIME_VERSION: &str = "1.31.1";

/// Where a program finds what was installed beside it or for its user. The one reader of the process's surroundings.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The folder of the running program.
    pub executable_dir: Option<PathBuf>,
    /// The folder the program was started in.
    pub current_dir: Option<PathBuf>,
    /// The user's data folder: `$XDG_DATA_HOME` or `~/.local/share`.
    pub data_dir: Option<PathBuf>,
}

impl Places {
    /// As this process sees them.
    pub fn of_this_process() -> Self {
        let set = |name| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        Self {
            executable_dir: std::env::current_exe()
                .ok()
                .and_then(|path| path.parent().map(Path::to_owned)),
            current_dir: std::env::current_dir().ok(),
            data_dir: set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share"))),
        }
    }

    /// Where ONNX Runtime may lie, the likeliest first.
    pub fn runtime_dirs(&self) -> Vec<PathBuf> {
        let beside = self
            .executable_dir
            .iter()
            .flat_map(|dir| [dir.join("lib"), dir.join("../lib/velatura")]);
        let known = self
            .data_dir
            .iter()
            .map(|dir| dir.join("velatura/onnxruntime").join(ONNX_RUNTIME_VERSION));
        beside.chain(known).collect()
    }

    /// Where packs may lie: `models/` above the program and above the current folder, then the installed places.
    pub fn model_dirs(&self) -> Vec<PathBuf> {
        let above = [&self.executable_dir, &self.current_dir]
            .into_iter()
            .flatten()
            .flat_map(|dir| dir.ancestors());
        let shared = self
            .executable_dir
            .iter()
            .map(|dir| dir.join("../share/velatura/models"));
        let own = self.data_dir.iter().map(|dir| dir.join("velatura/models"));
        let mut dirs: Vec<PathBuf> = above.map(|dir| dir.join("models")).chain(shared).chain(own).collect();
        dirs.retain(|dir| dir.is_dir());
        dirs.dedup();
        dirs
    }
}
