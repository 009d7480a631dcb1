//! ONNX Runtime: found in known places, checked before use, loaded once a process.

mod arena;
mod elf;
mod error;
mod preflight;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;

pub use error::RuntimeError;
use preflight::preflight;

use crate::Places;

/// ONNX Runtime, loaded. Cheap to clone; it stays loaded as long as the process lives.
#[derive(Debug, Clone)]
pub struct Runtime {
    path: PathBuf,
    version: String,
    environment: Environment,
}

/// The library allows one environment a process, and can't be unloaded.
static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);

impl Runtime {
    /// Finds the library and loads it.
    pub fn locate(explicit: Option<&Path>, places: &Places) -> Result<Self, RuntimeError> {
        Self::load(&Self::find(explicit, places)?)
    }

    /// The library that `explicit` names (a file, or a folder that holds it), else that of the first of
    /// [`Places::runtime_dirs`] that has one.
    pub fn find(explicit: Option<&Path>, places: &Places) -> Result<PathBuf, RuntimeError> {
        let looked_in = match explicit {
            Some(file) if !file.is_dir() => return Ok(file.to_owned()),
            Some(folder) => vec![folder.to_owned()],
            None => places.runtime_dirs(),
        };
        looked_in
            .iter()
            .find_map(|dir| library_in(dir))
            .ok_or(RuntimeError::Missing { looked_in })
    }

    /// Loads one library file. A second call with the same file gives the same runtime.
    pub fn load(path: &Path) -> Result<Self, RuntimeError> {
        let path = path.canonicalize().map_err(|_| RuntimeError::Missing {
            looked_in: vec![path.to_owned()],
        })?;
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        match &*loaded {
            Some(runtime) if runtime.path == path => return Ok(runtime.clone()),
            Some(runtime) => {
                return Err(RuntimeError::Another {
                    loaded: runtime.path.clone(),
                    asked: path,
                });
            }
            None => {}
        }
        let version = preflight(&path)?;
        let broken = |reason: String| RuntimeError::Broken {
            path: path.clone(),
            reason,
        };
        let builder = ort::init_from(&path).map_err(|e| broken(e.to_string()))?;
        let environment = builder
            .with_name("velatura")
            .with_telemetry(false)
            .build()
            .map_err(|e| broken(e.to_string()))?;
        arena::share_one(&environment).map_err(broken)?;
        tracing::debug!(path = %path.display(), version, "ONNX Runtime loaded");
        Ok(loaded
            .insert(Self {
                path: path.clone(),
                version,
                environment,
            })
            .clone())
    }

    /// The library file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the library says of itself, such as `1.31.1`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// For sessions of one's own beside the engine's, as a benchmark needs them.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }
}

/// `libonnxruntime.so` or a version of it; of several the last by name. The providers beside it are no runtime.
fn library_in(dir: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(dir).ok()?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names
        .filter(|name| name.starts_with("libonnxruntime.so"))
        .max()
        .map(|name| dir.join(name))
}
