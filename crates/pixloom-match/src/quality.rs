//! What tells the better of two copies: detail, compression, tones.
use crate::plane::Plane;

/// Measures of one picture's quality; comparable between copies of the same picture only.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Quality {
    /// Where the spectrum ends, as a share of what the measured size can hold (1 = full detail,
    /// 0.5 = looks enlarged twice), 0 to 1.
    pub cutoff: f32,
    /// Steps at the 8×8 grid of JPEG over the steps elsewhere, less one; 0 = none, 1 = twice as
    /// large. Only visible where the picture was not scaled.
    pub blockiness: f32,
    /// Variance of the Laplacian of the gray values, divided by 20 and by their variance + 1:
    /// 0 = flat or blurred, 1 = white noise.
    pub sharpness: f32,
}

impl Quality {
    /// Measures the middle (at most 512×512 pixels) of a gray picture. At the size of a small
    /// decode this is a first estimate: for the best of a group, call it with the full-size
    /// pictures.
    pub fn measure(picture: Plane<'_>) -> Self {
        let middle = Middle::of(picture);
        Self {
            cutoff: middle.cutoff(),
            blockiness: middle.blockiness(),
            sharpness: middle.sharpness(),
        }
    }
}

/// Side of the part that is measured.
const MIDDLE: usize = 512;
/// Samples of a piece whose spectrum is taken, and pieces per direction.
const PIECE: usize = 64;
const PIECES: usize = 48;

/// The middle of a picture.
struct Middle<'a> {
    picture: Plane<'a>,
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

impl<'a> Middle<'a> {
    /// Starts at the 8×8 grid of JPEG.
    fn of(picture: Plane<'a>) -> Self {
        let (width, height) = (picture.width().min(MIDDLE), picture.height().min(MIDDLE));
        let start = |n: usize, part: usize| (n - part) / 2 / 8 * 8;
        let (left, top) = (start(picture.width(), width), start(picture.height(), height));
        Self { picture, left, top, width, height }
    }

    fn row(&self, y: usize) -> &'a [u8] {
        &self.picture.row(self.top + y)[self.left..self.left + self.width]
    }

    /// Mean difference to the left and upper neighbour at the grid over that elsewhere, less one.
    fn blockiness(&self) -> f32 {
        let (mut sums, mut counts) = ([0_u64; 8], [0_u64; 8]);
        for y in 0..self.height {
            let row = self.row(y);
            for (x, two) in row.windows(2).enumerate() {
                sums[(x + 1) % 8] += u64::from(two[0].abs_diff(two[1]));
                counts[(x + 1) % 8] += 1;
            }
        }
        for y in 1..self.height {
            let both = self.row(y - 1).iter().zip(self.row(y));
            sums[y % 8] += both.map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
            counts[y % 8] += self.width as u64;
        }
        let mean = |sum: u64, count: u64| sum as f32 / count.max(1) as f32;
        let grid = mean(sums[0], counts[0]);
        let elsewhere = mean(sums[1..].iter().sum(), counts[1..].iter().sum());
        if counts[0] == 0 { 0.0 } else { ((grid + 0.1) / (elsewhere + 0.1) - 1.0).max(0.0) }
    }

    fn sharpness(&self) -> f32 {
        let (mut laplacian, mut sum, mut squares, mut count) = (0_i64, 0_i64, 0_i64, 0_i64);
        for y in 1..self.height.saturating_sub(1) {
            let (up, here, down) = (self.row(y - 1), self.row(y), self.row(y + 1));
            let (mut line, mut line_sum, mut line_squares) = (0_i32, 0_i32, 0_i32);
            for x in 1..self.width.saturating_sub(1) {
                let value = |row: &[u8], x: usize| i32::from(row[x]);
                let middle = value(here, x);
                let around =
                    value(up, x) + value(down, x) + value(here, x - 1) + value(here, x + 1);
                let bend = around - 4 * middle;
                line += bend * bend;
                line_sum += middle;
                line_squares += middle * middle;
            }
            laplacian += i64::from(line);
            sum += i64::from(line_sum);
            squares += i64::from(line_squares);
            count += self.width as i64 - 2;
        }
        let n = count.max(1) as f64;
        let variance = squares as f64 / n - (sum as f64 / n).powi(2);
        // The Laplacian of white noise has 20 times its variance.
        (laplacian as f64 / n / 20.0 / (variance + 1.0)) as f32
    }

    /// Power of the spectrum of lines, by frequency.
    fn spectrum(&self) -> [f32; PIECE / 2] {
        let mut power = [0.0; PIECE / 2];
        let wave: [f32; PIECE] = std::array::from_fn(|i| {
            libm::cos(std::f64::consts::TAU * i as f64 / PIECE as f64) as f32
        });
        for piece in self.pieces() {
            let mean = piece.iter().sum::<f32>() / PIECE as f32;
            let hann = |i: usize| 0.5 - 0.5 * wave[i];
            let line: [f32; PIECE] = std::array::from_fn(|i| (piece[i] - mean) * hann(i));
            for (k, power) in power.iter_mut().enumerate() {
                let (mut real, mut imaginary) = (0.0, 0.0);
                for (i, value) in line.iter().enumerate() {
                    real += value * wave[i * k % PIECE];
                    imaginary += value * wave[(i * k + 3 * PIECE / 4) % PIECE];
                }
                *power += real * real + imaginary * imaginary;
            }
        }
        power
    }

    /// Pieces of rows and of columns, spread over the part.
    fn pieces(&self) -> Vec<[f32; PIECE]> {
        let mut pieces = Vec::new();
        let (width, height) = (self.width, self.height);
        for number in 0..PIECES {
            let spread =
                |n: usize, turn: usize| n.saturating_sub(1) * (number * turn % PIECES) / PIECES;
            if width >= PIECE {
                let row = self.row(spread(height, 1));
                let x = spread(width - PIECE + 1, 7);
                pieces.push(std::array::from_fn(|i| f32::from(row[x + i])));
            }
            if height >= PIECE {
                let (x, y) = (spread(width, 1), spread(height - PIECE + 1, 7));
                pieces.push(std::array::from_fn(|i| f32::from(self.row(y + i)[x])));
            }
        }
        pieces
    }

    /// The frequency where the spectrum, which of scenes falls with its square, breaks down.
    fn cutoff(&self) -> f32 {
        let power = self.spectrum();
        let flat = |k: usize| power[k] * (k * k) as f32;
        let mut low: Vec<f32> = (2..9).map(flat).collect();
        low.sort_by(f32::total_cmp);
        // Rounding to whole gray values has a power of its own: variance 1/12, Hann window.
        let noise = 2.0 * PIECES as f32 * PIECE as f32 * 0.375 / 12.0;
        let least = low[low.len() / 2] * FALLEN;
        let holds = |k: &usize| flat(*k) >= least && power[*k] > 2.0 * noise;
        let last = (2..PIECE / 2).rev().find(holds).unwrap_or(0);
        (last + 1) as f32 / (PIECE / 2) as f32
    }
}

