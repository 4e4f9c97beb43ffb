//! Structural similarity (Wang, Bovik, Sheikh, Simoncelli, IEEE Trans. Image Process. 2004).
use super::{Plane, checked, planes};
use crate::{Image, ImageError};

/// Side of the Gaussian window.
const WINDOW: usize = 11;
/// Its standard deviation in pixels.
const SIGMA: f64 = 1.5;
/// Stabilisers for a range of 255: (0.01 · 255)² and (0.03 · 255)².
const C1: f64 = 6.502_5;
const C2: f64 = 58.522_5;

/// Weights of the five scales of MS-SSIM (Wang, Simoncelli, Bovik, Asilomar 2003).
const SCALES: [f64; 5] = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/// Mean SSIM of the BT.601 luma, from -1 to 1 (equal), over the positions where the whole
/// 11×11 window is inside of the picture. `border` pixels are left out at every side before.
///
/// # Errors
/// `Settings` if sizes or channels differ, or less than 11×11 pixels are inside of the border.
pub fn ssim(reference: &Image, distorted: &Image, border: u32) -> Result<f64, ImageError> {
    let (a, b, (width, height)) = lumas(reference, distorted, border)?;
    if width < WINDOW || height < WINDOW {
        return Err(ImageError::settings(format!(
            "SSIM needs at least 11x11 pixels, not {width}x{height}"
        )));
    }
    Ok(means(&a, &b, (width, height)).0)
}

/// Multi-scale SSIM of the BT.601 luma, from 0 to 1 (equal): contrast and structure at five
/// scales, each half of the one before (means of 2×2 pixels), luminance at the last (Wang,
/// Simoncelli, Bovik, Asilomar 2003). Negative terms count as 0.
///
/// # Errors
/// `Settings` if sizes or channels differ, or less than 176×176 pixels are inside of the border.
pub fn ms_ssim(reference: &Image, distorted: &Image, border: u32) -> Result<f64, ImageError> {
    let (mut a, mut b, (mut width, mut height)) = lumas(reference, distorted, border)?;
    let least = WINDOW << (SCALES.len() - 1);
    if width < least || height < least {
        return Err(ImageError::settings(format!(
            "MS-SSIM needs at least {least}x{least} pixels, not {width}x{height}"
        )));
    }
    let mut product = 1.0;
    for (scale, weight) in SCALES.iter().enumerate() {
        let (whole, structure) = means(&a, &b, (width, height));
        let term = if scale + 1 == SCALES.len() { whole } else { structure };
        product *= libm::pow(term.max(0.0), *weight);
        (a, b) = (halved(&a, (width, height)), halved(&b, (width, height)));
        (width, height) = (width / 2, height / 2);
    }
    Ok(product)
}

/// Two planes of luma and their size.
type Lumas = (Vec<f32>, Vec<f32>, (usize, usize));

/// The lumas inside of the border and their size.
fn lumas(reference: &Image, distorted: &Image, border: u32) -> Result<Lumas, ImageError> {
    let (width, height) = checked(reference, distorted, border)?;
    let (stride, skip) = (reference.width() as usize, border as usize);
    let inside = |image: &Image| -> Vec<f32> {
        let all = planes(image, Plane::Y);
        let rows = all.chunks_exact(stride).skip(skip).take(height);
        rows.flat_map(|row| row[skip..skip + width].to_vec()).collect()
    };
    Ok((inside(reference), inside(distorted), (width, height)))
}

/// Means of 2×2 pixels; an odd last row or column is left out.
fn halved(values: &[f32], (width, height): (usize, usize)) -> Vec<f32> {
    let at = |x: usize, y: usize| values[y * width + x];
    let mean =
        |x: usize, y: usize| (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1)) / 4.0;
    let rows = (0..height / 2).map(|y| 2 * y);
    rows.flat_map(|y| (0..width / 2).map(move |x| mean(2 * x, y))).collect()
}

