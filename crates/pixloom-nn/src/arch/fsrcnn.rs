//! FSRCNN (Dong, Loy, Tang, ECCV 2016): shrink, map, expand, transposed convolution.
use super::{Tensor, Tensors};
use crate::graph::Transposed;
use crate::{Graph, NnError, NodeId};

pub(super) fn fits(tensors: &Tensors) -> bool {
    tensors.has("first_part.0.weight") && tensors.has("last_part.weight")
}

pub(super) fn build(tensors: &Tensors) -> Result<Graph, NnError> {
    let (_, [_, colours, _]) = tensors.kernel("first_part.0")?;
    let (mut graph, input) = Graph::with_input(colours)?;
    let mut tensor = part(&mut graph, tensors, "first_part", input)?;
    tensor = part(&mut graph, tensors, "mid_part", tensor)?;
    let weights = tensors.get("last_part.weight")?;
    let bias = tensors.get("last_part.bias")?;
    graph.push_transposed(&transposed(weights, bias)?, tensor)?;
    Ok(graph)
}

/// The convolutions and PReLUs `name.0`, `name.1`, …
fn part(
    graph: &mut Graph,
    tensors: &Tensors,
    name: &str,
    input: NodeId,
) -> Result<NodeId, NnError> {
    let mut tensor = input;
    for number in 0.. {
        let name = format!("{name}.{number}");
        let weight = format!("{name}.weight");
        if !tensors.has(&weight) {
            break;
        }
        tensor = if tensors.get(&weight)?.shape.len() == 4 {
            graph.conv(tensors, &name, tensor)?
        } else {
            graph.slopes(&tensors.get(&weight)?.values, tensor)?
        };
    }
    Ok(tensor)
}

/// The file does not tell the stride: the published nets have 9×9 kernels with a padding of 4,
/// and an output padding of `stride - 1`; ×4 is what they are shared for, ×2 and ×3 are told by
/// the number of mapping layers in none of them.
fn transposed(weights: &Tensor, bias: &Tensor) -> Result<Transposed, NnError> {
    let &[inputs, outputs, side, other] = &weights.shape[..] else {
        return Err(NnError::broken(format!("last_part.weight has the shape {:?}", weights.shape)));
    };
    if side != other {
        return Err(NnError::unsupported("a kernel that is not square"));
    }
    let (values, bias) = (weights.values.clone(), bias.values.clone());
    let stride = stride_of(&values, side);
    Ok(Transposed { outputs, inputs, side, stride, pad: side / 2, weights: values, bias })
}

/// The stride whose phases carry the same weight: a transposed convolution that keeps flat areas
/// flat has the same sum in every phase.
fn stride_of(weights: &[f32], side: usize) -> usize {
    let spread = |stride: usize| {
        let mut sums = vec![0.0_f64; stride];
        for (index, weight) in weights.iter().enumerate() {
            sums[index % side % stride] += f64::from(weight.abs());
        }
        let mean = sums.iter().sum::<f64>() / stride as f64;
        sums.iter().map(|sum| (sum - mean).abs()).sum::<f64>() / (mean * stride as f64).max(1e-30)
    };
    [4, 3, 2].into_iter().min_by(|a, b| spread(*a).total_cmp(&spread(*b))).unwrap_or(4)
}
