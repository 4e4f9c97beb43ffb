//! Nets against a plain definition of their layers, over instruction sets and cells.
#![expect(clippy::unwrap_used, reason = "tests")]

use pixloom_nn::{Cell, Convolution, Graph, Isa, Net, NodeId, Op, Planes, Scratch};

/// Numbers that look random and are always the same.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 40) as f32) / f32::from(1_u16 << 12).powi(2) * 2.0 - 1.0
    }

    fn list(&mut self, length: usize, size: f32) -> Vec<f32> {
        (0..length).map(|_| self.next() * size).collect()
    }

    fn conv(&mut self, outputs: usize, inputs: usize, side: usize) -> Convolution {
        let size = (2.0 / (inputs * side * side) as f32).sqrt() * 1.7;
        let weights = self.list(outputs * inputs * side * side, size);
        Convolution { outputs, inputs, side, weights, bias: self.list(outputs, 0.1) }
    }
}

fn compact(features: usize, convs: usize, scale: usize) -> Graph {
    let mut numbers = Numbers(7);
    let (mut graph, input) = Graph::with_input(3).unwrap();
    let mut tensor = input;
    for layer in 0..=convs {
        let inputs = if layer == 0 { 3 } else { features };
        tensor = graph.push(Op::Conv(numbers.conv(features, inputs, 3)), &[tensor]).unwrap();
        tensor = graph.push(Op::Slopes(numbers.list(features, 0.3)), &[tensor]).unwrap();
    }
    let last = numbers.conv(3 * scale * scale, features, 3);
    tensor = graph.push(Op::Conv(last), &[tensor]).unwrap();
    tensor = graph.push(Op::Shuffle(scale), &[tensor]).unwrap();
    let near = graph.push(Op::Nearest(scale), &[input]).unwrap();
    graph.push(Op::Add, &[tensor, near]).unwrap();
    graph
}

/// Uses every operation: a SPAN block, a dense block, enlargement in the middle.
fn mixed() -> Graph {
    let mut n = Numbers(3);
    let (mut g, input) = Graph::with_input(3).unwrap();
    let push = |g: &mut Graph, op: Op, inputs: &[NodeId]| g.push(op, inputs).unwrap();
    let a = push(&mut g, Op::Conv(n.conv(20, 3, 5)), &[input]);
    let b = push(&mut g, Op::Conv(n.conv(20, 20, 3)), &[a]);
    let s = push(&mut g, Op::Silu, &[b]);
    let c = push(&mut g, Op::Conv(n.conv(20, 20, 3)), &[s]);
    let sigmoid = push(&mut g, Op::Sigmoid, &[c]);
    let shifted = push(&mut g, Op::Affine { factor: 1.0, term: -0.5 }, &[sigmoid]);
    let sum = push(&mut g, Op::Add, &[c, a]);
    let gate = push(&mut g, Op::Multiply, &[sum, shifted]);
    let joined = push(&mut g, Op::Concat, &[gate, s, a]);
    let point = push(&mut g, Op::Conv(n.conv(16, 60, 1)), &[joined]);
    let slope = push(&mut g, Op::Slopes(n.list(16, 0.4)), &[point]);
    let scaled = push(&mut g, Op::Affine { factor: 0.2, term: 0.0 }, &[slope]);
    let added = push(&mut g, Op::Add, &[scaled, point]);
    let wide = push(&mut g, Op::Nearest(2), &[added]);
    let less = push(&mut g, Op::Subtract, &[wide, wide]);
    let both = push(&mut g, Op::Add, &[wide, less]);
    let up = push(&mut g, Op::Conv(n.conv(36, 16, 3)), &[both]);
    let pixels = push(&mut g, Op::Shuffle(3), &[up]);
    push(&mut g, Op::Conv(n.conv(3, 4, 7)), &[pixels]);
    g
}

fn picture(width: usize, height: usize) -> Vec<f32> {
    let mut numbers = Numbers(11);
    (0..width * height * 3).map(|_| numbers.next() * 0.5 + 0.5).collect()
}