/// The mean of SSIM and that of its contrast and structure alone.
fn means(a: &[f32], b: &[f32], (width, height): (usize, usize)) -> (f64, f64) {
    let row = |values: &[f32], y: usize| -> Vec<f64> {
        values[y * width..(y + 1) * width].iter().map(|&v| f64::from(v)).collect()
    };
    let mut total = (0.0, 0.0);
    let mut moments: Vec<Vec<[f64; 5]>> = Vec::with_capacity(WINDOW + 1);
    for y in 0..height {
        moments.push(row_moments(&row(a, y), &row(b, y)));
        if moments.len() > WINDOW {
            moments.remove(0);
        }
        if moments.len() == WINDOW {
            let sums = row_sums(&moments);
            total = (total.0 + sums.0, total.1 + sums.1);
        }
    }
    let count = ((width - WINDOW + 1) * (height - WINDOW + 1)) as f64;
    (total.0 / count, total.1 / count)
}

fn window() -> [f64; WINDOW] {
    let weights: [f64; WINDOW] = std::array::from_fn(|i| {
        let x = i as f64 - (WINDOW / 2) as f64;
        libm::exp(-x * x / (2.0 * SIGMA * SIGMA))
    });
    let sum: f64 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}

/// Gaussian means of a, b, a², b², ab along a row.
fn row_moments(a: &[f64], b: &[f64]) -> Vec<[f64; 5]> {
    let weights = window();
    a.windows(WINDOW)
        .zip(b.windows(WINDOW))
        .map(|(a, b)| {
            let mut sum = [0.0; 5];
            for ((a, b), weight) in a.iter().zip(b).zip(&weights) {
                let terms = [*a, *b, a * a, b * b, a * b];
                sum.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term * weight);
            }
            sum
        })
        .collect()
}

/// The sums over a row of windows, from the moments of their 11 rows: SSIM, and contrast and
/// structure alone.
fn row_sums(moments: &[Vec<[f64; 5]>]) -> (f64, f64) {
    let weights = window();
    let at = |x: usize| {
        let mut sum = [0.0; 5];
        for (row, weight) in moments.iter().zip(&weights) {
            sum.iter_mut().zip(row[x]).for_each(|(sum, value)| *sum += value * weight);
        }
        let [ma, mb, aa, bb, ab] = sum;
        let (va, vb, cov) = (aa - ma * ma, bb - mb * mb, ab - ma * mb);
        let luminance = (2.0 * ma * mb + C1) / (ma * ma + mb * mb + C1);
        (luminance, (2.0 * cov + C2) / (va + vb + C2))
    };
    (0..moments[0].len()).map(at).fold((0.0, 0.0), |sum, (luminance, structure)| {
        (sum.0 + luminance * structure, sum.1 + structure)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Channels, Samples, Size};

    fn picture(change: impl Fn(usize) -> i32) -> Image {
        let value = |i: usize| {
            let (x, y) = ((i % 200) as i32, (i / 200) as i32);
            (128 + (x * 7 + y * 3) % 64 + change(i)).clamp(0, 255) as u8
        };
        let samples = Samples::U8((0..200 * 180).map(value).collect());
        Image::new(Size::new(200, 180), Channels::Gray, samples).unwrap()
    }

    #[test]
    fn fine_noise_costs_less_at_many_scales_than_at_one() {
        let (clean, noisy) = (picture(|_| 0), picture(|i| (i as i32 * 7919 % 41) - 20));
        let (one, many) = (ssim(&clean, &noisy, 0).unwrap(), ms_ssim(&clean, &noisy, 0).unwrap());
        assert!(one < many && many < 1.0, "{one} {many}");
        assert!((ms_ssim(&clean, &clean, 0).unwrap() - 1.0).abs() < 1e-12);
        assert!(ms_ssim(&clean, &noisy, 10).is_err());
    }
}
