//! Vector versions of the inner loops, chosen at run time; the results never depend on them.
#[cfg(target_arch = "x86_64")]
mod avx2;

use super::idct::{self, BlockRow};
use super::rows;

/// Defines a function that runs the same code compiled for AVX2 where the machine has it.
macro_rules! multiversion {
    ($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*) = $body:path) => {
        $(#[$doc])*
        pub(super) fn $name($($arg: $type),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn vector($($arg: $type),*) {
                    $body($($arg),*);
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    #[expect(unsafe_code, reason = "calls code compiled for AVX2")]
                    // SAFETY: the machine has AVX2, as just checked.
                    return unsafe { vector($($arg),*) };
                }
            }
            $body($($arg),*);
        }
    };
}

multiversion! {
    /// Transforms a row of 1×1 blocks.
    row1(row: BlockRow<'_>) = idct::row1
}
multiversion! {
    /// Transforms a row of 2×2 blocks.
    row2(row: BlockRow<'_>) = idct::row2
}
multiversion! {
    /// Twice as wide by a triangle filter.
    double_width(row: &[u8], out: &mut [u8]) = rows::double_width
}
multiversion! {
    /// Half-way values between two rows.
    blend_rows(near: &[u8], far: &[u8], bias: u16, out: &mut [u8]) = rows::blend_rows
}
multiversion! {
    /// Three times the nearer row and once the farther one.
    weigh_rows(near: &[u8], far: &[u8], out: &mut [u16]) = rows::weigh_rows
}
multiversion! {
    /// Twice as wide by a triangle filter, from rows weighed before.
    double_weighed(row: &[u16], out: &mut [u8]) = rows::double_weighed
}
multiversion! {
    /// Three rows interleaved.
    interleave(rgb: [&[u8]; 3], out: &mut [u8]) = rows::interleave
}
multiversion! {
    /// Inks to RGB.
    cmyk_to_rgb(cmyk: [&[u8]; 4], inverted: bool, out: &mut [u8]) = rows::cmyk_to_rgb
}

/// Transforms a row of 8×8 blocks.
pub(super) fn row8(row: BlockRow<'_>) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "calls code compiled for AVX2")]
        // SAFETY: the machine has AVX2, as just checked.
        return unsafe { avx2::row8(row) };
    }
    idct::row8(row);
}

/// Transforms a row of 4×4 blocks.
pub(super) fn row4(row: BlockRow<'_>) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "calls code compiled for AVX2")]
        // SAFETY: the machine has AVX2, as just checked.
        return unsafe { avx2::row4(row) };
    }
    idct::row4(row);
}

/// YCbCr to RGB.
pub(super) fn ycc_to_rgb(ycc: [&[u8]; 3], out: &mut [u8]) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "calls code compiled for AVX2")]
        // SAFETY: the machine has AVX2, as just checked.
        return unsafe { avx2::ycc_to_rgb(ycc, out) };
    }
    rows::ycc_to_rgb(ycc, out);
}
