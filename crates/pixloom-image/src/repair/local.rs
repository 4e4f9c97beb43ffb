//! Contrast that depends on the place: CLAHE, paper, ink, haze.
use super::canvas::{Canvas, box_mean, bytes, extreme, gauss, repaired};
use crate::{Image, ImageError, PixelFormat, Size};

const BINS: usize = 256;

/// Equalises the luma's histogram in tiles, with a limit to the contrast gained (CLAHE, Zuiderveld
/// 1994). `limit` is in units of a flat histogram, `tiles` how many there are a side.
///
/// # Errors
/// None but those of a picture that cannot be put together.
pub fn clahe(image: Image, (limit, tiles): (f32, u32)) -> Result<Image, ImageError> {
    repaired(image, |canvas| {
        let (width, height) = (canvas.width, canvas.height);
        let luma = canvas.luma();
        let count = |len: usize| (tiles.clamp(1, 64) as usize).min(len.div_ceil(8)).max(1);
        let (across, down) = (count(width), count(height));
        let mut curves = Vec::with_capacity(across * down);
        for ty in 0..down {
            for tx in 0..across {
                let (x, y) = (tx * width / across, ty * height / down);
                let (right, bottom) = ((tx + 1) * width / across, (ty + 1) * height / down);
                let rows = (y..bottom).map(|y| &luma[y * width + x..y * width + right]);
                curves.push(curve(rows, limit));
            }
        }
        let mut out = luma.clone();
        for (y, row) in out.chunks_exact_mut(width).enumerate() {
            let (above, below, fy) = between(y, height, down);
            for (x, value) in row.iter_mut().enumerate() {
                let (left, right, fx) = between(x, width, across);
                let bin = (value.clamp(0.0, 1.0) * (BINS - 1) as f32 + 0.5) as usize;
                let at = |tx: usize, ty: usize| curves[ty * across + tx][bin];
                let upper = at(left, above) * (1.0 - fx) + at(right, above) * fx;
                let lower = at(left, below) * (1.0 - fx) + at(right, below) * fx;
                *value = upper * (1.0 - fy) + lower * fy;
            }
        }
        canvas.add_luma(&luma, &out);
        Ok(())
    })
}

/// The cumulative histogram of a tile, what is above the limit spread over all bins.
fn curve<'a>(rows: impl Iterator<Item = &'a [f32]>, limit: f32) -> Vec<f32> {
    let mut bins = vec![0.0_f32; BINS];
    let mut total = 0.0_f32;
    for value in rows.flatten() {
        bins[(value.clamp(0.0, 1.0) * (BINS - 1) as f32 + 0.5) as usize] += 1.0;
        total += 1.0;
    }
    let most = (limit.max(1.0) * total / BINS as f32).max(1.0);
    let excess: f32 = bins.iter().map(|count| (count - most).max(0.0)).sum();
    let mut sum = 0.0;
    for count in &mut bins {
        sum += count.min(most) + excess / BINS as f32;
        *count = (sum / total.max(1.0)).min(1.0);
    }
    bins
}

/// The tiles before and after a position, and how far it is from the first to the second.
fn between(at: usize, len: usize, tiles: usize) -> (usize, usize, f32) {
    let place =
        ((at as f32 + 0.5) * tiles as f32 / len as f32 - 0.5).clamp(0.0, (tiles - 1) as f32);
    let first = place as usize;
    (first, (first + 1).min(tiles - 1), place - first as f32)
}

/// Divides by the paper: the lightest around, smoothed, becomes white. Removes stains, folds and
/// uneven light from pages.
///
/// # Errors
/// None but those of a picture that cannot be put together.
pub fn flatten_page(image: Image, (radius, amount): (u32, f32)) -> Result<Image, ImageError> {
    let radius = radius.clamp(1, 100) as usize;
    repaired(image, |canvas| {
        let size = (canvas.width, canvas.height);
        for plane in &mut canvas.planes {
            // Single light specks are not paper.
            let calm = gauss(plane, size, 1.0);
            let light = extreme(&calm, size, radius, false);
            let closed = extreme(&light, size, radius, true);
            let paper = box_mean(&closed, size, radius);
            for (value, paper) in plane.iter_mut().zip(&paper) {
                *value += amount * (*value / paper.max(0.02) - *value);
            }
        }
        Ok(())
    })
}

/// Black ink on white paper: each pixel is compared with its surroundings (Sauvola and Pietikäinen
/// 2000). `softness` is the width of the slope from black to white on the 0 to 1 scale.
///
/// # Errors
/// None but those of a picture that cannot be put together.
pub fn binarize(
    image: Image,
    (radius, weight, softness): (u32, f32, f32),
) -> Result<Image, ImageError> {
    let radius = radius.clamp(1, 200) as usize;
    repaired(image, |canvas| {
        let size = (canvas.width, canvas.height);
        let luma = canvas.luma();
        let means = box_mean(&luma, size, radius);
        let squares: Vec<f32> = luma.iter().map(|value| value * value).collect();
        let squares = box_mean(&squares, size, radius);
        let slope = 1.0 / softness.max(1.0 / 255.0);
        let inks = luma.iter().zip(&means).zip(&squares).map(|((value, mean), square)| {
            let deviation = (square - mean * mean).max(0.0).sqrt();
            let threshold = mean * (1.0 + weight * (deviation / 0.5 - 1.0));
            ((value - threshold) * slope + 0.5).clamp(0.0, 1.0)
        });
        let inks: Vec<f32> = inks.collect();
        canvas.planes.iter_mut().for_each(|plane| plane.copy_from_slice(&inks));
        Ok(())
    })
}

