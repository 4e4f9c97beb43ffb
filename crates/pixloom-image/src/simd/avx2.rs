//! The portable loops compiled for AVX2 (x86-64); each returns whether the machine has it.
#![expect(unsafe_code, reason = "calling code compiled for AVX2 where it was detected")]
use std::arch::is_x86_feature_detected;

use super::{Run, portable};

pub(super) fn add_weighted(sums: &mut [f32], line: &[f32], weight: f32) -> bool {
    #[target_feature(enable = "avx2")]
    fn work(sums: &mut [f32], line: &[f32], weight: f32) {
        portable::add_weighted(sums, line, weight);
    }
    let has = is_x86_feature_detected!("avx2");
    if has {
        // SAFETY: AVX2 was just detected.
        unsafe { work(sums, line, weight) }
    }
    has
}

pub(super) fn weighted_sums<'a, const C: usize>(
    row: &[f32],
    run: &impl Fn(usize) -> Run<'a>,
    out: &mut [[f32; C]],
) -> bool {
    #[target_feature(enable = "avx2")]
    fn work<'a, const C: usize>(
        row: &[f32],
        run: &impl Fn(usize) -> Run<'a>,
        out: &mut [[f32; C]],
    ) {
        portable::weighted_sums(row, run, out);
    }
    let has = is_x86_feature_detected!("avx2");
    if has {
        // SAFETY: AVX2 was just detected.
        unsafe { work(row, run, out) }
    }
    has
}

pub(super) fn symmetric_sum(weights: &[f32], pairs: &[(&[f32], &[f32])], out: &mut [f32]) -> bool {
    #[target_feature(enable = "avx2")]
    fn work(weights: &[f32], pairs: &[(&[f32], &[f32])], out: &mut [f32]) {
        portable::symmetric_sum(weights, pairs, out);
    }
    let has = is_x86_feature_detected!("avx2");
    if has {
        // SAFETY: AVX2 was just detected.
        unsafe { work(weights, pairs, out) }
    }
    has
}
