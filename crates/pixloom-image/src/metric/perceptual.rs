//! SSIMULACRA2 (Sneyers, Cloudinary 2023), by the crate `ssimulacra2`.
use ::ssimulacra2::{LinearRgb, compute_frame_ssimulacra2};

use super::checked;
use crate::sample::Sample;
use crate::{Image, ImageError, Samples};

/// Bytes that [`ssimulacra2`] allocates for each pixel, both pictures apart.
pub const SSIMULACRA2_BYTES: u64 = 176;

/// SSIMULACRA2: 100 for equal pictures, 90 where a difference is hardly seen, 70 for high, 50 for
/// medium and 30 for low quality; below 0 for very bad pictures. Colours are taken as sRGB, alpha
/// is ignored, and `border` pixels are left out at every side.
///
/// # Errors
/// `Settings` if sizes or channels differ, or less than 8×8 pixels are left inside of the border.
pub fn ssimulacra2(reference: &Image, distorted: &Image, border: u32) -> Result<f64, ImageError> {
    let (width, height) = checked(reference, distorted, border)?;
    if width < 8 || height < 8 {
        let message = format!("{width}×{height} pixels are too small for SSIMULACRA2");
        return Err(ImageError::settings(message));
    }
    let linear = |image: &Image| {
        LinearRgb::new(linear_pixels(image, (width, height), border as usize), width, height)
            .map_err(|error| ImageError::settings("the size does not fit").with_source(error))
    };
    compute_frame_ssimulacra2(linear(reference)?, linear(distorted)?)
        .map_err(|error| ImageError::settings("SSIMULACRA2 failed").with_source(error))
}

/// The pixels inside of the border, in linear light.
fn linear_pixels(image: &Image, size: (usize, usize), border: usize) -> Vec<[f32; 3]> {
    match image.samples() {
        Samples::U8(samples) => typed(samples, image, size, border),
        Samples::U16(samples) => typed(samples, image, size, border),
        Samples::F32(samples) => typed(samples, image, size, border),
    }
}

fn typed<T: Sample>(
    samples: &[T],
    image: &Image,
    (width, height): (usize, usize),
    border: usize,
) -> Vec<[f32; 3]> {
    let channels = image.channels().count();
    let light = |value: &T| value.decode_srgb();
    let mut out = Vec::with_capacity(width * height);
    let rows = samples.chunks_exact(image.row_len()).skip(border).take(height);
    for row in rows {
        let pixels = row.chunks_exact(channels).skip(border).take(width);
        if image.channels().is_gray() {
            out.extend(pixels.map(|pixel| [light(&pixel[0]); 3]));
        } else {
            out.extend(pixels.map(|p| [light(&p[0]), light(&p[1]), light(&p[2])]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Channels, Size};

    fn picture(noise: u32) -> Image {
        let sample = |i: u32| {
            let (x, y) = (i / 3 % 64, i / 192);
            let noise = (i * 7919 % 101) * noise / 100;
            (40 + x + y + 20 * (i % 3) + noise) as u8
        };
        let samples = Samples::U8((0..64 * 64 * 3).map(sample).collect());
        Image::new(Size::new(64, 64), Channels::Rgb, samples).unwrap()
    }

    #[test]
    fn equal_is_a_hundred_and_worse_is_less() {
        let (same, near, far) = (picture(0), picture(4), picture(40));
        assert!((ssimulacra2(&same, &same, 0).unwrap() - 100.0).abs() < 1e-6);
        let (near, far) =
            (ssimulacra2(&same, &near, 0).unwrap(), ssimulacra2(&same, &far, 0).unwrap());
        assert!(far < near && near < 100.0, "{near} {far}");
    }

    #[test]
    fn the_border_is_left_out() {
        let (same, mut framed) = (picture(0), picture(0));
        if let Samples::U8(samples) = framed.samples_mut() {
            samples[..64 * 3 * 4].fill(0);
        }
        assert!(ssimulacra2(&same, &framed, 0).unwrap() < 90.0);
        assert!((ssimulacra2(&same, &framed, 4).unwrap() - 100.0).abs() < 1e-6);
        assert!(ssimulacra2(&same, &framed, 29).is_err());
    }
}
