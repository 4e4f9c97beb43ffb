//! The loops that take the time, written once for all instruction sets.
//!
//! Pixels lie one after the other with their channels side by side, in blocks of 16. Winograd's
//! minimal filtering F(4×4, 3×3) follows Lavin and Gray (CVPR 2016).
#![expect(clippy::inline_always, reason = "must be part of the function that enables the feature")]
#![expect(unsafe_code, unsafe_op_in_unsafe_fn, reason = "pointers checked once per call")]
use super::lanes::{LANES, Lanes};

/// Winograd tiles that are transformed together: a multiple of every group of the matrix product.
pub(crate) const TILES: usize = 24;
/// Positions of a transformed 6×6 patch.
pub(crate) const POINTS: usize = 36;
/// Tensors that one convolution reads side by side, at most.
pub(crate) const MOST_SOURCES: usize = 6;

/// What happens to a sum before it is stored.
#[derive(Clone, Copy)]
pub(crate) enum Last {
    Nothing,
    /// Per channel: negative values are multiplied.
    Slopes(*const f32),
    Silu,
    Sigmoid,
    /// Joined with the values of another tensor.
    Joined(Pointwise, At<*const f32>),
}

/// Where the pixels of a tensor lie: pointer to the first, floats from pixel to pixel and from
/// row to row.
#[derive(Clone, Copy)]
pub(crate) struct At<P> {
    pub(crate) first: P,
    pub(crate) pixel: usize,
    pub(crate) row: usize,
}

/// What a convolution reads: the pixel under the first result, and how many channels.
#[derive(Clone, Copy)]
pub(crate) struct Source {
    pub(crate) at: At<*const f32>,
    pub(crate) channels: usize,
}

/// One convolution over a box of pixels.
#[derive(Clone, Copy)]
pub(crate) struct Convolve {
    /// Tensors whose channels follow one after the other; Winograd takes one only.
    pub(crate) from: [Source; MOST_SOURCES],
    /// How many of them there are.
    pub(crate) sources: usize,
    pub(crate) to: At<*mut f32>,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Channels read.
    pub(crate) inputs: usize,
    /// Blocks of 16 channels written.
    pub(crate) blocks: usize,
    /// Side of the kernel.
    pub(crate) side: usize,
    pub(crate) weights: *const f32,
    pub(crate) bias: *const f32,
    pub(crate) last: Last,
    /// Winograd only: transformed patches and products.
    pub(crate) scratch: (*mut f32, *mut f32),
}

/// e^x to about 2 units in the last place, for all of |x| ≤ 87; beyond that it saturates.
#[inline(always)]
fn exp<V: Lanes>(x: V) -> V {
    let x = x.max(V::splat(-87.0)).min(V::splat(87.0));
    // Adding 1.5 · 2²³ rounds to an integer and leaves it in the lowest bits.
    let magic = V::splat(12_582_912.0);
    let rounded = x.fma(V::splat(std::f32::consts::LOG2_E), magic);
    let n = rounded.sub(magic);
    let r = n.fma(V::splat(-0.693_359_4), x);
    let r = n.fma(V::splat(2.121_944_4e-4), r);
    let mut sum = V::splat(1.0 / 5040.0);
    for factor in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        sum = sum.fma(r, V::splat(factor));
    }
    sum.scale_exponent(rounded)
}

#[inline(always)]
pub(crate) fn sigmoid<V: Lanes>(x: V) -> V {
    let one = V::splat(1.0);
    one.div(one.add(exp(V::splat(0.0).sub(x))))
}

#[inline(always)]
pub(crate) fn sloped<V: Lanes>(value: V, slope: V) -> V {
    let zero = V::splat(0.0);
    value.min(zero).fma(slope, value.max(zero))
}

