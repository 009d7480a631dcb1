use ort::ErrorCode;

use super::Value;
use crate::pack::Graph;

/// Runs a graph on a batch. The seam between the device thread and ONNX Runtime.
pub(crate) trait Run: Send + 'static {
    /// Runs `graph` on items of equal shapes; gives the outputs of each.
    fn run(&mut self, graph: Graph, items: &[&[Value]]) -> Result<Vec<Vec<Value>>, RunError>;
}

/// Why a graph did not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RunError {
    /// Not enough memory; the device is fine.
    OutOfMemory(String),
    /// The graph failed on these items; the device is fine.
    Failed(String),
    /// The device's state is unknown.
    Lost(String),
}

impl RunError {
    /// Reads ONNX Runtime's words: it has no code for lack of memory. What was wrong with the question is no fault of the
    /// device; on a GPU whatever else fails may have poisoned the CUDA context, which goes on "working" and gives
    /// garbage, and so is the loss of the device.
    pub(crate) fn new(code: ErrorCode, message: &str, on_gpu: bool) -> Self {
        const MEMORY: [&str; 8] = [
            "out of memory",
            "outofmemory",
            "bad_alloc",
            "failed to allocate memory",
            "cannot allocate memory",
            "memory allocation",
            "bfcarena",
            "alloc_failed",
        ];
        let lower = message.to_lowercase();
        if MEMORY.iter().any(|word| lower.contains(word)) {
            Self::OutOfMemory(message.to_owned())
        } else if on_gpu && code != ErrorCode::InvalidArgument {
            Self::Lost(message.to_owned())
        } else {
            Self::Failed(message.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lack_of_memory_is_known_by_its_many_names() {
        for message in [
            "CUDA failure 2: out of memory ; GPU=0 ; hostname=x",
            "BFCArena::AllocateRawInternal Available memory of 0 is smaller than requested bytes of 1024",
            "Failed to allocate memory for requested buffer of size 8589934592",
            "std::bad_alloc",
            "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED",
        ] {
            let error = RunError::new(ErrorCode::RuntimeException, message, true);
            assert_eq!(error, RunError::OutOfMemory(message.into()));
        }
    }

    #[test]
    fn any_other_failure_on_a_gpu_is_the_loss_of_the_device() {
        let message = "CUDA failure 700: an illegal memory access was encountered";
        assert_eq!(
            RunError::new(ErrorCode::RuntimeException, message, true),
            RunError::Lost(message.into())
        );
        assert_eq!(
            RunError::new(ErrorCode::RuntimeException, "x", false),
            RunError::Failed("x".into())
        );
        assert_eq!(
            RunError::new(ErrorCode::InvalidArgument, "shape", true),
            RunError::Failed("shape".into())
        );
    }
}
