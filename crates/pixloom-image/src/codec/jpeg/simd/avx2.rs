//! Inverse cosine transforms on eight 32-bit lanes (x86-64 with AVX2).
use std::arch::x86_64::{
    __m128i, __m256i, _mm_bsrli_si128, _mm_or_si128, _mm_packus_epi16, _mm_shuffle_epi8,
    _mm_testz_si128, _mm256_add_epi16, _mm256_add_epi32, _mm256_castsi256_si128, _mm256_cmpeq_epi8,
    _mm256_cvtepi16_epi32, _mm256_cvtepu8_epi16, _mm256_cvtepu8_epi32, _mm256_cvtepu16_epi32,
    _mm256_extract_epi32, _mm256_extracti128_si256, _mm256_madd_epi16, _mm256_movemask_epi8,
    _mm256_mulhi_epi16, _mm256_packs_epi16, _mm256_packs_epi32, _mm256_packus_epi16,
    _mm256_permute2x128_si256, _mm256_permute4x64_epi64, _mm256_set1_epi16, _mm256_set1_epi32,
    _mm256_setr_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_slli_epi32,
    _mm256_srai_epi16, _mm256_srai_epi32, _mm256_sub_epi16, _mm256_sub_epi32,
    _mm256_unpackhi_epi16, _mm256_unpackhi_epi32, _mm256_unpackhi_epi64, _mm256_unpacklo_epi16,
    _mm256_unpacklo_epi32, _mm256_unpacklo_epi64,
};

use bytemuck::cast;

use super::super::idct::{self, BlockRow, FIRST, Lanes, SECOND, eight, four};
use super::super::{encode, fdct, rows};

/// Eight 32-bit integers.
#[derive(Clone, Copy)]
struct V(__m256i);

// The methods are inlined into functions that are compiled for AVX2 and called only where the
// machine has it.
#[expect(unsafe_code, reason = "vector instructions")]
impl Lanes for V {
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: see above.
        Self(unsafe { _mm256_add_epi32(self.0, other.0) })
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: see above.
        Self(unsafe { _mm256_sub_epi32(self.0, other.0) })
    }
    #[inline(always)]
    fn times(self, factor: i32) -> Self {
        // SAFETY: see above.
        Self(unsafe { _mm256_madd_epi16(self.0, _mm256_set1_epi32(factor & 0xFFFF)) })
    }
    #[inline(always)]
    fn left<const BY: i32>(self) -> Self {
        // SAFETY: see above.
        Self(unsafe { _mm256_slli_epi32::<BY>(self.0) })
    }
    #[inline(always)]
    fn round<const BY: i32>(self) -> Self {
        // SAFETY: see above.
        Self(unsafe {
            _mm256_srai_epi32::<BY>(_mm256_add_epi32(self.0, _mm256_set1_epi32(1 << (BY - 1))))
        })
    }
}

