//! The float loops that take most time, compiled for the best instruction set of the machine.
//!
//! Every variant is the same Rust code: multiplications and additions are neither fused nor
//! reordered, so that the results are the same bits everywhere.
#[cfg(target_arch = "x86_64")]
mod avx2;
mod portable;

/// Floats that must follow a row of three-channel pixels, see [`weighted_sums`].
pub(crate) const ROW_PADDING: usize = 1;

/// The weighted pixels of one output pixel: `weights` apply to the pixels from `start` on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run<'a> {
    /// The first pixel.
    pub(crate) start: usize,
    /// One weight per pixel.
    pub(crate) weights: &'a [f32],
}

/// Adds `weight` times `line` to `sums`.
pub(crate) fn add_weighted(sums: &mut [f32], line: &[f32], weight: f32) {
    #[cfg(target_arch = "x86_64")]
    if avx2::add_weighted(sums, line, weight) {
        return;
    }
    portable::add_weighted(sums, line, weight);
}

/// Sets every pixel of `C` samples of `out` to the weighted sum that `run(index)` asks for.
/// `row` must be followed by [`ROW_PADDING`] floats of any value.
pub(crate) fn weighted_sums<'a, const C: usize>(
    row: &[f32],
    run: impl Fn(usize) -> Run<'a>,
    out: &mut [[f32; C]],
) {
    #[cfg(target_arch = "x86_64")]
    if avx2::weighted_sums(row, &run, out) {
        return;
    }
    portable::weighted_sums(row, run, out);
}

/// `out[i] = Σ weights[k] · (a[i] + b[i])` over the pairs (a, b) of `pairs`; of the first only
/// a counts.
pub(crate) fn symmetric_sum(weights: &[f32], pairs: &[(&[f32], &[f32])], out: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    if avx2::symmetric_sum(weights, pairs, out) {
        return;
    }
    portable::symmetric_sum(weights, pairs, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(len: usize) -> Vec<f32> {
        (0..len).map(|i| ((i * i * 37 + i * 11) % 1009) as f32 / 7.0 - 50.0).collect()
    }

    fn bits(values: &[f32]) -> Vec<u32> {
        values.iter().map(|v| v.to_bits()).collect()
    }

    #[test]
    fn add_weighted_is_the_same_everywhere() {
        for len in [0, 1, 7, 8, 33, 100] {
            let (mut fast, mut plain) = (noise(len), noise(len));
            add_weighted(&mut fast, &noise(len), 0.37);
            portable::add_weighted(&mut plain, &noise(len), 0.37);
            assert_eq!(bits(&fast), bits(&plain));
        }
    }

    fn check_sums<const C: usize>() {
        let (row, weights) = (noise(200 * C + ROW_PADDING), noise(150));
        let run = |index: usize| Run { start: index * 2, weights: &weights[..=index * 3] };
        let (mut fast, mut plain) = (vec![[0.0; C]; 40], vec![[0.0; C]; 40]);
        weighted_sums(&row, run, &mut fast);
        portable::weighted_sums(&row, run, &mut plain);
        assert_eq!(bits(fast.as_flattened()), bits(plain.as_flattened()));
        for (index, sum) in plain.iter().enumerate() {
            let run = run(index);
            let expected: f64 = (run.weights.iter().enumerate())
                .map(|(k, w)| f64::from(*w) * f64::from(row[(run.start + k) * C + C - 1]))
                .sum();
            let error = (f64::from(sum[C - 1]) - expected).abs();
            assert!(error <= 1e-5 * run.weights.len() as f64 * 4900.0, "{C} {index}");
        }
    }

    #[test]
    fn weighted_sums_are_right_and_the_same_everywhere() {
        check_sums::<1>();
        check_sums::<2>();
        check_sums::<3>();
        check_sums::<4>();
    }

    #[test]
    fn symmetric_sum_is_the_same_everywhere() {
        let (a, b, weights) = (noise(90), noise(91), noise(3));
        for len in [1, 32, 77] {
            let pairs = [(&a[..len], &b[..len]), (&b[1..=len], &a[..len]), (&a[3..], &b[5..])];
            let (mut fast, mut plain) = (vec![0.0; len], vec![0.0; len]);
            symmetric_sum(&weights, &pairs, &mut fast);
            portable::symmetric_sum(&weights, &pairs, &mut plain);
            assert_eq!(bits(&fast), bits(&plain));
        }
    }
}
