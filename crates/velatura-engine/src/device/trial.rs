use std::sync::Arc;

use velatura_image::Rgb8;

use super::{Floats, Run, RunError, Value};
use crate::EngineError;
use crate::pack::{Graph, Pack, PackError, Statistics};

/// Runs every graph once on the smallest picture and checks the shape of each answer: a pack or a device that can't
/// paint shows it at the start, not at the first photo.
pub(crate) fn trial(device: &mut impl Run, pack: &Pack) -> Result<(), EngineError> {
    let paint = pack.paint();
    let (side, depth_side) = (paint.minimum, pack.depth().multiple);
    let grid = |stride: u32| (side / stride) as usize;
    let alpha_side = grid(paint.alpha_stride());

    let image = checkered(side);
    let code = Value::vector(&vec![1.0; paint.code_length()]);
    let alpha = Value::Floats(Floats::new(
        vec![1, alpha_side, alpha_side],
        vec![0.5; alpha_side * alpha_side],
    ));
    let painted = vec![vec![side as usize, side as usize, 3]];

    if paint.code_length() > 0 {
        expect(
            device,
            Graph::Style,
            std::slice::from_ref(&image),
            &[vec![paint.code_length()]],
        )?;
    }
    let look: Vec<Value> = (paint.code_length() > 0)
        .then_some(code.clone())
        .into_iter()
        .chain([alpha])
        .collect();
    let with_image = |more: &[Value]| [std::slice::from_ref(&image), more].concat();
    match &paint.statistics {
        Statistics::Levels(levels) => {
            let features: Vec<_> = levels
                .iter()
                .map(|l| vec![l.channels, grid(l.stride), grid(l.stride)])
                .collect();
            let mut decode = expect(device, Graph::Encode, std::slice::from_ref(&image), &features)?;
            decode.push(code);
            decode.extend_from_slice(&look);
            expect(device, Graph::Decode, &decode, &painted)?;
        }
        Statistics::Measured(measured) => {
            let statistics = expect(device, Graph::Measure, &with_image(&look), &[vec![measured.statistics]])?;
            expect(
                device,
                Graph::Tile,
                &with_image(&[statistics, look.clone()].concat()),
                &painted,
            )?;
        }
    }
    expect(device, Graph::Paint, &with_image(&look), &painted)?;
    let depth = answer(device, Graph::Depth, &[checkered(depth_side)])?;
    match depth.as_slice() {
        [Value::Floats(_)] => Ok(()),
        other => Err(wrong_shape(Graph::Depth, other)),
    }
}

fn expect(
    device: &mut impl Run,
    graph: Graph,
    inputs: &[Value],
    shapes: &[Vec<usize>],
) -> Result<Vec<Value>, EngineError> {
    let outputs = answer(device, graph, inputs)?;
    if outputs.iter().map(Value::shape).eq(shapes.iter().cloned()) {
        Ok(outputs)
    } else {
        Err(wrong_shape(graph, &outputs))
    }
}

fn answer(device: &mut impl Run, graph: Graph, inputs: &[Value]) -> Result<Vec<Value>, EngineError> {
    match device.run(graph, &[inputs]) {
        Ok(mut outputs) => Ok(outputs.remove(0)),
        Err(RunError::OutOfMemory(reason) | RunError::Failed(reason)) => {
            Err(PackError::GraphTrial { graph, reason }.into())
        }
        Err(RunError::Lost(reason)) => Err(EngineError::DeviceLost { reason }),
    }
}

fn wrong_shape(graph: Graph, outputs: &[Value]) -> EngineError {
    let shapes: Vec<_> = outputs.iter().map(Value::shape).collect();
    PackError::GraphTrial {
        graph,
        reason: format!("its outputs have the shapes {shapes:?}"),
    }
    .into()
}

fn checkered(side: u32) -> Value {
    let pixels = (0..side * side)
        .flat_map(|i| [if (i + i / side).is_multiple_of(2) { 40 } else { 200 }; 3])
        .collect();
    Value::Picture(Arc::new(Rgb8::new(side, side, pixels).expect("three numbers a pixel")))
}
