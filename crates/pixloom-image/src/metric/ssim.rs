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

/// Mean SSIM of the BT.601 luma, from -1 to 1 (equal), over the positions where the whole
/// 11×11 window is inside of the picture. `border` pixels are left out at every side before.
///
/// # Errors
/// `Settings` if sizes or channels differ, or less than 11×11 pixels are inside of the border.
pub fn ssim(reference: &Image, distorted: &Image, border: u32) -> Result<f64, ImageError> {
    let (width, height) = checked(reference, distorted, border)?;
    if width < WINDOW || height < WINDOW {
        return Err(ImageError::settings(format!(
            "SSIM needs at least 11x11 pixels, not {width}x{height}"
        )));
    }
    let (a, b) = (planes(reference, Plane::Y), planes(distorted, Plane::Y));
    let (stride, skip) = (reference.width() as usize, border as usize);
    let row = |values: &[f32], y: usize| -> Vec<f64> {
        let start = (skip + y) * stride + skip;
        values[start..start + width].iter().map(|&v| f64::from(v)).collect()
    };
    let mut total = 0.0;
    let mut moments: Vec<Vec<[f64; 5]>> = Vec::with_capacity(WINDOW + 1);
    for y in 0..height {
        moments.push(row_moments(&row(&a, y), &row(&b, y)));
        if moments.len() > WINDOW {
            moments.remove(0);
        }
        if moments.len() == WINDOW {
            total += row_sum(&moments);
        }
    }
    Ok(total / ((width - WINDOW + 1) * (height - WINDOW + 1)) as f64)
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

/// The sum of SSIM over a row of windows, from the moments of their 11 rows.
fn row_sum(moments: &[Vec<[f64; 5]>]) -> f64 {
    let weights = window();
    (0..moments[0].len())
        .map(|x| {
            let mut sum = [0.0; 5];
            for (row, weight) in moments.iter().zip(&weights) {
                sum.iter_mut().zip(row[x]).for_each(|(sum, value)| *sum += value * weight);
            }
            let [ma, mb, aa, bb, ab] = sum;
            let (va, vb, cov) = (aa - ma * ma, bb - mb * mb, ab - ma * mb);
            let luminance = (2.0 * ma * mb + C1) / (ma * ma + mb * mb + C1);
            luminance * (2.0 * cov + C2) / (va + vb + C2)
        })
        .sum()
}
