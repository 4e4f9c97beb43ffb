//! Sixteen floats that are worked on together, whatever the instruction set.
#![expect(clippy::inline_always, reason = "must be part of the function that enables the feature")]
#![expect(unsafe_code, reason = "loads and stores of kernels")]

/// Channels of a block.
pub(crate) const LANES: usize = 16;

/// Sixteen floats. Every implementation rounds the same way, so kernels written on top of it
/// give the same bits.
pub(crate) trait Lanes: Copy {
    /// Reads 16 floats.
    unsafe fn load(from: *const f32) -> Self;
    /// Writes 16 floats.
    unsafe fn store(self, to: *mut f32);
    /// All lanes the same.
    fn splat(value: f32) -> Self;
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    fn div(self, other: Self) -> Self;
    /// `self · factor + term`, rounded once.
    fn fma(self, factor: Self, term: Self) -> Self;
    /// The smaller; `other` if one is not a number, as SSE does.
    fn min(self, other: Self) -> Self;
    /// The larger; `other` if one is not a number, as SSE does.
    fn max(self, other: Self) -> Self;
    /// Adds the bits of `power` shifted to the exponent: `self · 2^n` where the lowest bits of
    /// `power` hold n.
    fn scale_exponent(self, power: Self) -> Self;
}

/// The definition of right: plain floats.
#[derive(Clone, Copy)]
pub(crate) struct Plain([f32; LANES]);

impl Plain {
    #[inline(always)]
    fn zip(self, other: Self, work: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|lane| work(self.0[lane], other.0[lane])))
    }
}

impl Lanes for Plain {
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller guarantees 16 readable floats.
        Self(unsafe { from.cast::<[f32; LANES]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller guarantees 16 writable floats.
        unsafe { to.cast::<[f32; LANES]>().write_unaligned(self.0) }
    }
    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self([value; LANES])
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }
    #[inline(always)]
    fn fma(self, factor: Self, term: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i].mul_add(factor.0[i], term.0[i])))
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.zip(other, |a, b| if a < b { a } else { b })
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    fn scale_exponent(self, power: Self) -> Self {
        self.zip(power, |a, p| f32::from_bits(a.to_bits().wrapping_add(p.to_bits() << 23)))
    }
}
