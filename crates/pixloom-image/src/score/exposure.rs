//! How light is distributed over the range.
use super::plane::{Plane, ratio};

pub(super) struct Exposure {
    /// 0 to 1.
    pub(super) mean: f64,
    pub(super) dark: f64,
    pub(super) bright: f64,
    /// Bits.
    pub(super) entropy: f64,
}

pub(super) fn exposure(luma: &Plane) -> Exposure {
    let mut histogram = [0_u64; 256];
    for value in &luma.data {
        histogram[(value + 0.5) as usize] += 1;
    }
    let count = luma.data.len() as f64;
    let share = |bins: &[u64]| ratio(bins.iter().sum::<u64>() as f64, count);
    let sum: f64 = histogram.iter().enumerate().map(|(value, n)| value as f64 * *n as f64).sum();
    let bits = |n: &u64| {
        let share = *n as f64 / count;
        -share * libm::log2(share)
    };
    let entropy = histogram.iter().filter(|n| **n > 0).map(bits).sum::<f64>().max(0.0);
    Exposure {
        mean: ratio(sum, count * 255.0),
        dark: share(&histogram[..=2]),
        bright: share(&histogram[253..]),
        entropy,
    }
}
