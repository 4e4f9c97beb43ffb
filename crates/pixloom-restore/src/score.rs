//! How near a restored picture comes to the truth: PSNR, SSIM and the mean of both.
use crate::simd::{self, Columns, TruthRow};
use crate::{Plane, Planes, PlanesError};

/// Side of the window of SSIM.
pub const WINDOW: usize = simd::WINDOW;

/// How near two pictures are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// Peak signal-to-noise ratio in dB for a peak of 255, over all channels; infinite for equal
    /// pictures.
    pub psnr: f64,
    /// Structural similarity, at most 1.
    pub ssim: f64,
}

impl Quality {
    /// `0.5 · psnr / 50 + 0.5 · ssim`, as document 003 weighs them.
    pub const fn score(&self) -> f64 {
        0.5 * self.psnr / 50.0 + 0.5 * self.ssim
    }
}

/// The undamaged picture, with everything about it that does not depend on the candidate.
///
/// SSIM (Wang et al. 2004) as scikit-image computes it by default: uniform window of 7 × 7,
/// sample covariance, mean over the windows that lie inside, then over the channels. All sums
/// are exact integers, the quotient is taken in single precision.
#[derive(Debug, Clone)]
pub struct Truth {
    planes: Planes,
    terms: Vec<Terms>,
}

/// Rows are filled up, see [`simd::filled`].
#[derive(Debug, Clone)]
struct Terms {
    sums: Vec<u16>,
    variances: Vec<f32>,
}

/// The buffers of one scoring.
#[derive(Debug)]
pub struct Scratch {
    columns: Columns,
    /// The latest eight rows of the candidate.
    ring: Vec<u8>,
    zeros: Vec<u8>,
}

impl Truth {
    /// Takes the truth with `planes` planes, one or three.
    ///
    /// # Errors
    /// If a side has less than seven pixels.
    pub fn new(picture: Planes) -> Result<Self, PlanesError> {
        let (width, height) = (picture.width(), picture.height());
        if width < WINDOW || height < WINDOW {
            return Err(PlanesError::TooSmall { width, height });
        }
        let terms = picture.as_slice().iter().map(Terms::of).collect();
        Ok(Self { planes: picture, terms })
    }

    /// The picture.
    pub const fn planes(&self) -> &Planes {
        &self.planes
    }

    /// Buffers for [`Truth::unsharp_quality`].
    pub fn scratch(&self) -> Scratch {
        let width = self.planes.width();
        Scratch {
            columns: Columns::new(width),
            ring: vec![0; width * (WINDOW + 1)],
            zeros: vec![0; width],
        }
    }

    /// How near `picture` comes; it has the size and the number of planes of the truth.
    pub fn quality(&self, picture: &Planes, scratch: &mut Scratch) -> Quality {
        self.unsharp_quality((picture, picture), 0.0, scratch)
    }

    /// How near [`crate::unsharp::mix`] of the two pictures comes, without making it.
    pub fn unsharp_quality(
        &self,
        (base, blurred): (&Planes, &Planes),
        strength: f64,
        scratch: &mut Scratch,
    ) -> Quality {
        let (mut squares, mut ssim) = (0, 0.0);
        let planes = base.as_slice().iter().zip(blurred.as_slice());
        for (at, pair) in planes.enumerate().take(self.terms.len()) {
            let (error, similarity) = self.plane(at, pair, strength as f32, scratch);
            squares += error;
            ssim += similarity;
        }
        let (width, height) = (self.planes.width(), self.planes.height());
        let channels = self.terms.len() as f64;
        let windows = (width - WINDOW + 1) as f64 * (height - WINDOW + 1) as f64;
        let mse = squares as f64 / (width as f64 * height as f64 * channels);
        let psnr = if squares == 0 { f64::INFINITY } else { 10.0 * libm::log10(65_025.0 / mse) };
        Quality { psnr, ssim: ssim / windows / channels }
    }

    /// The sum of squared errors and of SSIM over one plane, in one pass.
    fn plane(
        &self,
        at: usize,
        (base, blurred): (&Plane, &Plane),
        strength: f32,
        scratch: &mut Scratch,
    ) -> (u64, f64) {
        let Scratch { columns, ring, zeros } = scratch;
        let truth = &self.planes.as_slice()[at];
        let width = truth.width();
        let filled = simd::filled(width);
        columns.clear();
        let mut squares = 0;
        for y in 0..truth.height() {
            let slot = y % (WINDOW + 1) * width;
            simd::unsharp_row(base.row(y), blurred.row(y), strength, &mut ring[slot..slot + width]);
            let new = (&ring[slot..slot + width], truth.row(y));
            squares += simd::squared_error(new.0, new.1);
            let old = match y.checked_sub(WINDOW) {
                Some(gone) => {
                    let slot = gone % (WINDOW + 1) * width;
                    (&ring[slot..slot + width], truth.row(gone))
                }
                None => (&zeros[..], &zeros[..]),
            };
            simd::slide(new, old, columns);
            if let Some(row) = (y + 1).checked_sub(WINDOW) {
                let terms = &self.terms[at];
                let sums = &terms.sums[row * filled..(row + 1) * filled];
                let variances = &terms.variances[row * filled..(row + 1) * filled];
                simd::ssim_row(columns, TruthRow { sums, variances });
            }
        }
        (squares, columns.total())
    }
}

