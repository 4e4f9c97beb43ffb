//! From ONNX nodes to operations.
use std::collections::BTreeMap;

use super::proto::{Attribute, Constant, File, Node};
use crate::graph::Transposed;
use crate::{Convolution, Graph, NnError, NodeId, Op};

struct Builder<'a> {
    graph: Graph,
    tensors: BTreeMap<&'a str, NodeId>,
    /// Constants of nodes, beside those of the file.
    constants: BTreeMap<&'a str, &'a Constant>,
}

pub(super) fn build(file: &File) -> Result<Graph, NnError> {
    let mut fed = file.inputs.iter().filter(|(name, _)| !file.constants.contains_key(name));
    let (Some((name, channels)), None) = (fed.next(), fed.next()) else {
        return Err(NnError::unsupported("a graph with more or less than one input"));
    };
    let channels = channels.and_then(|n| usize::try_from(n).ok());
    let channels = channels.or_else(|| first_channels(file, name)).unwrap_or(3);
    let (graph, input) = Graph::with_input(channels)?;
    let constants = file.constants.iter().map(|(name, value)| (name.as_str(), value)).collect();
    let tensors = BTreeMap::from([(name.as_str(), input)]);
    let mut builder = Builder { graph, tensors, constants };
    for node in &file.nodes {
        builder.node(node).map_err(|error| in_node(node, error))?;
    }
    let output = file.outputs.first().map(String::as_str).unwrap_or_default();
    let output = builder.tensors.get(output).copied();
    let output = output.ok_or_else(|| NnError::broken("nothing computes the graph's output"))?;
    builder.graph.finish(output)?;
    Ok(builder.graph)
}

/// Channels that the first convolution on the input takes, where the file does not say.
fn first_channels(file: &File, input: &str) -> Option<usize> {
    let reads =
        |node: &&Node| node.kind == "Conv" && node.inputs.first().is_some_and(|i| i == input);
    let weight = file.nodes.iter().find(reads)?.inputs.get(1)?;
    file.constants.get(weight)?.tensor.shape.get(1).copied()
}

fn in_node(node: &Node, error: NnError) -> NnError {
    let place = format!("{} `{}`", node.kind, node.name);
    match error {
        NnError::Unsupported(what) => NnError::Unsupported(format!("{place}: {what}")),
        NnError::Limit(what) => NnError::Limit(format!("{place}: {what}")),
        NnError::Broken(what) => NnError::Broken(format!("{place}: {what}")),
    }
}

impl<'a> Builder<'a> {
    fn node(&mut self, node: &'a Node) -> Result<(), NnError> {
        let Some(output) = node.outputs.first() else { return Ok(()) };
        if node.kind == "Constant" {
            let value = node.attributes.get("value").and_then(|value| value.tensor.as_ref());
            if let Some(value) = value {
                self.constants.insert(output, value);
            }
            return Ok(());
        }
        if node.kind == "Identity"
            && let Some(constant) = self.constants.get(node.inputs[0].as_str())
        {
            self.constants.insert(output, constant);
            return Ok(());
        }
        let result = self.operation(node)?;
        self.tensors.insert(output, result);
        Ok(())
    }

    fn operation(&mut self, node: &'a Node) -> Result<NodeId, NnError> {
        match node.kind.as_str() {
            "Identity" | "Dropout" => self.tensor(node, 0),
            "Conv" => self.conv(node),
            "ConvTranspose" => self.conv_transpose(node),
            "PRelu" => {
                let slopes = self.constant(node, 1)?.tensor.values.clone();
                self.sloped(node, &slopes)
            }
            "Relu" => self.sloped(node, &[0.0]),
            "LeakyRelu" => {
                let alpha = node.attributes.get("alpha").map_or(0.01, |alpha| alpha.float);
                self.sloped(node, &[alpha])
            }
            "Sigmoid" => self.simple(node, Op::Sigmoid),
            "Tanh" => self.tanh(node),
            "Add" | "Sub" | "Mul" | "Div" => self.arithmetic(node),
            "Concat" => {
                if !matches!(int(node, "axis"), Some(1 | -3)) {
                    return Err(NnError::unsupported("along another axis than channels"));
                }
                let inputs: Result<Vec<_>, _> =
                    (0..node.inputs.len()).map(|place| self.tensor(node, place)).collect();
                self.graph.push(Op::Concat, &inputs?)
            }
            "DepthToSpace" => self.depth_to_space(node),
            "Resize" | "Upsample" => self.resize(node),
            _ => Err(NnError::unsupported("is not built in")),
        }
    }

