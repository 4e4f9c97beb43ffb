//! The loops in plain Rust: they define the right answer.
#![expect(
    clippy::inline_always,
    reason = "the caller's instruction set reaches a loop only if it is inlined"
)]

use std::ops::Add;

/// 1.5 · 2²³: adding it to a small float leaves its integer, rounded half to even, in the low
/// bits.
const ROUNDER: f32 = 12_582_912.0;

/// 2401 · (0.01 · 255)²: the first constant of SSIM at the scale of sums over 49 pixels.
pub(crate) const K1: f32 = 15_612.503;
/// 2352 · (0.03 · 255)²: the second, at the scale of 49 Σx² − (Σx)² over 48 · 49.
pub(crate) const K2: f32 = 137_644.92;

/// Side of the window.
pub(crate) const WINDOW: usize = 7;

/// Windows that are worked on at a time: rows are filled up to a multiple of it.
const LANES: usize = 16;

/// Windows of a row of so many columns, those that fill it up included.
pub(crate) const fn filled(width: usize) -> usize {
    width.saturating_sub(WINDOW - 1).next_multiple_of(LANES)
}

/// Sums over the seven rows above and including the latest, for each column.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    width: usize,
    x: Vec<u16>,
    xx: Vec<i32>,
    xy: Vec<i32>,
    /// Of each of these, the sums of two neighbours.
    x_pairs: Vec<u16>,
    pairs: [Vec<i32>; 2],
    values: Vec<f32>,
    /// Of the similarities so far.
    totals: [f64; LANES],
}

impl Columns {
    pub(crate) fn new(width: usize) -> Self {
        let windows = filled(width);
        let (zeros, pairs) = (vec![0; windows + WINDOW - 1], vec![0; windows + WINDOW - 2]);
        Self {
            width,
            x: vec![0; zeros.len()],
            xx: zeros.clone(),
            xy: zeros,
            x_pairs: vec![0; pairs.len()],
            pairs: [pairs.clone(), pairs],
            values: vec![0.0; windows],
            totals: [0.0; LANES],
        }
    }

    pub(crate) fn clear(&mut self) {
        self.x.fill(0);
        self.xx.fill(0);
        self.xy.fill(0);
        self.totals = [0.0; LANES];
    }

    /// The sum of SSIM over the windows of all rows since [`Columns::clear`].
    pub(crate) fn total(&self) -> f64 {
        self.totals.iter().sum()
    }
}

/// What the truth brings to the windows of one row, filled up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TruthRow<'a> {
    /// Σy.
    pub(crate) sums: &'a [u16],
    /// 49 Σy² − (Σy)² + [`K2`].
    pub(crate) variances: &'a [f32],
}

#[inline(always)]
pub(crate) fn weigh_row(padded: &[u8], weights: &[u16], out: &mut [u16]) {
    let (len, half) = (out.len(), weights.len() / 2);
    let middle = weights[half];
    for (out, value) in out.iter_mut().zip(&padded[half..half + len]) {
        *out = middle.wrapping_mul(u16::from(*value));
    }
    for (tap, weight) in weights[..half].iter().enumerate().filter(|(_, weight)| **weight != 0) {
        let (left, right) = (&padded[tap..tap + len], &padded[2 * half - tap..][..len]);
        for ((out, left), right) in out.iter_mut().zip(left).zip(right) {
            let sum = u16::from(*left) + u16::from(*right);
            *out = out.wrapping_add(weight.wrapping_mul(sum));
        }
    }
}

#[inline(always)]
pub(crate) fn first_line(line: &[u16], weight: u32, sums: &mut [u32]) {
    for (sum, value) in sums.iter_mut().zip(line) {
        *sum = (1 << 15) + weight * u32::from(*value);
    }
}

#[inline(always)]
pub(crate) fn add_lines(lines: (&[u16], &[u16]), weight: u32, sums: &mut [u32]) {
    for ((sum, above), below) in sums.iter_mut().zip(lines.0).zip(lines.1) {
        *sum += weight * (u32::from(*above) + u32::from(*below));
    }
}

#[inline(always)]
pub(crate) fn last_line(sums: &[u32], out: &mut [u8]) {
    for (out, sum) in out.iter_mut().zip(sums) {
        *out = (sum >> 16) as u8;
    }
}

#[inline(always)]
pub(crate) fn unsharp_row(base: &[u8], blurred: &[u8], strength: f32, out: &mut [u8]) {
    let twice = 2.0 * strength;
    if twice.fract() == 0.0 && twice.abs() <= MOST_HALVES {
        return unsharp_halves(base, blurred, twice as i16, out);
    }
    let gain = 1.0 + strength;
    for ((out, base), blurred) in out.iter_mut().zip(base).zip(blurred) {
        let value = gain * f32::from(*base) - strength * f32::from(*blurred);
        *out = (value.clamp(0.0, 255.0) + ROUNDER).to_bits() as u8;
    }
}

/// For so many halves, 16 bits hold the sums of [`unsharp_halves`].
const MOST_HALVES: f32 = 100.0;

