//! The magnitude spectrum of a plane of any size.
use rustfft::num_complex::Complex64;
use rustfft::{FftDirection, FftPlannerScalar};

use crate::Plane;

/// Magnitudes of the two-dimensional discrete Fourier transform of a real plane.
///
/// Only the columns of frequency 0 to half the width are kept; the others mirror them.
#[derive(Debug, Clone)]
pub struct Spectrum {
    width: usize,
    height: usize,
    /// Column by column.
    magnitudes: Vec<f64>,
}

/// A frequency: its signed column and row, and how many of it the whole spectrum has there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Cycles across the picture, −width/2 to width/2.
    pub across: i64,
    /// Cycles down the picture.
    pub down: i64,
    /// Magnitude, not normalised.
    pub magnitude: f64,
}

impl Spectrum {
    /// Transforms a plane: two rows at a time as one complex line, then the columns.
    pub fn new(plane: &Plane) -> Self {
        let (width, height) = (plane.width(), plane.height());
        let columns = width / 2 + 1;
        // Without vector units, so that every machine gets the same bits.
        let mut planner = FftPlannerScalar::<f64>::new();
        let mut plan = |len: usize| planner.plan_fft(len, FftDirection::Forward);
        let (across, down) = (plan(width), plan(height));
        let mut lines = vec![Complex64::default(); columns * height];
        let mut line = vec![Complex64::default(); width];
        let mut scratch = vec![Complex64::default(); across.get_inplace_scratch_len()];
        for y in (0..height).step_by(2) {
            let second = (y + 1 < height).then(|| plane.row(y + 1));
            for (x, (value, first)) in line.iter_mut().zip(plane.row(y)).enumerate() {
                let below = second.map_or(0.0, |row| f64::from(row[x]));
                *value = Complex64::new(f64::from(*first), below);
            }
            across.process_with_scratch(&mut line, &mut scratch);
            for k in 0..columns {
                let (a, b) = (line[k], line[(width - k) % width].conj());
                lines[k * height + y] = (a + b) * 0.5;
                if y + 1 < height {
                    lines[k * height + y + 1] = (a - b) * Complex64::new(0.0, -0.5);
                }
            }
        }
        let mut scratch = vec![Complex64::default(); down.get_inplace_scratch_len()];
        down.process_with_scratch(&mut lines, &mut scratch);
        let magnitudes = lines.iter().map(|value| libm::hypot(value.re, value.im)).collect();
        Self { width, height, magnitudes }
    }

    /// Calls `visit` for every bin of the whole spectrum, in a fixed order.
    pub fn visit(&self, mut visit: impl FnMut(Bin)) {
        let (width, height) = (self.width as i64, self.height as i64);
        let signed = |at: i64, len: i64| if at >= (len + 1) / 2 { at - len } else { at };
        for (k, column) in self.magnitudes.chunks_exact(self.height).enumerate() {
            let k = k as i64;
            let mirrored = k > 0 && 2 * k < width;
            for (v, magnitude) in column.iter().enumerate() {
                let v = v as i64;
                let magnitude = *magnitude;
                visit(Bin { across: signed(k, width), down: signed(v, height), magnitude });
                if mirrored {
                    let down = signed((height - v) % height, height);
                    visit(Bin { across: signed(width - k, width), down, magnitude });
                }
            }
        }
    }

    /// Applies `change` to every magnitude.
    #[must_use]
    pub fn map(mut self, change: impl Fn(f64) -> f64) -> Self {
        self.magnitudes.iter_mut().for_each(|value| *value = change(*value));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bin_is_what_the_definition_gives() {
        for (width, height) in [(1, 1), (5, 4), (6, 3), (8, 7), (1, 6)] {
            let values = (0..width * height).map(|at| ((at * 7919) % 251) as u8).collect();
            let plane = Plane::new(width, height, values).unwrap();
            let mut seen = 0;
            Spectrum::new(&plane).visit(|bin| {
                seen += 1;
                let mut sum = Complex64::default();
                for y in 0..height {
                    for x in 0..width {
                        let turns = bin.across as f64 * x as f64 / width as f64
                            + bin.down as f64 * y as f64 / height as f64;
                        let wave = Complex64::from_polar(1.0, -std::f64::consts::TAU * turns);
                        sum += wave * f64::from(plane.row(y)[x]);
                    }
                }
                assert!((sum.norm() - bin.magnitude).abs() < 1e-8, "{bin:?} {}", sum.norm());
                let (w, h) = (width as i64, height as i64);
                assert!((-(w / 2)..=(w - 1) / 2).contains(&bin.across), "{bin:?}");
                assert!((-(h / 2)..=(h - 1) / 2).contains(&bin.down), "{bin:?}");
            });
            assert_eq!(seen, width * height);
        }
    }
}
