//! Inverse cosine transforms: the accurate integer one and its reductions to 4×4, 2×2, 1×1.
//!
//! Method: C. Loeffler, A. Ligtenberg, G. Moschytz, "Practical fast 1-D DCT algorithms with 11
//! multiplications", ICASSP 1989, in fixed point with the word lengths of libjpeg's `islow`, so
//! that results agree with it bit for bit. The reductions transform the lowest frequencies only.

/// Fraction bits of the multipliers.
const FRACTION: i32 = 13;
/// Fraction bits kept between the two passes.
const BETWEEN: i32 = 2;

/// Integer lanes on which the transforms are written once for scalar and vector code.
pub(super) trait Lanes: Copy {
    /// Lane-wise sum, wrapping.
    fn add(self, other: Self) -> Self;
    /// Lane-wise difference, wrapping.
    fn sub(self, other: Self) -> Self;
    /// Lane-wise product of the low 16 bits, as a signed number, with a constant of 16 bits.
    fn times(self, factor: i32) -> Self;
    /// Shift to the left.
    fn left<const BY: i32>(self) -> Self;
    /// Division by 2 to the power `BY`, rounded to nearest.
    fn round<const BY: i32>(self) -> Self;
}

impl Lanes for i32 {
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.wrapping_sub(other)
    }
    #[inline(always)]
    fn times(self, factor: i32) -> Self {
        i32::from(self as i16) * factor
    }
    #[inline(always)]
    fn left<const BY: i32>(self) -> Self {
        self << BY
    }
    #[inline(always)]
    fn round<const BY: i32>(self) -> Self {
        self.wrapping_add(1 << (BY - 1)) >> BY
    }
}

/// The multipliers: sums of cosines in 13 fraction bits, named by their value.
pub(super) mod factor {
    pub(in super::super) const F0_298631336: i32 = 2446;
    pub(in super::super) const F0_390180644: i32 = 3196;
    pub(in super::super) const F0_541196100: i32 = 4433;
    pub(in super::super) const F0_765366865: i32 = 6270;
    pub(in super::super) const F0_899976223: i32 = 7373;
    pub(in super::super) const F1_175875602: i32 = 9633;
    pub(in super::super) const F1_501321110: i32 = 12299;
    pub(in super::super) const F1_847759065: i32 = 15137;
    pub(in super::super) const F1_961570560: i32 = 16069;
    pub(in super::super) const F2_053119869: i32 = 16819;
    pub(in super::super) const F2_562915447: i32 = 20995;
    pub(in super::super) const F3_072711026: i32 = 25172;
}
use factor::{
    F0_298631336, F0_390180644, F0_541196100, F0_765366865, F0_899976223, F1_175875602,
    F1_501321110, F1_847759065, F1_961570560, F2_053119869, F2_562915447, F3_072711026,
};

/// Eight points; results carry [`FRACTION`] more fraction bits, removed by `DOWN`.
#[inline(always)]
pub(super) fn eight<L: Lanes, const DOWN: i32>(x: [L; 8]) -> [L; 8] {
    // Even part: a rotation of x2 and x6, butterflies with x0 and x4.
    let rotated = x[2].add(x[6]).times(F0_541196100);
    let low = rotated.sub(x[6].times(F1_847759065));
    let high = rotated.add(x[2].times(F0_765366865));
    let sum = x[0].add(x[4]).left::<FRACTION>();
    let difference = x[0].sub(x[4]).left::<FRACTION>();
    let even = [sum.add(high), difference.add(low), difference.sub(low), sum.sub(high)];
    // Odd part.
    let (a, b) = (x[7].add(x[3]), x[5].add(x[1]));
    let common = a.add(b).times(F1_175875602);
    let a = common.sub(a.times(F1_961570560));
    let b = common.sub(b.times(F0_390180644));
    let c = x[7].add(x[1]).times(-F0_899976223);
    let d = x[5].add(x[3]).times(-F2_562915447);
    let odd = [
        x[1].times(F1_501321110).add(c).add(b),
        x[3].times(F3_072711026).add(d).add(a),
        x[5].times(F2_053119869).add(d).add(b),
        x[7].times(F0_298631336).add(c).add(a),
    ];
    [
        even[0].add(odd[0]).round::<DOWN>(),
        even[1].add(odd[1]).round::<DOWN>(),
        even[2].add(odd[2]).round::<DOWN>(),
        even[3].add(odd[3]).round::<DOWN>(),
        even[3].sub(odd[3]).round::<DOWN>(),
        even[2].sub(odd[2]).round::<DOWN>(),
        even[1].sub(odd[1]).round::<DOWN>(),
        even[0].sub(odd[0]).round::<DOWN>(),
    ]
}

/// Four points, likewise.
#[inline(always)]
pub(super) fn four<L: Lanes, const DOWN: i32>(x: [L; 4]) -> [L; 4] {
    let sum = x[0].add(x[2]).left::<FRACTION>();
    let difference = x[0].sub(x[2]).left::<FRACTION>();
    let rotated = x[1].add(x[3]).times(F0_541196100);
    let outer = rotated.add(x[1].times(F0_765366865));
    let inner = rotated.sub(x[3].times(F1_847759065));
    [
        sum.add(outer).round::<DOWN>(),
        difference.add(inner).round::<DOWN>(),
        difference.sub(inner).round::<DOWN>(),
        sum.sub(outer).round::<DOWN>(),
    ]
}

/// Rounding after the first pass.
pub(super) const FIRST: i32 = FRACTION - BETWEEN;
/// Rounding after the second pass: also the factor 8 of the two-dimensional transform.
pub(super) const SECOND: i32 = FRACTION + BETWEEN + 3;

