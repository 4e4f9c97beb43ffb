//! How visible the 8 × 8 blocks of a compression are.
use super::plane::{Plane, ratio};

/// Side of a block.
const BLOCK: usize = 8;
/// Neighbours on each side that a step is compared with.
const REACH: usize = 3;
/// Activity that is assumed everywhere, of 255: less cannot be seen.
const FLOOR: f32 = 0.5;
/// A step counts for no more than so many times its neighbourhood.
const MOST: f32 = 4.0;
/// Mean normalised step of a picture that has no texture to compare with.
const LEAST: f64 = 0.02;

/// The mean normalised step across block borders relative to that inside of blocks, minus 1,
/// over both directions; 0 if borders are no different.
///
/// Each difference of neighbours is divided by the mean of the differences around it before the
/// profile over the block is taken (Chen and Bloom, "A blind reference-free blockiness measure",
/// PCM 2010): so a step counts where it can be seen, and the strong edges of drawings do not
/// drown it. The place with the strongest borders is taken, since a crop moves the grid.
pub(super) fn blockiness(luma: &Plane) -> f64 {
    f64::midpoint(across(luma).excess(), down(luma).excess())
}

fn across(luma: &Plane) -> Profile {
    let mut profile = Profile::default();
    let mut steps = Vec::with_capacity(luma.width);
    for y in 0..luma.height {
        steps.clear();
        steps.extend(luma.row(y).windows(2).map(|pair| (pair[1] - pair[0]).abs()));
        let mut sums = [0.0_f32; BLOCK];
        for (at, around) in steps.windows(2 * REACH + 1).enumerate() {
            sums[at % BLOCK] += normalised(around[REACH], around.iter().sum());
        }
        let count = steps.len().saturating_sub(2 * REACH);
        for (place, sum) in sums.into_iter().enumerate() {
            profile.add(place, f64::from(sum), count.saturating_sub(place).div_ceil(BLOCK));
        }
    }
    profile
}

fn down(luma: &Plane) -> Profile {
    let mut profile = Profile::default();
    let rows = luma.height.saturating_sub(1);
    // The last rows of steps in turn, and their sum.
    let mut window = vec![vec![0.0_f32; luma.width]; 2 * REACH + 1];
    let mut around = vec![0.0_f32; luma.width];
    for y in 0..rows {
        let slot = &mut window[y % (2 * REACH + 1)];
        let pairs = luma.row(y).iter().zip(luma.row(y + 1));
        for ((around, old), (above, below)) in around.iter_mut().zip(slot.iter_mut()).zip(pairs) {
            let new = (below - above).abs();
            *around += new - *old;
            *old = new;
        }
        if let Some(top) = y.checked_sub(2 * REACH) {
            let middle = &window[(top + REACH) % (2 * REACH + 1)];
            let sum: f32 =
                middle.iter().zip(&around).map(|(step, around)| normalised(*step, *around)).sum();
            profile.add(top, f64::from(sum), luma.width);
        }
    }
    profile
}

/// A step relative to those around it; `all` is their sum and its own.
fn normalised(step: f32, all: f32) -> f32 {
    let others = (all - step).max(0.0) / (2 * REACH) as f32;
    (step / (others + FLOOR)).min(MOST)
}

/// Sums and counts of steps by their place in a block.
#[derive(Default)]
struct Profile {
    sums: [f64; BLOCK],
    counts: [f64; BLOCK],
}

impl Profile {
    fn add(&mut self, position: usize, sum: f64, count: usize) {
        self.sums[position % BLOCK] += sum;
        self.counts[position % BLOCK] += count as f64;
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
            border / inside.max(LEAST) - 1.0
        };
        (0..BLOCK).map(at).fold(0.0, f64::max)
    }
}