/// Removes haze by the dark channel (He, Sun and Tang 2009), its map refined by a guided filter
/// (He, Sun and Tang 2010). `strength` is the share of the haze that goes.
///
/// # Errors
/// None but those of a picture that cannot be put together.
pub fn dehaze(image: Image, (strength, radius): (f32, u32)) -> Result<Image, ImageError> {
    let radius = radius.clamp(1, 100) as usize;
    repaired(image, |canvas| {
        let size = (canvas.width, canvas.height);
        let darkest = darkest(canvas, &[1.0; 3]);
        let dark = extreme(&darkest, size, radius, true);
        let air = air(canvas, &dark);
        let veil = extreme(&self::darkest(canvas, &air), size, radius, true);
        let veil = guided(&veil, &canvas.luma(), size, 4 * radius);
        for (plane, air) in canvas.planes.iter_mut().zip(air) {
            for (value, veil) in plane.iter_mut().zip(&veil) {
                let through = (1.0 - strength * veil).clamp(0.1, 1.0);
                *value = (*value - air) / through + air;
            }
        }
        Ok(())
    })
}

/// The least of the channels, each over its part of the airlight.
fn darkest(canvas: &Canvas, air: &[f32; 3]) -> Vec<f32> {
    let mut least = vec![f32::MAX; canvas.width * canvas.height];
    for (plane, air) in canvas.planes.iter().zip(air) {
        least.iter_mut().zip(plane).for_each(|(least, v)| *least = least.min(v / air.max(0.05)));
    }
    least
}

/// Mean colour of the thousandth of the pixels with the lightest dark channel.
fn air(canvas: &Canvas, dark: &[f32]) -> [f32; 3] {
    let mut sorted = dark.to_vec();
    let at = sorted.len() - 1 - sorted.len() / 1000;
    let least = *sorted.select_nth_unstable_by(at, f32::total_cmp).1;
    let mut air = [1.0; 3];
    for (air, plane) in air.iter_mut().zip(&canvas.planes) {
        let chosen = plane.iter().zip(dark).filter(|(_, dark)| **dark >= least);
        let (sum, count) =
            chosen.fold((0.0_f64, 0.0), |(s, n), (v, _)| (s + f64::from(*v), n + 1.0));
        *air = (sum / f64::max(count, 1.0)) as f32;
    }
    air
}

/// Guided filter with a small penalty.
fn guided(plane: &[f32], guide: &[f32], size: (usize, usize), radius: usize) -> Vec<f32> {
    let times =
        |a: &[f32], b: &[f32]| -> Vec<f32> { a.iter().zip(b).map(|(a, b)| a * b).collect() };
    let mean = |values: &[f32]| box_mean(values, size, radius);
    let (g, p) = (mean(guide), mean(plane));
    let (gg, gp) = (mean(&times(guide, guide)), mean(&times(guide, plane)));
    let slopes: Vec<f32> = (0..plane.len())
        .map(|at| (gp[at] - g[at] * p[at]) / ((gg[at] - g[at] * g[at]).max(0.0) + 1e-3))
        .collect();
    let offsets: Vec<f32> = (0..plane.len()).map(|at| p[at] - slopes[at] * g[at]).collect();
    let (slopes, offsets) = (mean(&slopes), mean(&offsets));
    (0..plane.len()).map(|at| slopes[at] * guide[at] + offsets[at]).collect()
}

/// Upper bound of the bytes that a kernel of this module allocates.
pub fn local_cost(size: Size, format: PixelFormat) -> u64 {
    bytes(size, format, 1).saturating_add(size.pixels().saturating_mul(4 * 14))
}

#[cfg(test)]
mod tests {
    use super::super::support::{gray, values};
    use super::*;

    #[test]
    fn ink_stays_on_a_stained_page() {
        // Paper that darkens to the right, with vertical strokes.
        let page = (0..64 * 32).map(|at| {
            let x = at % 64;
            let paper = 0.9 - 0.4 * x as f32 / 64.0;
            if x % 16 == 8 { paper * 0.3 } else { paper }
        });
        let page: Vec<f32> = page.collect();
        for (name, found) in [
            ("flatten", flatten_page(gray(64, page.clone()), (6, 1.0)).unwrap()),
            ("binarize", binarize(gray(64, page.clone()), (8, 0.2, 0.0)).unwrap()),
        ] {
            let row = &values(&found)[16 * 64..17 * 64];
            for (x, value) in row.iter().enumerate().skip(8).take(48) {
                assert_eq!(*value < 0.6, x % 16 == 8, "{name} {x}: {value}");
            }
        }
    }

    #[test]
    fn a_veil_is_lifted() {
        let scene = |at: usize| if (at / 4).is_multiple_of(2) { 0.0 } else { 0.6 };
        let hazy: Vec<f32> = (0..64 * 64).map(|at| scene(at) * 0.5 + 0.5 * 0.95).collect();
        let spread = |v: &[f32]| {
            v.iter().copied().fold(f32::MIN, f32::max) - v.iter().copied().fold(f32::MAX, f32::min)
        };
        let found = dehaze(gray(64, hazy.clone()), (0.9, 4)).unwrap();
        let found = values(&found);
        assert!(spread(found) > 1.3 * spread(&hazy), "{} {}", spread(found), spread(&hazy));
    }

    #[test]
    fn equalised_tiles_have_more_contrast() {
        let flat: Vec<f32> = (0..64 * 64).map(|at| 0.4 + 0.1 * (at % 64) as f32 / 64.0).collect();
        let found = clahe(gray(64, flat), (40.0, 1)).unwrap();
        let found = values(&found);
        assert!(found[0] < 0.1 && found[63] > 0.9, "{} {}", found[0], found[63]);
    }
}
