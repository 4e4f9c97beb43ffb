//! Vector versions of the inner loops, chosen at run time; the results never depend on them.
#[cfg(target_arch = "x86_64")]
mod avx2;

use super::coefs::Coefs;
use super::encode::{self, Forward, Strip, Writer};
use super::idct::{self, BlockRow};
use super::progressive::Progressive;
use super::rows;
use super::sequential::Sequential;
use crate::ImageError;

/// Whether the machine has AVX2 and the bit instructions that always come with it.
#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    use std::arch::is_x86_feature_detected as has;
    has!("avx2") && has!("bmi1") && has!("bmi2") && has!("lzcnt")
}

/// Defines a function that runs the same code compiled for AVX2 where the machine has it.
macro_rules! multiversion {
    ($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*) $(-> $result:ty)? = $body:path) => {
        $(#[$doc])*
        pub(super) fn $name($($arg: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
                fn vector($($arg: $type),*) $(-> $result)? {
                    $body($($arg),*)
                }
                if has_avx2() {
                    #[expect(unsafe_code, reason = "calls code compiled for AVX2")]
                    // SAFETY: the machine has these instructions, as just checked.
                    return unsafe { vector($($arg),*) };
                }
            }
            $body($($arg),*)
        }
    };
}

multiversion! {
    /// Decodes a row of a sequential scan.
    sequential_row(scan: &mut Sequential<'_>, rows: (usize, usize), coefs: &mut Coefs)
        -> Result<(), ImageError> = Sequential::row_here
}
multiversion! {
    /// Decodes a row of a progressive scan.
    progressive_row(scan: &mut Progressive<'_>, row: usize, coefs: &mut Coefs)
        -> Result<(), ImageError> = Progressive::row_here
}
multiversion! {
    /// Writes all coefficients of a strip.
    write_strip(forward: &Forward, strip: &Strip, writer: &mut Writer) = encode::interleaved
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
    /// RGB to YCbCr.
    rgb_to_ycc(rgb: &[u8], ycc: [&mut [u8]; 3]) = rows::rgb_to_ycc
}
multiversion! {
    /// Means of pairs.
    mean_of_pairs(row: &[u8], out: &mut [u8]) = rows::mean_of_pairs
}
multiversion! {
    /// Means of 2×2 samples.
    mean_of_squares(upper: &[u8], lower: &[u8], out: &mut [u8]) = rows::mean_of_squares
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
    if has_avx2() {
        #[expect(unsafe_code, reason = "calls code compiled for AVX2")]
        // SAFETY: the machine has AVX2, as just checked.
        return unsafe { avx2::row8(row) };
    }
    idct::row8(row);
}

/// Transforms a row of 4×4 blocks.
pub(super) fn row4(row: BlockRow<'_>) {
    #[cfg(target_arch = "x86_64")]
    if has_avx2() {
        #[expect(unsafe_code, reason = "calls code compiled for AVX2")]
        // SAFETY: the machine has AVX2, as just checked.
        return unsafe { avx2::row4(row) };
    }
    idct::row4(row);
}

/// YCbCr to RGB.
pub(super) fn ycc_to_rgb(ycc: [&[u8]; 3], out: &mut [u8]) {
    #[cfg(target_arch = "x86_64")]
    if has_avx2() {
        #[expect(unsafe_code, reason = "calls code compiled for AVX2")]
        // SAFETY: the machine has AVX2, as just checked.
        return unsafe { avx2::ycc_to_rgb(ycc, out) };
    }
    rows::ycc_to_rgb(ycc, out);
}

/// Transforms and quantises a row of 8×8 blocks for writing.
pub(super) fn forward_row(
    samples: &[u8],
    stride: usize,
    factors: &[f32; 64],
    blocks: &mut Vec<[i16; 64]>,
) {
    #[cfg(target_arch = "x86_64")]
    if has_avx2() {
        #[expect(unsafe_code, reason = "calls code compiled for AVX2")]
        // SAFETY: the machine has AVX2, as just checked.
        return unsafe { avx2::forward_row(samples, stride, factors, blocks) };
    }
    encode::forward_row(samples, stride, factors, blocks);
}

/// A bit for each coefficient that is not zero.
pub(super) fn nonzero(block: &[i16; 64]) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if has_avx2() {
        #[expect(unsafe_code, reason = "calls code compiled for AVX2")]
        // SAFETY: the machine has AVX2, as just checked.
        return unsafe { avx2::nonzero(block) };
    }
    block.iter().rev().fold(0, |mask, &coef| mask << 1 | u64::from(coef != 0))
}