#[inline(always)]
pub(crate) unsafe fn finish<V: Lanes>(
    value: V,
    last: Last,
    block: usize,
    (x, y): (usize, usize),
) -> V {
    match last {
        Last::Nothing => value,
        Last::Slopes(slopes) => sloped(value, V::load(slopes.add(block * LANES))),
        Last::Silu => value.mul(sigmoid(value)),
        Last::Sigmoid => sigmoid(value),
        Last::Joined(work, other) => {
            let at = other.first.add(y * other.row + x * other.pixel + block * LANES);
            joined(work, value, V::load(at))
        }
    }
}

/// Direct convolution of all rows; `N` blocks and `P` pixels at a time.
#[inline(always)]
pub(crate) unsafe fn direct<V: Lanes, const N: usize, const P: usize>(c: &Convolve, block: usize) {
    for y in 0..c.height {
        let mut x = 0;
        while x < c.width {
            if x + P <= c.width {
                direct_run::<V, N, P>(c, block, (x, y));
                x += P;
            } else if c.width >= P {
                // The last run overlaps the one before: the same sums again.
                direct_run::<V, N, P>(c, block, (c.width - P, y));
                x = c.width;
            } else {
                direct_run::<V, N, 1>(c, block, (x, y));
                x += 1;
            }
        }
    }
}

#[inline(always)]
unsafe fn direct_run<V: Lanes, const N: usize, const P: usize>(
    c: &Convolve,
    block: usize,
    (x, y): (usize, usize),
) {
    let per_block = c.side * c.side * c.inputs * LANES;
    let mut sums = [[V::splat(0.0); N]; P];
    for sum in &mut sums {
        for (n, sum) in sum.iter_mut().enumerate() {
            *sum = V::load(c.bias.add((block + n) * LANES));
        }
    }
    let mut tap = c.weights.add(block * per_block);
    for ky in 0..c.side {
        for kx in 0..c.side {
            for source in c.from.iter().take(c.sources) {
                let At { first, pixel, row } = source.at;
                let corner = first.wrapping_sub(c.side / 2 * (row + pixel));
                let from = corner.wrapping_add((y + ky) * row + (x + kx) * pixel);
                multiply(&mut sums, (from, pixel), (tap, per_block), source.channels);
                tap = tap.wrapping_add(source.channels * LANES);
            }
        }
    }
    for (p, sums) in sums.iter().enumerate() {
        let to = c.to.first.add(y * c.to.row + (x + p) * c.to.pixel + block * LANES);
        for (n, sum) in sums.iter().enumerate() {
            finish(*sum, c.last, block + n, (x + p, y)).store(to.add(n * LANES));
        }
    }
}

/// Adds to `sums` the products of `channels` channels of `P` pixels, a given number of floats
/// apart, with the weights of `N` blocks.
#[inline(always)]
unsafe fn multiply<V: Lanes, const N: usize, const P: usize>(
    sums: &mut [[V; N]; P],
    (from, pixel): (*const f32, usize),
    (weights, block): (*const f32, usize),
    channels: usize,
) {
    for i in 0..channels {
        let mut row = [V::splat(0.0); N];
        for (n, row) in row.iter_mut().enumerate() {
            *row = V::load(weights.add(n * block + i * LANES));
        }
        for (p, sums) in sums.iter_mut().enumerate() {
            let value = V::splat(*from.add(p * pixel + i));
            for (sum, weight) in sums.iter_mut().zip(row) {
                *sum = value.fma(weight, *sum);
            }
        }
    }
}

/// The points of F(4, 3) are 0, ±3/4, ±3/2 and infinity: with the usual 0, ±1, ±2 the largest
/// rounding error is five times as large (compare Barabasz et al., ACM TOMS 2020). All constants
/// of the transforms are exact floats.
const NEAR: f32 = 0.75;
const FAR: f32 = 1.5;

