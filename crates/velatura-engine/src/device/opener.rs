use std::path::PathBuf;

use ort::ep::{self, ArenaExtendStrategy, ExecutionProviderDispatch};
use ort::session::Session;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};

use super::Device;
use super::provider::RECORD_ASSIGNMENT;
use crate::pack::{Graph, PackError};
use crate::{EngineError, Runtime};

/// Opens sessions of one graph on one device.
pub(super) struct Opener {
    pub(super) runtime: Runtime,
    pub(super) graph: Graph,
    pub(super) file: PathBuf,
    pub(super) device: Device,
    /// Of each session, for what runs on the CPU.
    pub(super) threads: usize,
}

impl Opener {
    pub(super) fn open(&self) -> Result<Session, EngineError> {
        let unavailable = |e: String| self.unavailable(e);
        let mut builder = builder(&self.runtime, self.threads)
            .map_err(|e| unavailable(e.to_string()))?
            .with_execution_providers(providers(self.device))
            .map_err(|e| unavailable(e.to_string()))?;
        builder.commit_from_file(&self.file).map_err(|e| match e.code() {
            ort::ErrorCode::ExecutionProviderFailure | ort::ErrorCode::DeviceReset => unavailable(e.to_string()),
            _ => PackError::GraphBroken {
                graph: self.graph,
                reason: e.to_string(),
            }
            .into(),
        })
    }

    /// One more session, which can be done without.
    pub(super) fn open_spare(&self) -> Option<Session> {
        let opened = self.open();
        tracing::debug!(graph = %self.graph, error = ?opened.as_ref().err(), "one more session");
        opened.ok()
    }

    pub(super) fn unavailable(&self, reason: String) -> EngineError {
        EngineError::DeviceUnavailable {
            device: self.device,
            reason,
        }
    }
}

fn builder(runtime: &Runtime, threads: usize) -> Result<SessionBuilder, ort::Error> {
    Ok(Session::builder(runtime.environment())?
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_intra_threads(threads)?
        .with_memory_pattern(false)?
        .with_env_allocators()?
        .with_config_entry(RECORD_ASSIGNMENT, "1")?)
}

/// The providers of a device, each of which must register or fail: none is dropped in silence.
fn providers(device: Device) -> Vec<ExecutionProviderDispatch> {
    let cuda = |id: u32| {
        ep::CUDA::default()
            .with_device_id(id as i32)
            .with_arena_extend_strategy(ArenaExtendStrategy::SameAsRequested)
            .with_conv_algorithm_search(ep::cuda::ConvAlgorithmSearch::Heuristic)
            .build()
            .error_on_failure()
    };
    let tensorrt = |id: u32| {
        ep::TensorRT::default()
            .with_device_id(id as i32)
            .build()
            .error_on_failure()
    };
    match device {
        Device::Cpu | Device::Auto => Vec::new(),
        Device::Cuda { id } => vec![cuda(id)],
        Device::TensorRt { id } => vec![tensorrt(id), cuda(id)],
    }
}