    fn name(node: &'a Node, place: usize) -> Result<&'a str, NnError> {
        let name = node.inputs.get(place).map(String::as_str).filter(|name| !name.is_empty());
        name.ok_or_else(|| NnError::broken(format!("input {place} is missing")))
    }

    fn tensor(&self, node: &'a Node, place: usize) -> Result<NodeId, NnError> {
        let name = Self::name(node, place)?;
        self.tensors
            .get(name)
            .copied()
            .ok_or_else(|| NnError::unsupported(format!("its input `{name}` is not computed")))
    }

    fn constant(&self, node: &'a Node, place: usize) -> Result<&'a Constant, NnError> {
        let name = Self::name(node, place)?;
        self.constants
            .get(name)
            .copied()
            .ok_or_else(|| NnError::unsupported(format!("`{name}` is not a constant")))
    }

    fn simple(&mut self, node: &'a Node, op: Op) -> Result<NodeId, NnError> {
        let input = self.tensor(node, 0)?;
        self.graph.push(op, &[input])
    }

    fn sloped(&mut self, node: &'a Node, slopes: &[f32]) -> Result<NodeId, NnError> {
        let input = self.tensor(node, 0)?;
        self.graph.slopes(slopes, input)
    }

    fn tanh(&mut self, node: &'a Node) -> Result<NodeId, NnError> {
        let input = self.tensor(node, 0)?;
        self.graph.tanh(input)
    }

    fn kernel(&self, node: &'a Node) -> Result<(&'a Constant, [usize; 3]), NnError> {
        let weights = self.constant(node, 1)?;
        let &[first, second, side, other] = &weights.tensor.shape[..] else {
            return Err(NnError::unsupported("a kernel without two sides"));
        };
        if side != other {
            return Err(NnError::unsupported(format!("a {side}×{other} kernel")));
        }
        if int(node, "group").unwrap_or(1) != 1 || ints(node, "dilations").iter().any(|d| *d != 1) {
            return Err(NnError::unsupported("with groups or dilation"));
        }
        Ok((weights, [first, second, side]))
    }

    fn bias(&self, node: &'a Node, outputs: usize) -> Result<Vec<f32>, NnError> {
        match node.inputs.get(2).filter(|name| !name.is_empty()) {
            Some(_) => Ok(self.constant(node, 2)?.tensor.values.clone()),
            None => Ok(vec![0.0; outputs]),
        }
    }

    fn conv(&mut self, node: &'a Node) -> Result<NodeId, NnError> {
        let (weights, [outputs, inputs, side]) = self.kernel(node)?;
        let half = (side / 2) as i64;
        let auto = node.attributes.get("auto_pad").map_or("", |a| a.text.as_str());
        let same = auto.starts_with("SAME")
            || ints(node, "pads") == [half; 4]
            || (half == 0 && ints(node, "pads").iter().all(|pad| *pad == 0));
        if !same || ints(node, "strides").iter().any(|stride| *stride != 1) {
            return Err(NnError::unsupported("its result is not as large as its input"));
        }
        let bias = self.bias(node, outputs)?;
        let weights = weights.tensor.values.clone();
        let input = self.tensor(node, 0)?;
        self.graph.push(Op::Conv(Convolution { outputs, inputs, side, weights, bias }), &[input])
    }

    fn conv_transpose(&mut self, node: &'a Node) -> Result<NodeId, NnError> {
        let (weights, [inputs, outputs, side]) = self.kernel(node)?;
        let stride = ints(node, "strides").first().copied().unwrap_or(1);
        let pads = ints(node, "pads");
        let pad = pads.first().copied().unwrap_or(0);
        let beyond = ints(node, "output_padding").first().copied().unwrap_or(0);
        // The result is stride · (n - 1) + side - pads + output padding; it must be stride · n.
        let end = pads.last().copied().unwrap_or(0);
        if side as i64 - pad - end + beyond != stride || pad < 0 {
            return Err(NnError::unsupported("its result is no whole multiple of its input"));
        }
        let bias = self.bias(node, outputs)?;
        let weights = weights.tensor.values.clone();
        let (stride, pad) = (stride.max(0) as usize, pad as usize);
        let conv = Transposed { outputs, inputs, side, stride, pad, weights, bias };
        let input = self.tensor(node, 0)?;
        self.graph.push_transposed(&conv, input)
    }

    /// Two tensors, or a tensor and one number, or one number per channel.
    fn arithmetic(&mut self, node: &'a Node) -> Result<NodeId, NnError> {
        let is_tensor = |place: usize| {
            node.inputs.get(place).is_some_and(|name| self.tensors.contains_key(name.as_str()))
        };
        let kind = node.kind.as_str();
        match (is_tensor(0), is_tensor(1)) {
            (true, true) => {
                let op = match kind {
                    "Add" => Op::Add,
                    "Sub" => Op::Subtract,
                    "Mul" => Op::Multiply,
                    _ => return Err(NnError::unsupported("of two tensors")),
                };
                let (a, b) = (self.tensor(node, 0)?, self.tensor(node, 1)?);
                self.graph.push(op, &[a, b])
            }
            (true, false) => {
                let numbers = &self.constant(node, 1)?.tensor.values;
                let input = self.tensor(node, 0)?;
                self.by_numbers(input, numbers, kind)
            }
            (false, true) if matches!(kind, "Add" | "Mul") => {
                let numbers = &self.constant(node, 0)?.tensor.values;
                let input = self.tensor(node, 1)?;
                self.by_numbers(input, numbers, kind)
            }
            _ => Err(NnError::unsupported("of a number by a tensor")),
        }
    }

    fn by_numbers(
        &mut self,
        input: NodeId,
        numbers: &[f32],
        kind: &str,
    ) -> Result<NodeId, NnError> {
        let pair = |n: f32| match kind {
            "Add" => (1.0, n),
            "Sub" => (1.0, -n),
            "Mul" => (n, 0.0),
            _ => (1.0 / n, 0.0),
        };
        if let [number] = numbers {
            let (factor, term) = pair(*number);
            return self.graph.push(Op::Affine { factor, term }, &[input]);
        }
        // One number per channel is a 1×1 convolution.
        let channels = numbers.len();
        if channels > 64 {
            return Err(NnError::unsupported(format!("a constant of {channels} numbers")));
        }
        let mut weights = vec![0.0; channels * channels];
        let mut bias = vec![0.0; channels];
        for (channel, number) in numbers.iter().enumerate() {
            (weights[channel * channels + channel], bias[channel]) = pair(*number);
        }
        let conv = Convolution { outputs: channels, inputs: channels, side: 1, weights, bias };
        self.graph.push(Op::Conv(conv), &[input])
    }

    fn depth_to_space(&mut self, node: &'a Node) -> Result<NodeId, NnError> {
        let mode = node.attributes.get("mode").map_or("", |mode| mode.text.as_str());
        if mode != "CRD" {
            return Err(NnError::unsupported("in the order DCR"));
        }
        let r = int(node, "blocksize").and_then(|r| usize::try_from(r).ok()).unwrap_or(0);
        self.simple(node, Op::Shuffle(r))
    }

    /// Nearest-neighbour enlargement by a whole number.
    fn resize(&mut self, node: &'a Node) -> Result<NodeId, NnError> {
        let mode = node.attributes.get("mode").map_or("nearest", |mode| mode.text.as_str());
        if mode != "nearest" {
            return Err(NnError::unsupported(format!("with mode {mode}")));
        }
        let place = if node.kind == "Resize" { 2 } else { 1 };
        let scales = &self.constant(node, place)?.tensor.values;
        let &[_, _, vertical, horizontal] = &scales[..] else {
            return Err(NnError::unsupported("without scales for four dimensions"));
        };
        let whole = vertical.round();
        let off = (vertical - whole).abs().max((horizontal - whole).abs());
        if off > 1e-6 || !(1.0..=16.0).contains(&whole) {
            return Err(NnError::unsupported(format!("by {vertical} and {horizontal}")));
        }
        self.simple(node, Op::Nearest(whole as usize))
    }
}

fn attribute<'a>(node: &'a Node, name: &str) -> Option<&'a Attribute> {
    node.attributes.get(name)
}

fn int(node: &Node, name: &str) -> Option<i64> {
    attribute(node, name).map(|attribute| attribute.int)
}

fn ints<'a>(node: &'a Node, name: &str) -> &'a [i64] {
    attribute(node, name).map_or(&[], |attribute| &attribute.ints)
}
