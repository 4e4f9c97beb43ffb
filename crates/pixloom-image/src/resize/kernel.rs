//! The reconstruction kernels as functions of the distance in pixels.
use std::f64::consts::PI;
use std::sync::LazyLock;

use super::Filter;

/// A symmetric kernel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kernel {
    /// Name for the resampling library.
    pub(super) name: &'static str,
    /// The weight at a distance; 0 outside the support.
    pub(super) weight: fn(f64) -> f64,
    /// Distance at which it ends, pixels.
    pub(super) support: f64,
}

pub(super) const BOX: Kernel = Kernel { name: "box", weight: box_weight, support: 0.5 };
pub(super) const TRIANGLE: Kernel = Kernel { name: "triangle", weight: triangle, support: 1.0 };
pub(super) const CATMULL_ROM: Kernel =
    Kernel { name: "catmull-rom", weight: |x| keys(x, -0.5), support: 2.0 };
pub(super) const OPENCV_CUBIC: Kernel =
    Kernel { name: "opencv-cubic", weight: |x| keys(x, -0.75), support: 2.0 };
pub(super) const LANCZOS4: Kernel =
    Kernel { name: "lanczos4", weight: |x| look_up(&LANCZOS4_TABLE, x), support: 4.0 };
const HERMITE: Kernel = Kernel { name: "hermite", weight: hermite, support: 1.0 };
const MITCHELL: Kernel = Kernel {
    name: "mitchell",
    weight: |x| mitchell_netravali(x, 1.0 / 3.0, 1.0 / 3.0),
    support: 2.0,
};
const B_SPLINE: Kernel =
    Kernel { name: "b-spline", weight: |x| mitchell_netravali(x, 1.0, 0.0), support: 2.0 };
const LANCZOS2: Kernel =
    Kernel { name: "lanczos2", weight: |x| look_up(&LANCZOS2_TABLE, x), support: 2.0 };
const LANCZOS3: Kernel =
    Kernel { name: "lanczos3", weight: |x| look_up(&LANCZOS3_TABLE, x), support: 3.0 };
const GAUSSIAN: Kernel = Kernel { name: "gaussian", weight: gaussian, support: 2.0 };

/// The kernel of a filter that convolves with cut-off edges.
pub(super) const fn of(filter: Filter) -> Option<Kernel> {
    match filter {
        Filter::Box => Some(BOX),
        Filter::Bilinear => Some(TRIANGLE),
        Filter::Hermite => Some(HERMITE),
        Filter::CatmullRom => Some(CATMULL_ROM),
        Filter::Mitchell => Some(MITCHELL),
        Filter::BSpline => Some(B_SPLINE),
        Filter::Lanczos2 => Some(LANCZOS2),
        Filter::Lanczos3 => Some(LANCZOS3),
        Filter::Lanczos4 => Some(LANCZOS4),
        Filter::Gaussian => Some(GAUSSIAN),
        Filter::Nearest
        | Filter::Area
        | Filter::Dpid { .. }
        | Filter::MatlabBicubic
        | Filter::MatlabBicubicLegacy
        | Filter::OpencvLinear
        | Filter::OpencvCubic
        | Filter::OpencvLanczos4 => None,
    }
}

fn box_weight(x: f64) -> f64 {
    // Half open, so that a pixel on the border of two belongs to one.
    if x > -0.5 && x <= 0.5 { 1.0 } else { 0.0 }
}

fn triangle(x: f64) -> f64 {
    (1.0 - x.abs()).max(0.0)
}

fn hermite(x: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 { (2.0 * x - 3.0) * x * x + 1.0 } else { 0.0 }
}

/// Cubic convolution with free parameter `a` (Keys, IEEE Trans. ASSP 1981).
fn keys(x: f64, a: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        (((x - 5.0) * x + 8.0) * x - 4.0) * a
    } else {
        0.0
    }
}

