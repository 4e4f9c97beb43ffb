//! The portable loops compiled for AVX2 (x86-64).
#![expect(unsafe_code, reason = "calling code compiled for AVX2 where it was detected")]
use std::arch::is_x86_feature_detected;

use super::portable::{self, Columns, TruthRow};

/// Whether the machine has AVX2; the other functions of this module need it.
pub(super) fn is_here() -> bool {
    is_x86_feature_detected!("avx2")
}

/// Defines the AVX2 variant of a portable loop.
macro_rules! compiled {
    ($name:ident($($arg:ident: $type:ty),*) $(-> $out:ty)?) => {
        pub(super) fn $name($($arg: $type),*) $(-> $out)? {
            #[target_feature(enable = "avx2")]
            fn work($($arg: $type),*) $(-> $out)? {
                portable::$name($($arg),*)
            }
            assert!(is_here(), "the caller asks first");
            // SAFETY: AVX2 was just detected.
            unsafe { work($($arg),*) }
        }
    };
}

compiled!(weigh_row(padded: &[u8], weights: &[u16], out: &mut [u16]));
compiled!(first_line(line: &[u16], weight: u32, sums: &mut [u32]));
compiled!(add_lines(lines: (&[u16], &[u16]), weight: u32, sums: &mut [u32]));
compiled!(last_line(sums: &[u32], out: &mut [u8]));
compiled!(unsharp_row(base: &[u8], blurred: &[u8], strength: f32, out: &mut [u8]));
compiled!(slide(new: (&[u8], &[u8]), old: (&[u8], &[u8]), columns: &mut Columns));
compiled!(squared_error(a: &[u8], b: &[u8]) -> u64);
compiled!(truth_row(columns: &mut Columns, sums: &mut [u16], variances: &mut [f32]));
compiled!(ssim_row(columns: &mut Columns, truth: TruthRow<'_>));
