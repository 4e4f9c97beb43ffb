//! From the graph to steps: fuses what can be done in one go and assigns buffers.
use super::{Step, Tensor, Work, fusable};
use crate::graph::Node;
use crate::simd::{Activation, LANES, Packed, Pointwise};
use crate::{Graph, Op};

/// Which step computes each node.
struct Compiler<'a> {
    nodes: &'a [Node],
    readers: Vec<usize>,
    steps: Vec<Step>,
    /// The step whose tensor holds the node's result.
    done: Vec<Option<usize>>,
}

/// The steps of `graph` and the number of buffers that they need.
pub(super) fn compile(graph: &Graph) -> (Vec<Step>, usize) {
    let readers = graph.readers();
    let nodes = &graph.nodes;
    let mut compiler =
        Compiler { nodes, readers, steps: Vec::new(), done: vec![None; nodes.len()] };
    let last = nodes.len() - 1;
    let emit = compiler.emit(last);
    let targets = emit.iter().map(|&(node, _)| node).collect::<Vec<_>>();
    for &node in &targets {
        compiler.visit(node);
    }
    let inputs = targets.iter().filter_map(|&node| compiler.done[node]).collect();
    let shuffle = emit.first().map_or(1, |&(_, shuffle)| shuffle);
    let channels = nodes[last].channels;
    compiler.step(Work::Emit { shuffle, channels }, inputs, &nodes[last]);
    let slots = assign_slots(&mut compiler.steps);
    (compiler.steps, slots)
}

impl Compiler<'_> {
    /// The nodes that the last step takes, with their pixel shuffle: a shuffle at the end, and an
    /// enlarged picture added to it, are written without tensors of their own.
    fn emit(&self, last: usize) -> Vec<(usize, usize)> {
        let node = &self.nodes[last];
        let shuffled = |index: usize| match self.nodes[index].op {
            Op::Shuffle(r) if self.readers[index] <= 1 => Some((self.nodes[index].inputs[0], r)),
            _ => None,
        };
        let enlarged = |index: usize| match self.nodes[index].op {
            Op::Nearest(_) => {
                let from = self.nodes[index].inputs[0];
                matches!(self.nodes[from].op, Op::Input(_)).then_some(from)
            }
            _ => None,
        };
        if node.op == Op::Add {
            let (a, b) = (node.inputs[0], node.inputs[1]);
            for (a, b) in [(a, b), (b, a)] {
                if let (Some((source, r)), Some(picture)) = (shuffled(a), enlarged(b)) {
                    return vec![(source, r), (picture, 1)];
                }
            }
        }
        vec![shuffled(last).unwrap_or((last, 1))]
    }

    /// Makes the steps of a node after those of its inputs, without recursion: nets can be long.
    fn visit(&mut self, target: usize) {
        let mut stack = vec![target];
        while let Some(&index) = stack.last() {
            if self.done[index].is_some() {
                stack.pop();
                continue;
            }
            let (work, sources) = self.work(index);
            let waiting: Vec<usize> =
                sources.iter().copied().filter(|&source| self.done[source].is_none()).collect();
            if waiting.is_empty() {
                let inputs = sources.iter().filter_map(|&source| self.done[source]).collect();
                self.step(work.build(self.nodes), inputs, &self.nodes[index]);
                self.done[index] = Some(self.steps.len() - 1);
                stack.pop();
            } else {
                stack.extend(waiting);
            }
        }
    }

    fn step(&mut self, work: Work, inputs: Vec<usize>, node: &Node) {
        let pixel = node.channels.next_multiple_of(LANES);
        let tensor = Tensor { channels: node.channels, pixel, scale: node.scale, slot: 0 };
        self.steps.push(Step { work, inputs, tensor });
    }

    /// What computes a node, and from which other nodes.
    fn work(&self, index: usize) -> (Planned, Vec<usize>) {
        let node = &self.nodes[index];
        let alone = |i: usize| self.readers[i] == 1;
        if let Some(found) = self.gate(index).or_else(|| self.scaled_sum(index)) {
            return found;
        }
        if fusable(&node.op).is_some()
            && let before = node.inputs[0]
            && alone(before)
            && matches!(self.nodes[before].op, Op::Conv(_))
        {
            return (Planned::Conv(before, Some(index)), self.nodes[before].inputs.clone());
        }
        let planned = match &node.op {
            Op::Conv(_) => Planned::Conv(index, None),
            _ => Planned::Plain(index),
        };
        (planned, node.inputs.clone())
    }

    /// (a + b) · (sigmoid(a) - 0.5)
    fn gate(&self, index: usize) -> Option<(Planned, Vec<usize>)> {
        let node = &self.nodes[index];
        if node.op != Op::Multiply {
            return None;
        }
        for (sum, shifted) in [(0, 1), (1, 0)] {
            let (sum, shifted) = (&self.nodes[node.inputs[sum]], &self.nodes[node.inputs[shifted]]);
            if sum.op != Op::Add || shifted.op != (Op::Affine { factor: 1.0, term: -0.5 }) {
                continue;
            }
            let sigmoid = &self.nodes[shifted.inputs[0]];
            let a = *sigmoid.inputs.first()?;
            if sigmoid.op != Op::Sigmoid {
                continue;
            }
            for (first, second) in [(0, 1), (1, 0)] {
                if sum.inputs[first] == a {
                    let sources = vec![a, sum.inputs[second]];
                    return Some((Planned::Pointwise(Pointwise::Gate), sources));
                }
            }
        }
        None
    }

    /// a · k + b
    fn scaled_sum(&self, index: usize) -> Option<(Planned, Vec<usize>)> {
        let node = &self.nodes[index];
        if node.op != Op::Add {
            return None;
        }
        for (scaled, other) in [(0, 1), (1, 0)] {
            let before = node.inputs[scaled];
            if let Op::Affine { factor, term: 0.0 } = self.nodes[before].op
                && self.readers[before] == 1
            {
                let sources = vec![self.nodes[before].inputs[0], node.inputs[other]];
                return Some((Planned::Pointwise(Pointwise::AddScaled(factor)), sources));
            }
        }
        None
    }
}

