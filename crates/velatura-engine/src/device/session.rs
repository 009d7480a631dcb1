use std::collections::HashMap;

use super::loaded::Loaded;
use super::opener::Opener;
use super::provider::assignment;
use super::shapes::Shapes;
use super::signature::check_signature;
use super::{Device, Provider, Run, RunError, Value};
use crate::pack::{Graph, Pack};
use crate::{EngineError, Runtime};

/// Sessions of one graph on a GPU. Cameras have some six shapes of picture, upright ones with them; the smaller come in
/// batches of two and four, too.
const GPU_SHAPES: usize = 16;

/// The sessions of a pack on one device.
pub(crate) struct Sessions {
    provider: Provider,
    graphs: HashMap<Graph, Loaded>,
}

impl Sessions {
    /// Opens every graph of the pack on the device asked for, or not at all. `Auto` tries CUDA, then the CPU.
    pub(crate) fn open(runtime: &Runtime, pack: &Pack, device: Device, threads: usize) -> Result<Self, EngineError> {
        match device {
            Device::Auto => match Self::open_on(runtime, pack, Device::Cuda { id: 0 }, threads) {
                Err(EngineError::DeviceUnavailable { reason, .. }) => {
                    tracing::warn!(
                        reason,
                        "no GPU can be used: painting on the CPU, which is many times slower"
                    );
                    Self::open_on(runtime, pack, Device::Cpu, threads)
                }
                other => other,
            },
            Device::Cpu | Device::Cuda { .. } | Device::TensorRt { .. } => {
                Self::open_on(runtime, pack, device, threads)
            }
        }
    }

    fn open_on(runtime: &Runtime, pack: &Pack, device: Device, threads: usize) -> Result<Self, EngineError> {
        // Beside a GPU the threads of a dozen sessions would only be in the way.
        let (provider, threads) = match device {
            Device::Cpu | Device::Auto => (Provider::Cpu, threads),
            Device::Cuda { .. } => (Provider::Cuda, 1),
            Device::TensorRt { .. } => (Provider::TensorRt, 1),
        };
        let open = |graph| {
            let opener = Opener {
                runtime: runtime.clone(),
                graph,
                file: pack.graph(graph).unwrap_or_default(),
                device,
                threads,
            };
            Ok((graph, load(opener, pack, provider)?))
        };
        let graphs = pack
            .graphs()
            .into_iter()
            .map(open)
            .collect::<Result<_, EngineError>>()?;
        Ok(Self { provider, graphs })
    }

    /// What runs the graphs, as ONNX Runtime says.
    pub(crate) fn provider(&self) -> Provider {
        self.provider
    }

    /// Closes the sessions that can be done without, whose memory another may need; says whether there were any.
    fn close_spares(&mut self) -> bool {
        let closed = self.graphs.values_mut().map(|loaded| loaded.sessions.close_spares());
        closed.fold(false, |any, closed| any | closed)
    }
}

fn load(opener: Opener, pack: &Pack, provider: Provider) -> Result<Loaded, EngineError> {
    let (session, graph) = (opener.open()?, opener.graph);
    let (inputs, outputs) = (graph.inputs(pack.paint()), graph.outputs(pack.paint()));
    check_signature(graph, &inputs, session.inputs())?;
    check_signature(graph, &outputs, session.outputs())?;
    let nodes = assignment(&session).map_err(|e| opener.unavailable(e))?;
    tracing::debug!(%graph, ?nodes, "graph loaded");
    if nodes.get(provider.onnx_name()).is_none_or(|&count| count == 0) {
        let reason = format!("ONNX Runtime gave the {graph} graph to other providers: {nodes:?}");
        return Err(opener.unavailable(reason));
    }
    let batch = session
        .inputs()
        .first()
        .and_then(|input| input.dtype().tensor_shape()?.first().copied());
    let most = match provider {
        Provider::Cpu => 1,
        Provider::Cuda | Provider::TensorRt => GPU_SHAPES,
    };
    Ok(Loaded {
        sessions: Shapes::new(most, session),
        opener,
        inputs,
        outputs,
        one_at_a_time: batch == Some(1),
    })
}

impl Run for Sessions {
    fn run(&mut self, graph: Graph, items: &[&[Value]]) -> Result<Vec<Vec<Value>>, RunError> {
        loop {
            let Some(loaded) = self.graphs.get_mut(&graph) else {
                return Err(RunError::Failed("the pack has no such graph".into()));
            };
            let on_gpu = self.provider != Provider::Cpu;
            let outputs = loaded
                .run(items)
                .map_err(|e| RunError::new(e.code(), e.message(), on_gpu));
            match &outputs {
                Err(RunError::OutOfMemory(reason)) if self.close_spares() => {
                    tracing::debug!(reason, "out of memory: once more without the sessions for other shapes");
                }
                _ => return outputs,
            }
        }
    }
}
