//! SPAN (Wan et al., CVPRW 2024): six blocks with parameter-free attention. Its training-time
//! convolutions (a skip and three in a row) are merged into one 3×3 on load.
use super::{Tensors, shuffle_of};
use crate::{Convolution, Graph, NnError, NodeId, Op};

/// What the published nets subtract before they multiply by 255.
const MEAN: [f32; 3] = [0.4488, 0.4371, 0.4040];

pub(super) fn fits(tensors: &Tensors) -> bool {
    tensors.has("conv_cat.weight")
        && ["block_1.c1_r.eval_conv.weight", "block_1.c1_r.sk.weight", "block_1.c1_r.weight"]
            .iter()
            .any(|name| tensors.has(name))
}

pub(super) fn build(tensors: &Tensors) -> Result<Graph, NnError> {
    let first = merged(tensors, "conv_1")?;
    let colours = first.inputs;
    let (mut graph, input) = Graph::with_input(colours)?;
    let normal = normalised(&mut graph, tensors, input, colours)?;
    let feature = graph.push(Op::Conv(first), &[normal])?;
    let (mut tensor, mut after_first, mut middle) = (feature, feature, feature);
    let blocks = (1..100)
        .take_while(|n| tensors.iter().any(|(name, _)| name.starts_with(&format!("block_{n}."))));
    for number in blocks {
        (tensor, middle) = block(&mut graph, tensors, number, tensor)?;
        if number == 1 {
            after_first = tensor;
        }
    }
    let last = graph.push(Op::Conv(merged(tensors, "conv_2")?), &[tensor])?;
    let joined = graph.push(Op::Concat, &[feature, last, after_first, middle])?;
    tensor = graph.conv(tensors, "conv_cat", joined)?;
    tensor = graph.conv(tensors, "upsampler.0", tensor)?;
    let scale = shuffle_of(graph.output_channels(), colours)?;
    graph.push(Op::Shuffle(scale), &[tensor])?;
    Ok(graph)
}

/// Later trainings mark with `no_norm` that the picture is taken as it is.
fn normalised(
    graph: &mut Graph,
    tensors: &Tensors,
    input: NodeId,
    colours: usize,
) -> Result<NodeId, NnError> {
    if tensors.has("no_norm") || colours != 3 {
        return Ok(input);
    }
    let mut weights = vec![0.0; 9];
    (0..3).for_each(|c| weights[c * 4] = 255.0);
    let bias = MEAN.map(|mean| -mean * 255.0).to_vec();
    graph.push(Op::Conv(Convolution { outputs: 3, inputs: 3, side: 1, weights, bias }), &[input])
}

/// A block's result and that of its first activation.
fn block(
    graph: &mut Graph,
    tensors: &Tensors,
    number: usize,
    input: NodeId,
) -> Result<(NodeId, NodeId), NnError> {
    let mut tensor = input;
    let mut first = input;
    for conv in 1..=2 {
        let conv_op = Op::Conv(merged(tensors, &format!("block_{number}.c{conv}_r"))?);
        tensor = graph.push(conv_op, &[tensor])?;
        tensor = graph.push(Op::Silu, &[tensor])?;
        if conv == 1 {
            first = tensor;
        }
    }
    let third = Op::Conv(merged(tensors, &format!("block_{number}.c3_r"))?);
    tensor = graph.push(third, &[tensor])?;
    let sigmoid = graph.push(Op::Sigmoid, &[tensor])?;
    let attention = graph.push(Op::Affine { factor: 1.0, term: -0.5 }, &[sigmoid])?;
    let sum = graph.push(Op::Add, &[tensor, input])?;
    Ok((graph.push(Op::Multiply, &[sum, attention])?, first))
}

/// One 3×3 convolution for `sk` plus the three in a row of `conv`; plain ones are taken as they
/// are.
fn merged(tensors: &Tensors, name: &str) -> Result<Convolution, NnError> {
    if tensors.has(&format!("{name}.weight")) {
        return tensors.conv(name);
    }
    if !tensors.has(&format!("{name}.sk.weight")) {
        return tensors.conv(&format!("{name}.eval_conv"));
    }
    let part = |part: &str| tensors.conv(&format!("{name}.{part}"));
    let (skip, a, b, c) = (part("sk")?, part("conv.0")?, part("conv.1")?, part("conv.2")?);
    let fits = skip.side == 1
        && (a.side, b.side, c.side) == (1, 3, 1)
        && (a.outputs, b.outputs) == (b.inputs, c.inputs)
        && (skip.inputs, skip.outputs) == (a.inputs, c.outputs);
    if !fits || b.weights.len() != b.outputs * b.inputs * 9 {
        return Err(NnError::broken(format!("the parts of {name} do not fit together")));
    }
    let inner = after_point(&a, &b);
    let mut whole = point_after(&c, &inner);
    for o in 0..whole.outputs {
        whole.bias[o] += skip.bias[o];
        for i in 0..whole.inputs {
            whole.weights[(o * whole.inputs + i) * 9 + 4] += skip.weights[o * whole.inputs + i];
        }
    }
    Ok(whole)
}

/// The 3×3 convolution `b` after the 1×1 convolution `a`; what surrounds the picture has been
/// through `a`, too, so its bias counts everywhere.
fn after_point(a: &Convolution, b: &Convolution) -> Convolution {
    let mut weights = vec![0.0; b.outputs * a.inputs * 9];
    let mut bias = b.bias.clone();
    for (o, bias) in bias.iter_mut().enumerate() {
        for (i, tap) in (0..a.inputs).flat_map(|i| (0..9).map(move |tap| (i, tap))) {
            let terms = (0..b.inputs).map(|m| {
                let (outer, inner) =
                    (b.weights[(o * b.inputs + m) * 9 + tap], a.weights[m * a.inputs + i]);
                f64::from(outer) * f64::from(inner)
            });
            weights[(o * a.inputs + i) * 9 + tap] = terms.sum::<f64>() as f32;
        }
        let terms = (0..b.inputs).flat_map(|m| (0..9).map(move |tap| (m, tap))).map(|(m, tap)| {
            f64::from(b.weights[(o * b.inputs + m) * 9 + tap]) * f64::from(a.bias[m])
        });
        *bias += terms.sum::<f64>() as f32;
    }
    Convolution { outputs: b.outputs, inputs: a.inputs, side: 3, weights, bias }
}

/// The 1×1 convolution `c` after the 3×3 convolution `b`.
fn point_after(c: &Convolution, b: &Convolution) -> Convolution {
    let per_output = b.inputs * 9;
    let mut weights = vec![0.0; c.outputs * per_output];
    let mut bias = c.bias.clone();
    for (o, bias) in bias.iter_mut().enumerate() {
        let factor = |m: usize| f64::from(c.weights[o * c.inputs + m]);
        for at in 0..per_output {
            let terms =
                (0..c.inputs).map(|m| factor(m) * f64::from(b.weights[m * per_output + at]));
            weights[o * per_output + at] = terms.sum::<f64>() as f32;
        }
        *bias += (0..c.inputs).map(|m| factor(m) * f64::from(b.bias[m])).sum::<f64>() as f32;
    }
    Convolution { outputs: c.outputs, inputs: b.inputs, side: 3, weights, bias }
}
