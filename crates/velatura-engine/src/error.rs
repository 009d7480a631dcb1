use std::path::{Path, PathBuf};

use crate::{Device, Graph, PackError, RuntimeError};

/// Why the engine can't start, or can't go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EngineError {
    /// ONNX Runtime is missing, broken or too old.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The pack is missing, damaged or not what it says.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The device asked for is not there, or doesn't do the work.
    #[error(
        "the device {device} can't be used ({reason}): use `--device cpu`, or the GPU build of ONNX Runtime with its CUDA \
         libraries"
    )]
    DeviceUnavailable {
        /// What was asked for.
        device: Device,
        /// What ONNX Runtime said.
        reason: String,
    },
    /// The device failed in a way that leaves its state unknown. Nothing it computes from here on can be trusted: the
    /// process should end and be started afresh.
    #[error("the device failed and can't be trusted any more ({reason}): restart the process")]
    DeviceLost {
        /// What ONNX Runtime said.
        reason: String,
    },
    /// The engine was closed.
    #[error("the engine has been closed: start another one")]
    Closed,
    /// The operating system gives no thread.
    #[error("the operating system gave no thread for the device ({0}): raise the limit of threads")]
    Thread(String),
    /// A style picture can't be read; photos have their errors in the [`Response`](crate::Response).
    #[error(transparent)]
    Style(#[from] PaintError),
}

impl EngineError {
    /// The stable code that users and programs see.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Runtime(error) => error.code(),
            Self::Pack(error) => error.code(),
            Self::DeviceUnavailable { .. } => "device-unavailable",
            Self::DeviceLost { .. } => "device-lost",
            Self::Closed => "engine-closed",
            Self::Thread(_) => "engine-thread",
            Self::Style(error) => error.code(),
        }
    }
}

/// Why one picture was not painted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PaintError {
    /// `depth.mode = "map"` without a map.
    #[error("the recipe takes depth from a map, but this photo came without one: check where `depth.map` points")]
    MissingDepthMap,
    /// A style code of another pack.
    #[error(
        "the style's code has {found} numbers, but this pack's have {expected}: read the style again with this pack"
    )]
    ForeignStyle {
        /// Numbers in the pack's codes.
        expected: usize,
        /// Numbers in this one.
        found: usize,
    },
    /// The depth network gave something that is no depth.
    #[error(
        "the depth network gave values that are no numbers for this photo: use `depth.mode = \"off\"`, or another pack"
    )]
    BadDepth,
    /// The painting is one flat colour though the photo is not.
    #[error("the painting came out as one flat colour: the pack or the device is faulty, try another device or pack")]
    BadOutput,
    /// Even the smallest tiles don't fit into memory.
    #[error("there is not enough memory even for the smallest tiles ({0}): give the process or the device more memory")]
    OutOfMemory(String),
    /// A graph failed on this picture.
    #[error("the pack's {graph} graph failed on this picture: {reason}")]
    Graph {
        /// Which graph.
        graph: Graph,
        /// What ONNX Runtime said.
        reason: String,
    },
}

impl PaintError {
    /// The stable code that users and programs see.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MissingDepthMap => "missing-depth-map",
            Self::ForeignStyle { .. } => "foreign-style",
            Self::BadDepth => "bad-depth",
            Self::BadOutput => "bad-output",
            Self::OutOfMemory(_) => "out-of-memory",
            Self::Graph { .. } => "graph-failed",
        }
    }

    /// Whether another attempt would end the same way. Memory may be free elsewhere or later; a flat or senseless output
    /// is most often the device's fault, and so is a graph that fails.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::MissingDepthMap | Self::ForeignStyle { .. } => true,
            Self::BadDepth | Self::BadOutput | Self::OutOfMemory(_) | Self::Graph { .. } => false,
        }
    }
}

/// Paths as they are named in a sentence.
pub(crate) fn listed(paths: &[PathBuf]) -> String {
    match paths {
        [] => "any known place".to_owned(),
        _ => paths.iter().map(|path| shown(path)).collect::<Vec<_>>().join(", "),
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
