//! From the graph to steps: fuses what can be done in one go and assigns buffers.
use super::{Step, Tensor, Work, fusable};
use crate::graph::Node;
use crate::simd::{Activation, LANES, MOST_SOURCES, Packed, Pointwise};
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
        if let Some((inner, alone)) = self.silu(index) {
            if alone && matches!(self.nodes[inner].op, Op::Conv(_)) {
                return self.convolution(inner, Then::Silu);
            }
            return (Planned::Pointwise(Pointwise::Silu), vec![inner]);
        }
        if let Some((joined, [first, second])) = self.joined(index) {
            if joined.alone && matches!(self.nodes[first].op, Op::Conv(_)) {
                return self.convolution(first, Then::Joined(joined.work, second));
            }
            return (Planned::Pointwise(joined.work), vec![first, second]);
        }
        if fusable(&node.op).is_some()
            && let before = node.inputs[0]
            && self.readers[before] == 1
            && matches!(self.nodes[before].op, Op::Conv(_))
        {
            return self.convolution(before, Then::Activation(index));
        }
        match &node.op {
            Op::Conv(_) => self.convolution(index, Then::Nothing),
            _ => (Planned::Plain(index), node.inputs.clone()),
        }
    }

    /// A convolution; what it reads need not be put together before if it can read it apart.
    fn convolution(&self, index: usize, then: Then) -> (Planned, Vec<usize>) {
        let further = if let Then::Joined(_, other) = then { Some(other) } else { None };
        let before = self.nodes[index].inputs[0];
        let parts = &self.nodes[before].inputs;
        let apart = self.nodes[before].op == Op::Concat
            && self.readers[before] == 1
            && matches!(&self.nodes[index].op, Op::Conv(conv) if conv.side == 1)
            && parts.len() <= MOST_SOURCES;
        let mut sources = if apart { parts.clone() } else { vec![before] };
        let parts = sources.iter().map(|&source| self.nodes[source].channels).collect();
        sources.extend(further);
        (Planned::Conv { index, then, parts }, sources)
    }

    /// Two tensors joined value by value: the first should be the one that is computed last.
    fn joined(&self, index: usize) -> Option<(Joined, [usize; 2])> {
        if let Some(found) = self.gate(index).or_else(|| self.scaled_sum(index)) {
            return Some(found);
        }
        let node = &self.nodes[index];
        let work = match node.op {
            Op::Add => Pointwise::Add,
            Op::Multiply => Pointwise::Multiply,
            Op::Subtract => Pointwise::Subtract,
            _ => return None,
        };
        let (first, second) = (node.inputs[0], node.inputs[1]);
        let conv = |i: usize| self.readers[i] == 1 && matches!(self.nodes[i].op, Op::Conv(_));
        let swapped = work != Pointwise::Subtract && !conv(first) && conv(second);
        let pair = if swapped { [second, first] } else { [first, second] };
        Some((Joined { work, alone: conv(pair[0]) && pair[0] != pair[1] }, pair))
    }

    /// a · sigmoid(a), written as two operations: a, and whether nothing else reads it.
    fn silu(&self, index: usize) -> Option<(usize, bool)> {
        let node = &self.nodes[index];
        let (&a, &b) = (node.inputs.first()?, node.inputs.get(1)?);
        let of = |a: usize, b: usize| {
            self.nodes[b].op == Op::Sigmoid && self.nodes[b].inputs[0] == a && self.readers[b] == 1
        };
        let inner = if of(a, b) { a } else { b };
        let found = node.op == Op::Multiply && (of(a, b) || of(b, a));
        found.then(|| (inner, self.readers[inner] == 2))
    }

    /// (a + b) · (sigmoid(a) - 0.5)
    fn gate(&self, index: usize) -> Option<(Joined, [usize; 2])> {
        let node = &self.nodes[index];
        if node.op != Op::Multiply {
            return None;
        }
        let once = |i: usize| self.readers[i] == 1;
        for (plus, minus) in [(0, 1), (1, 0)] {
            let inner = (node.inputs[plus], node.inputs[minus]);
            let (sum, shifted) = (&self.nodes[inner.0], &self.nodes[inner.1]);
            if sum.op != Op::Add || shifted.op != (Op::Affine { factor: 1.0, term: -0.5 }) {
                continue;
            }
            let sigmoid = &self.nodes[shifted.inputs[0]];
            let a = *sigmoid.inputs.first()?;
            if sigmoid.op != Op::Sigmoid {
                continue;
            }
            for (first, second) in [(0, 1), (1, 0)] {
                let other = sum.inputs[second];
                if sum.inputs[first] == a {
                    let inside = once(inner.0) && once(inner.1) && once(shifted.inputs[0]);
                    let alone = inside && self.readers[a] == 2 && other != a;
                    return Some((Joined { work: Pointwise::Gate, alone }, [a, other]));
                }
            }
        }
        None
    }

    /// a · k + b
    fn scaled_sum(&self, index: usize) -> Option<(Joined, [usize; 2])> {
        let node = &self.nodes[index];
        if node.op != Op::Add {
            return None;
        }
        for (scaled, other) in [(0, 1), (1, 0)] {
            let (before, other) = (node.inputs[scaled], node.inputs[other]);
            if let Op::Affine { factor, term: 0.0 } = self.nodes[before].op
                && self.readers[before] == 1
            {
                let first = self.nodes[before].inputs[0];
                let alone = self.readers[first] == 1 && other != first;
                return Some((
                    Joined { work: Pointwise::AddScaled(factor), alone },
                    [first, other],
                ));
            }
        }
        None
    }
}

/// Two tensors joined value by value.
struct Joined {
    work: Pointwise,
    /// Whether nothing else reads the first of them.
    alone: bool,
}

/// What follows a convolution in the same step.
#[derive(Clone, Copy)]
enum Then {
    Nothing,
    /// The activation of this node.
    Activation(usize),
    Silu,
    /// Joined with the tensor of this node.
    Joined(Pointwise, usize),
}

/// A step whose weights are not packed yet.
enum Planned {
    /// A convolution, what follows it, and the channels of each tensor that it reads.
    Conv {
        index: usize,
        then: Then,
        parts: Vec<usize>,
    },
    Pointwise(Pointwise),
    Plain(usize),
}

impl Planned {
    fn build(self, nodes: &[Node]) -> Work {
        let index = match self {
            Self::Pointwise(work) => return Work::Pointwise(work),
            Self::Conv { index, then, parts } => {
                let last = match then {
                    Then::Nothing => None,
                    Then::Activation(index) => fusable(&nodes[index].op),
                    Then::Silu => Some(Activation::Silu),
                    Then::Joined(work, _) => Some(Activation::Joined(work)),
                };
                let Op::Conv(conv) = &nodes[index].op else { return Work::Concat };
                let shape = (conv.outputs, conv.inputs, conv.side);
                let last = last.unwrap_or(Activation::Nothing);
                let packed = Packed::new(&conv.weights, &conv.bias, shape, last).reading(parts);
                return Work::Conv(Box::new(packed));
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
            Op::Shuffle(r) => Work::Shuffle(*r),
            Op::Nearest(r) => Work::Nearest(*r),
            // Joins and convolutions are planned as such.
            Op::Concat | Op::Conv(_) | Op::Add | Op::Subtract | Op::Multiply => Work::Concat,
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
