use ort::value::{Outlet, TensorElementType};

use crate::pack::{Element, Graph, PackError, Port};

/// Whether a graph has the inputs or outputs that it should have, and no others.
pub(super) fn check_signature(graph: Graph, expected: &[Port], found: &[Outlet]) -> Result<(), PackError> {
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