/// The two-parameter cubics of Mitchell and Netravali (SIGGRAPH 1988), equation 8.
fn mitchell_netravali(x: f64, b: f64, c: f64) -> f64 {
    let x = x.abs();
    let sixfold = if x < 1.0 {
        ((12.0 - 9.0 * b - 6.0 * c) * x + (-18.0 + 12.0 * b + 6.0 * c)) * x * x + 6.0 - 2.0 * b
    } else if x < 2.0 {
        ((-(b + 6.0 * c) * x + 6.0 * b + 30.0 * c) * x - 12.0 * b - 48.0 * c) * x
            + 8.0 * b
            + 24.0 * c
    } else {
        0.0
    };
    sixfold / 6.0
}

fn gaussian(x: f64) -> f64 {
    if x.abs() <= 2.0 { libm::exp(-2.0 * x * x) } else { 0.0 }
}

/// Table steps per pixel; linear interpolation is then off by less than 2e-7.
const STEPS: usize = 2048;

static LANCZOS2_TABLE: LazyLock<Vec<f64>> = LazyLock::new(|| tabulate(2));
static LANCZOS3_TABLE: LazyLock<Vec<f64>> = LazyLock::new(|| tabulate(3));
static LANCZOS4_TABLE: LazyLock<Vec<f64>> = LazyLock::new(|| tabulate(4));

/// Weights are computed anew for every band; the sines come from a table.
fn tabulate(lobes: usize) -> Vec<f64> {
    (0..=lobes * STEPS).map(|i| lanczos(i as f64 / STEPS as f64, lobes as f64)).collect()
}

/// Sinc windowed by the middle lobe of a stretched sinc (Duchon, J. Appl. Meteor. 1979).
fn lanczos(x: f64, lobes: f64) -> f64 {
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { libm::sin(PI * x) / (PI * x) };
    // Exact zeros, where the sine of a rounded π would leave dust.
    if x != 0.0 && x.fract() == 0.0 { 0.0 } else { sinc(x) * sinc(x / lobes) }
}

fn look_up(table: &[f64], x: f64) -> f64 {
    let position = x.abs() * STEPS as f64;
    let index = position as usize;
    if index + 1 >= table.len() {
        return 0.0;
    }
    let (low, high) = (table[index], table[index + 1]);
    low + (high - low) * (position - index as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KERNELS: [Kernel; 11] = [
        BOX,
        TRIANGLE,
        HERMITE,
        CATMULL_ROM,
        OPENCV_CUBIC,
        MITCHELL,
        B_SPLINE,
        LANCZOS2,
        LANCZOS3,
        LANCZOS4,
        GAUSSIAN,
    ];

    #[test]
    fn kernels_end_at_their_support_and_are_symmetric() {
        for kernel in KERNELS {
            for i in 0..1000 {
                let x = i as f64 * 0.007_1;
                let (right, left) = ((kernel.weight)(x), (kernel.weight)(-x));
                assert!((right - left).abs() < 1e-12, "{} {x}", kernel.name);
                assert!(x <= kernel.support || right == 0.0, "{} {x}", kernel.name);
            }
        }
    }

    #[test]
    fn cubics_sum_to_one() {
        for kernel in [TRIANGLE, HERMITE, CATMULL_ROM, OPENCV_CUBIC, MITCHELL, B_SPLINE] {
            for phase in [0.0, 0.13, 0.5, 0.77] {
                let sum: f64 = (-3..=3).map(|i| (kernel.weight)(f64::from(i) + phase)).sum();
                assert!((sum - 1.0).abs() < 1e-12, "{} {phase}", kernel.name);
            }
        }
    }

    #[test]
    fn table_is_close_to_the_function() {
        for i in 0..30_000 {
            let x = f64::from(i) * 1e-4;
            assert!((look_up(&LANCZOS3_TABLE, x) - lanczos(x, 3.0)).abs() < 2e-7, "{x}");
        }
    }
}
