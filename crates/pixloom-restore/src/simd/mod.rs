//! The loops over rows that take most time, compiled for the best instruction set of the machine.
//!
//! Every variant is the same Rust code: nothing is fused or reordered, so that the results are
//! the same bits everywhere.
#[cfg(target_arch = "x86_64")]
mod avx2;
mod portable;

pub(crate) use portable::{Columns, TruthRow, WINDOW, filled};

/// Defines a function that runs the AVX2 variant where the machine has it.
macro_rules! dispatched {
    ($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*) $(-> $out:ty)?) => {
        $(#[$doc])*
        pub(crate) fn $name($($arg: $type),*) $(-> $out)? {
            #[cfg(target_arch = "x86_64")]
            if avx2::is_here() {
                return avx2::$name($($arg),*);
            }
            portable::$name($($arg),*)
        }
    };
}

dispatched! {
    /// `out[i] = Σ weights[k] · padded[i + k]`; the weights are symmetric and sum to 256, so
    /// nothing overflows.
    weigh_row(padded: &[u8], weights: &[u16], out: &mut [u16])
}
dispatched! {
    /// Starts `sums` with half of what [`last_line`] drops and `weight` times `line`.
    first_line(line: &[u16], weight: u32, sums: &mut [u32])
}
dispatched! {
    /// Adds `weight` times both of `lines` to `sums`.
    add_lines(lines: (&[u16], &[u16]), weight: u32, sums: &mut [u32])
}
dispatched! {
    /// The upper half of each sum.
    last_line(sums: &[u32], out: &mut [u8])
}
dispatched! {
    /// `out = (1 + strength) · base − strength · blurred`, rounded half to even, cut to 0 to 255.
    unsharp_row(base: &[u8], blurred: &[u8], strength: f32, out: &mut [u8])
}
dispatched! {
    /// Lets the seven rows that `columns` sums up move down by one: `(restored, truth)` comes in,
    /// the other pair goes out.
    slide(new: (&[u8], &[u8]), old: (&[u8], &[u8]), columns: &mut Columns)
}
dispatched! {
    /// The sum of squared differences of two rows.
    squared_error(a: &[u8], b: &[u8]) -> u64
}
dispatched! {
    /// What the truth, of which `columns` holds sums, brings to the windows of one row.
    truth_row(columns: &mut Columns, sums: &mut [u16], variances: &mut [f32])
}
dispatched! {
    /// Adds SSIM of the windows of one row to the totals of `columns`.
    ssim_row(columns: &mut Columns, truth: TruthRow<'_>)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(len: usize, seed: u64) -> Vec<u8> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        };
        (0..len).map(|_| next()).collect()
    }

    #[test]
    fn blur_kernels_are_the_same_sums_everywhere() {
        let weights = [0, 27, 202, 27, 0];
        for len in [7, 8, 31, 64, 133] {
            let (padded, lines) = (noise(len + 4, 3), [noise(len, 1), noise(len, 2)]);
            let lines = lines.map(|line| line.into_iter().map(|v| u16::from(v) * 256).collect());
            let [a, b]: [Vec<u16>; 2] = lines;
            let (mut fast, mut slow) = (vec![0; len], vec![0; len]);
            weigh_row(&padded, &weights, &mut fast);
            portable::weigh_row(&padded, &weights, &mut slow);
            let sum =
                |window: &[u8]| window.iter().zip(weights).map(|(v, w)| u16::from(*v) * w).sum();
            assert_eq!(fast, padded.windows(5).map(sum).collect::<Vec<u16>>());
            assert_eq!(fast, slow);
            let (mut fast, mut out) = (vec![7; len], vec![0; len]);
            first_line(&a, 202, &mut fast);
            add_lines((&a, &b), 27, &mut fast);
            last_line(&fast, &mut out);
            let exact = |(a, b): (&u16, &u16)| {
                let (a, b) = (u32::from(*a), u32::from(*b));
                (((1 << 15) + 202 * a + 27 * (a + b)) >> 16) as u8
            };
            assert_eq!(out, a.iter().zip(&b).map(exact).collect::<Vec<u8>>());
        }
    }

    #[test]
    fn rows_of_the_truth_are_the_same_sums_everywhere() {
        for len in [7, 8, 31, 64, 133] {
            let (a, zeros) = (noise(len, 1), vec![0; len]);
            let mut columns = Columns::new(len);
            slide((&a, &a), (&zeros, &zeros), &mut columns);
            let fill = || (vec![0; filled(len)], vec![0.0; filled(len)]);
            let ((mut sums, mut variances), mut slow) = (fill(), fill());
            truth_row(&mut columns, &mut sums, &mut variances);
            portable::truth_row(&mut columns, &mut slow.0, &mut slow.1);
            assert_eq!((&sums, &variances), (&slow.0, &slow.1));
            let sum = |window: &[u8]| window.iter().map(|v| u16::from(*v)).sum();
            assert_eq!(sums[..len - 6], a.windows(7).map(sum).collect::<Vec<u16>>());
        }
    }

    #[test]
    fn dispatched_and_portable_are_the_same_bits() {
        for len in [7, 8, 31, 64, 133] {
            let (a, b) = (noise(len, 1), noise(len, 2));
            let (mut fast, mut slow) = (vec![0; len], vec![0; len]);
            for strength in [0.0, 0.5, 1.37, 2.5, -0.8, -1.0, 50.0, 50.5] {
                unsharp_row(&a, &b, strength, &mut fast);
                portable::unsharp_row(&a, &b, strength, &mut slow);
                assert_eq!(fast, slow);
                let exact = |(a, b): (&u8, &u8)| {
                    let value = (1.0 + strength) * f32::from(*a) - strength * f32::from(*b);
                    value.round_ties_even().clamp(0.0, 255.0) as u8
                };
                assert_eq!(fast, a.iter().zip(&b).map(exact).collect::<Vec<u8>>());
            }
            assert_eq!(squared_error(&a, &b), portable::squared_error(&a, &b));
            let (mut one, mut two) = (Columns::new(len), Columns::new(len));
            let zeros = vec![0; len];
            for (new, old) in [((&a, &b), (&zeros, &zeros)), ((&b, &a), (&a, &b))] {
                slide((new.0, new.1), (old.0, old.1), &mut one);
                portable::slide((new.0, new.1), (old.0, old.1), &mut two);
            }
            let sums: Vec<u16> = (0..filled(len)).map(|at| 700 + at as u16).collect();
            let variances: Vec<f32> = (0..filled(len)).map(|at| 1e6 + at as f32).collect();
            let truth = TruthRow { sums: &sums, variances: &variances };
            ssim_row(&mut one, truth);
            portable::ssim_row(&mut two, truth);
            let (one, two) = (one.total(), two.total());
            assert!(one != 0.0, "{len}");
            assert_eq!(one.to_bits(), two.to_bits());
        }
    }
}