impl Terms {
    fn of(plane: &Plane) -> Self {
        let (width, height) = (plane.width(), plane.height());
        let (filled, rows) = (simd::filled(width), height - WINDOW + 1);
        let (mut sums, mut variances) = (vec![0; filled * rows], vec![0.0; filled * rows]);
        let (mut columns, zeros) = (Columns::new(width), vec![0; width]);
        for y in 0..height {
            let new = plane.row(y);
            let old = y.checked_sub(WINDOW).map_or(&zeros[..], |gone| plane.row(gone));
            simd::slide((new, new), (old, old), &mut columns);
            if let Some(row) = (y + 1).checked_sub(WINDOW) {
                let place = row * filled..(row + 1) * filled;
                let (sums, variances) = (&mut sums[place.clone()], &mut variances[place]);
                simd::truth_row(&mut columns, sums, variances);
            }
        }
        Self { sums, variances }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gauss::{Kernel, blur};
    use crate::unsharp::unsharp;

    pub(crate) fn picture(width: usize, height: usize, seed: usize) -> Planes {
        let plane = |channel: usize| {
            let value = |at: usize| {
                let (x, y) = (at % width, at / width);
                let wave = libm::sin((x * (channel + 2)) as f64 / 9.0) * 60.0
                    + libm::cos((y + seed) as f64 / 7.0) * 50.0;
                let grain = (at * 7919 + seed * 131 + channel * 17) % 23;
                (120.0 + wave + grain as f64).clamp(0.0, 255.0) as u8
            };
            Plane::new(width, height, (0..width * height).map(value).collect()).unwrap()
        };
        Planes::new((0..3).map(plane).collect()).unwrap()
    }

    /// SSIM from its definition, window by window, in double precision.
    fn slow_ssim(a: &Plane, b: &Plane) -> f64 {
        let (width, height) = (a.width(), a.height());
        let mut sum = 0.0;
        for y in 0..=height - WINDOW {
            for x in 0..=width - WINDOW {
                let (a, b) = (a.crop((x, y), (7, 7)), b.crop((x, y), (7, 7)));
                let values =
                    |p: &Plane| p.values().iter().map(|v| f64::from(*v)).collect::<Vec<_>>();
                let (a, b) = (values(&a), values(&b));
                let mean = |v: &[f64]| v.iter().sum::<f64>() / 49.0;
                let (ma, mb) = (mean(&a), mean(&b));
                let dot = |u: &[f64], v: &[f64], mu: f64, mv: f64| {
                    u.iter().zip(v).map(|(u, v)| (u - mu) * (v - mv)).sum::<f64>() / 48.0
                };
                let (va, vb, cov) = (dot(&a, &a, ma, ma), dot(&b, &b, mb, mb), dot(&a, &b, ma, mb));
                let (c1, c2) = (6.5025, 58.5225);
                sum += (2.0 * ma * mb + c1) * (2.0 * cov + c2)
                    / ((ma * ma + mb * mb + c1) * (va + vb + c2));
            }
        }
        sum / ((width - 6) * (height - 6)) as f64
    }

    #[test]
    fn one_pass_gives_what_the_definition_gives() {
        for (width, height) in [(7, 7), (20, 9), (41, 30)] {
            let (damaged, clean) = (picture(width, height, 1), picture(width, height, 2));
            let truth = Truth::new(clean.clone()).unwrap();
            let blurred = damaged.map(|plane| blur(plane, &Kernel::new(1.0)));
            let quality = truth.unsharp_quality((&damaged, &blurred), 1.5, &mut truth.scratch());
            let restored = unsharp(&damaged, 1.0, 1.5);
            let planes = || restored.as_slice().iter().zip(clean.as_slice());
            let ssim = planes().map(|(a, b)| slow_ssim(a, b)).sum::<f64>() / 3.0;
            assert!((quality.ssim - ssim).abs() < 1e-6, "{} {ssim}", quality.ssim);
            let squares: f64 = planes()
                .flat_map(|(a, b)| a.values().iter().zip(b.values()))
                .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
                .sum();
            let psnr = 10.0 * (65_025.0 * (3 * width * height) as f64 / squares).log10();
            assert!((quality.psnr - psnr).abs() < 1e-9);
        }
    }

    #[test]
    fn equal_pictures_are_infinitely_near_and_small_ones_refused() {
        let clean = picture(12, 8, 3);
        let truth = Truth::new(clean.clone()).unwrap();
        let quality = truth.quality(&clean, &mut truth.scratch());
        assert!(quality.psnr.is_infinite() && quality.score().is_infinite());
        assert!((quality.ssim - 1.0).abs() < 1e-6);
        assert!(Truth::new(picture(6, 50, 0)).is_err());
    }
}
