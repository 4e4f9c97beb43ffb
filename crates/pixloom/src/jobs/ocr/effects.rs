//! What happens to the finished picture without moving anything in it.
use pixloom_engine::{ErrorKind, ItemError};
use pixloom_image::codec::{self, DecodeOptions, EncodeOptions};
use pixloom_image::resize::{Filter, ResizeOptions, resize};
use pixloom_image::{Image, ImageError, Limits, Samples, Serial, Size};

use super::background::picture;
use super::drawn::Drawn;
use super::knob::K;
use super::planes;
use super::typeset::bound_right;
use crate::op::{Op, OpCx, Window};
use crate::ops::{CastShadow, Crease, Glare, Halftone, Moire, ScanLines, Stains};

/// A picture of three bytes a pixel.
#[derive(Debug)]
pub(super) struct Canvas {
    /// Pixels in a row.
    pub width: usize,
    /// Row by row.
    pub pixels: Vec<u8>,
}

impl Canvas {
    fn height(&self) -> usize {
        self.pixels.len() / 3 / self.width.max(1)
    }
}

/// Applies all effects on pixels in their order.
///
/// # Errors
/// If a codec or the resampler fails.
pub(super) fn apply(drawn: &Drawn, canvas: &mut Canvas) -> Result<(), ItemError> {
    let value = |k: K| drawn.values.get(k);
    let failed = |error: ImageError| {
        ItemError::new(ErrorKind::Internal, error.to_string()).with_step("effects")
    };
    paper(drawn, canvas).map_err(failed)?;
    cutout(drawn, canvas);
    curl_shade(drawn, canvas);
    lighting(drawn, canvas, value(K::Lighting));
    light(drawn, canvas).map_err(failed)?;
    gaussian_noise(drawn, canvas, value(K::GaussianNoise));
    speckle(drawn, canvas, value(K::SpeckleNoise));
    salt_and_pepper(drawn, canvas, value(K::Noise));
    motion_blur(canvas, value(K::MotionBlur), value(K::MotionAngle));
    planes::blur(&mut canvas.pixels, (canvas.width, 3), value(K::Blur) as f32);
    tone(canvas, value(K::Brightness), value(K::Contrast));
    resample(canvas, value(K::Resample)).map_err(failed)?;
    jpeg(canvas, value(K::Jpeg)).map_err(failed)
}

/// An operation of the library, drawn from a stream of its own.
fn through<O: Op>(drawn: &Drawn, canvas: &mut Canvas, op: &O) -> Result<(), ImageError> {
    let image = take(canvas)?;
    let (size, seed) = (image.size(), drawn.stream(O::NAME));
    let cx = OpCx {
        input: size,
        window: Window::whole(size),
        output: size,
        seed,
        exec: &Serial,
        note: &|_, _| {},
    };
    put(canvas, op.apply(image, &op.draw(seed), &cx)?)
}

/// What happens to the sheet: folds and stains.
fn paper(drawn: &Drawn, canvas: &mut Canvas) -> Result<(), ImageError> {
    let strength = drawn.values.get(K::Crease) as f32;
    if strength > 0.0 {
        through(drawn, canvas, &Crease { strength, ..Crease::default() })?;
    }
    let strength = drawn.values.get(K::Stains) as f32;
    if strength > 0.0 {
        through(drawn, canvas, &Stains { strength, ..Stains::default() })?;
    }
    Ok(())
}

