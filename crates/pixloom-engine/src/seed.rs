//! Randomness that does not depend on threads or on arrival order.
use std::fmt;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

/// A random seed. Children are derived by name, never by drawing numbers in turn.
///
/// ```
/// use pixloom_engine::Seed;
/// let item = Seed::root(7).child("trip/IMG_0071.jpg");
/// assert_ne!(item.child("noise"), item.child("blur"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(u64);

const BY_NAME: &[u8; 24] = b"pixloom seed by name v1.";
const BY_INDEX: &[u8; 24] = b"pixloom seed by index v1";
const STREAM: &[u8; 24] = b"pixloom chacha8 stream 1";

impl Seed {
    /// The seed of a whole run.
    pub const fn root(value: u64) -> Self {
        Self(value)
    }

    /// The seed of the part called `label`, for example an item key or an op name.
    #[must_use]
    pub fn child(self, label: &str) -> Self {
        self.derive(BY_NAME, label.as_bytes())
    }

    /// The seed of part number `index`.
    #[must_use]
    pub fn child_index(self, index: u64) -> Self {
        self.derive(BY_INDEX, &index.to_le_bytes())
    }

    /// The seed as a number.
    pub const fn value(self) -> u64 {
        self.0
    }

    /// A generator that starts at this seed.
    pub fn rng(self) -> Rng {
        Rng { inner: ChaCha8Rng::from_seed(self.key(STREAM)) }
    }

    /// Keyed BLAKE3 of the label, the first eight bytes as little-endian number.
    fn derive(self, domain: &[u8; 24], label: &[u8]) -> Self {
        let hash = blake3::keyed_hash(&self.key(domain), label);
        let mut first = [0; 8];
        first.copy_from_slice(&hash.as_bytes()[..8]);
        Self(u64::from_le_bytes(first))
    }

    fn key(self, domain: &[u8; 24]) -> [u8; 32] {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&self.0.to_le_bytes());
        key[8..].copy_from_slice(domain);
        key
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A pinned generator: `ChaCha8` (Bernstein 2008), the same numbers on every machine and in
/// every version.
#[derive(Debug, Clone)]
pub struct Rng {
    inner: ChaCha8Rng,
}

impl Rng {
    /// 32 random bits.
    pub fn next_u32(&mut self) -> u32 {
        self.inner.next_u32()
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.inner.next_u64()
    }

    /// A number in `0.0..1.0`, a multiple of 2⁻⁵³.
    pub fn f64(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// A whole number in `0..n` without bias (Lemire 2019, “Fast random integer generation in
    /// an interval”); 0 if `n` is 0.
    pub fn range_u64(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        let reject_below = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.next_u64()) * u128::from(n);
            if product as u64 >= reject_below {
                return (product >> 64) as u64;
            }
        }
    }

    /// A number between `low` and `high`.
    pub fn range_f64(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.f64()
    }

    /// `true` with this probability (0–1).
    pub fn chance(&mut self, probability: f64) -> bool {
        self.f64() < probability
    }

    /// A standard normal number (mean 0, deviation 1), by Marsaglia's polar method (1964) with
    /// a logarithm made of basic arithmetic, so that it is the same on every platform.
    pub fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.f64() - 1.0, 2.0 * self.f64() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * (-2.0 * portable_ln(square) / square).sqrt();
            }
        }
    }

    /// Shuffles in place (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.range_u64(last as u64 + 1) as usize);
        }
    }
}

/// Natural logarithm of a positive normal number, from +, −, ×, ÷ only: ln x = e·ln 2 + ln m,
/// ln m = 2·artanh((m−1)/(m+1)) with m in √½..√2. Good to about 1e-15.
fn portable_ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut exponent = ((bits >> 52) & 0x7ff) as i64 - 1023;
    let mut mantissa = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa *= 0.5;
        exponent += 1;
    }
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let s2 = s * s;
    let series = (0..12).rev().fold(0.0, |sum, k| sum * s2 + 1.0 / f64::from(2 * k + 1));
    2.0 * s * series + exponent as f64 * std::f64::consts::LN_2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithm_is_close() {
        for x in [1e-300, 1e-9, 0.1, 0.5, 0.999, 1.0, 1.5, 2.0, 1e5] {
            let (ours, theirs) = (portable_ln(x), x.ln());
            assert!((ours - theirs).abs() <= 1e-14 * theirs.abs().max(0.1), "{x}: {ours} {theirs}");
        }
    }

    #[test]
    fn numbers_stay_in_range() {
        let mut rng = Seed::root(1).rng();
        for _ in 0..10_000 {
            assert!((0.0..1.0).contains(&rng.f64()));
            assert!(rng.range_u64(7) < 7);
            assert!((-2.0..=3.0).contains(&rng.range_f64(-2.0, 3.0)));
        }
        assert_eq!((rng.range_u64(0), rng.range_u64(1)), (0, 0));
    }

    #[test]
    fn whole_numbers_are_even_handed() {
        let mut rng = Seed::root(2).rng();
        let mut seen = [0_u32; 6];
        for _ in 0..60_000 {
            seen[rng.range_u64(6) as usize] += 1;
        }
        assert!(seen.iter().all(|count| count.abs_diff(10_000) < 400), "{seen:?}");
    }

    #[test]
    fn normal_numbers_have_the_right_moments() {
        let mut rng = Seed::root(3).rng();
        let numbers: Vec<f64> = (0..40_000).map(|_| rng.normal()).collect();
        let mean = numbers.iter().sum::<f64>() / 40_000.0;
        let variance = numbers.iter().map(|n| (n - mean).powi(2)).sum::<f64>() / 40_000.0;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
    }

    #[test]
    fn shuffling_keeps_everything() {
        let mut items: Vec<u32> = (0..100).collect();
        Seed::root(4).rng().shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
