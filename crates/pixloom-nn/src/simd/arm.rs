//! The lanes of NEON: four 128-bit registers. Every 64-bit ARM CPU has it.
#![expect(clippy::inline_always, reason = "must be part of the function that holds the registers")]
#![expect(unsafe_code, reason = "instructions of one CPU family")]
use std::arch::aarch64::{
    float32x4_t, vaddq_f32, vaddq_u32, vbslq_f32, vcgtq_f32, vcltq_f32, vdivq_f32, vdupq_n_f32,
    vfmaq_f32, vld1q_f32, vmulq_f32, vreinterpretq_f32_u32, vreinterpretq_u32_f32, vshlq_n_u32,
    vst1q_f32, vsubq_f32,
};

use super::lanes::Lanes;

/// Four 128-bit registers.
#[derive(Clone, Copy)]
pub(crate) struct Neon([float32x4_t; 4]);

/// One instruction on each quarter.
macro_rules! quarters {
    ($name:ident, |$a:ident, $b:ident| $work:expr) => {
        #[inline(always)]
        fn $name(self, other: Self) -> Self {
            let work = |$a: float32x4_t, $b: float32x4_t| {
                // SAFETY: NEON is part of the target.
                unsafe { $work }
            };
            let [a, b] = [self.0, other.0];
            Self([work(a[0], b[0]), work(a[1], b[1]), work(a[2], b[2]), work(a[3], b[3])])
        }
    };
}

impl Lanes for Neon {
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller guarantees 16 readable floats.
        unsafe {
            Self([
                vld1q_f32(from),
                vld1q_f32(from.add(4)),
                vld1q_f32(from.add(8)),
                vld1q_f32(from.add(12)),
            ])
        }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller guarantees 16 writable floats.
        unsafe {
            vst1q_f32(to, self.0[0]);
            vst1q_f32(to.add(4), self.0[1]);
            vst1q_f32(to.add(8), self.0[2]);
            vst1q_f32(to.add(12), self.0[3]);
        }
    }
    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: NEON is part of the target.
        Self([unsafe { vdupq_n_f32(value) }; 4])
    }
    quarters!(add, |a, b| vaddq_f32(a, b));
    quarters!(sub, |a, b| vsubq_f32(a, b));
    quarters!(mul, |a, b| vmulq_f32(a, b));
    quarters!(div, |a, b| vdivq_f32(a, b));
    // NEON's own minimum and maximum treat zeros and what is not a number in another way.
    quarters!(min, |a, b| vbslq_f32(vcltq_f32(a, b), a, b));
    quarters!(max, |a, b| vbslq_f32(vcgtq_f32(a, b), a, b));
    quarters!(scale_exponent, |a, b| {
        let shifted = vshlq_n_u32::<23>(vreinterpretq_u32_f32(b));
        vreinterpretq_f32_u32(vaddq_u32(vreinterpretq_u32_f32(a), shifted))
    });
    #[inline(always)]
    fn fma(self, factor: Self, term: Self) -> Self {
        let [a, b, c] = [self.0, factor.0, term.0];
        // SAFETY: NEON is part of the target.
        unsafe {
            Self([
                vfmaq_f32(c[0], a[0], b[0]),
                vfmaq_f32(c[1], a[1], b[1]),
                vfmaq_f32(c[2], a[2], b[2]),
                vfmaq_f32(c[3], a[3], b[3]),
            ])
        }
    }
}