/// The whole picture, cell by cell, with cells of `side`.
fn whole(net: &Net, pixels: &[f32], (width, height): (usize, usize), side: usize) -> Vec<f32> {
    let read = |x: usize, y: usize, to: &mut [f32]| {
        let start = (y * width + x) * 3;
        to.copy_from_slice(&pixels[start..start + to.len()]);
    };
    let planes = Planes { width, height, read: &read };
    let scale = net.facts().scale;
    let mut scratch = Scratch::default();
    let mut out = vec![f32::NAN; width * height * scale * scale * 3];
    for y in (0..height).step_by(side) {
        for x in (0..width).step_by(side) {
            let cell = Cell { x, y, width: side.min(width - x), height: side.min(height - y) };
            let row = cell.width * scale * 3;
            for (i, line) in net.run(&planes, cell, &mut scratch).chunks_exact(row).enumerate() {
                let start = ((y * scale + i) * width * scale + x * scale) * 3;
                out[start..start + row].copy_from_slice(line);
            }
        }
    }
    out
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// The largest difference, as a part of the largest value.
fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let most = |most: f32, d: f32| if d <= most { most } else { d };
    let difference = a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, most);
    difference / b.iter().map(|b| b.abs()).fold(1e-30, f32::max)
}

/// A convolution as the textbook has it, in double precision.
fn textbook(conv: &Convolution, pixels: &[f32], (width, height): (usize, usize)) -> Vec<f32> {
    let mut out = vec![0.0; width * height * conv.outputs];
    let half = (conv.side / 2) as isize;
    for (at, out) in out.iter_mut().enumerate() {
        let (o, x, y) = (at % conv.outputs, at / conv.outputs % width, at / conv.outputs / width);
        let mut sum = f64::from(conv.bias[o]);
        for (dy, dx) in (-half..=half).flat_map(|dy| (-half..=half).map(move |dx| (dy, dx))) {
            let (sx, sy) = (x as isize + dx, y as isize + dy);
            if sx < 0 || sy < 0 || sx >= width as isize || sy >= height as isize {
                continue;
            }
            let from = (sy as usize * width + sx as usize) * conv.inputs;
            let tap = ((dy + half) * conv.side as isize + dx + half) as usize;
            for i in 0..conv.inputs {
                let weight = conv.weights[(o * conv.inputs + i) * conv.side * conv.side + tap];
                sum += f64::from(weight) * f64::from(pixels[from + i]);
            }
        }
        *out = sum as f32;
    }
    out
}

#[test]
fn a_single_convolution_is_the_textbooks() {
    for side in [1, 3, 5, 7, 9] {
        for (width, height) in [(1, 1), (5, 3), (30, 9), (53, 6)] {
            let conv = Numbers(side as u64).conv(3, 3, side);
            let (mut graph, input) = Graph::with_input(3).unwrap();
            graph.push(Op::Conv(conv.clone()), &[input]).unwrap();
            let pixels = picture(width, height);
            let expected = textbook(&conv, &pixels, (width, height));
            for isa in Isa::available() {
                let net = Net::new(&graph).unwrap().on(isa);
                let out = whole(&net, &pixels, (width, height), 64);
                assert!(largest_difference(&out, &expected) < 2e-6, "{side} {width} {isa:?}");
            }
        }
    }
}

#[test]
fn a_net_of_winograd_layers_is_the_textbooks() {
    for features in [8, 20, 48, 64, 80] {
        let mut numbers = Numbers(features as u64);
        let (first, second) = (numbers.conv(features, 3, 3), numbers.conv(features, features, 3));
        let third = numbers.conv(3, features, 1);
        let (mut graph, input) = Graph::with_input(3).unwrap();
        let a = graph.push(Op::Conv(first.clone()), &[input]).unwrap();
        let b = graph.push(Op::Conv(second.clone()), &[a]).unwrap();
        graph.push(Op::Conv(third.clone()), &[b]).unwrap();
        for size in [(1, 2), (9, 7), (34, 21)] {
            let pixels = picture(size.0, size.1);
            let middle = textbook(&second, &textbook(&first, &pixels, size), size);
            let expected = textbook(&third, &middle, size);
            let out = whole(&Net::new(&graph).unwrap(), &pixels, size, 64);
            let difference = largest_difference(&out, &expected);
            // White noise without activations is the worst case for F(4, 3): its rounding is a few
            // times that of a direct sum. A wrong index or weight would be off by 1e-1.
            assert!(difference < 1e-5, "{features} {size:?} {difference}");
        }
    }
}

#[test]
fn instruction_sets_give_the_same_bits() {
    for (graph, size) in
        [(compact(20, 2, 2), (37, 41)), (compact(64, 1, 4), (50, 9)), (mixed(), (27, 14))]
    {
        let pixels = picture(size.0, size.1);
        let net = Net::new(&graph).unwrap();
        let plain = whole(&net.clone().on(Isa::Plain), &pixels, size, 32);
        assert!(plain.iter().all(|value| value.is_finite()));
        for isa in Isa::available() {
            let out = whole(&net.clone().on(isa), &pixels, size, 32);
            assert!(bits(&out) == bits(&plain), "{isa:?}");
        }
    }
}

