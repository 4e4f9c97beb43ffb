//! The kernels for x86-64 with AVX2 and with AVX-512 VPOPCNTDQ.
#![expect(unsafe_code, reason = "functions for instructions that not every machine has")]
use std::ops::Range;

use super::{Nearest, plain};
use crate::hamming::{Near, Work};

pub(super) fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt")
}

pub(super) fn has_popcnt512() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vpopcntdq") && has_avx2()
}

pub(super) fn fast_row(rows: [&[u8]; 7], inside: Range<usize>, threshold: u8, scores: &mut [u8]) {
    #[target_feature(enable = "avx2")]
    fn wide(rows: [&[u8]; 7], inside: Range<usize>, threshold: u8, scores: &mut [u8]) {
        plain::fast_row(rows, inside, threshold, scores);
    }
    assert!(has_avx2());
    // SAFETY: the machine has AVX2.
    unsafe { wide(rows, inside, threshold, scores) }
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
        plain::nearest(queries, others)
    }
    assert!(has_popcnt512());
    // SAFETY: the machine has AVX-512 F and VPOPCNTDQ.
    unsafe { wide(queries, others) }
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
