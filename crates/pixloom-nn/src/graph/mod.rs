//! A net as readers describe it: operations on tensors, checked when they are added.
mod facts;
mod transposed;

pub use facts::Facts;
pub use transposed::Transposed;

use crate::NnError;

/// Most channels of a tensor.
const MAX_CHANNELS: usize = 4096;
/// Most times that a tensor may be larger than the picture, per side.
const MAX_SCALE: usize = 32;
/// Most operations.
const MAX_NODES: usize = 20_000;

/// A tensor of a graph: the result of the operation with this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(pub(crate) usize);

/// Weights of a convolution with stride 1 whose result is as large as its input.
#[derive(Debug, Clone, PartialEq)]
pub struct Convolution {
    /// Channels of the result.
    pub outputs: usize,
    /// Channels of the input.
    pub inputs: usize,
    /// Side of the kernel: 1, 3, 5, 7 or 9.
    pub side: usize,
    /// `[out][in][side][side]`.
    pub weights: Vec<f32>,
    /// One per channel of the result.
    pub bias: Vec<f32>,
}

/// One operation.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Op {
    /// The picture, with this many channels.
    Input(usize),
    /// Convolution with zeros around the picture.
    Conv(Convolution),
    /// Negative values times a slope per channel (PReLU, leaky ReLU, ReLU).
    Slopes(Vec<f32>),
    /// x · sigmoid(x).
    Silu,
    /// 1 / (1 + e^-x).
    Sigmoid,
    /// x · factor + term.
    Affine {
        /// Multiplied first.
        factor: f32,
        /// Added then.
        term: f32,
    },
    /// a + b.
    Add,
    /// a - b.
    Subtract,
    /// a · b.
    Multiply,
    /// All inputs' channels after one another.
    Concat,
    /// Channels to pixels, `r` times larger (`PixelShuffle`; depth to space, CRD).
    Shuffle(usize),
    /// Every pixel `r` × `r` times.
    Nearest(usize),
}

impl Op {
    /// The name of the operation for people.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Input(_) => "input",
            Self::Conv(_) => "convolution",
            Self::Slopes(_) => "slopes",
            Self::Silu => "silu",
            Self::Sigmoid => "sigmoid",
            Self::Affine { .. } => "affine",
            Self::Add => "add",
            Self::Subtract => "subtract",
            Self::Multiply => "multiply",
            Self::Concat => "concat",
            Self::Shuffle(_) => "pixel shuffle",
            Self::Nearest(_) => "nearest",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) op: Op,
    pub(crate) inputs: Vec<usize>,
    pub(crate) channels: usize,
    pub(crate) scale: usize,
}

/// A net: operations in an order in which they can be done, the last one's result is the output.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    pub(crate) nodes: Vec<Node>,
}

impl Graph {
    /// A graph whose picture has `channels` channels, and its tensor.
    pub fn with_input(channels: usize) -> Result<(Self, NodeId), NnError> {
        let mut graph = Self::default();
        let input = graph.push(Op::Input(channels), &[])?;
        Ok((graph, input))
    }

    /// Appends an operation on earlier tensors.
    ///
    /// # Errors
    /// `Broken` if channels, sizes or the number of weights do not fit; `Unsupported` for kernels
    /// that are not built in; `Limit` for absurd sizes.
    pub fn push(&mut self, op: Op, inputs: &[NodeId]) -> Result<NodeId, NnError> {
        let given: Vec<&Node> = inputs.iter().filter_map(|id| self.nodes.get(id.0)).collect();
        let wanted = match op {
            Op::Input(_) => 0..=0,
            Op::Add | Op::Subtract | Op::Multiply => 2..=2,
            Op::Concat => 1..=MAX_CHANNELS,
            _ => 1..=1,
        };
        if !wanted.contains(&given.len()) || given.len() != inputs.len() {
            return Err(NnError::broken(format!("{} has {} inputs", op.name(), inputs.len())));
        }
        let (channels, scale) = shape(&op, &given)?;
        if channels == 0 || channels > MAX_CHANNELS || scale > MAX_SCALE {
            return Err(NnError::limit(format!(
                "{} makes {channels} channels at {scale} times the size",
                op.name()
            )));
        }
        if self.nodes.len() >= MAX_NODES {
            return Err(NnError::limit(format!("more than {MAX_NODES} operations")));
        }
        self.nodes.push(Node { op, inputs: inputs.iter().map(|i| i.0).collect(), channels, scale });
        Ok(NodeId(self.nodes.len() - 1))
    }

    /// Channels of the picture.
    pub fn input_channels(&self) -> usize {
        self.nodes.first().map_or(0, |node| node.channels)
    }

    /// Channels of the result.
    pub fn output_channels(&self) -> usize {
        self.nodes.last().map_or(0, |node| node.channels)
    }

    /// How many times larger the result is, per side.
    pub fn scale(&self) -> usize {
        self.nodes.last().map_or(1, |node| node.scale)
    }