/// Transforms a row of 8×8 blocks.
#[target_feature(enable = "avx2")]
pub(super) fn row8(row: BlockRow<'_>) {
    let BlockRow { coefs, quant, out, stride } = row;
    let quant: [__m256i; 8] =
        std::array::from_fn(|y| _mm256_cvtepu16_epi32(cast(eight_of(quant, y))));
    for (i, block) in coefs.as_chunks::<64>().0.iter().enumerate() {
        let lines = block8(block, &quant);
        for (y, line) in lines.iter().enumerate() {
            out[y * stride + i * 8..][..8].copy_from_slice(line);
        }
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn eight_of<T: Copy>(values: &[T; 64], row: usize) -> [T; 8] {
    std::array::from_fn(|x| values[row * 8 + x])
}

#[target_feature(enable = "avx2")]
#[inline]
fn block8(block: &[i16; 64], quant: &[__m256i; 8]) -> [[u8; 8]; 8] {
    let rows: [__m128i; 8] = std::array::from_fn(|y| cast(eight_of(block, y)));
    let rest = rows[1..].iter().fold(_mm_bsrli_si128::<2>(rows[0]), |or, &r| _mm_or_si128(or, r));
    if _mm_testz_si128(rest, rest) != 0 {
        let quant = _mm256_extract_epi32::<0>(quant[0]) as i16;
        return [[idct::flat(block[0], quant); 8]; 8];
    }
    let x = std::array::from_fn(|y| V(_mm256_madd_epi16(_mm256_cvtepi16_epi32(rows[y]), quant[y])));
    let columns = eight::<V, FIRST>(x).map(|v| v.0);
    let lines = eight::<V, SECOND>(transpose(columns).map(V)).map(|v| v.0);
    transpose_to_bytes(lines)
}

/// Exchanges rows and columns of 8×8 integers.
#[target_feature(enable = "avx2")]
#[inline]
fn transpose(r: [__m256i; 8]) -> [__m256i; 8] {
    let pairs: [__m256i; 8] = std::array::from_fn(|i| {
        let (a, b) = (r[i / 4 * 4 + i / 2 % 2 * 2], r[i / 4 * 4 + i / 2 % 2 * 2 + 1]);
        if i % 2 == 0 { _mm256_unpacklo_epi32(a, b) } else { _mm256_unpackhi_epi32(a, b) }
    });
    // pairs: 01 low, 01 high, 23 low, 23 high, 45 low, 45 high, 67 low, 67 high
    let fours: [__m256i; 8] = std::array::from_fn(|i| {
        let half = i / 4 * 4;
        let (a, b) = (pairs[half + i / 2 % 2], pairs[half + 2 + i / 2 % 2]);
        if i % 2 == 0 { _mm256_unpacklo_epi64(a, b) } else { _mm256_unpackhi_epi64(a, b) }
    });
    // fours[c]: columns c and c + 4 of rows 0-3; fours[4 + c]: of rows 4-7
    std::array::from_fn(|i| {
        let (a, b) = (fours[i % 4], fours[4 + i % 4]);
        if i < 4 {
            _mm256_permute2x128_si256::<0x20>(a, b)
        } else {
            _mm256_permute2x128_si256::<0x31>(a, b)
        }
    })
}

/// Rows of samples from columns of values.
#[target_feature(enable = "avx2")]
#[inline]
fn transpose_to_bytes(columns: [__m256i; 8]) -> [[u8; 8]; 8] {
    let shift = _mm256_set1_epi32(128);
    let c = columns.map(|column| _mm256_add_epi32(column, shift));
    // In each half (y 0-3, y 4-7): x 0-3 and 4-7 of 16 bits, then x 0-7 of 8 bits, four y each.
    let w = |i: usize| _mm256_packs_epi32(c[i], c[i + 1]);
    let (low, high) = (_mm256_packus_epi16(w(0), w(2)), _mm256_packus_epi16(w(4), w(6)));
    // Bytes of a half of `low`: x0 y0-3, x1 y0-3, x2, x3. Gather by y.
    let order = _mm256_setr_epi8(
        0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10,
        14, 3, 7, 11, 15,
    );
    let (low, high) = (_mm256_shuffle_epi8(low, order), _mm256_shuffle_epi8(high, order));
    let (a, b) = (_mm256_unpacklo_epi32(low, high), _mm256_unpackhi_epi32(low, high));
    // a: rows 0, 1 | 4, 5; b: rows 2, 3 | 6, 7
    let (a, b): ([[u8; 8]; 4], [[u8; 8]; 4]) = (cast(a), cast(b));
    [a[0], a[1], b[0], b[1], a[2], a[3], b[2], b[3]]
}

/// Transforms and quantises a row of 8×8 blocks for writing.
#[target_feature(enable = "avx2")]
pub(super) fn forward_row(
    samples: &[u8],
    stride: usize,
    factors: &[f32; 64],
    blocks: &mut Vec<[i16; 64]>,
) {
    let center = _mm256_set1_epi32(128);
    for x in (0..stride).step_by(8) {
        let line = |y: usize| -> __m256i {
            let bytes: [u8; 8] = std::array::from_fn(|i| samples[y * stride + x + i]);
            let both = cast([bytes, [0; 8]]);
            _mm256_sub_epi32(_mm256_cvtepu8_epi32(both), center)
        };
        // Across the rows first: lanes are rows, so the block is turned before and after.
        let columns = transpose(std::array::from_fn(line)).map(V);
        let turned = transpose(fdct::eight::<V, false>(columns).map(|v| v.0)).map(V);
        let lines = fdct::eight::<V, true>(turned).map(|v| v.0);
        let coefs: [i32; 64] = cast(lines);
        blocks.push(encode::quantise(&coefs, factors));
    }
}

/// A bit for each coefficient that is not zero.
#[target_feature(enable = "avx2")]
pub(super) fn nonzero(block: &[i16; 64]) -> u64 {
    let zero = _mm256_setzero_si256();
    let halves: [[i16; 32]; 2] = cast(*block);
    let [low, high] = halves.map(|half| {
        let parts: [__m256i; 2] = cast(half);
        let bytes = _mm256_permute4x64_epi64::<0xD8>(_mm256_packs_epi16(parts[0], parts[1]));
        !_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, zero)) as u32
    });
    u64::from(high) << 32 | u64::from(low)
}

