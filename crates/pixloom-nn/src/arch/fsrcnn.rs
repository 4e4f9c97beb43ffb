//! FSRCNN (Dong, Loy, Tang, ECCV 2016): shrink, map, expand, transposed convolution.
use super::{Tensor, Tensors};
use crate::graph::Transposed;
use crate::{Graph, NnError, NodeId, Op};

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
    let features = flat_features(&graph, tensor);
    graph.push_transposed(&transposed(weights, bias, &features)?, tensor)?;
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

/// The file does not tell the stride. The published nets have 9×9 kernels with a padding of 4 and
/// an output padding of `stride - 1`.
fn transposed(weights: &Tensor, bias: &Tensor, features: &[f64]) -> Result<Transposed, NnError> {
    let &[inputs, outputs, side, other] = &weights.shape[..] else {
        return Err(NnError::broken(format!("last_part.weight has the shape {:?}", weights.shape)));
    };
    if side != other || inputs != features.len() || bias.values.len() != outputs {
        return Err(NnError::unsupported(format!(
            "last_part.weight with the shape {:?} on {} channels",
            weights.shape,
            features.len()
        )));
    }
    let error = |stride: usize| unevenness(weights, f64::from(bias.values[0]), features, stride);
    let stride = [4, 3, 2].into_iter().min_by(|a, b| error(*a).total_cmp(&error(*b))).unwrap_or(4);
    if error(stride).is_nan() || error(stride) > MOST_UNEVEN {
        return Err(NnError::unsupported(
            "an FSRCNN net whose scale cannot be told; export it as ONNX",
        ));
    }
    let (values, bias) = (weights.values.clone(), bias.values.clone());
    Ok(Transposed { outputs, inputs, side, stride, pad: side / 2, weights: values, bias })
}

/// The brightness that the stride is told by, and how far a net's result may be from it.
const FLAT: f64 = 0.5;
const MOST_UNEVEN: f64 = 0.1;

/// What a flat picture becomes before the last layer, far from its edges.
fn flat_features(graph: &Graph, last: NodeId) -> Vec<f64> {
    let mut values: Vec<f64> = vec![FLAT; graph.input_channels()];
    for node in &graph.nodes[..=last.0] {
        match &node.op {
            Op::Conv(conv) => {
                let taps = conv.side * conv.side;
                let kernels = conv
                    .weights
                    .chunks_exact(taps)
                    .map(|kernel| kernel.iter().map(|weight| f64::from(*weight)).sum::<f64>());
                let sums: Vec<f64> = kernels.collect();
                let output = |(row, bias): (&[f64], &f32)| {
                    let terms = row.iter().zip(&values).map(|(weight, value)| weight * value);
                    f64::from(*bias) + terms.sum::<f64>()
                };
                values = sums.chunks_exact(conv.inputs).zip(&conv.bias).map(output).collect();
            }
            Op::Slopes(slopes) => {
                for (value, slope) in values.iter_mut().zip(slopes) {
                    *value = value.max(0.0) + value.min(0.0) * f64::from(*slope);
                }
            }
            _ => {}
        }
    }
    values
}

/// How far the flat picture is from flat after a transposed convolution with this stride: every
/// phase of the result takes its own taps of the kernel.
fn unevenness(weights: &Tensor, bias: f64, features: &[f64], stride: usize) -> f64 {
    let (outputs, side) = (weights.shape[1], weights.shape[2]);
    let mut phases = vec![bias; stride * stride];
    for (feature, kernels) in
        features.iter().zip(weights.values.chunks_exact(outputs * side * side))
    {
        for (at, weight) in kernels.iter().take(side * side).enumerate() {
            phases[at / side % stride * stride + at % side % stride] +=
                feature * f64::from(*weight);
        }
    }
    phases.iter().map(|phase| (phase - FLAT).abs()).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A net that hands its picture on and enlarges it linearly.
    fn linear(stride: usize) -> Tensors {
        let tent = |t: usize| 1.0 - (t as f32 - 4.0).abs() / stride as f32;
        let kernel = (0..81).map(|at| tent(at / 9).max(0.0) * tent(at % 9).max(0.0));
        let one = |shape: &[usize]| Tensor { shape: shape.to_vec(), values: vec![1.0] };
        let zero = Tensor { shape: vec![1], values: vec![0.0] };
        let named = [
            ("first_part.0.weight", one(&[1, 1, 1, 1])),
            ("first_part.0.bias", zero.clone()),
            ("last_part.weight", Tensor { shape: vec![1, 1, 9, 9], values: kernel.collect() }),
            ("last_part.bias", zero),
        ];
        named.into_iter().map(|(name, tensor)| (name.to_owned(), tensor)).collect()
    }

    #[test]
    fn the_stride_keeps_flat_pictures_flat() {
        for stride in [2, 3, 4] {
            assert_eq!(build(&linear(stride)).unwrap().scale(), stride);
        }
    }
}
