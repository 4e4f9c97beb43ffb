//! Directions by the centroid of brightness and descriptors by rotated comparisons.
use std::sync::LazyLock;

use crate::resample::Gray;

/// Radius of the patch whose centroid gives the direction, in pixels.
const RADIUS: i32 = 15;
/// How far from the middle comparisons reach, in pixels.
const REACH: f64 = 14.0;
/// Directions for which the pattern is kept rotated.
const TURNS: usize = 64;

/// Half widths of the rows of a disc of [`RADIUS`].
static DISC: LazyLock<[usize; 31]> = LazyLock::new(|| {
    std::array::from_fn(|row| {
        let y = row as i32 - RADIUS;
        f64::from(RADIUS * RADIUS - y * y).sqrt().round() as usize
    })
});

/// The 512 ends of the comparisons for each direction.
static PATTERN: LazyLock<Vec<[[i8; 2]; 512]>> = LazyLock::new(|| {
    let ends = pattern();
    let turned = |turn: usize| {
        let angle = turn as f64 / TURNS as f64 * std::f64::consts::TAU;
        let (sine, cosine) = (libm::sin(angle), libm::cos(angle));
        ends.map(|[x, y]| {
            [(x * cosine - y * sine).round() as i8, (x * sine + y * cosine).round() as i8]
        })
    };
    (0..TURNS).map(turned).collect()
});

/// Ends of 256 comparisons about the direction 0, drawn from a normal distribution (BRIEF's
/// arrangement G II); the second of each two comparisons is the first, mirrored.
fn pattern() -> [[f64; 2]; 512] {
    let mut state = 0x5eed_0004_d15c_u64;
    let mut ends = [[0.0; 2]; 512];
    for pair in ends.chunks_exact_mut(4) {
        loop {
            let (p, q) = (point(&mut state), point(&mut state));
            // Ends too near each other compare noise; a comparison along the axis has no mirror
            // image of its own.
            let apart = (p[0] - q[0]).hypot(p[1] - q[1]);
            if apart > 3.0 && (p[1].abs() > 1.0 || q[1].abs() > 1.0) {
                pair.copy_from_slice(&[p, q, [p[0], -p[1]], [q[0], -q[1]]]);
                break;
            }
        }
    }
    ends
}

/// A point of a round normal distribution within reach.
fn point(state: &mut u64) -> [f64; 2] {
    loop {
        // Twelve uniform numbers less six: a normal one.
        let mut normal = || (0..12).map(|_| uniform(state)).sum::<f64>() - 6.0;
        let point = [normal() * 6.0, normal() * 6.0];
        if point[0].hypot(point[1]) <= REACH {
            return point;
        }
    }
}

/// A number from 0 to 1.
fn uniform(state: &mut u64) -> f64 {
    crate::random::next(state) as f64 / u64::MAX as f64
}

/// Smooths by 7 taps (σ 2), as comparisons of single pixels would compare noise.
pub(super) fn smooth(picture: &Gray) -> Gray {
    const TAPS: [u16; 7] = [18, 33, 49, 56, 49, 33, 18];
    let (width, height) = (picture.width, picture.height);
    let mut across = vec![0_u8; width * height];
    let mut padded = vec![0_u8; width + 6];
    for y in 0..height {
        let row = picture.row(y);
        padded[3..width + 3].copy_from_slice(row);
        padded[..3].fill(row[0]);
        padded[width + 3..].fill(row[width - 1]);
        let out = &mut across[y * width..(y + 1) * width];
        weigh(out, std::array::from_fn(|tap| &padded[tap..tap + width]), TAPS);
    }
    let mut pixels = vec![0_u8; width * height];
    for y in 0..height {
        let out = &mut pixels[y * width..(y + 1) * width];
        let row = |tap: usize| (y + tap).saturating_sub(3).min(height - 1);
        let rows = std::array::from_fn(|tap| &across[row(tap) * width..][..width]);
        weigh(out, rows, TAPS);
    }
    Gray::new(pixels, width, height)
}

fn weigh(out: &mut [u8], rows: [&[u8]; 7], taps: [u16; 7]) {
    let len = out.len();
    let [a, b, c, d, e, f, g] = rows;
    let (a, b, c, d) = (&a[..len], &b[..len], &c[..len], &d[..len]);
    let (e, f, g) = (&e[..len], &f[..len], &g[..len]);
    for at in 0..len {
        let pair = |x: &[u8], y: &[u8]| u16::from(x[at]) + u16::from(y[at]);
        let sum = taps[0] * pair(a, g)
            + taps[1] * pair(b, f)
            + taps[2] * pair(c, e)
            + taps[3] * u16::from(d[at]);
        out[at] = (sum >> 8) as u8;
    }
}

/// Direction from the middle to the centroid of brightness, 256 steps a turn.
pub(super) fn angle(picture: &Gray, x: usize, y: usize) -> u8 {
    let (mut sum_x, mut sum_y) = (0_i32, 0_i32);
    for (row, half) in DISC.iter().enumerate() {
        let line = &picture.row(y + row - RADIUS as usize)[x - half..=x + half];
        let (mut total, mut moment) = (0_i32, 0_i32);
        for (at, value) in line.iter().enumerate() {
            total += i32::from(*value);
            moment += i32::from(*value) * at as i32;
        }
        sum_x += moment - total * *half as i32;
        sum_y += total * (row as i32 - RADIUS);
    }
    steps(sum_y as f32, sum_x as f32)
}

/// The direction of `(x, y)` in 256 steps a turn; the same on every machine.
fn steps(y: f32, x: f32) -> u8 {
    (libm::atan2f(y, x) * (128.0 / std::f32::consts::PI)).round() as i32 as u8
}

/// The descriptor at a place at least [`super::MARGIN`] inside of the smoothed picture.
pub(super) fn descriptor(smooth: &Gray, x: usize, y: usize, angle: u8) -> [u64; 4] {
    let turn = (usize::from(angle) * TURNS + 128) / 256 % TURNS;
    let middle = (y * smooth.width + x) as isize;
    let value = |[dx, dy]: [i8; 2]| {
        smooth.pixels[(middle + dy as isize * smooth.width as isize + dx as isize) as usize]
    };
    let mut words = [0; 4];
    for (word, ends) in words.iter_mut().zip(PATTERN[turn].chunks_exact(128)) {
        for (bit, ends) in ends.chunks_exact(2).enumerate() {
            *word |= u64::from(value(ends[0]) < value(ends[1])) << bit;
        }
    }
    words
}

/// The descriptor of the same place in the mirrored picture.
pub(crate) fn mirrored(descriptor: [u64; 4]) -> [u64; 4] {
    const EVEN: u64 = 0x5555_5555_5555_5555;
    descriptor.map(|word| (word & EVEN) << 1 | (word >> 1) & EVEN)
}
