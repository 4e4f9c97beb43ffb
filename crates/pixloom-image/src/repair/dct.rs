//! Noise removal by thresholding the cosine transforms of overlapping blocks.
use super::canvas::{Canvas, bytes, noise_of, repaired};
use crate::bands::{Banding, for_each_band};
use crate::{Exec, Image, ImageError, PixelFormat, Size};

/// Side of a block.
pub(super) const SIDE: usize = 8;
pub(super) const BLOCK: usize = SIDE * SIDE;
/// Coefficients below this many standard deviations of the noise are dropped.
const CUT: f32 = 2.7;
/// Rows that a worker makes at once.
const ROWS: usize = 64;

/// How to remove noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DctDenoise {
    /// Standard deviation of the noise on the 0 to 1 scale; 0 takes `strength` times what the
    /// picture shows.
    pub sigma: f32,
    /// Factor on the estimated noise.
    pub strength: f32,
    /// Factor on the noise of the two colour differences.
    pub chroma: f32,
    /// Distance between blocks in pixels, 1 to 4: more is faster and leaves more ringing.
    pub step: u32,
}

/// Removes white noise: every 8 × 8 block is transformed, small coefficients are dropped, and the
/// overlapping results are averaged with weights that favour blocks of few coefficients (Yu and
/// Sapiro 2011, with the weights of Guleryuz 2007). Colours go through opponent axes.
///
/// # Errors
/// `Limit` if `exec` says stop.
pub fn dct_denoise(
    image: Image,
    options: &DctDenoise,
    exec: &dyn Exec,
) -> Result<Image, ImageError> {
    repaired(image, |canvas| {
        if canvas.width < SIDE || canvas.height < SIDE {
            return Ok(());
        }
        canvas.rotate_to_opponent();
        for at in 0..canvas.planes.len() {
            let estimated = || options.strength * noise_of(&canvas.planes[at], canvas.width);
            let sigma = if options.sigma > 0.0 { options.sigma } else { estimated() };
            let sigma = if at > 0 { sigma * options.chroma } else { sigma };
            if sigma > 1e-5 {
                let blocks = Blocks::new(canvas, at, (sigma, options.step.clamp(1, 4) as usize));
                canvas.planes[at] = blocks.run(exec)?;
            }
        }
        canvas.rotate_back();
        Ok(())
    })
}

/// Upper bound of the bytes that [`dct_denoise`] allocates.
pub fn dct_denoise_cost(size: Size, format: PixelFormat) -> u64 {
    bytes(size, format, 2).saturating_add(16 * ROWS as u64 * 12 * u64::from(size.width))
}

/// The orthonormal cosine basis: row u holds frequency u.
fn basis() -> [[f32; SIDE]; SIDE] {
    let mut basis = [[0.0; SIDE]; SIDE];
    for (u, row) in basis.iter_mut().enumerate() {
        let scale = if u == 0 { 1.0 / 8.0 } else { 2.0 / 8.0 };
        for (x, value) in row.iter_mut().enumerate() {
            let angle = std::f64::consts::PI * (2 * x + 1) as f64 * u as f64 / 16.0;
            *value = (libm::sqrt(scale) * libm::cos(angle)) as f32;
        }
    }
    basis
}

/// The cosine transform of blocks.
pub(super) struct Cosines {
    basis: [[f32; SIDE]; SIDE],
    turned: [[f32; SIDE]; SIDE],
}

impl Cosines {
    pub(super) fn new() -> Self {
        let basis = basis();
        let mut turned = basis;
        for (u, row) in basis.iter().enumerate() {
            for (x, value) in row.iter().enumerate() {
                turned[x][u] = *value;
            }
        }
        Self { basis, turned }
    }

    #[inline]
    pub(super) fn forward(&self, block: &[f32; BLOCK]) -> [f32; BLOCK] {
        product(&self.basis, block, &self.turned)
    }

    #[inline]
    pub(super) fn inverse(&self, coefficients: &[f32; BLOCK]) -> [f32; BLOCK] {
        product(&self.turned, coefficients, &self.basis)
    }
}

/// The blocks of one plane.
struct Blocks<'a> {
    plane: &'a [f32],
    width: usize,
    height: usize,
    cut: f32,
    step: usize,
    cosines: Cosines,
}

impl<'a> Blocks<'a> {
    fn new(canvas: &'a Canvas, at: usize, (sigma, step): (f32, usize)) -> Self {
        let (width, height, cosines) = (canvas.width, canvas.height, Cosines::new());
        Self { plane: &canvas.planes[at], width, height, cut: CUT * sigma, step, cosines }
    }