/// Bᵀ d of F(4, 3) on six values.
#[inline(always)]
fn to_points<V: Lanes>(d: [V; 6]) -> [V; 6] {
    let sum = V::splat(-(NEAR * NEAR + FAR * FAR));
    let product = V::splat(NEAR * NEAR * FAR * FAR);
    let (near2, far2) = (V::splat(-NEAR * NEAR), V::splat(-FAR * FAR));
    let (even, odd) = (d[2].fma(far2, d[4]), d[1].fma(far2, d[3]));
    let (even2, odd2) = (d[2].fma(near2, d[4]), d[1].fma(near2, d[3]));
    [
        d[0].fma(product, d[2].fma(sum, d[4])),
        odd.fma(V::splat(NEAR), even),
        odd.fma(V::splat(-NEAR), even),
        odd2.fma(V::splat(FAR), even2),
        odd2.fma(V::splat(-FAR), even2),
        d[1].fma(product, d[3].fma(sum, d[5])),
    ]
}

/// Aᵀ m of F(4, 3) on six values.
#[inline(always)]
fn from_points<V: Lanes>(m: [V; 6]) -> [V; 4] {
    let (sum, difference) = (m[1].add(m[2]), m[1].sub(m[2]));
    let (sum2, difference2) = (m[3].add(m[4]), m[3].sub(m[4]));
    let (near2, far2) = (V::splat(NEAR * NEAR), V::splat(FAR * FAR));
    let (near3, far3) = (V::splat(NEAR * NEAR * NEAR), V::splat(FAR * FAR * FAR));
    [
        m[0].add(sum.add(sum2)),
        difference.fma(V::splat(NEAR), difference2.mul(V::splat(FAR))),
        sum.fma(near2, sum2.mul(far2)),
        difference.fma(near3, difference2.fma(far3, m[5])),
    ]
}

/// One column of six rows.
#[inline(always)]
fn column<V: Lanes, const N: usize>(rows: &[[V; N]; 6], x: usize) -> [V; 6] {
    [rows[0][x], rows[1][x], rows[2][x], rows[3][x], rows[4][x], rows[5][x]]
}

/// Transforms the 6×6 patches of the tiles from `first` on.
#[inline(always)]
pub(crate) unsafe fn patches<V: Lanes>(c: &Convolve, first: usize, count: usize) {
    let across = c.width.div_ceil(4);
    let channels = c.inputs.next_multiple_of(LANES);
    let from = c.from[0].at;
    for j in 0..count {
        let (ty, tx) = ((first + j) / across, (first + j) % across);
        for start in (0..channels).step_by(LANES) {
            let at = from.first.wrapping_sub(from.row + from.pixel);
            let at = at.wrapping_add(ty * 4 * from.row + tx * 4 * from.pixel + start);
            let mut rows = [[V::splat(0.0); 6]; 6];
            for (y, row) in rows.iter_mut().enumerate() {
                let mut d = [V::splat(0.0); 6];
                for (x, d) in d.iter_mut().enumerate() {
                    *d = V::load(at.add(y * from.row + x * from.pixel));
                }
                *row = to_points(d);
            }
            for x in 0..6 {
                for (y, value) in to_points(column(&rows, x)).into_iter().enumerate() {
                    let point = y * 6 + x;
                    value.store(c.scratch.0.add((point * TILES + j) * channels + start));
                }
            }
        }
    }
}

/// The matrix product of one point: `N` blocks from `block` on, `P` tiles at a time.
#[inline(always)]
pub(crate) unsafe fn product<V: Lanes, const N: usize, const P: usize>(
    c: &Convolve,
    (point, block): (usize, usize),
    count: usize,
) {
    let channels = c.inputs.next_multiple_of(LANES);
    let outputs = c.blocks * LANES;
    let per_block = c.inputs * LANES;
    let weights = c.weights.add((point * c.blocks + block) * per_block);
    let mut j = 0;
    while j < count {
        let from = c.scratch.0.add((point * TILES + j) * channels);
        let mut sums = [[V::splat(0.0); N]; P];
        multiply(&mut sums, (from, channels), (weights, per_block), c.inputs);
        for (p, sums) in sums.iter().enumerate() {
            let to = c.scratch.1.add((point * TILES + j + p) * outputs + block * LANES);
            for (n, sum) in sums.iter().enumerate() {
                sum.store(to.add(n * LANES));
            }
        }
        j += P;
    }
}

