use std::path::PathBuf;

use crate::error::listed;

/// Why ONNX Runtime can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuntimeError {
    /// No library where one should be.
    #[error(
        "ONNX Runtime (libonnxruntime.so) was not found in {}: run `cargo xtask setup`, or name it with --onnxruntime PATH",
        listed(looked_in)
    )]
    Missing {
        /// Every place that was looked at.
        looked_in: Vec<PathBuf>,
    },
    /// A file that is no working ONNX Runtime for this machine.
    #[error(
        "{} is not a usable ONNX Runtime ({reason}): run `cargo xtask setup`, or name another with --onnxruntime PATH",
        path.display()
    )]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// An ONNX Runtime without the interface that the engine needs.
    #[error(
        "{} is ONNX Runtime {version}, but at least {minimum} is needed: run `cargo xtask setup`, or name a newer one \
         with --onnxruntime PATH",
        path.display()
    )]
    TooOld {
        /// The file.
        path: PathBuf,
        /// What it says of itself.
        version: String,
        /// The oldest version that will do.
        minimum: &'static str,
    },
    /// The process has loaded a different file.
    #[error(
        "this process has already loaded ONNX Runtime from {}, so {} can't be loaded too: restart to change it",
        loaded.display(), asked.display()
    )]
    Another {
        /// The file in use.
        loaded: PathBuf,
        /// The file asked for.
        asked: PathBuf,
    },
}

impl RuntimeError {
    /// The stable code that users and programs see.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "onnxruntime-missing",
            Self::Broken { .. } => "onnxruntime-broken",
            Self::TooOld { .. } => "onnxruntime-too-old",
            Self::Another { .. } => "onnxruntime-already-loaded",
        }
    }
}
