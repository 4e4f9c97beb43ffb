//! The forward cosine transform, the counterpart of [`super::idct`] (same method and source).
use super::idct::factor::{
    F0_298631336, F0_390180644, F0_541196100, F0_765366865, F0_899976223, F1_175875602,
    F1_501321110, F1_847759065, F1_961570560, F2_053119869, F2_562915447, F3_072711026,
};
use super::idct::{FIRST, Lanes};

/// Fraction bits kept between the two passes.
const BETWEEN: i32 = 2;

/// Eight points; `LAST`: the second pass, which removes the fraction bits.
#[inline(always)]
pub(super) fn eight<L: Lanes, const LAST: bool>(x: [L; 8]) -> [L; 8] {
    let down = |value: L| {
        if LAST { value.round::<{ FIRST + 2 * BETWEEN }>() } else { value.round::<FIRST>() }
    };
    let plain = |value: L| if LAST { value.round::<BETWEEN>() } else { value.left::<BETWEEN>() };
    let (a, b) = (x[0].add(x[7]), x[0].sub(x[7]));
    let (c, d) = (x[1].add(x[6]), x[1].sub(x[6]));
    let (e, f) = (x[2].add(x[5]), x[2].sub(x[5]));
    let (g, h) = (x[3].add(x[4]), x[3].sub(x[4]));
    // Even part.
    let (sum, outer) = (a.add(g), a.sub(g));
    let (middle, inner) = (c.add(e), c.sub(e));
    let rotated = outer.add(inner).times(F0_541196100);
    // Odd part.
    let common = h.add(d).add(f.add(b)).times(F1_175875602);
    let left = common.sub(h.add(d).times(F1_961570560));
    let right = common.sub(f.add(b).times(F0_390180644));
    let edge = h.add(b).times(-F0_899976223);
    let heart = f.add(d).times(-F2_562915447);
    [
        plain(sum.add(middle)),
        down(b.times(F1_501321110).add(edge).add(right)),
        down(rotated.add(outer.times(F0_765366865))),
        down(d.times(F3_072711026).add(heart).add(left)),
        plain(sum.sub(middle)),
        down(f.times(F2_053119869).add(heart).add(right)),
        down(rotated.sub(inner.times(F1_847759065))),
        down(h.times(F0_298631336).add(edge).add(left)),
    ]
}

/// Coefficients, times 8, of the block of samples at column `x`.
pub(super) fn forward(samples: &[u8], stride: usize, x: usize) -> [i32; 64] {
    let mut coefs = [0; 64];
    for (y, line) in coefs.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        let row = &samples[y * stride + x..][..8];
        *line = eight::<i32, false>(std::array::from_fn(|x| i32::from(row[x]) - 128));
    }
    for x in 0..8 {
        let column = eight::<i32, true>(std::array::from_fn(|y| coefs[y * 8 + x]));
        for (y, value) in column.into_iter().enumerate() {
            coefs[y * 8 + x] = value;
        }
    }
    coefs
}

#[cfg(test)]
mod tests {
    use super::super::idct::{BlockRow, row8};
    use super::*;

    #[test]
    fn forward_and_inverse_cancel() {
        let samples: Vec<u8> = (0..64).map(|i| (i * i * 7 % 256) as u8).collect();
        let coefs = forward(&samples, 8, 0).map(|c| ((c + 4) >> 3) as i16);
        let mut out = vec![0; 64];
        row8(BlockRow { coefs: &coefs, quant: &[1; 64], out: &mut out, stride: 8 });
        assert!(samples.iter().zip(&out).all(|(a, b)| a.abs_diff(*b) <= 1));
    }
}
