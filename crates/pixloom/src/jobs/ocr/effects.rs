//! What happens to the finished picture without moving anything in it.
use pixloom_engine::{ErrorKind, ItemError};
use pixloom_image::{Image, ImageError, Samples};

use super::background::picture;
use super::drawn::Drawn;
use super::knob::K;
use super::typeset::bound_right;
use crate::op::{Op, OpCx};
use crate::ops::{
    Blur, CastShadow, Crease, Cutout, Enhance, Glare, Halftone, Jpeg, Lighting, Moire, MotionBlur,
    Noise, Resample, SaltPepper, ScanLines, Speckle, Stains,
};

/// A picture of three bytes a pixel.
#[derive(Debug)]
pub(super) struct Canvas {
    /// Pixels in a row.
    pub width: usize,
    /// Row by row.
    pub pixels: Vec<u8>,
}

/// Applies all effects on pixels in their order.
///
/// # Errors
/// If a codec or the resampler fails.
pub(super) fn apply(drawn: &Drawn, canvas: &mut Canvas) -> Result<(), ItemError> {
    let failed = |error: ImageError| {
        ItemError::new(ErrorKind::Internal, error.to_string()).with_step("effects")
    };
    let all = [paper, cover, shadows, light, grain, blurs, tone, losses];
    all.iter().try_for_each(|effect| effect(drawn, canvas)).map_err(failed)
}

/// An operation of the library, drawn from a stream of its own.
fn through<O: Op>(drawn: &Drawn, canvas: &mut Canvas, op: &O) -> Result<(), ImageError> {
    let image = take(canvas)?;
    let (size, seed) = (image.size(), drawn.stream(O::NAME));
    put(canvas, op.apply(image, &op.draw(seed), &OpCx::alone(size, seed))?)
}

/// What happens to the sheet: folds and stains.
fn paper(drawn: &Drawn, canvas: &mut Canvas) -> Result<(), ImageError> {
    if let Some(strength) = above(drawn, K::Crease, 0.0) {
        through(drawn, canvas, &Crease { strength, ..Crease::default() })?;
    }
    if let Some(strength) = above(drawn, K::Stains, 0.0) {
        through(drawn, canvas, &Stains { strength, ..Stains::default() })?;
    }
    Ok(())
}

/// What happens between the sheet and the sensor: shadows, glare, dots, lines and grids.
fn light(drawn: &Drawn, canvas: &mut Canvas) -> Result<(), ImageError> {
    let value = |k: K| above(drawn, k, 0.0);
    if let Some(strength) = value(K::CastShadow) {
        through(drawn, canvas, &CastShadow { strength, ..CastShadow::default() })?;
    }
    if let Some(strength) = value(K::Glare) {
        through(drawn, canvas, &Glare { strength, ..Glare::default() })?;
    }
    if let Some(strength) = value(K::Halftone) {
        through(drawn, canvas, &Halftone { strength, ..Halftone::default() })?;
    }
    if let Some(strength) = value(K::ScanLines) {
        through(drawn, canvas, &ScanLines { strength, ..ScanLines::default() })?;
    }
    if let Some(strength) = value(K::Moire) {
        through(drawn, canvas, &Moire { strength, ..Moire::default() })?;
    }
    Ok(())
}

/// A page that bends away from the light is darker there.
fn curl_shade(drawn: &Drawn, canvas: &mut Canvas) {
    let strength = drawn.values.get(K::PageCurl);
    if strength <= 0.0 {
        return;
    }
    let (right, width) = (bound_right(drawn), canvas.width as f64);
    let gain = |x: usize| {
        let part = (x as f64 + 0.5) / width;
        let near = if right { part } else { 1.0 - part };
        ((1.0 - 2.0 * strength * near * near * near).max(0.0) * 256.0) as u32
    };
    let gains: Vec<u32> = (0..canvas.width).map(gain).collect();
    for row in canvas.pixels.chunks_exact_mut(canvas.width * 3) {
        for (pixel, gain) in row.as_chunks_mut::<3>().0.iter_mut().zip(&gains) {
            *pixel = pixel.map(|v| ((u32::from(v) * gain) >> 8) as u8);
        }
    }
}