/// A step whose weights are not packed yet.
enum Planned {
    /// A convolution and the activation after it.
    Conv(usize, Option<usize>),
    Pointwise(Pointwise),
    Plain(usize),
}

impl Planned {
    fn build(self, nodes: &[Node]) -> Work {
        let index = match self {
            Self::Pointwise(work) => return Work::Pointwise(work),
            Self::Conv(index, activation) => {
                let activation = activation.and_then(|index| fusable(&nodes[index].op));
                let Op::Conv(conv) = &nodes[index].op else { return Work::Concat };
                let shape = (conv.outputs, conv.inputs, conv.side);
                let last = activation.unwrap_or(Activation::Nothing);
                return Work::Conv(Box::new(Packed::new(&conv.weights, &conv.bias, shape, last)));
            }
            Self::Plain(index) => index,
        };
        match &nodes[index].op {
            Op::Input(_) => Work::Load,
            Op::Slopes(slopes) => {
                let mut slopes = slopes.clone();
                slopes.resize(slopes.len().next_multiple_of(LANES), 0.0);
                Work::Slopes(slopes)
            }
            Op::Silu => Work::Pointwise(Pointwise::Silu),
            Op::Sigmoid => Work::Pointwise(Pointwise::Sigmoid),
            Op::Affine { factor, term } => Work::Pointwise(Pointwise::Affine(*factor, *term)),
            Op::Add => Work::Pointwise(Pointwise::Add),
            Op::Subtract => Work::Pointwise(Pointwise::Subtract),
            Op::Multiply => Work::Pointwise(Pointwise::Multiply),
            Op::Shuffle(r) => Work::Shuffle(*r),
            Op::Nearest(r) => Work::Nearest(*r),
            Op::Concat | Op::Conv(_) => Work::Concat,
        }
    }
}

/// Gives every tensor a buffer that no tensor in use has; returns how many there are.
fn assign_slots(steps: &mut [Step]) -> usize {
    let mut last_use = vec![0; steps.len()];
    for (index, step) in steps.iter().enumerate() {
        step.inputs.iter().for_each(|&input| last_use[input] = index);
    }
    let (mut free, mut slots) = (Vec::new(), 0);
    for index in 0..steps.len() {
        let slot = free.pop().unwrap_or_else(|| {
            slots += 1;
            slots - 1
        });
        steps[index].tensor.slot = slot;
        let mut inputs = steps[index].inputs.clone();
        inputs.sort_unstable();
        inputs.dedup();
        for input in inputs {
            if last_use[input] == index {
                free.push(steps[input].tensor.slot);
            }
        }
    }
    slots
}
