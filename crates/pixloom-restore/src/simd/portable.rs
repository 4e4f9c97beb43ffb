//! The loops in plain Rust: they define the right answer.
#![expect(
    clippy::inline_always,
    reason = "the caller's instruction set reaches a loop only if it is inlined"
)]

/// 1.5 · 2²³: adding it to a small float leaves its integer, rounded half to even, in the low
/// bits.
const ROUNDER: f32 = 12_582_912.0;

/// 2401 · (0.01 · 255)²: the first constant of SSIM at the scale of sums over 49 pixels.
pub(crate) const K1: f32 = 15_612.503;
/// 2352 · (0.03 · 255)²: the second, at the scale of 49 Σx² − (Σx)² over 48 · 49.
pub(crate) const K2: f32 = 137_644.92;

/// Side of the window.
pub(crate) const WINDOW: usize = 7;

/// Sums over the seven rows above and including the latest, for each column.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    x: Vec<i32>,
    xx: Vec<i32>,
    xy: Vec<i32>,
    windows: [Vec<i32>; 3],
    values: Vec<f32>,
}

impl Columns {
    pub(crate) fn new(width: usize) -> Self {
        let windows = width.saturating_sub(WINDOW - 1);
        let zeros = vec![0; width];
        Self {
            x: zeros.clone(),
            xx: zeros.clone(),
            xy: zeros,
            windows: [vec![0; windows], vec![0; windows], vec![0; windows]],
            values: vec![0.0; windows],
        }
    }

    pub(crate) fn clear(&mut self) {
        self.x.fill(0);
        self.xx.fill(0);
        self.xy.fill(0);
    }
}

/// What the truth brings to the windows of one row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TruthRow<'a> {
    /// Σy.
    pub(crate) sums: &'a [u16],
    /// 49 Σy² − (Σy)² + [`K2`].
    pub(crate) variances: &'a [f32],
}

#[inline(always)]
pub(crate) fn weigh_row(padded: &[u8], weights: &[u16], out: &mut [u16]) {
    out.fill(0);
    for (tap, weight) in weights.iter().enumerate() {
        let values = &padded[tap..tap + out.len()];
        for (out, value) in out.iter_mut().zip(values) {
            *out = out.wrapping_add(weight.wrapping_mul(u16::from(*value)));
        }
    }
}

#[inline(always)]
pub(crate) fn add_line(line: &[u16], weight: u32, sums: &mut [u32]) {
    for (sum, value) in sums.iter_mut().zip(line) {
        *sum += weight * u32::from(*value);
    }
}

#[inline(always)]
pub(crate) fn unsharp_row(base: &[u8], blurred: &[u8], strength: f32, out: &mut [u8]) {
    let gain = 1.0 + strength;
    for ((out, base), blurred) in out.iter_mut().zip(base).zip(blurred) {
        let value = gain * f32::from(*base) - strength * f32::from(*blurred);
        *out = (value.clamp(0.0, 255.0) + ROUNDER).to_bits() as u8;
    }
}

#[inline(always)]
pub(crate) fn slide(new: (&[u8], &[u8]), old: (&[u8], &[u8]), columns: &mut Columns) {
    let len = columns.x.len();
    let (new, truth, old, gone) = (&new.0[..len], &new.1[..len], &old.0[..len], &old.1[..len]);
    let (x, xx, xy) = (&mut columns.x[..len], &mut columns.xx[..len], &mut columns.xy[..len]);
    for at in 0..len {
        let (n, t) = (i32::from(new[at]), i32::from(truth[at]));
        let (o, g) = (i32::from(old[at]), i32::from(gone[at]));
        x[at] += n - o;
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
pub(crate) fn ssim_row(columns: &mut Columns, truth: TruthRow<'_>) -> f64 {
    let Columns { x, xx, xy, windows: [sx, sxx, sxy], values } = columns;
    window_sums(x, sx);
    window_sums(xx, sxx);
    window_sums(xy, sxy);
    let len = values.len();
    let (sx, sxx, sxy) = (&sx[..len], &sxx[..len], &sxy[..len]);
    let (sums, variances) = (&truth.sums[..len], &truth.variances[..len]);
    for at in 0..len {
        let (x, y) = (sx[at], i32::from(sums[at]));
        let product = x * y;
        let means = 2.0 * product as f32 + K1;
        let covariance = 2.0 * (49 * sxy[at] - product) as f32 + K2;
        let squares = (x * x) as f32 + (y * y) as f32 + K1;
        let spread = (49 * sxx[at] - x * x) as f32 + variances[at];
        values[at] = (means * covariance) / (squares * spread);
    }
    sum(values)
}

/// `out[i] = values[i] + … + values[i + 6]`.
#[inline(always)]
fn window_sums(values: &[i32], out: &mut [i32]) {
    let len = out.len();
    let [a, b, c, d, e, f, g]: [&[i32]; WINDOW] = std::array::from_fn(|at| &values[at..at + len]);
    for at in 0..len {
        out[at] = (a[at] + b[at]) + (c[at] + d[at]) + (e[at] + f[at]) + g[at];
    }
}

/// In sixteen lanes, which are added at the end: the same order whatever the registers.
#[inline(always)]
fn sum(values: &[f32]) -> f64 {
    let mut lanes = [0.0_f32; 16];
    let chunks = values.chunks_exact(16);
    let rest: f64 = chunks.remainder().iter().map(|value| f64::from(*value)).sum();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    rest + lanes.iter().map(|lane| f64::from(*lane)).sum::<f64>()
}
