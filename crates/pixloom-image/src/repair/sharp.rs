//! What blur and block codes did: deconvolution, deblocking, wavelet shrinkage.
use super::canvas::{by_rows, bytes, gauss, noise_of, repaired};
use crate::{Exec, Image, ImageError, PixelFormat, Size};

/// Undoes a Gaussian blur of the luma by Richardson and Lucy's iteration (1972, 1974), each step
/// damped where it stays within `noise` (0 to 1 scale) of what was seen.
///
/// # Errors
/// `Limit` if `exec` says stop.
pub fn deconvolve(
    image: Image,
    (sigma, iterations, noise): (f32, u32, f32),
    exec: &dyn Exec,
) -> Result<Image, ImageError> {
    repaired(image, |canvas| {
        let size = (canvas.width, canvas.height);
        let seen = canvas.luma();
        let mut found = seen.clone();
        let floor = 1.0 / 255.0;
        for _ in 0..iterations.min(100) {
            exec.check_stop()?;
            let blurred = gauss(&found, size, sigma);
            let ratio = seen.iter().zip(&blurred).map(|(seen, blurred)| {
                let difference = seen - blurred;
                let kept =
                    difference * difference / (difference * difference + noise * noise + 1e-9);
                1.0 + kept * difference / (blurred.max(0.0) + floor)
            });
            let ratio: Vec<f32> = ratio.collect();
            let step = gauss(&ratio, size, sigma);
            found
                .iter_mut()
                .zip(&step)
                .for_each(|(v, step)| *v = ((*v + floor) * step - floor).max(0.0));
        }
        canvas.add_luma(&seen, &found);
        Ok(())
    })
}

/// Smooths steps across the borders of 8 × 8 blocks that are smaller than `strength` (0 to 1
/// scale) and larger than what is beside them, as the filter of H.263 (annex J) does.
///
/// # Errors
/// None but those of a picture that cannot be put together.
pub fn deblock(image: Image, strength: f32) -> Result<Image, ImageError> {
    repaired(image, |canvas| {
        let (width, height) = (canvas.width, canvas.height);
        for plane in &mut canvas.planes {
            for row in plane.chunks_exact_mut(width) {
                for x in (8..width.saturating_sub(1)).step_by(8) {
                    smooth(row, [x - 2, x - 1, x, x + 1], strength);
                }
            }
            for y in (8..height.saturating_sub(1)).step_by(8) {
                for x in 0..width {
                    let at = |y: usize| y * width + x;
                    smooth(plane, [at(y - 2), at(y - 1), at(y), at(y + 1)], strength);
                }
            }
        }
        Ok(())
    })
}

/// Four samples across a border.
fn smooth(values: &mut [f32], [a, b, c, d]: [usize; 4], strength: f32) {
    let step = values[c] - values[b];
    let beside = (values[b] - values[a]).abs().max((values[d] - values[c]).abs());
    if step.abs() < strength && step.abs() > beside {
        let part = step / 8.0;
        values[a] += part;
        values[b] += 3.0 * part;
        values[c] -= 3.0 * part;
        values[d] -= part;
    }
}

/// Scales of the undecimated transform.
const SCALES: usize = 4;
/// Standard deviation of unit noise in each of its details (Starck and Murtagh 2006, table 2.1).
const NOISE: [f32; SCALES] = [0.890, 0.201, 0.086, 0.042];

/// Shrinks the details of an undecimated B-spline wavelet transform (à trous, Starck and Murtagh
/// 1994) softly by `strength` times the noise; `sigma` 0 estimates it. Colours go through
/// opponent axes, of which the two differences are shrunk by twice as much.
///
/// # Errors
/// `Limit` if `exec` says stop.
pub fn wavelet_shrink(
    image: Image,
    (sigma, strength): (f32, f32),
    exec: &dyn Exec,
) -> Result<Image, ImageError> {
    repaired(image, |canvas| {
        let size = (canvas.width, canvas.height);
        canvas.rotate_to_opponent();
        for (at, plane) in canvas.planes.iter_mut().enumerate() {
            let sigma = if sigma > 0.0 { sigma } else { noise_of(plane, size.0) };
            let cut = sigma * strength * if at > 0 { 2.0 } else { 1.0 };
            let mut rough = std::mem::take(plane);
            let mut kept = vec![0.0; rough.len()];
            for (scale, noise) in NOISE.iter().enumerate() {
                let smoother = spline(&rough, size, 1 << scale, exec)?;
                for ((kept, rough), smooth) in kept.iter_mut().zip(&rough).zip(&smoother) {
                    let detail = rough - smooth;
                    *kept += detail.signum() * (detail.abs() - cut * noise).max(0.0);
                }
                rough = smoother;
            }
            kept.iter_mut().zip(&rough).for_each(|(kept, rough)| *kept += rough);
            *plane = kept;
        }
        canvas.rotate_back();
        Ok(())
    })
}