/// A net written so that its operations can be fused, or so that they cannot: slopes of 1, which
/// change nothing, stand between them.
fn joined(apart: bool) -> Graph {
    let mut n = Numbers(5);
    let (mut g, input) = Graph::with_input(3).unwrap();
    let wall = |g: &mut Graph, of: NodeId, channels: usize| {
        let op = Op::Slopes(vec![1.0; channels]);
        if apart { g.push(op, &[of]).unwrap() } else { of }
    };
    let a = g.push(Op::Conv(n.conv(20, 3, 3)), &[input]).unwrap();
    let b = g.push(Op::Conv(n.conv(20, 20, 3)), &[a]).unwrap();
    let b = wall(&mut g, b, 20);
    let sigmoid = g.push(Op::Sigmoid, &[b]).unwrap();
    let silu = if apart {
        g.push(Op::Silu, &[b]).unwrap()
    } else {
        g.push(Op::Multiply, &[sigmoid, b]).unwrap()
    };
    let c = g.push(Op::Conv(n.conv(20, 20, 3)), &[silu]).unwrap();
    let c = wall(&mut g, c, 20);
    let sigmoid = g.push(Op::Sigmoid, &[c]).unwrap();
    let shifted = g.push(Op::Affine { factor: 1.0, term: -0.5 }, &[sigmoid]).unwrap();
    let sum = g.push(Op::Add, &[a, c]).unwrap();
    let gate = g.push(Op::Multiply, &[shifted, sum]).unwrap();
    let all = g.push(Op::Concat, &[gate, silu, a]).unwrap();
    let all = wall(&mut g, all, 60);
    let d = g.push(Op::Conv(n.conv(20, 60, 1)), &[all]).unwrap();
    let d = wall(&mut g, d, 20);
    let less = g.push(Op::Subtract, &[d, gate]).unwrap();
    let e = g.push(Op::Conv(n.conv(20, 20, 3)), &[less]).unwrap();
    let e = wall(&mut g, e, 20);
    let scaled = g.push(Op::Affine { factor: 0.2, term: 0.0 }, &[e]).unwrap();
    let f = g.push(Op::Add, &[gate, scaled]).unwrap();
    g.push(Op::Conv(n.conv(3, 20, 3)), &[f]).unwrap();
    g
}

#[test]
fn fused_operations_give_the_same_bits() {
    let (width, height) = (53, 38);
    let pixels = picture(width, height);
    let results = [false, true].map(|apart| {
        let net = Net::new(&joined(apart)).unwrap();
        bits(&whole(&net, &pixels, (width, height), 32))
    });
    assert_eq!(results[0], results[1]);
}

#[test]
fn a_cell_sees_enough_around_it() {
    for graph in [compact(16, 4, 2), mixed()] {
        let size = (70, 45);
        let pixels = picture(size.0, size.1);
        let net = Net::new(&graph).unwrap();
        let at_once = whole(&net, &pixels, size, 128);
        for side in [4, 12, 32, 40] {
            let cut = whole(&net, &pixels, size, side);
            let difference = largest_difference(&cut, &at_once);
            assert!(difference < 2e-6, "{side} {difference}");
        }
    }
}

#[test]
fn buffers_do_not_remember_the_cell_before() {
    let net = Net::new(&mixed()).unwrap();
    let pixels = picture(64, 40);
    let read = |x: usize, y: usize, to: &mut [f32]| {
        to.copy_from_slice(&pixels[(y * 64 + x) * 3..][..to.len()]);
    };
    let planes = Planes { width: 64, height: 40, read: &read };
    let cell = Cell { x: 32, y: 16, width: 32, height: 24 };
    let fresh = net.run(&planes, cell, &mut Scratch::default()).to_vec();
    let mut used = Scratch::default();
    for (x, y, width, height) in [(0, 0, 64, 40), (0, 0, 4, 4), (60, 36, 4, 4), (32, 0, 20, 40)] {
        net.run(&planes, Cell { x, y, width, height }, &mut used);
    }
    assert!(bits(net.run(&planes, cell, &mut used)) == bits(&fresh));
}

#[test]
fn facts_of_the_published_net() {
    let facts = compact(64, 16, 4).facts();
    assert_eq!((facts.parameters, facts.macs_per_pixel), (621_424, 619_200));
    assert_eq!((facts.scale, facts.reach_px), (4, 18));
}
