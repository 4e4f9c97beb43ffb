//! Gaussian blur, unsharp mask and motion blur.
mod blur;
mod motion;

pub use motion::{MAX_LENGTH, motion_blur, motion_blur_cost};

use crate::visit::visit;
use crate::{Exec, Image, ImageError, PixelFormat, Size};

/// Largest σ in pixels; the kernel is cut off at 3 σ.
pub const MAX_SIGMA: f32 = 200.0;

/// How to sharpen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnsharpMask {
    /// Standard deviation of the blur in pixels, 0 to [`MAX_SIGMA`].
    pub sigma: f32,
    /// How much of the difference to the blurred picture is added; 1 doubles it.
    pub amount: f32,
    /// Differences up to this (on the 0 to 1 scale) are left alone.
    pub threshold: f32,
}

/// Blurs with a Gaussian of standard deviation `sigma` pixels, cut off at ⌈3 σ⌉ and normalised,
/// the picture mirrored at its edges (reflect-101). Colours are weighted by alpha. A σ of 0
/// changes nothing.
///
/// # Errors
/// `Settings` if σ is out of range, `Limit` if `exec` says stop.
pub fn gaussian_blur(image: &Image, sigma: f32, exec: &dyn Exec) -> Result<Image, ImageError> {
    check_sigma(sigma)?;
    if sigma <= 0.0 || image.size().is_empty() {
        return Ok(image.clone());
    }
    let samples = visit(image, blur::Blur { image, sigma, finish: blur::Finish::Store, exec })?;
    image.with_pixels(image.size(), image.channels(), samples)
}

/// Sharpens by adding the difference to a blurred copy. Alpha stays as it is.
///
/// # Errors
/// `Settings` if a number is out of range, `Limit` if `exec` says stop.
pub fn unsharp_mask(
    image: &Image,
    options: &UnsharpMask,
    exec: &dyn Exec,
) -> Result<Image, ImageError> {
    check_sigma(options.sigma)?;
    if !options.amount.is_finite() || options.threshold.is_nan() {
        return Err(ImageError::settings(
            "amount and threshold of the unsharp mask must be numbers",
        ));
    }
    if options.sigma <= 0.0 || image.size().is_empty() {
        return Ok(image.clone());
    }
    let finish = blur::Finish::Sharpen { amount: options.amount, threshold: options.threshold };
    let samples = visit(image, blur::Blur { image, sigma: options.sigma, finish, exec })?;
    image.with_pixels(image.size(), image.channels(), samples)
}

/// Upper bound of the bytes that [`gaussian_blur`] and [`unsharp_mask`] allocate for a picture,
/// the result included.
pub fn blur_cost(size: Size, format: PixelFormat, sigma: f32) -> u64 {
    let result = size.pixels().saturating_mul(format.bytes_per_pixel() as u64);
    if sigma > 0.0 && sigma <= MAX_SIGMA {
        result.saturating_add(blur::scratch_bytes(size, format.channels, sigma))
    } else {
        result
    }
}

fn check_sigma(sigma: f32) -> Result<(), ImageError> {
    if (0.0..=MAX_SIGMA).contains(&sigma) {
        return Ok(());
    }
    Err(ImageError::settings(format!("sigma must be 0 to {MAX_SIGMA} pixels, not {sigma}")))
}
