use std::collections::HashMap;

use ort::ep::{self, ArenaExtendStrategy, ExecutionProviderDispatch};
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::session::{Session, SessionInputValue};
use ort::value::{Outlet, Tensor, TensorElementType, TensorRef};
use velatura_image::Rgb8;

use super::provider::{RECORD_ASSIGNMENT, assignment};
use super::{Device, Floats, Provider, Run, RunError, Value};
use crate::pack::{Element, Graph, Pack, PackError, Port};
use crate::{EngineError, Runtime};

/// The sessions of a pack on one device.
pub(crate) struct Sessions {
    provider: Provider,
    sessions: HashMap<Graph, Loaded>,
}

struct Loaded {
    session: Session,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
    /// The graph's batch is 1 for good, as in many published ones.
    one_at_a_time: bool,
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
        let provider = match device {
            Device::Cpu | Device::Auto => Provider::Cpu,
            Device::Cuda { .. } => Provider::Cuda,
            Device::TensorRt { .. } => Provider::TensorRt,
        };
        let open = |graph| Ok((graph, load(runtime, pack, graph, device, provider, threads)?));
        let sessions = pack
            .graphs()
            .into_iter()
            .map(open)
            .collect::<Result<_, EngineError>>()?;
        Ok(Self { provider, sessions })
    }

    /// What runs the graphs, as ONNX Runtime says.
    pub(crate) fn provider(&self) -> Provider {
        self.provider
    }
}