/// What happens between the sheet and the sensor: shadows, glare, dots, lines and grids.
fn light(drawn: &Drawn, canvas: &mut Canvas) -> Result<(), ImageError> {
    let value = |k: K| Some(drawn.values.get(k) as f32).filter(|strength| *strength > 0.0);
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

fn cutout(drawn: &Drawn, canvas: &mut Canvas) {
    let side = |k: K, most: usize| (drawn.values.get(k) as usize).min(most);
    let (width, height) =
        (side(K::CutoutWidth, canvas.width), side(K::CutoutHeight, canvas.height()));
    if width == 0 || height == 0 {
        return;
    }
    let mut rng = drawn.stream("cutout").rng();
    let x = rng.range_u64((canvas.width - width) as u64 + 1) as usize;
    let y = rng.range_u64((canvas.height() - height) as u64 + 1) as usize;
    let row_len = canvas.width * 3;
    for row in canvas.pixels.chunks_exact_mut(row_len).skip(y).take(height) {
        row[x * 3..(x + width) * 3].fill(0);
    }
}

/// Darkens one side, evenly towards the other.
fn lighting(drawn: &Drawn, canvas: &mut Canvas, strength: f64) {
    if strength <= 0.0 {
        return;
    }
    let angle = drawn.stream("lighting").rng().range_f64(0.0, std::f64::consts::TAU);
    let (sin, cos) = libm::sincos(angle);
    let (width, height) = (canvas.width as f64, canvas.height() as f64);
    let length = (width * cos.abs() + height * sin.abs()).max(1.0);
    let step = cos * strength / length * 65_536.0;
    for (y, row) in canvas.pixels.chunks_exact_mut(canvas.width * 3).enumerate() {
        let off = (y as f64 - 0.5 * height) * sin - 0.5 * width * cos;
        let mut factor = (1.0 - strength * (off / length + 0.5)) * 65_536.0;
        for pixel in row.as_chunks_mut::<3>().0 {
            let by = factor as u32;
            *pixel = pixel.map(|v| ((u32::from(v) * by) >> 16).min(255) as u8);
            factor -= step;
        }
    }
}

/// Adds one normally distributed value to each pixel: the sum of four even bytes, whose
/// deviation is 147.8.
fn gaussian_noise(drawn: &Drawn, canvas: &mut Canvas, sigma: f64) {
    if sigma <= 0.0 {
        return;
    }
    let scale = (sigma * 255.0 / 147.8 * 4096.0) as i32;
    let mut rng = drawn.stream("gaussian_noise").rng();
    for pixel in canvas.pixels.as_chunks_mut::<3>().0 {
        let offset = (sum_of_bytes(rng.next_u32()) * scale + 2048) >> 12;
        *pixel = pixel.map(|v| (i32::from(v) + offset).clamp(0, 255) as u8);
    }
}

fn sum_of_bytes(bits: u32) -> i32 {
    bits.to_le_bytes().into_iter().map(i32::from).sum::<i32>() - 510
}

/// As Gaussian noise, in proportion to the pixel.
fn speckle(drawn: &Drawn, canvas: &mut Canvas, sigma: f64) {
    if sigma <= 0.0 {
        return;
    }
    let scale = (sigma / 147.8 * 65_536.0) as i32;
    let mut rng = drawn.stream("speckle_noise").rng();
    for pixel in canvas.pixels.as_chunks_mut::<3>().0 {
        let factor = 65_536 + sum_of_bytes(rng.next_u32()) * scale;
        *pixel = pixel.map(|v| ((i32::from(v) * (factor >> 4)) >> 12).clamp(0, 255) as u8);
    }
}

/// Turns a part of the pixels black or white, half of them each.
fn salt_and_pepper(drawn: &Drawn, canvas: &mut Canvas, amount: f64) {
    if amount <= 0.0 {
        return;
    }
    let count = canvas.pixels.len() / 3;
    let mut rng = drawn.stream("noise").rng();
    if amount > 0.2 {
        for pixel in canvas.pixels.as_chunks_mut::<3>().0 {
            if rng.chance(amount) {
                *pixel = [if rng.next_u32() & 1 == 0 { 0 } else { 255 }; 3];
            }
        }
        return;
    }
    let pixels = canvas.pixels.as_chunks_mut::<3>().0;
    for _ in 0..(amount * count as f64).round() as usize {
        let bits = rng.next_u64();
        let at = ((u128::from(bits >> 1) * count as u128) >> 63) as usize;
        pixels[at] = [if bits & 1 == 0 { 0 } else { 255 }; 3];
    }
}

/// The mean along a line through each pixel.
fn motion_blur(canvas: &mut Canvas, length: f64, degrees: f64) {
    let taps = length.round() as i64;
    if taps < 2 {
        return;
    }
    let (sin, cos) = libm::sincos(degrees.to_radians());
    let (width, height) = (canvas.width as i64, canvas.height() as i64);
    let source = canvas.pixels.clone();
    let offsets: Vec<(i64, i64)> = (0..taps)
        .map(|tap| {
            let at = tap as f64 - 0.5 * (taps - 1) as f64;
            ((at * cos).round() as i64, (-at * sin).round() as i64)
        })
        .collect();
    let mut sums = vec![0_u32; canvas.width * 3];
    for y in 0..height {
        sums.fill(taps as u32 / 2);
        for (dx, dy) in &offsets {
            let row = (y + dy).clamp(0, height - 1) * width;
            for x in 0..width {
                let from = ((row + (x + dx).clamp(0, width - 1)) * 3) as usize;
                let to = (x * 3) as usize;
                (0..3).for_each(|c| sums[to + c] += u32::from(source[from + c]));
            }
        }
        let out = &mut canvas.pixels[(y * width * 3) as usize..((y + 1) * width * 3) as usize];
        out.iter_mut().zip(&sums).for_each(|(out, sum)| *out = (sum / taps as u32) as u8);
    }
}

/// Whether a value was drawn that is not the one that changes nothing.
#[expect(clippy::float_cmp, reason = "off is exactly that number")]
fn is_other(value: f64, off: f64) -> bool {
    value != off
}

/// Brightness, then contrast, as Pillow's `ImageEnhance` defines them.
fn tone(canvas: &mut Canvas, brightness: f64, contrast: f64) {
    if is_other(brightness, 1.0) {
        let table: [u8; 256] =
            std::array::from_fn(|v| (v as f64 * brightness + 0.5).clamp(0.0, 255.0) as u8);
        canvas.pixels.iter_mut().for_each(|v| *v = table[*v as usize]);
    }
    if is_other(contrast, 1.0) {
        let grey = |p: &[u8; 3]| {
            (19_595 * u64::from(p[0]) + 38_470 * u64::from(p[1]) + 7_471 * u64::from(p[2]) + 32_768)
                >> 16
        };
        let pixels = canvas.pixels.as_chunks::<3>().0;
        let sum: u64 = pixels.iter().map(grey).sum();
        let mean = (sum as f64 / pixels.len().max(1) as f64 + 0.5).floor();
        let table: [u8; 256] = std::array::from_fn(|v| {
            (mean + (v as f64 - mean) * contrast + 0.5).clamp(0.0, 255.0) as u8
        });
        canvas.pixels.iter_mut().for_each(|v| *v = table[*v as usize]);
    }
}

fn resample(canvas: &mut Canvas, scale: f64) -> Result<(), ImageError> {
    if scale >= 1.0 {
        return Ok(());
    }
    let image = take(canvas)?;
    let full = image.size();
    let side = |side: u32| (f64::from(side) * scale).round().max(1.0) as u32;
    let small = Size::new(side(full.width), side(full.height));
    let down = resize(&image, small, &ResizeOptions::with_filter(Filter::Box), &Serial)?;
    let up = resize(&down, full, &ResizeOptions::with_filter(Filter::Bilinear), &Serial)?;
    put(canvas, up)
}

fn jpeg(canvas: &mut Canvas, quality: f64) -> Result<(), ImageError> {
    if quality >= 100.0 {
        return Ok(());
    }
    let Some(codec) = codec::by_name("jpeg") else { return Ok(()) };
    let image = take(canvas)?;
    let mut bytes = Vec::new();
    let options =
        EncodeOptions { quality: Some(quality as u8), effort: 0, ..EncodeOptions::default() };
    codec.encode(&image, &options, &Serial, &mut bytes)?;
    let limits = Limits { max_pixels: u64::MAX, max_decoded_bytes: u64::MAX, ..Limits::default() };
    put(canvas, codec.decode(&bytes, &DecodeOptions::default(), &limits, &Serial)?.image)
}

fn take(canvas: &mut Canvas) -> Result<Image, ImageError> {
    picture(canvas.width, std::mem::take(&mut canvas.pixels))
}

fn put(canvas: &mut Canvas, image: Image) -> Result<(), ImageError> {
    match image.into_samples() {
        Samples::U8(pixels) => {
            canvas.pixels = pixels;
            Ok(())
        }
        _ => Err(ImageError::settings("the picture is no longer of 8 bits")),
    }
}
