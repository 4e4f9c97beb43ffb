//! ESPCN (Shi et al., CVPR 2016): convolutions with tanh, then a pixel shuffle.
use super::{Tensors, shuffle_of};
use crate::{Graph, NnError, Op};

pub(super) fn fits(tensors: &Tensors) -> bool {
    tensors.has("first_part.0.weight") && tensors.has("last_part.0.weight")
}

pub(super) fn build(tensors: &Tensors) -> Result<Graph, NnError> {
    let (_, [_, colours, _]) = tensors.kernel("first_part.0")?;
    let (mut graph, input) = Graph::with_input(colours)?;
    let mut tensor = input;
    // The numbers between belong to tanh, which has no weights.
    for number in (0..64).step_by(2) {
        let name = format!("first_part.{number}");
        if !tensors.has(&format!("{name}.weight")) {
            break;
        }
        tensor = graph.conv(tensors, &name, tensor)?;
        tensor = graph.tanh(tensor)?;
    }
    tensor = graph.conv(tensors, "last_part.0", tensor)?;
    let scale = shuffle_of(graph.output_channels(), colours)?;
    graph.push(Op::Shuffle(scale), &[tensor])?;
    Ok(graph)
}
