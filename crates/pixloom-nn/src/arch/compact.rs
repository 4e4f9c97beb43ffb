//! `SRVGGNetCompact` (Wang et al., Real-ESRGAN, ICCVW 2021): 3×3 convolutions, PReLU, pixel
//! shuffle, added to the enlarged picture.
use super::{Tensors, shuffle_of};
use crate::{Graph, NnError, Op};

pub(super) fn fits(tensors: &Tensors) -> bool {
    tensors.has("body.0.weight") && tensors.kernel("body.0").is_ok_and(|(_, shape)| shape[2] == 3)
}

pub(super) fn build(tensors: &Tensors) -> Result<Graph, NnError> {
    let (_, [_, colours, _]) = tensors.kernel("body.0")?;
    let (mut graph, input) = Graph::with_input(colours)?;
    let numbers = tensors.iter().filter_map(|(name, _)| {
        name.strip_prefix("body.")?.strip_suffix(".weight")?.parse::<usize>().ok()
    });
    let last = numbers.max().unwrap_or(0);
    let mut tensor = graph.conv(tensors, "body.0", input)?;
    for number in 1..=last {
        let name = format!("body.{number}");
        let weight = format!("{name}.weight");
        tensor = if !tensors.has(&weight) {
            // A ReLU or leaky ReLU leaves no tensor; the published nets with it use 0.1.
            if number % 2 == 0 {
                return Err(NnError::broken(format!("the tensor {weight} is missing")));
            }
            graph.slopes(&[0.1], tensor)?
        } else if tensors.get(&weight)?.shape.len() == 1 {
            graph.slopes(&tensors.get(&weight)?.values, tensor)?
        } else {
            graph.conv(tensors, &name, tensor)?
        };
    }
    let scale = shuffle_of(graph.output_channels(), colours)?;
    let fine = graph.push(Op::Shuffle(scale), &[tensor])?;
    let coarse = graph.push(Op::Nearest(scale), &[input])?;
    graph.push(Op::Add, &[fine, coarse])?;
    Ok(graph)
}
