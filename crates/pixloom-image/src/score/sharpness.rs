//! How sharp a picture is.
use super::plane::{Plane, ratio};

/// Taps of the box filter that the paper blurs with.
const TAPS: usize = 9;

/// Perceptual blur, 0 (sharp) to 1: how little of the variation between neighbours a strong
/// blur takes away (Crete, Dolmiere, Ladret and Nicolas, "The blur effect: perception and
/// estimation with a new no-reference perceptual blur metric", SPIE 6492, 2007). 1 where there is
/// no variation.
pub(super) fn blur(luma: &Plane) -> f64 {
    let mut line = Vec::new();
    let mut along_rows = Variation::default();
    for y in 0..luma.height {
        line.clear();
        line.extend_from_slice(luma.row(y));
        along_rows.add(&line);
    }
    let mut along_columns = Variation::default();
    for x in 0..luma.width {
        line.clear();
        line.extend((0..luma.height).map(|y| luma.data[y * luma.width + x]));
        along_columns.add(&line);
    }
    along_rows.blur().max(along_columns.blur())
}

#[derive(Default)]
struct Variation {
    /// Σ of differences between neighbours.
    all: f64,
    /// Σ of what the box filter takes away of them.
    taken: f64,
}

impl Variation {
    fn add(&mut self, line: &[f32]) {
        if line.len() <= TAPS {
            return;
        }
        let window = |at: usize| -> f64 {
            line[at..at + TAPS].iter().map(|v| f64::from(*v)).sum::<f64>() / TAPS as f64
        };
        let mut before = window(0);
        for at in 1..=line.len() - TAPS {
            let after = before + f64::from(line[at + TAPS - 1] - line[at - 1]) / TAPS as f64;
            let middle = at + TAPS / 2;
            let sharp = f64::from((line[middle] - line[middle - 1]).abs());
            self.all += sharp;
            self.taken += (sharp - (after - before).abs()).max(0.0);
            before = after;
        }
    }

    fn blur(&self) -> f64 {
        if self.all > 0.0 { 1.0 - self.taken / self.all } else { 1.0 }
    }
}

/// Variance of the 4-neighbour Laplacian.
pub(super) fn laplacian(luma: &Plane) -> f64 {
    let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
    luma.inner(|x, y| {
        let sides = luma.at(x - 1, y) + luma.at(x + 1, y) + luma.at(x, y - 1) + luma.at(x, y + 1);
        let value = sides - 4.0 * luma.at(x, y);
        sum += value;
        squares += value * value;
        count += 1.0;
    });
    let mean = ratio(sum, count);
    (ratio(squares, count) - mean * mean).max(0.0)
}
