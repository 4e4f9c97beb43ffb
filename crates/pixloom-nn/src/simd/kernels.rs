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

/// What happens to a sum before it is stored.
#[derive(Clone, Copy)]
pub(crate) enum Last {
    Nothing,
    /// Per channel: negative values are multiplied.
    Slopes(*const f32),
    Silu,
    Sigmoid,
}

/// Where the pixels of a tensor lie: pointer to the first, floats from pixel to pixel and from
/// row to row.
#[derive(Clone, Copy)]
pub(crate) struct At<P> {
    pub(crate) first: P,
    pub(crate) pixel: usize,
    pub(crate) row: usize,
}

/// One convolution over a box of pixels. `from` points at the pixel under the first result.
#[derive(Clone, Copy)]
pub(crate) struct Convolve {
    pub(crate) from: At<*const f32>,
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
pub(crate) unsafe fn finish<V: Lanes>(value: V, last: Last, block: usize) -> V {
    match last {
        Last::Nothing => value,
        Last::Slopes(slopes) => sloped(value, V::load(slopes.add(block * LANES))),
        Last::Silu => value.mul(sigmoid(value)),
        Last::Sigmoid => sigmoid(value),
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
    let weights = c.weights.add(block * per_block);
    let mut sums = [[V::splat(0.0); N]; P];
    for sum in &mut sums {
        for (n, sum) in sum.iter_mut().enumerate() {
            *sum = V::load(c.bias.add((block + n) * LANES));
        }
    }
    let reach = c.side / 2;
    let corner = c.from.first.wrapping_sub(reach * (c.from.row + c.from.pixel));
    let mut tap = weights;
    for ky in 0..c.side {
        for kx in 0..c.side {
            let from = corner.wrapping_add((y + ky) * c.from.row + (x + kx) * c.from.pixel);
            for i in 0..c.inputs {
                let mut row = [V::splat(0.0); N];
                for (n, row) in row.iter_mut().enumerate() {
                    *row = V::load(tap.add(n * per_block));
                }
                for (p, sums) in sums.iter_mut().enumerate() {
                    let value = V::splat(*from.add(p * c.from.pixel + i));
                    for (sum, weight) in sums.iter_mut().zip(row) {
                        *sum = value.fma(weight, *sum);
                    }
                }
                tap = tap.wrapping_add(LANES);
            }
        }
    }
    for (p, sums) in sums.iter().enumerate() {
        let to = c.to.first.add(y * c.to.row + (x + p) * c.to.pixel + block * LANES);
        for (n, sum) in sums.iter().enumerate() {
            finish(*sum, c.last, block + n).store(to.add(n * LANES));
        }
    }
}

/// Bᵀ d of F(4, 3) on six values.
#[inline(always)]
fn to_points<V: Lanes>(d: [V; 6]) -> [V; 6] {
    let (two, four, five) = (V::splat(2.0), V::splat(4.0), V::splat(-5.0));
    let minus = V::splat(-4.0);
    let a = d[2].fma(minus, d[4]);
    let b = d[1].fma(minus, d[3]);
    let c = d[4].sub(d[2]);
    let e = two.mul(d[3].sub(d[1]));
    [
        d[0].fma(four, d[2].fma(five, d[4])),
        a.add(b),
        a.sub(b),
        c.add(e),
        c.sub(e),
        d[1].fma(four, d[3].fma(five, d[5])),
    ]
}

/// Aᵀ m of F(4, 3) on six values.
#[inline(always)]
fn from_points<V: Lanes>(m: [V; 6]) -> [V; 4] {
    let (sum, difference) = (m[1].add(m[2]), m[1].sub(m[2]));
    let (sum2, difference2) = (m[3].add(m[4]), m[3].sub(m[4]));
    [
        m[0].add(sum.add(sum2)),
        difference2.fma(V::splat(2.0), difference),
        sum2.fma(V::splat(4.0), sum),
        difference2.fma(V::splat(8.0), difference).add(m[5]),
    ]
}

/// The columns of six rows.
#[inline(always)]
fn columns<V: Lanes, const N: usize>(rows: &[[V; N]; 6]) -> [[V; 6]; N] {
    std::array::from_fn(|x| std::array::from_fn(|y| rows[y][x]))
}

/// Transforms the 6×6 patches of the tiles from `first` on.
#[inline(always)]
pub(crate) unsafe fn patches<V: Lanes>(c: &Convolve, first: usize, count: usize) {
    let across = c.width.div_ceil(4);
    let channels = c.inputs.next_multiple_of(LANES);
    for j in 0..count {
        let (ty, tx) = ((first + j) / across, (first + j) % across);
        for start in (0..channels).step_by(LANES) {
            let at = c.from.first.wrapping_sub(c.from.row + c.from.pixel);
            let at = at.wrapping_add(ty * 4 * c.from.row + tx * 4 * c.from.pixel + start);
            let mut rows = [[V::splat(0.0); 6]; 6];
            for (y, row) in rows.iter_mut().enumerate() {
                let mut d = [V::splat(0.0); 6];
                for (x, d) in d.iter_mut().enumerate() {
                    *d = V::load(at.add(y * c.from.row + x * c.from.pixel));
                }
                *row = to_points(d);
            }
            for (x, d) in columns(&rows).into_iter().enumerate() {
                for (y, value) in to_points(d).into_iter().enumerate() {
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
        for i in 0..c.inputs {
            let mut row = [V::splat(0.0); N];
            for (n, row) in row.iter_mut().enumerate() {
                *row = V::load(weights.add(n * per_block + i * LANES));
            }
            for (p, sums) in sums.iter_mut().enumerate() {
                let value = V::splat(*from.add(p * channels + i));
                for (sum, weight) in sums.iter_mut().zip(row) {
                    *sum = value.fma(weight, *sum);
                }
            }
        }
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
            for (x, m) in columns(&rows).into_iter().enumerate().take(wide) {
                let column = from_points(m);
                for (y, value) in column.into_iter().enumerate().take(high) {
                    let value = finish(value.add(bias), c.last, block);
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
        let value = match work {
            Pointwise::Add => first.add(second),
            Pointwise::Subtract => first.sub(second),
            Pointwise::Multiply => first.mul(second),
            Pointwise::AddScaled(k) => first.fma(V::splat(k), second),
            Pointwise::Affine(k, c) => first.fma(V::splat(k), V::splat(c)),
            Pointwise::Sigmoid => sigmoid(first),
            Pointwise::Silu => first.mul(sigmoid(first)),
            Pointwise::Gate => first.add(second).mul(sigmoid(first).sub(V::splat(0.5))),
        };
        value.store(to.add(i));
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
