//! What tells the better of two copies: detail, compression, tones.
#![expect(clippy::inline_always, reason = "it must become part of what `simd::wider` runs")]
use std::sync::LazyLock;

use crate::plane::Plane;
use crate::simd;

/// Measures of one picture's quality; comparable between copies of the same picture only.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Quality {
    /// Where the spectrum ends, as a share of what the measured size can hold (1 = full detail,
    /// 0.5 = looks enlarged twice), 0 to 1.
    pub cutoff: f32,
    /// Steps at the 8×8 grid of JPEG over the steps elsewhere, less one; 0 = none, 1 = twice as
    /// large. Only visible where the picture was not scaled.
    pub blockiness: f32,
    /// Variance of the Laplacian of the gray values, divided by 20, less that of the noise, and
    /// divided by their variance + 1: 0 = flat or blurred.
    pub sharpness: f32,
    /// Standard deviation of the noise that lies over all of it, in gray values: what the smoothest
    /// tenth of it has of the finest detail. Noise that compression took off smooth parts is
    /// missed.
    pub noise: f32,
}

impl Quality {
    /// Measures the middle (at most 512×512 pixels) of a gray picture. At the size of a small
    /// decode this is a first estimate: for the best of a group, call it with the full-size
    /// pictures.
    pub fn measure(picture: Plane<'_>) -> Self {
        simd::wider(Middle::of(picture))
    }
}

/// Side of the part that is measured.
const MIDDLE: usize = 512;
/// Side of the blocks that noise is measured in, and how many it takes.
const BLOCK: usize = 16;
const FEW_BLOCKS: usize = 20;
/// Gray values this near black and white are cut off by them.
const CUT_OFF: u32 = 12;
/// What the lowest tenth of such blocks of white noise stays below, as a share of its variance, by
/// simulation.
const LEAST_OF_TEN: f32 = 0.79;
/// Samples of a piece whose spectrum is taken, and pieces per direction.
const PIECE: usize = 64;
const PIECES: usize = 48;

/// Cosine and sine of each frequency.
static WAVES: LazyLock<Vec<[[f32; PIECE]; 2]>> = LazyLock::new(|| {
    let angle = |k: usize, i: usize| std::f64::consts::TAU * (i * k % PIECE) as f64 / PIECE as f64;
    let wave = |k: usize| {
        [
            std::array::from_fn(|i| libm::cos(angle(k, i)) as f32),
            std::array::from_fn(|i| libm::sin(angle(k, i)) as f32),
        ]
    };
    (0..PIECE / 2).map(wave).collect()
});