/// Transforms a row of 4×4 blocks, two at a time.
#[target_feature(enable = "avx2")]
pub(super) fn row4(row: BlockRow<'_>) {
    let BlockRow { coefs, quant, out, stride } = row;
    let steps: [__m256i; 4] = std::array::from_fn(|y| {
        cast::<[i32; 8], _>(std::array::from_fn(|x| i32::from(quant[y * 8 + x % 4] as u16)))
    });
    let (pairs, rest) = coefs.as_chunks::<32>();
    for (i, pair) in pairs.iter().enumerate() {
        for (y, line) in pair4(pair, &steps).iter().enumerate() {
            out[y * stride + i * 8..][..8].copy_from_slice(line);
        }
    }
    let done = pairs.len() * 8;
    if !rest.is_empty() {
        idct::row4(BlockRow { coefs: rest, quant, out: &mut out[done..], stride });
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn pair4(pair: &[i16; 32], steps: &[__m256i; 4]) -> [[u8; 8]; 4] {
    let x = std::array::from_fn(|y| {
        let both: [i16; 8] = std::array::from_fn(|x| pair[x / 4 * 16 + y * 4 + x % 4]);
        V(_mm256_madd_epi16(_mm256_cvtepi16_epi32(cast(both)), steps[y]))
    });
    let columns = four::<V, FIRST>(x).map(|v| v.0);
    let lines = four::<V, SECOND>(transpose4(columns).map(V)).map(|v| v.0);
    let shift = _mm256_set1_epi32(128);
    let c = transpose4(lines).map(|line| _mm256_add_epi32(line, shift));
    let (upper, lower) = (_mm256_packs_epi32(c[0], c[1]), _mm256_packs_epi32(c[2], c[3]));
    // Each half holds the four rows of one block.
    let rows: [[u8; 4]; 8] = cast(_mm256_packus_epi16(upper, lower));
    std::array::from_fn(|y| cast([rows[y], rows[y + 4]]))
}

/// YCbCr to RGB, 16 pixels at a time: the arithmetic of [`rows::ycc_to_rgb`] split into parts
/// that fit 16 bits.
#[target_feature(enable = "avx2")]
pub(super) fn ycc_to_rgb([y, cb, cr]: [&[u8]; 3], out: &mut [u8]) {
    let (pixels, _) = out.as_chunks_mut::<48>();
    let sources = y.as_chunks::<16>().0.iter().zip(cb.as_chunks::<16>().0);
    let sources = sources.zip(cr.as_chunks::<16>().0);
    let mut done = 0;
    for (((y, cb), cr), out) in sources.zip(pixels) {
        *out = rgb16(cast(*y), cast(*cb), cast(*cr));
        done += 16;
    }
    rows::ycc_to_rgb([&y[done..], &cb[done..], &cr[done..]], &mut out[3 * done..]);
}

#[target_feature(enable = "avx2")]
#[inline]
fn rgb16(y: __m128i, cb: __m128i, cr: __m128i) -> [u8; 48] {
    let center = _mm256_set1_epi16(128);
    let y = _mm256_cvtepu8_epi16(y);
    let cb = _mm256_sub_epi16(_mm256_cvtepu8_epi16(cb), center);
    let cr = _mm256_sub_epi16(_mm256_cvtepu8_epi16(cr), center);
    // value * factor / 65536, rounded to nearest
    let part = |value: __m256i, factor: i16| {
        let twice = _mm256_mulhi_epi16(_mm256_add_epi16(value, value), _mm256_set1_epi16(factor));
        _mm256_srai_epi16::<1>(_mm256_add_epi16(twice, _mm256_set1_epi16(1)))
    };
    // 91881 = 65536 + 26345; 116130 = 2 * 65536 - 14942; -46802 = -65536 + 18734
    let red = _mm256_add_epi16(_mm256_add_epi16(y, cr), part(cr, 26345));
    let blue = _mm256_add_epi16(_mm256_add_epi16(y, _mm256_add_epi16(cb, cb)), part(cb, -14942));
    let mixed = |pairs: __m256i| {
        let factors = _mm256_set1_epi32(i32::from_ne_bytes(cast([-22_554_i16, 18_734])));
        let sum = _mm256_madd_epi16(pairs, factors);
        _mm256_srai_epi32::<16>(_mm256_add_epi32(sum, _mm256_set1_epi32(32768)))
    };
    let (low, high) = (_mm256_unpacklo_epi16(cb, cr), _mm256_unpackhi_epi16(cb, cr));
    let mixed = _mm256_packs_epi32(mixed(low), mixed(high));
    let green = _mm256_add_epi16(_mm256_sub_epi16(y, cr), mixed);
    let bytes = |v: __m256i| {
        let (low, high) = (_mm256_castsi256_si128(v), _mm256_extracti128_si256::<1>(v));
        _mm_packus_epi16(low, high)
    };
    interleave16([bytes(red), bytes(green), bytes(blue)])
}

/// Sixteen pixels from three planes.
#[target_feature(enable = "avx2")]
#[inline]
fn interleave16(planes: [__m128i; 3]) -> [u8; 48] {
    const ORDER: [[[i8; 16]; 3]; 3] = interleaving();
    let part = |third: usize| -> [u8; 16] {
        let place = |plane: usize| _mm_shuffle_epi8(planes[plane], cast(ORDER[third][plane]));
        cast(_mm_or_si128(_mm_or_si128(place(0), place(1)), place(2)))
    };
    cast([part(0), part(1), part(2)])
}

/// For each third of the result and each plane: which sample goes to each byte; -1: none.
const fn interleaving() -> [[[i8; 16]; 3]; 3] {
    let mut order = [[[-1; 16]; 3]; 3];
    let mut i = 0;
    while i < 48 {
        order[i / 16][i % 3][i % 16] = (i / 3) as i8;
        i += 1;
    }
    order
}

/// Exchanges rows and columns of 4×4 integers in each half.
#[target_feature(enable = "avx2")]
#[inline]
fn transpose4(r: [__m256i; 4]) -> [__m256i; 4] {
    let (a, b) = (_mm256_unpacklo_epi32(r[0], r[1]), _mm256_unpackhi_epi32(r[0], r[1]));
    let (c, d) = (_mm256_unpacklo_epi32(r[2], r[3]), _mm256_unpackhi_epi32(r[2], r[3]));
    [
        _mm256_unpacklo_epi64(a, c),
        _mm256_unpackhi_epi64(a, c),
        _mm256_unpacklo_epi64(b, d),
        _mm256_unpackhi_epi64(b, d),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::{row4, row8};
    use super::*;

    /// A fixed sequence of numbers that look random (Knuth's MMIX generator).
    fn numbers(count: usize, seed: u64) -> Vec<i16> {
        let mut state = seed;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as i16
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn vector_and_scalar_transforms_agree() {
        for seed in 0..200_u64 {
            let shift = seed % 16;
            let coefs: Vec<i16> = numbers(5 * 64, seed)
                .iter()
                .enumerate()
                .map(|(i, c)| if (i as u64 * 7 + seed) % 5 > seed % 6 { 0 } else { c >> shift })
                .collect();
            let steps = numbers(64, seed + 1000);
            let quant =
                std::array::from_fn(|i| ((steps[i] as u16 >> (shift / 2 + 1)) as i16).max(1));
            for (n, rows) in [(8, [row8 as fn(BlockRow<'_>), idct::row8]), (4, [row4, idct::row4])]
            {
                let results = rows.map(|row| {
                    let mut out = vec![0_u8; 5 * n * n];
                    let coefs = &coefs[..5 * n * n];
                    row(BlockRow { coefs, quant: &quant, out: &mut out, stride: 5 * n });
                    out
                });
                assert_eq!(results[0], results[1], "{n}x{n}, seed {seed}");
            }
        }
    }

    #[test]
    fn vector_and_scalar_encoding_agree() {
        for seed in 0..100_u64 {
            let samples: Vec<u8> = numbers(8 * 24, seed).iter().map(|&n| n as u8).collect();
            let factors = std::array::from_fn(|i| 1.0 / (8 + 8 * (i as u64 * seed % 40)) as f32);
            let (mut one, mut two) = (Vec::new(), Vec::new());
            super::super::forward_row(&samples, 24, &factors, &mut one);
            encode::forward_row(&samples, 24, &factors, &mut two);
            assert_eq!(one, two, "seed {seed}");
            for block in &one {
                let bits = block.iter().rev().fold(0, |mask, &c| mask << 1 | u64::from(c != 0));
                assert_eq!(super::super::nonzero(block), bits);
            }
        }
    }
}