    fn run(&self, exec: &dyn Exec) -> Result<Vec<f32>, ImageError> {
        let mut out = vec![0.0; self.plane.len()];
        let banding = Banding { row_len: self.width, rows: ROWS };
        for_each_band(
            &mut out,
            banding,
            exec,
            || (),
            |(), first, rows| {
                self.band(first, rows);
                Ok(())
            },
        )?;
        Ok(out)
    }

    /// Upper or left edges of blocks: multiples of the step, and the last possible one.
    fn starts(&self, len: usize) -> impl Iterator<Item = usize> + use<> {
        let (last, step) = (len - SIDE, self.step);
        (0..last).step_by(step).chain(std::iter::once(last))
    }

    /// Every block that touches the rows from `first` on; what falls outside of them is left out.
    fn band(&self, first: usize, out: &mut [f32]) {
        let width = self.width;
        let end = first + out.len() / width;
        let mut weights = vec![0.0_f32; out.len()];
        for top in self.starts(self.height).filter(|top| top + SIDE > first && *top < end) {
            for left in self.starts(width) {
                let mut block = self.block(top, left);
                let weight = self.shrink(&mut block);
                for (dy, row) in block.chunks_exact(SIDE).enumerate() {
                    let Some(y) = (top + dy).checked_sub(first).filter(|y| first + y < end) else {
                        continue;
                    };
                    let here = y * width + left..y * width + left + SIDE;
                    let places = out[here.clone()].iter_mut().zip(&mut weights[here]);
                    for ((out, sum), value) in places.zip(row) {
                        *out += weight * value;
                        *sum += weight;
                    }
                }
            }
        }
        out.iter_mut().zip(&weights).for_each(|(out, weight)| *out /= weight.max(1e-12));
    }

    fn block(&self, top: usize, left: usize) -> [f32; BLOCK] {
        let mut block = [0.0; BLOCK];
        for (dy, row) in block.chunks_exact_mut(SIDE).enumerate() {
            row.copy_from_slice(&self.plane[(top + dy) * self.width + left..][..SIDE]);
        }
        block
    }

    /// Drops small coefficients and returns the weight of what is left.
    fn shrink(&self, block: &mut [f32; BLOCK]) -> f32 {
        let mut coefficients = self.cosines.forward(block);
        let mut kept = 1.0_f32;
        for value in &mut coefficients[1..] {
            let keep = value.abs() > self.cut;
            *value = if keep { *value } else { 0.0 };
            kept += f32::from(u8::from(keep));
        }
        *block = self.cosines.inverse(&coefficients);
        1.0 / kept
    }
}

/// left × block × right.
#[inline]
fn product(
    left: &[[f32; SIDE]; SIDE],
    block: &[f32; BLOCK],
    right: &[[f32; SIDE]; SIDE],
) -> [f32; BLOCK] {
    let mut half = [[0.0_f32; SIDE]; SIDE];
    for (out, weights) in half.iter_mut().zip(left) {
        for (weight, row) in weights.iter().zip(block.as_chunks::<SIDE>().0) {
            for (out, value) in out.iter_mut().zip(row) {
                *out += weight * value;
            }
        }
    }
    let mut out = [0.0_f32; BLOCK];
    for (out, row) in out.as_chunks_mut::<SIDE>().0.iter_mut().zip(&half) {
        for (value, weights) in row.iter().zip(right) {
            for (out, weight) in out.iter_mut().zip(weights) {
                *out += value * weight;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::support::{error, noisy, values};
    use super::*;
    use crate::{Channels, Samples, Serial};

    #[test]
    fn noise_falls_and_a_ramp_stays() {
        let clean: Vec<f32> =
            (0..64 * 64 * 3).map(|at| 0.3 + 0.4 * ((at / 3) % 64) as f32 / 64.0).collect();
        let noisy = noisy(&clean, 0.05);
        let image =
            |s: Vec<f32>| Image::new(Size::new(64, 64), Channels::Rgb, Samples::F32(s)).unwrap();
        let options = DctDenoise { sigma: 0.0, strength: 1.0, chroma: 1.0, step: 2 };
        let found = dct_denoise(image(noisy.clone()), &options, &Serial).unwrap();
        let left = error(values(&found), &clean);
        assert!(left < 0.3 * error(&noisy, &clean), "{left}");
    }
}