/// Transforms the products back, adds the bias and stores what lies inside the box.
#[inline(always)]
pub(crate) unsafe fn results<V: Lanes>(c: &Convolve, first: usize, count: usize) {
    let across = c.width.div_ceil(4);
    let outputs = c.blocks * LANES;
    for j in 0..count {
        let (ty, tx) = ((first + j) / across, (first + j) % across);
        let (high, wide) = ((c.height - ty * 4).min(4), (c.width - tx * 4).min(4));
        for block in 0..c.blocks {
            let bias = V::load(c.bias.add(block * LANES));
            let mut rows = [[V::splat(0.0); 4]; 6];
            for (y, row) in rows.iter_mut().enumerate() {
                let mut m = [V::splat(0.0); 6];
                for (x, m) in m.iter_mut().enumerate() {
                    let point = y * 6 + x;
                    *m = V::load(c.scratch.1.add((point * TILES + j) * outputs + block * LANES));
                }
                *row = from_points(m);
            }
            let to = c.to.first.add(ty * 4 * c.to.row + tx * 4 * c.to.pixel + block * LANES);
            for x in 0..wide {
                let values = from_points(column(&rows, x));
                for (y, value) in values.into_iter().enumerate().take(high) {
                    let at = (tx * 4 + x, ty * 4 + y);
                    let value = finish(value.add(bias), c.last, block, at);
                    value.store(to.add(y * c.to.row + x * c.to.pixel));
                }
            }
        }
    }
}

/// What is done value by value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pointwise {
    /// a + b
    Add,
    /// a - b
    Subtract,
    /// a · b
    Multiply,
    /// a · k + b
    AddScaled(f32),
    /// a · k + c
    Affine(f32, f32),
    /// 1 / (1 + e^-a)
    Sigmoid,
    /// a · sigmoid(a)
    Silu,
    /// (a + b) · (sigmoid(a) - 0.5), the attention of SPAN
    Gate,
}

#[inline(always)]
fn joined<V: Lanes>(work: Pointwise, first: V, second: V) -> V {
    match work {
        Pointwise::Add => first.add(second),
        Pointwise::Subtract => first.sub(second),
        Pointwise::Multiply => first.mul(second),
        Pointwise::AddScaled(k) => first.fma(V::splat(k), second),
        Pointwise::Affine(k, c) => first.fma(V::splat(k), V::splat(c)),
        Pointwise::Sigmoid => sigmoid(first),
        Pointwise::Silu => first.mul(sigmoid(first)),
        Pointwise::Gate => first.add(second).mul(sigmoid(first).sub(V::splat(0.5))),
    }
}

/// `to = work(a, b)` over `length` floats, a multiple of 16.
#[inline(always)]
pub(crate) unsafe fn pointwise<V: Lanes>(
    work: Pointwise,
    (a, b): (*const f32, *const f32),
    to: *mut f32,
    length: usize,
) {
    for i in (0..length).step_by(LANES) {
        let first = V::load(a.add(i));
        let second = V::load(b.add(i));
        joined(work, first, second).store(to.add(i));
    }
}

/// `to = value < 0 ? slope · value : value` for `pixels` pixels of `blocks` blocks.
#[inline(always)]
pub(crate) unsafe fn slopes<V: Lanes>(
    from: *const f32,
    to: *mut f32,
    (pixels, blocks): (usize, usize),
    slopes: *const f32,
) {
    for pixel in 0..pixels {
        for block in 0..blocks {
            let at = (pixel * blocks + block) * LANES;
            let slope = V::load(slopes.add(block * LANES));
            sloped(V::load(from.add(at)), slope).store(to.add(at));
        }
    }
}