/// The same for a strength of `halves` / 2, in whole numbers: `v / 2`, half to even.
#[inline(always)]
fn unsharp_halves(base: &[u8], blurred: &[u8], halves: i16, out: &mut [u8]) {
    for ((out, base), blurred) in out.iter_mut().zip(base).zip(blurred) {
        let value = (2 + halves) * i16::from(*base) - halves * i16::from(*blurred);
        *out = ((value + ((value >> 1) & 1)) >> 1).clamp(0, 255) as u8;
    }
}

#[inline(always)]
pub(crate) fn slide(new: (&[u8], &[u8]), old: (&[u8], &[u8]), columns: &mut Columns) {
    let len = new.0.len();
    let (new, truth, old, gone) = (&new.0[..len], &new.1[..len], &old.0[..len], &old.1[..len]);
    let (x, xx, xy) = (&mut columns.x[..len], &mut columns.xx[..len], &mut columns.xy[..len]);
    for at in 0..len {
        x[at] = x[at].wrapping_add(u16::from(new[at])).wrapping_sub(u16::from(old[at]));
    }
    for at in 0..len {
        let (n, t) = (i32::from(new[at]), i32::from(truth[at]));
        let (o, g) = (i32::from(old[at]), i32::from(gone[at]));
        xx[at] += n * n - o * o;
        xy[at] += n * t - o * g;
    }
}

#[inline(always)]
pub(crate) fn squared_error(a: &[u8], b: &[u8]) -> u64 {
    // 32768 · 255² fits 32 bits.
    let part = |(a, b): (&[u8], &[u8])| {
        let square = |(a, b): (&u8, &u8)| {
            let difference = i32::from(*a) - i32::from(*b);
            (difference * difference) as u32
        };
        u64::from(a.iter().zip(b).map(square).sum::<u32>())
    };
    a.chunks(32_768).zip(b.chunks(32_768)).map(part).sum()
}

#[inline(always)]
pub(crate) fn ssim_row(columns: &mut Columns, truth: TruthRow<'_>) {
    let Columns { width, x, xx, xy, x_pairs, pairs: [xx_pairs, xy_pairs], values, totals } =
        columns;
    pair_sums(x, x_pairs);
    pair_sums(xx, xx_pairs);
    pair_sums(xy, xy_pairs);
    let products = [Window::new(xx, xx_pairs), Window::new(xy, xy_pairs)];
    similarities(values, truth, Window::new(x, x_pairs), products);
    values[*width - (WINDOW - 1)..].fill(0.0);
    add_up(values, totals);
}

#[inline(always)]
pub(crate) fn truth_row(columns: &mut Columns, sums: &mut [u16], variances: &mut [f32]) {
    let Columns { x, xx, x_pairs, pairs: [xx_pairs, _], .. } = columns;
    pair_sums(x, x_pairs);
    pair_sums(xx, xx_pairs);
    let (y, yy) = (Window::new(x, x_pairs), Window::new(xx, xx_pairs));
    for (at, (sum, variance)) in sums.iter_mut().zip(variances).enumerate() {
        *sum = y.at(at);
        let (y, yy) = (i32::from(*sum), yy.at(at));
        *variance = (49 * yy - y * y) as f32 + K2;
    }
}

/// `out[i] = values[i] + values[i + 1]`.
#[inline(always)]
fn pair_sums<T: Copy + Add<Output = T>>(values: &[T], out: &mut [T]) {
    for ((out, value), next) in out.iter_mut().zip(values).zip(&values[1..]) {
        *out = *value + *next;
    }
}

/// Sums of seven neighbours, made of three pairs and a single one.
#[derive(Clone, Copy)]
struct Window<'a, T> {
    pairs: [&'a [T]; 3],
    single: &'a [T],
}

impl<'a, T: Copy + Add<Output = T>> Window<'a, T> {
    #[inline(always)]
    fn new(singles: &'a [T], pairs: &'a [T]) -> Self {
        let len = singles.len() - (WINDOW - 1);
        Self { pairs: [0, 2, 4].map(|from| &pairs[from..from + len]), single: &singles[6..] }
    }

    #[inline(always)]
    fn at(&self, at: usize) -> T {
        let [a, b, c] = self.pairs;
        (a[at] + b[at]) + (c[at] + self.single[at])
    }
}

#[inline(always)]
fn similarities(
    values: &mut [f32],
    truth: TruthRow<'_>,
    sx: Window<'_, u16>,
    [sxx, sxy]: [Window<'_, i32>; 2],
) {
    let len = values.len();
    let (sums, variances) = (&truth.sums[..len], &truth.variances[..len]);
    for at in 0..len {
        let (x, y) = (i32::from(sx.at(at)), i32::from(sums[at]));
        let product = x * y;
        let means = 2.0 * product as f32 + K1;
        let covariance = 2.0 * (49 * sxy.at(at) - product) as f32 + K2;
        let squares = (x * x) as f32 + (y * y) as f32 + K1;
        let spread = (49 * sxx.at(at) - x * x) as f32 + variances[at];
        values[at] = (means * covariance) / (squares * spread);
    }
}

/// In sixteen lanes, which are added at the end: the same order whatever the registers.
#[inline(always)]
fn add_up(values: &[f32], totals: &mut [f64; LANES]) {
    let mut lanes = [0.0_f32; LANES];
    for chunk in values.as_chunks::<LANES>().0 {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    for (total, lane) in totals.iter_mut().zip(lanes) {
        *total += f64::from(lane);
    }
}