fn load(
    runtime: &Runtime,
    pack: &Pack,
    graph: Graph,
    device: Device,
    provider: Provider,
    threads: usize,
) -> Result<Loaded, EngineError> {
    let unavailable = |reason: String| EngineError::DeviceUnavailable { device, reason };
    let builder = builder(runtime, threads).map_err(|e| unavailable(e.to_string()))?;
    let mut builder = builder
        .with_execution_providers(providers(device))
        .map_err(|e| unavailable(e.to_string()))?;
    let file = pack.graph(graph).unwrap_or_default();
    let session = builder.commit_from_file(file).map_err(|e| match e.code() {
        ort::ErrorCode::ExecutionProviderFailure | ort::ErrorCode::DeviceReset => unavailable(e.to_string()),
        _ => PackError::GraphBroken {
            graph,
            reason: e.to_string(),
        }
        .into(),
    })?;
    let (inputs, outputs) = (graph.inputs(pack.paint()), graph.outputs(pack.paint()));
    check_signature(graph, &inputs, session.inputs())?;
    check_signature(graph, &outputs, session.outputs())?;
    let nodes = assignment(&session).map_err(unavailable)?;
    tracing::debug!(%graph, ?nodes, "graph loaded");
    if nodes.get(provider.onnx_name()).is_none_or(|&count| count == 0) {
        return Err(unavailable(format!(
            "ONNX Runtime gave the {graph} graph to other providers: {nodes:?}"
        )));
    }
    let batch = session
        .inputs()
        .first()
        .and_then(|input| input.dtype().tensor_shape()?.first().copied());
    Ok(Loaded {
        session,
        inputs,
        outputs,
        one_at_a_time: batch == Some(1),
    })
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

fn check_signature(graph: Graph, expected: &[Port], found: &[Outlet]) -> Result<(), PackError> {
    let fits = |port: &Port| {
        found.iter().any(|outlet| {
            let element = match port.element {
                Element::U8 => TensorElementType::Uint8,
                Element::F32 => TensorElementType::Float32,
            };
            let rank = outlet.dtype().tensor_shape().map(|shape| shape.len());
            outlet.name() == port.name && outlet.dtype().tensor_type() == Some(element) && rank == Some(port.rank)
        })
    };
    if expected.len() == found.len() && expected.iter().all(fits) {
        return Ok(());
    }
    let found: Vec<_> = found
        .iter()
        .map(|outlet| format!("{} ({})", outlet.name(), outlet.dtype()))
        .collect();
    let expected: Vec<_> = expected.iter().map(Port::to_string).collect();
    Err(PackError::GraphSignature {
        graph,
        expected: expected.join(", "),
        found: found.join(", "),
    })
}

impl Run for Sessions {
    fn run(&mut self, graph: Graph, items: &[&[Value]]) -> Result<Vec<Vec<Value>>, RunError> {
        let on_gpu = self.provider != Provider::Cpu;
        let Some(loaded) = self.sessions.get_mut(&graph) else {
            return Err(RunError::Failed("the pack has no such graph".into()));
        };
        let outputs = if loaded.one_at_a_time {
            items
                .chunks(1)
                .map(|item| loaded.run(item))
                .collect::<Result<Vec<_>, _>>()
                .map(|parts| parts.concat())
        } else {
            loaded.run(items)
        };
        outputs.map_err(|e| RunError::new(e.code(), e.message(), on_gpu))
    }
}

impl Loaded {
    fn run(&mut self, items: &[&[Value]]) -> Result<Vec<Vec<Value>>, ort::Error> {
        let mut inputs = Vec::with_capacity(self.inputs.len());
        for (index, port) in self.inputs.iter().enumerate() {
            inputs.push((port.name.as_str(), stacked(items, index)?));
        }
        let outputs = self.session.run(inputs)?;
        let mut split: Vec<Vec<Value>> = items.iter().map(|_| Vec::with_capacity(self.outputs.len())).collect();
        for port in &self.outputs {
            let value = &outputs[port.name.as_str()];
            let (shape, _) = match port.element {
                Element::U8 => value
                    .try_extract_tensor::<u8>()
                    .map(|(shape, data)| (shape, data.len()))?,
                Element::F32 => value
                    .try_extract_tensor::<f32>()
                    .map(|(shape, data)| (shape, data.len()))?,
            };
            let dimensions: Vec<usize> = shape.iter().map(|&length| length as usize).collect();
            let wrong = || {
                let message = format!("its output {} has the shape {dimensions:?}", port.name);
                ort::Error::new_with_code(ort::ErrorCode::InvalidArgument, message)
            };
            let (&count, item_shape) = dimensions.split_first().ok_or_else(wrong)?;
            if count != items.len() || dimensions.contains(&0) {
                return Err(wrong());
            }
            let length = item_shape.iter().product();
            match port.element {
                Element::U8 => {
                    let &[height, width, 3] = item_shape else {
                        return Err(wrong());
                    };
                    let (_, data) = value.try_extract_tensor::<u8>()?;
                    for (outputs, part) in split.iter_mut().zip(data.chunks_exact(length)) {
                        let picture = Rgb8::new(width as u32, height as u32, part.to_vec()).map_err(|_| wrong())?;
                        outputs.push(Value::Picture(picture.into()));
                    }
                }
                Element::F32 => {
                    let (_, data) = value.try_extract_tensor::<f32>()?;
                    for (outputs, part) in split.iter_mut().zip(data.chunks_exact(length)) {
                        outputs.push(Value::Floats(Floats::new(item_shape.to_vec(), part.to_vec())));
                    }
                }
            }
        }
        Ok(split)
    }
}

/// Input `index` of all items as one tensor. A single item is lent, not copied.
fn stacked<'v>(items: &[&'v [Value]], index: usize) -> Result<SessionInputValue<'v>, ort::Error> {
    let first = &items[0][index];
    let mut shape = vec![items.len()];
    shape.extend(first.shape());
    Ok(match first {
        Value::Picture(picture) if items.len() == 1 => TensorRef::from_array_view((shape, picture.data()))?.into(),
        Value::Floats(floats) if items.len() == 1 => {
            TensorRef::from_array_view((shape, floats.data.as_slice()))?.into()
        }
        Value::Picture(_) => {
            let pictures = items.iter().filter_map(|item| match &item[index] {
                Value::Picture(picture) => Some(picture.data()),
                Value::Floats(_) => None,
            });
            Tensor::from_array((shape, pictures.collect::<Vec<_>>().concat()))?.into()
        }
        Value::Floats(_) => {
            let floats = items.iter().filter_map(|item| match &item[index] {
                Value::Floats(floats) => Some(floats.data.as_slice()),
                Value::Picture(_) => None,
            });
            Tensor::from_array((shape, floats.collect::<Vec<_>>().concat()))?.into()
        }
    })
}