/// In eight sums, so that it is vectorised and yet has a fixed order.
#[inline(always)]
fn product(line: &[f32; PIECE], wave: &[f32; PIECE]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (a, b) in line.as_chunks::<8>().0.iter().zip(wave.as_chunks::<8>().0) {
        // A loop, as closures would not become part of what is compiled for wider registers.
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum()
}

/// Of the middle one of three rows, but for its ends: the sums of the squared Laplacian, of the
/// values, of their squares. At most [`MIDDLE`] values, so that 32 bits hold them.
#[inline(always)]
fn bends([up, here, down]: [&[u8]; 3]) -> [i32; 3] {
    let inside = here.len().saturating_sub(2);
    let (up, down) = (&up[1..=inside], &down[1..=inside]);
    let (left, middle, right) = (&here[..inside], &here[1..=inside], &here[2..]);
    let (mut bends, mut sum, mut squares) = (0_i32, 0_i32, 0_i32);
    for x in 0..inside {
        let value = i16::from(middle[x]);
        let across = i16::from(left[x]) + i16::from(right[x]);
        let bend = across + i16::from(up[x]) + i16::from(down[x]) - 4 * value;
        bends += i32::from(bend) * i32::from(bend);
        sum += i32::from(value);
        squares += i32::from(value) * i32::from(value);
    }
    [bends, sum, squares]
}

/// The middle of a picture.
struct Middle<'a> {
    picture: Plane<'a>,
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

impl simd::Wide for Middle<'_> {
    type Out = Quality;

    #[inline(always)]
    fn run(self) -> Quality {
        let noise = self.noise();
        Quality {
            cutoff: self.cutoff(noise),
            blockiness: self.blockiness(),
            sharpness: self.sharpness(noise),
            noise,
        }
    }
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
    #[inline(always)]
    fn blockiness(&self) -> f32 {
        let (mut sums, mut counts) = ([0_u64; 8], [0_u64; 8]);
        for y in 0..self.height {
            let row = self.row(y);
            let (left, right) = (row[..row.len() - 1].as_chunks::<8>(), row[1..].as_chunks::<8>());
            let mut line = [0_u32; 8];
            for (a, b) in left.0.iter().zip(right.0) {
                for i in 0..8 {
                    line[i] += u32::from(a[i].abs_diff(b[i]));
                }
            }
            for (i, (a, b)) in left.1.iter().zip(right.1).enumerate() {
                line[i] += u32::from(a.abs_diff(*b));
            }
            for (i, sum) in line.into_iter().enumerate() {
                sums[(i + 1) % 8] += u64::from(sum);
                counts[(i + 1) % 8] += (self.width.saturating_sub(1 + i)).div_ceil(8) as u64;
            }
        }
        for y in 1..self.height {
            let both = self.row(y - 1).iter().zip(self.row(y));
            sums[y % 8] += u64::from(both.map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>());
            counts[y % 8] += self.width as u64;
        }
        let mean = |sum: u64, count: u64| sum as f32 / count.max(1) as f32;
        let grid = mean(sums[0], counts[0]);
        let elsewhere = mean(sums[1..].iter().sum(), counts[1..].iter().sum());
        if counts[0] == 0 { 0.0 } else { ((grid + 0.1) / (elsewhere + 0.1) - 1.0).max(0.0) }
    }

    #[inline(always)]
    fn sharpness(&self, noise: f32) -> f32 {
        let inside = self.width.saturating_sub(2);
        let (mut laplacian, mut sum, mut squares, mut count) = (0_i64, 0_i64, 0_i64, 0_i64);
        for y in 1..self.height.saturating_sub(1) {
            if inside == 0 {
                break;
            }
            let rows = [self.row(y - 1), self.row(y), self.row(y + 1)];
            let line = bends(rows);
            laplacian += i64::from(line[0]);
            sum += i64::from(line[1]);
            squares += i64::from(line[2]);
            count += inside as i64;
        }
        let n = count.max(1) as f64;
        let variance = squares as f64 / n - (sum as f64 / n).powi(2);
        // The Laplacian of white noise has 20 times its variance.
        let sharp = (laplacian as f64 / n / 20.0 - f64::from(noise * noise)).max(0.0);
        (sharp / (variance + 1.0)) as f32
    }

    /// Noise by a mask that no edge and no slope excites (Immerkær, "Fast noise variance
    /// estimation", 1996), taken of the blocks where it is least, as texture excites it, too.
    #[inline(always)]
    fn noise(&self) -> f32 {
        let mut variances = Vec::with_capacity(self.width * self.height / (BLOCK * BLOCK));
        for y in (1..self.height.saturating_sub(BLOCK)).step_by(BLOCK) {
            for x in (1..self.width.saturating_sub(BLOCK)).step_by(BLOCK) {
                variances.extend(self.block_noise(x, y));
            }
        }
        if variances.len() < FEW_BLOCKS {
            return 0.0;
        }
        let place = variances.len() / 10;
        let (_, least, _) = variances.select_nth_unstable_by(place, f32::total_cmp);
        let rounding = 1.0 / 12.0;
        (*least / LEAST_OF_TEN - rounding).max(0.0).sqrt()
    }

    /// The variance of the noise of a block; none of one that is cut off at black or white, where
    /// noise is, too.
    #[inline(always)]
    fn block_noise(&self, x: usize, y: usize) -> Option<f32> {
        let mut bends = [[0_i16; BLOCK]; BLOCK + 2];
        let mut sum = 0_u32;
        for (at, bends) in bends.iter_mut().enumerate() {
            let row = &self.row(y - 1 + at)[x - 1..=x + BLOCK];
            for (i, bend) in bends.iter_mut().enumerate() {
                let (left, right) = (i16::from(row[i]), i16::from(row[i + 2]));
                *bend = left + right - 2 * i16::from(row[i + 1]);
            }
            if (1..=BLOCK).contains(&at) {
                sum += row[1..=BLOCK].iter().map(|value| u32::from(*value)).sum::<u32>();
            }
        }
        let mut squares = 0_i32;
        for [above, here, below] in bends.array_windows() {
            for i in 0..BLOCK {
                let bend = i32::from(above[i] + below[i] - 2 * here[i]);
                squares += bend * bend;
            }
        }
        let count = (BLOCK * BLOCK) as u32;
        // The mask of white noise has 36 times its variance.
        let is_within = (CUT_OFF..=255 - CUT_OFF).contains(&(sum / count));
        is_within.then(|| squares as f32 / (36 * count) as f32)
    }

    /// Power of the spectrum of lines, by frequency.
    #[inline(always)]
    fn spectrum(&self) -> [f32; PIECE / 2] {
        let mut power = [0.0; PIECE / 2];
        let waves = &*WAVES;
        for piece in self.pieces() {
            let mean = piece.iter().sum::<f32>() / PIECE as f32;
            // Hann's window.
            let line: [f32; PIECE] =
                std::array::from_fn(|i| (piece[i] - mean) * (0.5 - 0.5 * waves[1][0][i]));
            for (power, [cosine, sine]) in power.iter_mut().zip(waves) {
                let (real, imaginary) = (product(&line, cosine), product(&line, sine));
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
    #[inline(always)]
    fn cutoff(&self, noise: f32) -> f32 {
        let power = self.spectrum();
        let flat = |k: usize| power[k] * (k * k) as f32;
        let mut low: Vec<f32> = (2..9).map(flat).collect();
        low.sort_by(f32::total_cmp);
        // Noise has a power of its own, and so has rounding to whole gray values, of a variance of
        // 1/12; Hann window.
        let noise = 2.0 * PIECES as f32 * PIECE as f32 * 0.375 * (1.0 / 12.0 + noise * noise);
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
        assert!(soft.cutoff < 0.95 && soft.noise < 0.5 * sharp.noise, "{sharp:?} {soft:?}");
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
            assert!(flat.cutoff < 0.05 && flat.noise < 1e-6, "{flat:?}");
        }
    }

    #[test]
    fn noise_is_measured_and_is_no_sharpness() {
        let (side, mut state) = (320, 11);
        // Waves of several lengths over half of it, smooth elsewhere.
        let clean = |x: usize, y: usize| {
            let (x, y) = (x as f32, y as f32);
            let fine =
                if x > 160.0 { 30.0 * libm::sinf(x * 1.1) * libm::sinf(y * 0.9) } else { 0.0 };
            128.0 + 40.0 * libm::sinf(x * 0.02 + y * 0.03) + fine
        };
        let mut measure = |noise: f32| {
            let mut normal = || {
                let sum: f32 = (0..12).map(|_| (next(&mut state) >> 40) as f32).sum();
                sum / (1 << 24) as f32 - 6.0
            };
            let pixels: Vec<u8> = (0..side * side)
                .map(|at| (clean(at % side, at / side) + noise * normal()).round() as u8)
                .collect();
            Quality::measure(Plane::new(&pixels, side, side).unwrap())
        };
        let (still, noisy) = (measure(0.0), measure(8.0));
        assert!(still.noise < 0.5, "{still:?}");
        assert!((noisy.noise - 8.0).abs() < 1.0, "{noisy:?}");
        assert!(noisy.sharpness < 1.2 * still.sharpness, "{still:?} {noisy:?}");
        assert!(noisy.cutoff <= still.cutoff, "{still:?} {noisy:?}");
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