    /// Makes `id` the output: drops what it does not need.
    pub fn finish(&mut self, id: NodeId) -> Result<(), NnError> {
        if id.0 >= self.nodes.len() {
            return Err(NnError::broken("the output is not a tensor of the net"));
        }
        let mut needed = vec![false; self.nodes.len()];
        needed[id.0] = true;
        needed[0] = true;
        for index in (0..=id.0).rev() {
            if needed[index] {
                self.nodes[index].inputs.iter().for_each(|&input| needed[input] = true);
            }
        }
        let mut renamed = vec![0; self.nodes.len()];
        let mut kept = Vec::new();
        for (index, mut node) in std::mem::take(&mut self.nodes).into_iter().enumerate() {
            if needed[index] {
                node.inputs.iter_mut().for_each(|input| *input = renamed[*input]);
                renamed[index] = kept.len();
                kept.push(node);
            }
        }
        self.nodes = kept;
        Ok(())
    }

    /// How many of the nodes read each tensor.
    pub(crate) fn readers(&self) -> Vec<usize> {
        let mut readers = vec![0; self.nodes.len()];
        for node in &self.nodes {
            node.inputs.iter().for_each(|&input| readers[input] += 1);
        }
        readers
    }
}

/// Channels and scale of a result.
fn shape(op: &Op, inputs: &[&Node]) -> Result<(usize, usize), NnError> {
    let first = inputs.first().map_or((0, 1), |node| (node.channels, node.scale));
    let (channels, scale) = first;
    match op {
        Op::Input(channels) => Ok((*channels, 1)),
        Op::Conv(conv) => checked_conv(conv, channels).map(|()| (conv.outputs, scale)),
        Op::Slopes(slopes) if slopes.len() != channels => {
            Err(NnError::broken(format!("{} slopes for {channels} channels", slopes.len())))
        }
        Op::Slopes(_) | Op::Silu | Op::Sigmoid | Op::Affine { .. } => Ok(first),
        Op::Add | Op::Subtract | Op::Multiply => {
            let second = inputs.get(1).map_or(first, |node| (node.channels, node.scale));
            if first == second {
                return Ok(first);
            }
            Err(NnError::unsupported(format!(
                "{} of {channels} channels at ×{scale} and {} channels at ×{}",
                op.name(),
                second.0,
                second.1
            )))
        }
        Op::Concat => {
            if inputs.iter().any(|node| node.scale != scale) {
                return Err(NnError::broken("concat of tensors of different sizes"));
            }
            Ok((inputs.iter().map(|node| node.channels).sum(), scale))
        }
        Op::Shuffle(r) if *r == 0 || channels % (r * r) != 0 => {
            Err(NnError::broken(format!("pixel shuffle by {r} of {channels} channels")))
        }
        Op::Shuffle(r) => Ok((channels / (r * r), scale.saturating_mul(*r))),
        Op::Nearest(0) => Err(NnError::broken("nearest by 0")),
        Op::Nearest(r) => Ok((channels, scale.saturating_mul(*r))),
    }
}

fn checked_conv(conv: &Convolution, channels: usize) -> Result<(), NnError> {
    let Convolution { outputs, inputs, side, .. } = *conv;
    if !matches!(side, 1 | 3 | 5 | 7 | 9) {
        return Err(NnError::unsupported(format!("a convolution with a {side}×{side} kernel")));
    }
    let wanted = outputs.checked_mul(inputs).and_then(|n| n.checked_mul(side * side));
    if inputs != channels || wanted != Some(conv.weights.len()) || conv.bias.len() != outputs {
        return Err(NnError::broken(format!(
            "a {side}×{side} convolution from {inputs} to {outputs} channels with {} weights and \
             {} biases on {channels} channels",
            conv.weights.len(),
            conv.bias.len()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conv(outputs: usize, inputs: usize) -> Op {
        let weights = vec![0.5; outputs * inputs * 9];
        Op::Conv(Convolution { outputs, inputs, side: 3, weights, bias: vec![0.0; outputs] })
    }

    #[test]
    fn channels_and_sizes_are_checked() {
        let (mut graph, input) = Graph::with_input(3).unwrap();
        assert!(graph.push(conv(8, 4), &[input]).is_err());
        let features = graph.push(conv(12, 3), &[input]).unwrap();
        assert!(graph.push(Op::Shuffle(3), &[features]).is_err());
        let large = graph.push(Op::Shuffle(2), &[features]).unwrap();
        assert!(graph.push(Op::Add, &[large, input]).is_err());
        let near = graph.push(Op::Nearest(2), &[input]).unwrap();
        graph.push(Op::Add, &[large, near]).unwrap();
        assert_eq!((graph.scale(), graph.output_channels()), (2, 3));
        assert!(graph.push(Op::Add, &[large]).is_err());
    }

    #[test]
    fn finish_drops_what_is_not_needed() {
        let (mut graph, input) = Graph::with_input(3).unwrap();
        let a = graph.push(conv(4, 3), &[input]).unwrap();
        graph.push(conv(5, 3), &[input]).unwrap();
        let b = graph.push(conv(6, 4), &[a]).unwrap();
        graph.push(Op::Silu, &[b]).unwrap();
        graph.finish(b).unwrap();
        assert_eq!(graph.nodes.len(), 3);
        assert_eq!(graph.nodes[2].inputs, [1]);
    }
}
