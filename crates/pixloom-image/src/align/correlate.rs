//! Where one plane lies in another: normalised cross-correlation for all shifts at once.
use super::plane::Plane;
use crate::fft::{Complex, Fft};

/// Share of a side by which planes may be shifted.
const REACH: f64 = 0.4;

/// The best match of two planes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Peak {
    /// Correlation there, -1 to 1.
    pub(super) correlation: f64,
    /// How far the second plane's content lies to the right of the first's, and below it.
    pub(super) shift: [f64; 2],
}

/// Both planes' sums of squares over any rectangle.
struct Energy {
    width: usize,
    sums: Vec<f64>,
}

impl Energy {
    fn of(plane: &Plane) -> Self {
        let width = plane.width + 1;
        let mut sums = vec![0.0; width * (plane.height + 1)];
        for y in 0..plane.height {
            let mut row = 0.0;
            for (x, value) in plane.row(y).iter().enumerate() {
                row += f64::from(*value) * f64::from(*value);
                sums[(y + 1) * width + x + 1] = sums[y * width + x + 1] + row;
            }
        }
        Self { width, sums }
    }

    fn over(&self, (x, y): (usize, usize), (width, height): (usize, usize)) -> f64 {
        let at = |x: usize, y: usize| self.sums[y * self.width + x];
        at(x + width, y + height) - at(x, y + height) - at(x + width, y) + at(x, y)
    }
}

/// The columns (or rows) that overlap when `b` is shifted by `shift`: start in `a`, start in
/// `b`, count.
fn overlap(a: usize, b: usize, shift: i64) -> (usize, usize, usize) {
    let (start_a, start_b) = ((-shift).max(0) as usize, shift.max(0) as usize);
    let count = a.saturating_sub(start_a).min(b.saturating_sub(start_b));
    (start_a, start_b, count)
}

/// Finds the shift of the highest correlation over what overlaps there. The planes have a mean
/// near 0.
///
/// The products for all shifts come from one Fourier transform, the energies of the overlap
/// from integral images (Lewis 1995, "Fast normalized cross-correlation").
pub(super) fn correlate(a: &Plane, b: &Plane) -> Peak {
    let products = Products::of(a, b);
    let (energy_a, energy_b) = (Energy::of(a), Energy::of(b));
    let total = |energy: &Energy, plane: &Plane| energy.over((0, 0), (plane.width, plane.height));
    let floor = 0.02 * (total(&energy_a, a) * total(&energy_b, b)).sqrt();
    let limits = [reach(a.width, b.width), reach(a.height, b.height)];
    let mut best = Peak { correlation: -1.0, shift: [0.0; 2] };
    for dy in limits[1].0..=limits[1].1 {
        let (ya, yb, rows) = overlap(a.height, b.height, dy);
        for dx in limits[0].0..=limits[0].1 {
            let (xa, xb, columns) = overlap(a.width, b.width, dx);
            let energies =
                energy_a.over((xa, ya), (columns, rows)) * energy_b.over((xb, yb), (columns, rows));
            let correlation = products.at(dx, dy) / energies.max(0.0).sqrt().max(floor).max(1e-12);
            if correlation > best.correlation {
                best = Peak { correlation, shift: [dx as f64, dy as f64] };
            }
        }
    }
    best
}

/// Whether the plane looks the same at another place: a texture that repeats, whose shift is
/// known only up to its period. The plane has a mean near 0.
///
/// Looks for a second peak of the autocorrelation: a shift of [`APART`] or more that correlates by
/// [`REPEATS`] and more than its neighbours do.
pub(super) fn repeats(plane: &Plane) -> bool {
    let products = Products::of(plane, plane);
    let energy = Energy::of(plane);
    let (reach_x, reach_y) = (half(plane.width), half(plane.height));
    let at = |dx: i64, dy: i64| {
        let (xa, xb, columns) = overlap(plane.width, plane.width, dx);
        let (ya, yb, rows) = overlap(plane.height, plane.height, dy);
        let both = energy.over((xa, ya), (columns, rows)) * energy.over((xb, yb), (columns, rows));
        products.at(dx, dy) / both.max(0.0).sqrt().max(1e-12)
    };
    let is_peak = |dx: i64, dy: i64| {
        let here = at(dx, dy);
        let around = [(-1, 0), (1, 0), (0, -1), (0, 1)];
        here >= REPEATS && around.iter().all(|(x, y)| at(dx + x, dy + y) <= here)
    };
    // The other half of the plane is its mirror image.
    (0..=reach_y)
        .any(|dy| (-reach_x..=reach_x).any(|dx| dx.abs().max(dy) >= APART && is_peak(dx, dy)))
}

