//! The lanes of AVX-512 (one register) and of AVX2 with FMA (two registers).
#![expect(clippy::inline_always, reason = "must be part of the function that enables the feature")]
#![expect(unsafe_code, reason = "instructions of one CPU family")]
use std::arch::x86_64::{
    __m256, __m512, _mm256_add_epi32, _mm256_add_ps, _mm256_castps_si256, _mm256_castsi256_ps,
    _mm256_div_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_max_ps, _mm256_min_ps, _mm256_mul_ps,
    _mm256_set1_ps, _mm256_slli_epi32, _mm256_storeu_ps, _mm256_sub_ps, _mm512_add_epi32,
    _mm512_add_ps, _mm512_castps_si512, _mm512_castsi512_ps, _mm512_div_ps, _mm512_fmadd_ps,
    _mm512_loadu_ps, _mm512_max_ps, _mm512_min_ps, _mm512_mul_ps, _mm512_set1_ps,
    _mm512_slli_epi32, _mm512_storeu_ps, _mm512_sub_ps,
};

use super::lanes::Lanes;

/// One 512-bit register. Only kernels that were entered after AVX-512F was detected make one.
#[derive(Clone, Copy)]
pub(crate) struct Avx512(__m512);

/// Two 256-bit registers. Only kernels that were entered after AVX2 and FMA were detected make
/// one.
#[derive(Clone, Copy)]
pub(crate) struct Avx2(__m256, __m256);

/// A method of two operands as one instruction.
macro_rules! wide {
    ($name:ident, $instruction:ident) => {
        #[inline(always)]
        fn $name(self, other: Self) -> Self {
            // SAFETY: the feature was detected before any value of this type was made.
            Self(unsafe { $instruction(self.0, other.0) })
        }
    };
}

impl Lanes for Avx512 {
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller guarantees 16 readable floats and the feature.
        Self(unsafe { _mm512_loadu_ps(from) })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller guarantees 16 writable floats.
        unsafe { _mm512_storeu_ps(to, self.0) }
    }
    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: called only in kernels that were entered after detection.
        Self(unsafe { _mm512_set1_ps(value) })
    }
    wide!(add, _mm512_add_ps);
    wide!(sub, _mm512_sub_ps);
    wide!(mul, _mm512_mul_ps);
    wide!(div, _mm512_div_ps);
    wide!(min, _mm512_min_ps);
    wide!(max, _mm512_max_ps);
    #[inline(always)]
    fn fma(self, factor: Self, term: Self) -> Self {
        // SAFETY: the feature was detected before any value of this type was made.
        Self(unsafe { _mm512_fmadd_ps(self.0, factor.0, term.0) })
    }
    #[inline(always)]
    fn scale_exponent(self, power: Self) -> Self {
        // SAFETY: the feature was detected before any value of this type was made.
        Self(unsafe {
            let shifted = _mm512_slli_epi32::<23>(_mm512_castps_si512(power.0));
            _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(self.0), shifted))
        })
    }
}

/// A method of two operands as one instruction on each half.
macro_rules! halves {
    ($name:ident, $instruction:ident) => {
        #[inline(always)]
        fn $name(self, other: Self) -> Self {
            // SAFETY: the feature was detected before any value of this type was made.
            unsafe { Self($instruction(self.0, other.0), $instruction(self.1, other.1)) }
        }
    };
}

impl Lanes for Avx2 {
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller guarantees 16 readable floats and the feature.
        unsafe { Self(_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8))) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller guarantees 16 writable floats.
        unsafe {
            _mm256_storeu_ps(to, self.0);
            _mm256_storeu_ps(to.add(8), self.1);
        }
    }
    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: called only in kernels that were entered after detection.
        let half = unsafe { _mm256_set1_ps(value) };
        Self(half, half)
    }
    halves!(add, _mm256_add_ps);
    halves!(sub, _mm256_sub_ps);
    halves!(mul, _mm256_mul_ps);
    halves!(div, _mm256_div_ps);
    halves!(min, _mm256_min_ps);
    halves!(max, _mm256_max_ps);
    #[inline(always)]
    fn fma(self, factor: Self, term: Self) -> Self {
        // SAFETY: the feature was detected before any value of this type was made.
        unsafe {
            Self(
                _mm256_fmadd_ps(self.0, factor.0, term.0),
                _mm256_fmadd_ps(self.1, factor.1, term.1),
            )
        }
    }
    #[inline(always)]
    fn scale_exponent(self, power: Self) -> Self {
        // SAFETY: the feature was detected before any value of this type was made.
        unsafe { Self(shift_half(self.0, power.0), shift_half(self.1, power.1)) }
    }
}

#[inline(always)]
unsafe fn shift_half(value: __m256, power: __m256) -> __m256 {
    // SAFETY: the caller runs on a machine with AVX2.
    unsafe {
        let shifted = _mm256_slli_epi32::<23>(_mm256_castps_si256(power));
        _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(value), shifted))
    }
}
