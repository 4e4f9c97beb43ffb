//! How sharp a picture is.
use super::plane::{Plane, ratio};

/// Taps of the box filter that the paper blurs with.
const TAPS: usize = 9;

/// Perceptual blur, 0 (sharp) to 1: how little of the variation between neighbours a strong
/// blur takes away (Crete, Dolmiere, Ladret and Nicolas, "The blur effect: perception and
/// estimation with a new no-reference perceptual blur metric", SPIE 6492, 2007). 1 where there is
/// no variation.
pub(super) fn blur(luma: &Plane) -> f64 {
    across(luma).blur().max(down(luma).blur())
}

fn across(luma: &Plane) -> Variation {
    let mut all = Variation::default();
    if luma.width <= TAPS {
        return all;
    }
    for y in 0..luma.height {
        let row = luma.row(y);
        let ends = row.iter().zip(&row[TAPS..]);
        let steps = row[TAPS / 2..].windows(2).map(|pair| pair[1] - pair[0]);
        let mut sum = [0.0_f32; 2];
        for ((first, last), step) in ends.zip(steps) {
            sum = add(sum, step, last - first);
        }
        all.add(sum);
    }
    all
}

fn down(luma: &Plane) -> Variation {
    let mut all = Variation::default();
    for y in 0..luma.height.saturating_sub(TAPS) {
        let middle = luma.row(y + TAPS / 2).iter().zip(luma.row(y + TAPS / 2 + 1));
        let ends = luma.row(y).iter().zip(luma.row(y + TAPS));
        let mut sum = [0.0_f32; 2];
        for ((first, last), (above, below)) in ends.zip(middle) {
            sum = add(sum, below - above, last - first);
        }
        all.add(sum);
    }
    all
}

/// Adds a step between neighbours and what the box filter takes away of it; the box filter's
/// own step is the difference of what enters and what leaves it.
fn add([all, taken]: [f32; 2], step: f32, ends: f32) -> [f32; 2] {
    let (sharp, soft) = (step.abs(), ends.abs() / TAPS as f32);
    [all + sharp, taken + (sharp - soft).max(0.0)]
}

#[derive(Default)]
struct Variation {
    /// Σ of differences between neighbours.
    all: f64,
    /// Σ of what the box filter takes away of them.
    taken: f64,
}

impl Variation {
    fn add(&mut self, [all, taken]: [f32; 2]) {
        self.all += f64::from(all);
        self.taken += f64::from(taken);
    }

    fn blur(&self) -> f64 {
        if self.all > 0.0 { 1.0 - self.taken / self.all } else { 1.0 }
    }
}

/// Variance of the 4-neighbour Laplacian.
pub(super) fn laplacian(luma: &Plane) -> f64 {
    let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
    luma.inner(|[above, row, below]| {
        let columns = above[1..].iter().zip(row.windows(3)).zip(&below[1..]);
        let (mut line, mut line_squares) = (0.0_f32, 0.0_f32);
        for ((above, row), below) in columns {
            let value = above + below + row[0] + row[2] - 4.0 * row[1];
            line += value;
            line_squares += value * value;
        }
        sum += f64::from(line);
        squares += f64::from(line_squares);
        count += row.len().saturating_sub(2) as f64;
    });
    let mean = ratio(sum, count);
    (ratio(squares, count) - mean * mean).max(0.0)
}