/// A level-shifted sample.
#[inline(always)]
pub(super) const fn sample(value: i32) -> u8 {
    let value = value.wrapping_add(128);
    if value < 0 {
        0
    } else if value > 255 {
        255
    } else {
        value as u8
    }
}

/// The sample of a block that is flat.
#[inline(always)]
pub(super) const fn flat(dc: i16, quant: i16) -> u8 {
    sample((dc as i32 * quant as i32 + 4) >> 3)
}

/// A row of blocks to be transformed.
pub(super) struct BlockRow<'a> {
    /// The coefficients, block after block.
    pub coefs: &'a [i16],
    /// Quantisation steps in natural order, up to 32767.
    pub quant: &'a [i16; 64],
    /// Where the samples go: `n` rows.
    pub out: &'a mut [u8],
    /// Samples from one row to the next.
    pub stride: usize,
}

/// Transforms a row of 8×8 blocks.
pub(super) fn row8(row: BlockRow<'_>) {
    let BlockRow { coefs, quant, out, stride } = row;
    for (i, block) in coefs.as_chunks::<64>().0.iter().enumerate() {
        let samples = block8(block, quant);
        for (y, line) in samples.as_chunks::<8>().0.iter().enumerate() {
            out[y * stride + i * 8..][..8].copy_from_slice(line);
        }
    }
}

fn block8(block: &[i16; 64], quant: &[i16; 64]) -> [u8; 64] {
    if block[1..].iter().all(|&c| c == 0) {
        return [flat(block[0], quant[0]); 64];
    }
    let mut between = [[0_i32; 8]; 8];
    for x in 0..8 {
        let at = |y: usize| i32::from(block[y * 8 + x]) * i32::from(quant[y * 8 + x]);
        let column = eight::<i32, FIRST>(std::array::from_fn(at));
        for (line, value) in between.iter_mut().zip(column) {
            line[x] = value;
        }
    }
    let mut samples = [0; 64];
    for (line, values) in samples.as_chunks_mut::<8>().0.iter_mut().zip(between) {
        *line = eight::<i32, SECOND>(values).map(sample);
    }
    samples
}

/// Transforms a row of 4×4 blocks.
pub(super) fn row4(row: BlockRow<'_>) {
    let BlockRow { coefs, quant, out, stride } = row;
    for (i, block) in coefs.as_chunks::<16>().0.iter().enumerate() {
        let mut between = [[0_i32; 4]; 4];
        for x in 0..4 {
            let at = |y: usize| i32::from(block[y * 4 + x]) * i32::from(quant[y * 8 + x]);
            let column = four::<i32, FIRST>(std::array::from_fn(at));
            for (line, value) in between.iter_mut().zip(column) {
                line[x] = value;
            }
        }
        for (y, values) in between.into_iter().enumerate() {
            let line = four::<i32, SECOND>(values).map(sample);
            out[y * stride + i * 4..][..4].copy_from_slice(&line);
        }
    }
}

/// Transforms a row of 2×2 blocks.
#[inline(always)]
pub(super) fn row2(row: BlockRow<'_>) {
    let BlockRow { coefs, quant, out, stride } = row;
    let (upper, lower) = out.split_at_mut(stride);
    let lines = upper.as_chunks_mut::<2>().0.iter_mut().zip(lower.as_chunks_mut::<2>().0);
    for (block, (upper, lower)) in coefs.as_chunks::<4>().0.iter().zip(lines) {
        let at = |i: usize, q: usize| i32::from(block[i]) * i32::from(quant[q]);
        let (a, b, c, d) = (at(0, 0), at(1, 1), at(2, 8), at(3, 9));
        let (left, right) = (a.add(b), a.sub(b));
        let (turn, back) = (c.add(d), c.sub(d));
        upper[0] = sample(left.add(turn).round::<3>());
        upper[1] = sample(right.add(back).round::<3>());
        lower[0] = sample(left.sub(turn).round::<3>());
        lower[1] = sample(right.sub(back).round::<3>());
    }
}

/// Transforms a row of 1×1 blocks.
#[inline(always)]
pub(super) fn row1(row: BlockRow<'_>) {
    for (&dc, out) in row.coefs.iter().zip(row.out) {
        *out = flat(dc, row.quant[0]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(n: usize, coefs: &[i16], quant: &[i16; 64]) -> Vec<f64> {
        let basis = |x: usize, u: usize| {
            let scale = if u == 0 { 0.5_f64.sqrt() } else { 1.0 };
            let angle = (2 * x + 1) as f64 * u as f64 * std::f64::consts::PI / (2 * n) as f64;
            0.5 * scale * angle.cos()
        };
        let mut out = Vec::new();
        for (y, x) in (0..n).flat_map(|y| (0..n).map(move |x| (y, x))) {
            let terms = (0..n * n).map(|i| {
                let (v, u) = (i / n, i % n);
                f64::from(coefs[i]) * f64::from(quant[v * 8 + u]) * basis(x, u) * basis(y, v)
            });
            out.push((terms.sum::<f64>() + 128.0).clamp(0.0, 255.0));
        }
        out
    }

    #[test]
    fn transforms_agree_with_the_definition() {
        let quant = std::array::from_fn(|i| 1 + (i % 5) as i16);
        let rows: [(usize, fn(BlockRow<'_>)); 4] = [(1, row1), (2, row2), (4, row4), (8, row8)];
        for (n, row) in rows {
            let coefs: Vec<i16> = (0..n * n).map(|i| (i * 37 % 61) as i16 - 30).collect();
            let mut out = vec![0; n * n];
            row(BlockRow { coefs: &coefs, quant: &quant, out: &mut out, stride: n });
            for (got, want) in out.iter().zip(reference(n, &coefs, &quant)) {
                assert!((f64::from(*got) - want).abs() < 0.6, "{n}: {got} {want}");
            }
        }
    }
}
