//! The loops in plain Rust: what every instruction set must compute.
#![expect(clippy::inline_always, reason = "each instruction set compiles its own copy")]
use super::Run;

/// Samples that are summed together; they fit the registers.
const BLOCK: usize = 32;
/// Terms that are summed before they are added to the total, which keeps the rounding error of
/// very long sums small.
const PARTIAL_SUM: usize = 64;

#[inline(always)]
pub(super) fn add_weighted(sums: &mut [f32], line: &[f32], weight: f32) {
    for (sum, value) in sums.iter_mut().zip(line) {
        *sum += value * weight;
    }
}

#[inline(always)]
pub(super) fn weighted_sums<'a, const C: usize>(
    row: &[f32],
    run: impl Fn(usize) -> Run<'a>,
    out: &mut [[f32; C]],
) {
    for (index, pixel) in out.iter_mut().enumerate() {
        let Run { start, weights } = run(index);
        *pixel = match C {
            1 => first(dot(&row[start..start + weights.len()], weights)),
            3 => first(sum_of_three(&row[start * 3..=(start + weights.len()) * 3], weights)),
            _ => sum_of(&row[start * C..(start + weights.len()) * C], weights),
        };
    }
}

/// The first `C` of four values.
#[inline(always)]
fn first<const C: usize>(values: [f32; 4]) -> [f32; C] {
    std::array::from_fn(|c| values[c])
}

/// One channel: four terms side by side, the sum in the first value.
#[inline(always)]
fn dot(row: &[f32], weights: &[f32]) -> [f32; 4] {
    let mut total = 0.0;
    for (row, weights) in row.chunks(PARTIAL_SUM).zip(weights.chunks(PARTIAL_SUM)) {
        let (values, rest) = row.as_chunks::<4>();
        let (weights, rest_weights) = weights.as_chunks::<4>();
        let mut sum = [0.0; 4];
        for (value, weight) in values.iter().zip(weights) {
            for i in 0..4 {
                sum[i] += value[i] * weight[i];
            }
        }
        let rest: f32 = rest.iter().zip(rest_weights).map(|(v, w)| v * w).sum();
        total += (sum[0] + sum[1]) + (sum[2] + sum[3]) + rest;
    }
    [total, 0.0, 0.0, 0.0]
}

/// Three channels, read four at a time; the fourth belongs to the next pixel and is dropped.
#[inline(always)]
fn sum_of_three(row: &[f32], weights: &[f32]) -> [f32; 4] {
    let mut total = [0.0; 4];
    for (chunk, weights) in weights.chunks(PARTIAL_SUM).enumerate() {
        let row = &row[chunk * PARTIAL_SUM * 3..];
        let row = &row[..=weights.len() * 3];
        let mut sum = [0.0; 4];
        for (k, weight) in weights.iter().enumerate() {
            let value = &row[k * 3..k * 3 + 4];
            for c in 0..4 {
                sum[c] += value[c] * weight;
            }
        }
        for c in 0..4 {
            total[c] += sum[c];
        }
    }
    total
}

#[inline(always)]
fn sum_of<const C: usize>(row: &[f32], weights: &[f32]) -> [f32; C] {
    let mut total = [0.0; C];
    let pixels = row.as_chunks::<C>().0;
    for (pixels, weights) in pixels.chunks(PARTIAL_SUM).zip(weights.chunks(PARTIAL_SUM)) {
        let mut sum = [0.0; C];
        for (value, weight) in pixels.iter().zip(weights) {
            for c in 0..C {
                sum[c] += value[c] * weight;
            }
        }
        for c in 0..C {
            total[c] += sum[c];
        }
    }
    total
}

#[inline(always)]
pub(super) fn symmetric_sum(weights: &[f32], pairs: &[(&[f32], &[f32])], out: &mut [f32]) {
    let (Some((centre, _)), Some(&middle)) = (pairs.first(), weights.first()) else { return };
    let sides = || weights.iter().zip(pairs).skip(1);
    let (blocks, rest) = out.as_chunks_mut::<BLOCK>();
    for (index, block) in blocks.iter_mut().enumerate() {
        let start = index * BLOCK;
        let centre = &centre[start..start + BLOCK];
        // No `from_fn`: its closure would not become part of a function with more features.
        let mut sum = [0.0_f32; BLOCK];
        for i in 0..BLOCK {
            sum[i] = middle * centre[i];
        }
        for (weight, (a, b)) in sides() {
            let (a, b) = (&a[start..start + BLOCK], &b[start..start + BLOCK]);
            for i in 0..BLOCK {
                sum[i] += weight * (a[i] + b[i]);
            }
        }
        *block = sum;
    }
    let start = blocks.len() * BLOCK;
    for (i, out) in rest.iter_mut().enumerate() {
        let i = start + i;
        *out = middle * centre[i];
        for (weight, (a, b)) in sides() {
            *out += weight * (a[i] + b[i]);
        }
    }
}