/// Share of the low frequencies' strength below which a spectrum has broken down.
const FALLEN: f32 = 0.02;

/// Distribution of the gray values, 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tone {
    /// Mean.
    pub mean: f32,
    /// Standard deviation.
    pub deviation: f32,
    /// The values below which 1, 5, 50, 95 and 99 % of the pixels lie.
    pub percentiles: [u8; 5],
    /// Entropy of the histogram in bits, 0 to 8.
    pub entropy: f32,
}

impl Tone {
    /// Measures a gray picture.
    pub fn measure(picture: Plane<'_>) -> Self {
        let mut histogram = [0u64; 256];
        for value in picture.pixels() {
            histogram[usize::from(*value)] += 1;
        }
        let count = picture.pixels().len() as f64;
        let (mut sum, mut squares, mut entropy) = (0.0, 0.0, 0.0);
        for (value, number) in histogram.iter().enumerate().filter(|(_, number)| **number > 0) {
            let (value, share) = (value as f64, *number as f64 / count);
            sum += value * share;
            squares += value * value * share;
            entropy -= share * share.log2();
        }
        let percentiles = [0.01, 0.05, 0.5, 0.95, 0.99].map(|share| {
            let mut left = share * count;
            let reaches = |number: &u64| {
                left -= *number as f64;
                left <= 0.0
            };
            histogram.iter().position(reaches).unwrap_or(255) as u8
        });
        let deviation = (squares - sum * sum).max(0.0).sqrt() as f32;
        Self { mean: sum as f32, deviation, percentiles, entropy: entropy as f32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::next;

    #[test]
    fn detail_lost_is_seen() {
        let mut state = 4;
        let side = 256;
        let noise: Vec<u8> = (0..side * side).map(|_| (next(&mut state) >> 56) as u8).collect();
        let sharp = Quality::measure(Plane::new(&noise, side, side).unwrap());
        let mean = |x: usize, y: usize, n: usize| {
            let at = |x: usize, y: usize| u32::from(noise[y % side * side + x % side]);
            let sum: u32 = (0..n * n).map(|i| at(x + i % n, y + i / n)).sum();
            (sum / (n * n) as u32) as u8
        };
        let soft: Vec<u8> = (0..side * side).map(|i| mean(i % side, i / side, 4)).collect();
        let soft = Quality::measure(Plane::new(&soft, side, side).unwrap());
        assert!(
            sharp.cutoff > 0.95 && soft.sharpness < 0.5 * sharp.sharpness,
            "{sharp:?} {soft:?}"
        );
        let blocks: Vec<u8> =
            (0..side * side).map(|i| mean(i % side / 8 * 8, i / side / 8 * 8, 8)).collect();
        let blocks = Quality::measure(Plane::new(&blocks, side, side).unwrap());
        assert!(blocks.blockiness > 3.0 && soft.blockiness < 0.2, "{blocks:?} {soft:?}");
    }

    #[test]
    fn all_sizes_are_measured() {
        for (width, height) in [(1, 1), (1, 70), (70, 1), (2, 2), (64, 64), (65, 3)] {
            let flat =
                Quality::measure(Plane::new(&vec![7; width * height], width, height).unwrap());
            assert!(flat.sharpness.abs() < 1e-6 && flat.blockiness.abs() < 1e-6);
            assert!(flat.cutoff < 0.05, "{flat:?}");
        }
    }

    #[test]
    fn tones_of_a_ramp() {
        let ramp: Vec<u8> = (0..=255).collect();
        let tone = Tone::measure(Plane::new(&ramp, 256, 1).unwrap());
        assert!((tone.mean - 127.5).abs() < 1e-3 && (tone.entropy - 8.0).abs() < 1e-5);
        assert!((tone.deviation - 73.9).abs() < 0.1);
        assert_eq!(tone.percentiles, [2, 12, 127, 243, 253]);
    }
}
