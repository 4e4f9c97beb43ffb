//! Full-reference quality: PSNR, SSIM, MS-SSIM and SSIMULACRA2.
mod perceptual;
mod ssim;

pub use perceptual::{SSIMULACRA2_BYTES, ssimulacra2};
pub use ssim::{ms_ssim, ssim};

use serde::{Deserialize, Serialize};

use crate::sample::Sample;
use crate::{Image, ImageError, Samples};

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plane {
    /// All colour channels together; alpha is ignored.
    #[default]
    Rgb,
    /// BT.601 luma from 16 to 235 (MATLAB `rgb2ycbcr`, not rounded), the habit of the
    /// super-resolution papers. Grey counts as equal red, green and blue.
    Y,
}

/// Peak signal-to-noise ratio in dB for a peak of 255, infinite for equal pictures. Any depth
/// is scaled to 0 to 255 first. `border` pixels are left out at every side.
///
/// # Errors
/// `Settings` if sizes or channels differ, or nothing is left inside of the border.
pub fn psnr(
    reference: &Image,
    distorted: &Image,
    plane: Plane,
    border: u32,
) -> Result<f64, ImageError> {
    let a = planes(reference, plane);
    let b = planes(distorted, plane);
    let (width, height) = checked(reference, distorted, border)?;
    let values = a.len() / reference.size().pixels() as usize;
    let row_len = reference.width() as usize * values;
    let skip = border as usize;
    let mut sum = 0.0;
    for y in skip..skip + height {
        let run = y * row_len + skip * values..y * row_len + (skip + width) * values;
        let row: f64 =
            a[run.clone()].iter().zip(&b[run]).map(|(a, b)| f64::from((a - b) * (a - b))).sum();
        sum += row;
    }
    let mse = sum / (width * height * values) as f64;
    Ok(if mse > 0.0 { 10.0 * libm::log10(255.0 * 255.0 / mse) } else { f64::INFINITY })
}

/// The size inside of the border, if the pictures can be compared.
fn checked(a: &Image, b: &Image, border: u32) -> Result<(usize, usize), ImageError> {
    if a.size() != b.size() || a.channels() != b.channels() {
        return Err(ImageError::settings(format!(
            "cannot compare {} {:?} with {} {:?}",
            a.size(),
            a.channels(),
            b.size(),
            b.channels()
        )));
    }
    let inside = |side: u32| u64::from(side).saturating_sub(2 * u64::from(border)) as usize;
    match (inside(a.width()), inside(a.height())) {
        (0, _) | (_, 0) => Err(ImageError::settings(format!(
            "a border of {border} leaves nothing of a picture of {}",
            a.size()
        ))),
        inner => Ok(inner),
    }
}

/// The compared values, 0 to 255, pixel by pixel.
fn planes(image: &Image, plane: Plane) -> Vec<f32> {
    match image.samples() {
        Samples::U8(samples) => typed_planes(samples, image, plane),
        Samples::U16(samples) => typed_planes(samples, image, plane),
        Samples::F32(samples) => typed_planes(samples, image, plane),
    }
}

fn typed_planes<T: Sample>(samples: &[T], image: &Image, plane: Plane) -> Vec<f32> {
    let channels = image.channels();
    let value = |v: &T| v.to_float() / T::FULL * 255.0;
    let pixels = samples.chunks_exact(channels.count());
    match (plane, channels.is_gray()) {
        (Plane::Y, true) => pixels.map(|p| luma([value(&p[0]); 3])).collect(),
        (Plane::Y, false) => {
            pixels.map(|p| luma([value(&p[0]), value(&p[1]), value(&p[2])])).collect()
        }
        (Plane::Rgb, gray) => {
            let colours = if gray { 1 } else { 3 };
            pixels.flat_map(|p| p[..colours].iter().map(value)).collect()
        }
    }
}

/// BT.601 luma with 16 as black and 235 as white, from colours of 0 to 255.
fn luma([r, g, b]: [f32; 3]) -> f32 {
    16.0 + (65.481 * r + 128.553 * g + 24.966 * b) / 255.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Channels, Size};

    fn gray(values: Vec<u8>, width: u32) -> Image {
        let height = values.len() as u32 / width;
        Image::new(Size::new(width, height), Channels::Gray, Samples::U8(values)).unwrap()
    }

    #[test]
    fn equal_pictures_are_infinitely_close() {
        let image = gray((0..144).collect(), 12);
        assert!(psnr(&image, &image, Plane::Y, 0).unwrap().is_infinite());
        assert!((ssim(&image, &image, 0).unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn psnr_of_a_known_error() {
        let (a, b) = (gray(vec![100; 64], 8), gray(vec![110; 64], 8));
        // 10 log10(255² / 10²) = 28.1308 dB
        assert!((psnr(&a, &b, Plane::Rgb, 0).unwrap() - 28.130_8).abs() < 1e-4);
        assert!((psnr(&a, &b, Plane::Y, 2).unwrap() - 29.452_7).abs() < 1e-3);
    }

    #[test]
    fn border_is_left_out() {
        let mut samples = vec![50; 64];
        samples[0] = 255;
        let (a, b) = (gray(vec![50; 64], 8), gray(samples, 8));
        assert!(psnr(&a, &b, Plane::Rgb, 0).unwrap().is_finite());
        assert!(psnr(&a, &b, Plane::Rgb, 1).unwrap().is_infinite());
        assert!(psnr(&a, &b, Plane::Rgb, 4).is_err());
    }

    #[test]
    fn depths_agree() {
        let (a, b) = (gray((0..64).collect(), 8), gray((1..65).collect(), 8));
        let deep = |image: &Image| {
            crate::convert::convert(
                image.clone(),
                crate::PixelFormat::new(Channels::Gray, crate::Depth::U16),
            )
        };
        let (eight, sixteen) = (
            psnr(&a, &b, Plane::Rgb, 0).unwrap(),
            psnr(&deep(&a), &deep(&b), Plane::Rgb, 0).unwrap(),
        );
        assert!((eight - sixteen).abs() < 1e-4);
    }
}