/// Correlation with itself from which a plane repeats.
const REPEATS: f64 = 0.95;
/// Shifts below this are the flank of the peak at 0.
const APART: i64 = 3;

/// The farthest shift at which half of a side, and a pixel, still overlap.
fn half(side: usize) -> i64 {
    (side as i64 / 2 - 1).max(0)
}

/// The shifts to try along one side. Of sides of different length, the shorter one may lie
/// anywhere in the longer one.
fn reach(a: usize, b: usize) -> (i64, i64) {
    let beyond = (REACH * a.min(b) as f64) as i64;
    let (a, b) = (a as i64, b as i64);
    if a == b { (-beyond, beyond) } else { ((b - a).min(0), (b - a).max(0)) }
}

/// Sums of products of two planes for every shift.
struct Products {
    side: i64,
    sums: Vec<Complex>,
}

impl Products {
    fn of(a: &Plane, b: &Plane) -> Self {
        let side = [a.width + b.width, a.height + b.height].into_iter().max().unwrap_or(2);
        let fft = Fft::at_least(side);
        // Both real planes in one complex transform: a + ib.
        let mut values = vec![Complex::default(); fft.side() * fft.side()];
        for y in 0..a.height {
            for (x, value) in a.row(y).iter().enumerate() {
                values[y * fft.side() + x].re = f64::from(*value);
            }
        }
        for y in 0..b.height {
            for (x, value) in b.row(y).iter().enumerate() {
                values[y * fft.side() + x].im = f64::from(*value);
            }
        }
        fft.forward(&mut values);
        let mut sums = cross_spectrum(&values, fft.side());
        fft.inverse(&mut sums);
        Self { side: fft.side() as i64, sums }
    }

    fn at(&self, dx: i64, dy: i64) -> f64 {
        let at = dy.rem_euclid(self.side) * self.side + dx.rem_euclid(self.side);
        self.sums[at as usize].re
    }
}

/// conj(A) · B from the transform of a + ib.
fn cross_spectrum(values: &[Complex], side: usize) -> Vec<Complex> {
    let mut out = Vec::with_capacity(values.len());
    for v in 0..side {
        for u in 0..side {
            let z = values[v * side + u];
            let m = values[((side - v) % side) * side + (side - u) % side];
            let a = Complex::new(f64::midpoint(z.re, m.re), f64::midpoint(z.im, -m.im));
            let b = Complex::new(f64::midpoint(z.im, m.im), f64::midpoint(-z.re, m.re));
            out.push(a.conj() * b);
        }
    }
    out
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "whole shifts are exact")]
mod tests {
    use super::*;

    fn plane(width: usize, height: usize, value: impl Fn(usize, usize) -> f32) -> Plane {
        let data = (0..width * height).map(|at| value(at % width, at / width)).collect();
        Plane { width, height, data }
    }

    /// Unrelated values of mean 0.
    fn grain(x: usize, y: usize) -> f32 {
        let mixed = (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77);
        let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x2C1B_3C6D);
        f32::from((mixed >> 16) as u16) / 65_535.0 - 0.5
    }

    #[test]
    fn a_shift_is_found() {
        let a = plane(40, 30, |x, y| grain(x + 10, y + 10));
        let b = plane(40, 30, |x, y| grain(x + 10 - 5, y + 10 + 3));
        let peak = correlate(&a, &b);
        assert_eq!(peak.shift, [5.0, -3.0]);
        assert!((peak.correlation - 1.0).abs() < 1e-9, "{peak:?}");
    }

    #[test]
    fn a_part_is_found_in_the_whole() {
        let whole = plane(50, 40, grain);
        let part = plane(20, 20, |x, y| grain(x + 17, y + 6));
        let peak = correlate(&whole, &part);
        assert_eq!(peak.shift, [-17.0, -6.0]);
        assert!(peak.correlation > 0.999);
    }

    #[test]
    fn only_what_looks_the_same_elsewhere_repeats() {
        let wave = |at: usize| (at as f32 * std::f32::consts::TAU / 8.0).sin();
        assert!(repeats(&plane(48, 40, |x, y| wave(x) * wave(y))));
        assert!(!repeats(&plane(48, 40, grain)));
        let hill = |x: usize, y: usize| (x as f32 - 20.0).hypot(y as f32 - 20.0) - 15.0;
        assert!(!repeats(&plane(48, 40, hill)));
    }

    #[test]
    fn flat_planes_do_not_correlate() {
        let flat = plane(16, 16, |_, _| 0.0);
        assert_eq!(correlate(&flat, &flat).correlation, 0.0);
    }
}
