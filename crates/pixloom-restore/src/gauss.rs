//! Gaussian blur of 8-bit planes, to the last bit as OpenCV's `GaussianBlur(image, (0, 0), sigma)`.
use crate::{Plane, simd};

/// Bits behind the point of a weight.
const BITS: u32 = 8;

/// The weights, in 256ths: odd in number, symmetric, their sum 256.
///
/// OpenCV takes `round(6 σ + 1) | 1` taps for 8 bit and rounds them from the outside in, each
/// with the error that the one before left; the middle one takes the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kernel(Vec<u16>);

/// Wider kernels than this are cut: σ above 170 pixels.
const MOST_TAPS: usize = 1023;

impl Kernel {
    /// For a standard deviation in pixels, above zero.
    pub fn new(sigma: f64) -> Self {
        let sigma = if sigma.is_finite() { sigma.clamp(1e-3, 1e3) } else { 1e3 };
        let taps = (libm::rint(sigma * 6.0 + 1.0) as usize | 1).min(MOST_TAPS);
        let half = taps / 2;
        let weight = |at: usize| {
            let x = at as f64 - half as f64;
            libm::exp(-0.5 * x * x / (sigma * sigma))
        };
        let sides: Vec<f64> = (0..half).map(weight).collect();
        let total = 2.0 * sides.iter().sum::<f64>() + 1.0;
        let one = f64::from(1_u32 << BITS);
        let (mut weights, mut error) = (vec![0_u16; taps], 0.0);
        for (at, side) in sides.iter().enumerate() {
            let exact = side / total * one + error;
            let rounded = libm::rint(exact);
            error = exact - rounded;
            weights[at] = rounded as u16;
            weights[taps - 1 - at] = rounded as u16;
        }
        weights[half] = (1 << BITS) - weights.iter().sum::<u16>();
        Self(weights)
    }

    /// The weights, in 256ths.
    pub fn weights(&self) -> &[u16] {
        &self.0
    }
}

/// Blurs a plane; the border is reflected without repeating the outermost pixel.
pub fn blur(plane: &Plane, kernel: &Kernel) -> Plane {
    let (width, height) = (plane.width(), plane.height());
    let half = kernel.0.len() / 2;
    let mut padded = vec![0_u8; width + 2 * half];
    let mut lines = vec![0_u16; width * height];
    for y in 0..height {
        pad(plane.row(y), half, &mut padded);
        simd::weigh_row(&padded, &kernel.0, &mut lines[y * width..(y + 1) * width]);
    }
    let mut blurred = Plane::zeros(width, height);
    let mut sums = vec![0_u32; width];
    for (y, out) in blurred.values_mut().chunks_exact_mut(width).enumerate() {
        let line = |offset: i64| {
            let from = reflected(y as i64 + offset, height);
            &lines[from * width..(from + 1) * width]
        };
        simd::first_line(line(0), u32::from(kernel.0[half]), &mut sums);
        for (tap, weight) in kernel.0[..half].iter().enumerate().filter(|(_, w)| **w != 0) {
            let offset = (half - tap) as i64;
            simd::add_lines((line(-offset), line(offset)), u32::from(*weight), &mut sums);
        }
        simd::last_line(&sums, out);
    }
    blurred
}

fn pad(row: &[u8], half: usize, padded: &mut [u8]) {
    padded[half..half + row.len()].copy_from_slice(row);
    let len = row.len();
    for at in 0..half {
        padded[at] = row[reflected(at as i64 - half as i64, len)];
        padded[half + len + at] = row[reflected((len + at) as i64, len)];
    }
}

/// The position inside of `len` that `at` is a reflection of: `dcb|abcd|cba`.
pub(crate) fn reflected(at: i64, len: usize) -> usize {
    if len <= 1 {
        return 0;
    }
    let period = 2 * (len as i64 - 1);
    let at = at.rem_euclid(period);
    at.min(period - at) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_those_of_opencv() {
        assert_eq!(Kernel::new(0.5).weights(), &[0, 27, 202, 27, 0]);
        assert_eq!(Kernel::new(1.0).weights(), &[1, 14, 62, 102, 62, 14, 1]);
        assert_eq!(Kernel::new(1.5).weights(), &[0, 2, 9, 28, 55, 68, 55, 28, 9, 2, 0]);
        for sigma in [0.01, 0.3, 0.77, 2.0, 9.5, 4000.0] {
            let kernel = Kernel::new(sigma);
            assert_eq!(kernel.weights().iter().sum::<u16>(), 256, "{sigma}");
        }
    }

    #[test]
    fn a_flat_plane_stays_flat_and_an_impulse_becomes_the_kernel() {
        let flat = Plane::new(5, 3, vec![200; 15]).unwrap();
        assert_eq!(blur(&flat, &Kernel::new(2.0)), flat);
        let mut impulse = Plane::zeros(9, 9);
        impulse.values_mut()[4 * 9 + 4] = 255;
        let blurred = blur(&impulse, &Kernel::new(0.5));
        let expected = |a: u32, b: u32| ((255 * a * b + (1 << 15)) >> 16) as u8;
        assert_eq!(
            blurred.row(4)[3..6],
            [expected(27, 202), expected(202, 202), expected(27, 202)]
        );
        assert_eq!(blurred.row(3)[3], expected(27, 27));
    }

    #[test]
    fn reflection_skips_the_outermost_pixel() {
        let order: Vec<usize> = (-4..8).map(|at| reflected(at, 4)).collect();
        assert_eq!(order, [2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1]);
        assert_eq!((reflected(-7, 1), reflected(5, 2)), (0, 1));
    }
}
