//! How visible the 8 × 8 blocks of a compression are.
use super::plane::{Plane, ratio};

/// Side of a block.
const BLOCK: usize = 8;
/// Steps of less than this (of 255) on average are no texture to compare with.
const LEAST_ACTIVITY: f64 = 0.25;

/// The mean step across block borders relative to the mean step inside of blocks, minus 1, over
/// both directions; 0 if borders are no different.
///
/// The features B (blockiness) and A (activity) of Wang, Sheikh and Bovik, "No-reference
/// perceptual quality assessment of JPEG compressed images" (ICIP 2002). The paper knows where
/// the blocks lie; here the place with the strongest borders is taken.
pub(super) fn blockiness(luma: &Plane) -> f64 {
    let mut across = Steps::default();
    let mut down = Steps::default();
    for y in 0..luma.height {
        for (x, pair) in luma.row(y).windows(2).enumerate() {
            across.add(x + 1, f64::from((pair[1] - pair[0]).abs()));
        }
        if y > 0 {
            for (above, below) in luma.row(y - 1).iter().zip(luma.row(y)) {
                down.add(y, f64::from((below - above).abs()));
            }
        }
    }
    f64::midpoint(across.excess(), down.excess())
}

/// Sums and counts of steps by their place in a block.
#[derive(Default)]
struct Steps {
    sums: [f64; BLOCK],
    counts: [f64; BLOCK],
}

impl Steps {
    fn add(&mut self, position: usize, step: f64) {
        self.sums[position % BLOCK] += step;
        self.counts[position % BLOCK] += 1.0;
    }

    fn excess(&self) -> f64 {
        if self.counts.contains(&0.0) {
            return 0.0;
        }
        let sum: f64 = self.sums.iter().sum();
        let count: f64 = self.counts.iter().sum();
        let at = |place: usize| {
            let border = ratio(self.sums[place], self.counts[place]);
            let inside = ratio(sum - self.sums[place], count - self.counts[place]);
            border / inside.max(LEAST_ACTIVITY) - 1.0
        };
        (0..BLOCK).map(at).fold(0.0, f64::max)
    }
}
