//! Damage that is found and painted over: scratches, cracks, holes.
use super::canvas::{Canvas, box_mean, bytes, extreme, repaired};
use crate::{Exec, Image, ImageError, PixelFormat, Size};

/// How scratches are found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scratches {
    /// Structures up to this many pixels wide are taken for damage, 1 to 60.
    pub width: u32,
    /// How much lighter or darker than their surroundings they are, on the 0 to 1 scale.
    pub contrast: f32,
    /// Structures of fewer pixels are left alone.
    pub least: u32,
    /// Only what is nearly black or white counts.
    pub extremes: bool,
}

/// Finds scratches, cracks and holes by the difference to a morphological opening and closing
/// (the top-hat, Meyer 1979), and fills them smoothly from their edges.
///
/// # Errors
/// `Limit` if `exec` says stop.
pub fn fill_scratches(
    image: Image,
    options: &Scratches,
    exec: &dyn Exec,
) -> Result<Image, ImageError> {
    repaired(image, |canvas| {
        let mask = mask(canvas, options);
        let size = (canvas.width, canvas.height);
        if mask.iter().any(|masked| *masked) && !mask.iter().all(|masked| *masked) {
            for plane in &mut canvas.planes {
                exec.check_stop()?;
                fill(plane, &mask, size);
            }
        }
        Ok(())
    })
}

/// What is taken for damage, one pixel wider than it was found.
fn mask(canvas: &Canvas, options: &Scratches) -> Vec<bool> {
    let size = (canvas.width, canvas.height);
    let luma = canvas.luma();
    let radius = (options.width.clamp(1, 60) as usize).div_ceil(2);
    let opened = extreme(&extreme(&luma, size, radius, true), size, radius, false);
    let closed = extreme(&extreme(&luma, size, radius, false), size, radius, true);
    let found = luma.iter().zip(&opened).zip(&closed).map(|((value, opened), closed)| {
        let light = value - opened > options.contrast && (!options.extremes || *value > 0.85);
        let dark = closed - value > options.contrast && (!options.extremes || *value < 0.15);
        light || dark
    });
    let mut mask: Vec<bool> = found.collect();
    drop_small(&mut mask, size.0, options.least as usize);
    let wide: Vec<f32> = mask.iter().map(|masked| f32::from(u8::from(*masked))).collect();
    extreme(&wide, size, 1, false).into_iter().map(|value| value > 0.5).collect()
}

/// Removes regions (over eight neighbours) of fewer pixels than `least`.
fn drop_small(mask: &mut [bool], width: usize, least: usize) {
    let mut seen = vec![false; mask.len()];
    let (mut region, height) = (Vec::new(), mask.len() / width);
    for start in 0..mask.len() {
        if !mask[start] || seen[start] {
            continue;
        }
        region.clear();
        region.push(start);
        seen[start] = true;
        let mut next = 0;
        while next < region.len() {
            let (x, y) = (region[next] % width, region[next] / width);
            next += 1;
            for ny in y.saturating_sub(1)..(y + 2).min(height) {
                for nx in x.saturating_sub(1)..(x + 2).min(width) {
                    let at = ny * width + nx;
                    if mask[at] && !seen[at] {
                        seen[at] = true;
                        region.push(at);
                    }
                }
            }
        }
        if region.len() < least {
            for at in &region {
                mask[*at] = false;
            }
        }
    }
}

/// Smoothing steps after the first guess.
const STEPS: usize = 40;

/// Fills masked pixels: first by means over growing squares of what is known, then by letting
/// the values flow (a few steps of Laplace's equation).
fn fill(plane: &mut [f32], mask: &[bool], (width, height): (usize, usize)) {
    let known: Vec<f32> = mask.iter().map(|masked| f32::from(u8::from(!*masked))).collect();
    let values: Vec<f32> = plane.iter().zip(&known).map(|(value, known)| value * known).collect();
    let mut open: Vec<usize> = (0..plane.len()).filter(|at| mask[*at]).collect();
    let holes = open.clone();
    let mut radius = 2;
    while !open.is_empty() && radius < 2 * width.max(height) {
        let (sums, counts) =
            (box_mean(&values, (width, height), radius), box_mean(&known, (width, height), radius));
        open.retain(|at| {
            let enough = counts[*at] > 0.02;
            if enough {
                plane[*at] = sums[*at] / counts[*at];
            }
            !enough
        });
        radius *= 2;
    }
    for _ in 0..STEPS {
        for at in &holes {
            let (x, y) = (at % width, at / width);
            let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
            let (above, below) = (y.saturating_sub(1), (y + 1).min(height - 1));
            let across = plane[y * width + left] + plane[y * width + right];
            let down = plane[above * width + x] + plane[below * width + x];
            plane[*at] = (across + down) / 4.0;
        }
    }
}

/// Upper bound of the bytes that [`fill_scratches`] allocates.
pub fn fill_cost(size: Size, format: PixelFormat) -> u64 {
    bytes(size, format, 1).saturating_add(size.pixels().saturating_mul(4 * 8 + 24))
}

#[cfg(test)]
mod tests {
    use super::super::support::{gray, values};
    use super::*;
    use crate::Serial;

    #[test]
    fn a_scratch_is_painted_over_and_specks_stay() {
        let ramp = |at: usize| 0.3 + 0.4 * (at % 64) as f32 / 64.0;
        let mut damaged: Vec<f32> = (0..64 * 64).map(ramp).collect();
        for y in 5..60 {
            damaged[y * 64 + 20 + y / 4] = 1.0;
        }
        damaged[50 * 64 + 8] = 0.0;
        let options = Scratches { width: 5, contrast: 0.2, least: 10, extremes: false };
        let found = fill_scratches(gray(64, damaged), &options, &Serial).unwrap();
        let found = values(&found);
        let worst = (0..64 * 64)
            .filter(|at| *at != 50 * 64 + 8)
            .map(|at| (found[at] - ramp(at)).abs())
            .fold(0.0, f32::max);
        assert!(worst < 0.05, "{worst}");
        assert!(found[50 * 64 + 8] < 0.01);
    }
}