/// The cubic B-spline, its taps `gap` pixels apart, the edge repeated.
fn spline(
    plane: &[f32],
    (width, height): (usize, usize),
    gap: usize,
    exec: &dyn Exec,
) -> Result<Vec<f32>, ImageError> {
    const TAPS: [f32; 5] = [0.0625, 0.25, 0.375, 0.25, 0.0625];
    by_rows((width, height), exec, |y, out| {
        let mut line = vec![0.0; width + 4 * gap];
        for (at, tap) in TAPS.iter().enumerate() {
            let row = (y + at * gap).saturating_sub(2 * gap).min(height - 1);
            let row = &plane[row * width..][..width];
            line[2 * gap..].iter_mut().zip(row).for_each(|(sum, value)| *sum += tap * value);
        }
        let (first, last) = (line[2 * gap], line[2 * gap + width - 1]);
        line[..2 * gap].fill(first);
        line[2 * gap + width..].fill(last);
        out.fill(0.0);
        for (at, tap) in TAPS.iter().enumerate() {
            out.iter_mut().zip(&line[at * gap..]).for_each(|(out, value)| *out += tap * value);
        }
    })
}

/// Upper bound of the bytes that a kernel of this module allocates.
pub fn sharp_cost(size: Size, format: PixelFormat) -> u64 {
    bytes(size, format, 1).saturating_add(size.pixels().saturating_mul(4 * 6))
}

#[cfg(test)]
mod tests {
    use super::super::support::{gray, values};
    use super::*;
    use crate::Serial;
    use crate::filter::gaussian_blur;

    fn error(a: &Image, b: &Image) -> f32 {
        values(a).iter().zip(values(b)).map(|(a, b)| (a - b).powi(2)).sum()
    }

    #[test]
    fn blur_is_undone() {
        let sharp = gray(
            48,
            (0..48 * 48).map(|at| f32::from(u8::from((at / 6) % 2 == 0)) * 0.6 + 0.2).collect(),
        );
        let soft = gaussian_blur(&sharp, 1.5, &Serial).unwrap();
        let found = deconvolve(soft.clone(), (1.5, 20, 0.0), &Serial).unwrap();
        let (before, after) = (error(&soft, &sharp), error(&found, &sharp));
        // Of these edges, a third of the error lies in frequencies that the blur left nothing of.
        assert!(after < 0.7 * before, "{before} {after}");
    }

    #[test]
    fn borders_of_blocks_vanish_and_edges_stay() {
        let blocks = gray(32, (0..32 * 32).map(|at| 0.3 + 0.02 * ((at % 32) / 8) as f32).collect());
        let found = deblock(blocks, 0.05).unwrap();
        let row = &values(&found)[..32];
        assert!(row.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.011), "{row:?}");
        let edge = gray(32, (0..32 * 32).map(|at| if at % 32 < 16 { 0.1 } else { 0.9 }).collect());
        assert_eq!(deblock(edge.clone(), 0.05).unwrap(), edge);
    }

    #[test]
    fn shrinkage_removes_ripples() {
        let noisy = (0..64 * 64).map(|at| 0.5 + if (at * 7919) % 13 < 6 { 0.05 } else { -0.05 });
        let found = wavelet_shrink(gray(64, noisy.collect()), (0.05, 3.0), &Serial).unwrap();
        let worst = values(&found).iter().map(|v| (v - 0.5).abs()).fold(0.0, f32::max);
        assert!(worst < 0.03, "{worst}");
    }
}