/// A drawn number, if it is above the one that changes nothing.
fn above(drawn: &Drawn, k: K, off: f32) -> Option<f32> {
    Some(drawn.values.get(k) as f32).filter(|value| *value > off)
}

fn cover(drawn: &Drawn, canvas: &mut Canvas) -> Result<(), ImageError> {
    let side = |k: K| drawn.values.get(k) as u32;
    let (width, height) = (side(K::CutoutWidth), side(K::CutoutHeight));
    if width == 0 || height == 0 {
        return Ok(());
    }
    through(drawn, canvas, &Cutout { width, height, value: 0.0 })
}

/// Darker sides: a page that bends, a lamp beside it.
fn shadows(drawn: &Drawn, canvas: &mut Canvas) -> Result<(), ImageError> {
    curl_shade(drawn, canvas);
    match above(drawn, K::Lighting, 0.0) {
        Some(strength) => through(drawn, canvas, &Lighting { strength }),
        None => Ok(()),
    }
}

/// Noise of three kinds.
fn grain(drawn: &Drawn, canvas: &mut Canvas) -> Result<(), ImageError> {
    if let Some(sigma) = above(drawn, K::GaussianNoise, 0.0) {
        through(drawn, canvas, &Noise { sigma, gray: true })?;
    }
    if let Some(sigma) = above(drawn, K::SpeckleNoise, 0.0) {
        through(drawn, canvas, &Speckle { sigma })?;
    }
    match above(drawn, K::Noise, 0.0) {
        Some(amount) => through(drawn, canvas, &SaltPepper { amount }),
        None => Ok(()),
    }
}

fn blurs(drawn: &Drawn, canvas: &mut Canvas) -> Result<(), ImageError> {
    if let Some(length) = above(drawn, K::MotionBlur, 1.0) {
        let angle = drawn.values.get(K::MotionAngle) as f32;
        through(drawn, canvas, &MotionBlur { length, angle })?;
    }
    match above(drawn, K::Blur, 0.0) {
        Some(sigma) => through(drawn, canvas, &Blur { sigma }),
        None => Ok(()),
    }
}

#[expect(clippy::float_cmp, reason = "off is exactly that number")]
fn tone(drawn: &Drawn, canvas: &mut Canvas) -> Result<(), ImageError> {
    let value = |k: K| drawn.values.get(k) as f32;
    let (brightness, contrast) = (value(K::Brightness), value(K::Contrast));
    if brightness == 1.0 && contrast == 1.0 {
        return Ok(());
    }
    through(drawn, canvas, &Enhance { brightness, contrast, ..Enhance::default() })
}

/// What is lost on the way into a file.
fn losses(drawn: &Drawn, canvas: &mut Canvas) -> Result<(), ImageError> {
    let scale = drawn.values.get(K::Resample) as f32;
    if scale < 1.0 {
        through(drawn, canvas, &Resample { scale, ..Resample::default() })?;
    }
    let quality = drawn.values.get(K::Jpeg) as u8;
    if quality < 100 {
        through(drawn, canvas, &Jpeg { quality })?;
    }
    Ok(())
}

/// The pixels as a picture, which leaves the canvas empty.
pub(super) fn take(canvas: &mut Canvas) -> Result<Image, ImageError> {
    picture(canvas.width, std::mem::take(&mut canvas.pixels))
}

/// Puts a picture of 8-bit colours back.
pub(super) fn put(canvas: &mut Canvas, image: Image) -> Result<(), ImageError> {
    match image.into_samples() {
        Samples::U8(pixels) => {
            canvas.pixels = pixels;
            Ok(())
        }
        _ => Err(ImageError::settings("the picture is no longer of 8 bits")),
    }
}
