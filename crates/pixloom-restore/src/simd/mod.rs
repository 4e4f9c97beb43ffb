//! The loops over rows that take most time, compiled for the best instruction set of the machine.
//!
//! Every variant is the same Rust code: nothing is fused or reordered, so that the results are
//! the same bits everywhere.
#[cfg(target_arch = "x86_64")]
mod avx2;
mod portable;

pub(crate) use portable::{Columns, K2, TruthRow, WINDOW};

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
    /// `out[i] = Σ weights[k] · padded[i + k]`; the weights sum to 256, so nothing overflows.
    weigh_row(padded: &[u8], weights: &[u16], out: &mut [u16])
}
dispatched! {
    /// Adds `weight` times `line` to `sums`.
    add_line(line: &[u16], weight: u32, sums: &mut [u32])
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
    /// The sum of SSIM over the windows of one row.
    ssim_row(columns: &mut Columns, truth: TruthRow<'_>) -> f64
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
    fn dispatched_and_portable_are_the_same_bits() {
        for len in [7, 8, 31, 64, 133] {
            let (a, b) = (noise(len, 1), noise(len, 2));
            let (mut fast, mut slow) = (vec![0; len], vec![0; len]);
            for strength in [0.0, 0.5, 1.37, 2.5, -0.8] {
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
            slide((&a, &b), (&b, &a), &mut one);
            portable::slide((&a, &b), (&b, &a), &mut two);
            let sums: Vec<u16> = (0..len - 6).map(|at| 700 + at as u16).collect();
            let variances: Vec<f32> = (0..len - 6).map(|at| 1e6 + at as f32).collect();
            let truth = TruthRow { sums: &sums, variances: &variances };
            let (one, two) = (ssim_row(&mut one, truth), portable::ssim_row(&mut two, truth));
            assert_eq!(one.to_bits(), two.to_bits());
        }
    }
}
