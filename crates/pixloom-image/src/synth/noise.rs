//! Noise that is a function of position and seed: white, smooth, fractal.

/// Mixes 32 bits well (the finaliser of `MurmurHash3`).
pub(super) const fn mix(mut bits: u32) -> u32 {
    bits ^= bits >> 16;
    bits = bits.wrapping_mul(0x85EB_CA6B);
    bits ^= bits >> 13;
    bits = bits.wrapping_mul(0xC2B2_AE35);
    bits ^ (bits >> 16)
}

/// White noise from 0 to just below 1 at a point of the integer lattice.
pub(super) const fn white(x: i32, y: i32, seed: u32) -> f32 {
    let lattice = (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77);
    (mix(lattice ^ seed) >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// A stream of numbers from 0 to just below 1.
#[derive(Debug, Clone)]
pub(super) struct Dice {
    seed: u32,
    count: i32,
}

impl Dice {
    pub(super) const fn new(seed: u32) -> Self {
        Self { seed, count: 0 }
    }

    /// The next number, 0 to just below 1.
    pub(super) const fn roll(&mut self) -> f32 {
        self.count += 1;
        white(self.count, 0, self.seed)
    }

    /// The next number between `low` and `high`.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.roll()
    }
}

/// Smooth noise (values on the lattice, quintic between them) with its slope.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sloped {
    /// 0 to 1.
    pub(super) value: f32,
    pub(super) dx: f32,
    pub(super) dy: f32,
}

/// Smooth noise at (x, y); one lattice cell is one unit.
#[inline]
pub(super) fn sloped(x: f32, y: f32, seed: u32) -> Sloped {
    let (ix, iy) = (floor(x), floor(y));
    let (fx, fy) = (x - ix as f32, y - iy as f32);
    let (ux, uy) = (fade(fx), fade(fy));
    let a = white(ix, iy, seed);
    let b = white(ix.wrapping_add(1), iy, seed) - a;
    let c = white(ix, iy.wrapping_add(1), seed) - a;
    let d = white(ix.wrapping_add(1), iy.wrapping_add(1), seed) - a - b - c;
    Sloped {
        value: a + b * ux + c * uy + d * ux * uy,
        dx: fade_slope(fx) * (b + d * uy),
        dy: fade_slope(fy) * (c + d * ux),
    }
}

/// The next whole number below; a cast and a comparison are faster than `f32::floor` where the
/// processor's rounding instruction may not be assumed.
const fn floor(value: f32) -> i32 {
    let cut = value as i32;
    cut.saturating_sub((value < cut as f32) as i32)
}

/// Smooth noise from 0 to 1.
#[inline]
pub(super) fn smooth(x: f32, y: f32, seed: u32) -> f32 {
    sloped(x, y, seed).value
}

/// Fractal noise of mean one half, nearly 0 to 1: each octave has twice the frequency and half
/// the amplitude of the one before, which gives the 1/f amplitudes of natural pictures.
pub(super) fn fractal(x: f32, y: f32, octaves: u32, seed: u32) -> f32 {
    let (mut x, mut y, mut amplitude, mut sum) = (x, y, 0.5, 0.0);
    for octave in 0..octaves {
        sum += amplitude * (smooth(x, y, seed.wrapping_add(octave)) - 0.5);
        // Turned by an angle without a pattern (3-4-5 triangle), so that the lattice does not show.
        (x, y) = (1.6 * x - 1.2 * y, 1.2 * x + 1.6 * y);
        amplitude *= 0.5;
    }
    sum + 0.5
}

fn fade(t: f32) -> f32 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

fn fade_slope(t: f32) -> f32 {
    30.0 * t * t * (t * (t - 2.0) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slope_is_the_derivative() {
        for (x, y) in [(0.3, 0.7), (5.9, -2.2), (-7.5, 3.01)] {
            let (here, step) = (sloped(x, y, 9), 1e-3);
            let dx = (smooth(x + step, y, 9) - smooth(x - step, y, 9)) / (2.0 * step);
            let dy = (smooth(x, y + step, 9) - smooth(x, y - step, 9)) / (2.0 * step);
            assert!((here.dx - dx).abs() < 2e-3, "{} {dx}", here.dx);
            assert!((here.dy - dy).abs() < 2e-3, "{} {dy}", here.dy);
        }
    }

    #[test]
    fn noise_is_pinned() {
        assert_eq!(mix(1), 0x514E_28B7);
        assert_eq!(mix(0), 0);
        let sum: f32 = (0..1000).map(|i| white(i, -i, 5)).sum();
        assert!((450.0..550.0).contains(&sum), "{sum}");
    }

    #[test]
    fn fractal_has_mean_one_half() {
        let sum: f32 = (0..400).map(|i| fractal(i as f32 * 0.37, i as f32 * 0.11, 6, 1)).sum();
        assert!((sum / 400.0 - 0.5).abs() < 0.1, "{sum}");
    }
}
