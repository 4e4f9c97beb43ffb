//! The kernels for x86-64 with AVX2 and with AVX-512 VPOPCNTDQ.
#![expect(unsafe_code, reason = "functions for instructions that not every machine has")]
use std::arch::x86_64::{
    _mm512_add_epi64, _mm512_loadu_si512, _mm512_max_epu64, _mm512_min_epu64, _mm512_or_si512,
    _mm512_popcnt_epi64, _mm512_set1_epi64, _mm512_setr_epi64, _mm512_slli_epi64,
    _mm512_storeu_si512, _mm512_xor_si512,
};
use std::ops::Range;

use super::plain::{Column, TOGETHER};
use super::{Nearest, Wide, plain};
use crate::hamming::{Near, Work};

pub(super) fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("bmi1")
}

pub(super) fn has_popcnt512() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vpopcntdq") && has_avx2()
}

pub(super) fn has_avx512bw() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw")
}

pub(super) fn fast_row(rows: [&[u8]; 7], inside: Range<usize>, threshold: u8, scores: &mut [u8]) {
    #[target_feature(enable = "avx2")]
    fn wide(rows: [&[u8]; 7], inside: Range<usize>, threshold: u8, scores: &mut [u8]) {
        plain::fast_row::<32>(rows, inside, threshold, scores);
    }
    assert!(has_avx2());
    // SAFETY: the machine has AVX2.
    unsafe { wide(rows, inside, threshold, scores) }
}

pub(super) fn fast_row_512(
    rows: [&[u8]; 7],
    inside: Range<usize>,
    threshold: u8,
    scores: &mut [u8],
) {
    #[target_feature(enable = "avx512f,avx512bw")]
    fn wide(rows: [&[u8]; 7], inside: Range<usize>, threshold: u8, scores: &mut [u8]) {
        plain::fast_row::<64>(rows, inside, threshold, scores);
    }
    assert!(has_avx512bw());
    // SAFETY: the machine has AVX-512 F and BW.
    unsafe { wide(rows, inside, threshold, scores) }
}

pub(super) fn peak_row(rows: [&[u8]; 3], peaks: &mut [u8]) {
    #[target_feature(enable = "avx2")]
    fn wide(rows: [&[u8]; 3], peaks: &mut [u8]) {
        plain::peak_row(rows, peaks);
    }
    assert!(has_avx2());
    // SAFETY: the machine has AVX2.
    unsafe { wide(rows, peaks) }
}

pub(super) fn gradients(rows: [&[u8]; 9]) -> [i32; 3] {
    #[target_feature(enable = "avx2")]
    fn wide(rows: [&[u8]; 9]) -> [i32; 3] {
        plain::gradients(rows)
    }
    assert!(has_avx2());
    // SAFETY: the machine has AVX2.
    unsafe { wide(rows) }
}

pub(super) fn nearest_avx2(queries: &[[u64; 4]], others: &[[u64; 4]]) -> Vec<Nearest> {
    #[target_feature(enable = "avx2,popcnt")]
    fn wide(queries: &[[u64; 4]], others: &[[u64; 4]]) -> Vec<Nearest> {
        plain::nearest(queries, others)
    }
    assert!(has_avx2());
    // SAFETY: the machine has AVX2 and POPCNT.
    unsafe { wide(queries, others) }
}

pub(super) fn nearest_512(queries: &[[u64; 4]], others: &[[u64; 4]]) -> Vec<Nearest> {
    #[target_feature(enable = "avx2,popcnt,avx512f,avx512vpopcntdq")]
    fn wide(queries: &[[u64; 4]], others: &[[u64; 4]]) -> Vec<Nearest> {
        plain::nearest_by(queries, others, |query, columns| scan_512(query, columns))
    }
    assert!(has_popcnt512());
    // SAFETY: the machine has AVX-512 F and VPOPCNTDQ.
    unsafe { wide(queries, others) }
}

/// [`plain::scan`] with a register for each eight descriptors.
#[inline]
#[target_feature(enable = "avx512f,avx512vpopcntdq")]
fn scan_512(query: &[u64; 4], columns: &[Column]) -> [[u64; TOGETHER]; 2] {
    let words = query.map(|word| _mm512_set1_epi64(word.cast_signed()));
    let step = _mm512_set1_epi64(TOGETHER as i64);
    let mut numbers = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
    let (mut best, mut second) = (_mm512_set1_epi64(-1), _mm512_set1_epi64(-1));
    for column in columns {
        let [a, b, c, d] = std::array::from_fn(|word| {
            // SAFETY: eight numbers of 64 bits are as long as the register.
            let part = unsafe { _mm512_loadu_si512(column[word].as_ptr().cast()) };
            _mm512_popcnt_epi64(_mm512_xor_si512(part, words[word]))
        });
        let distance = _mm512_add_epi64(_mm512_add_epi64(a, b), _mm512_add_epi64(c, d));
        let key = _mm512_or_si512(_mm512_slli_epi64::<32>(distance), numbers);
        numbers = _mm512_add_epi64(numbers, step);
        second = _mm512_min_epu64(second, _mm512_max_epu64(best, key));
        best = _mm512_min_epu64(best, key);
    }
    [best, second].map(|keys| {
        let mut out = [0_u64; TOGETHER];
        // SAFETY: eight numbers of 64 bits are as long as the register.
        unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), keys) };
        out
    })
}

pub(super) fn wider<W: Wide>(work: W) -> W::Out {
    #[target_feature(enable = "avx2,popcnt,bmi1")]
    fn wide<W: Wide>(work: W) -> W::Out {
        work.run()
    }
    assert!(has_avx2());
    // SAFETY: the machine has AVX2, POPCNT and BMI1.
    unsafe { wide(work) }
}

pub(super) fn join(work: &Work<'_>, here: &[u32], there: &[u32], found: &mut dyn FnMut(Near)) {
    #[target_feature(enable = "popcnt")]
    fn wide(work: &Work<'_>, here: &[u32], there: &[u32], found: &mut dyn FnMut(Near)) {
        plain::join(work, here, there, found);
    }
    assert!(has_avx2());
    // SAFETY: the machine has POPCNT.
    unsafe { wide(work, here, there, found) }
}

pub(super) fn dots(query: &[f32], vectors: &[f32], products: &mut [f32]) {
    #[target_feature(enable = "avx2")]
    fn wide(query: &[f32], vectors: &[f32], products: &mut [f32]) {
        plain::dots(query, vectors, products);
    }
    assert!(has_avx2());
    // SAFETY: the machine has AVX2.
    unsafe { wide(query, vectors, products) }
}
