//! Pairs with faults and degradations, made from real pictures.
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use pixloom_image::codec::{self, DecodeOptions, EncodeOptions};
use pixloom_image::convert::convert;
use pixloom_image::filter::gaussian_blur;
use pixloom_image::geometry::{Rect, Turn, crop, turn};
use pixloom_image::resize::{Filter, ResizeOptions, resize};
use pixloom_image::{Image, Limits, PixelFormat, Samples, Serial, Size};
use pixloom_testkit::{Lcg, shared_data};

/// LQ pixels that faults may take from each side.
const MARGIN: u32 = 4;

/// What is done to an LQ picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Degradation {
    pub(super) name: &'static str,
    /// What HQ is reduced with.
    kernel: Filter,
    /// Pixels.
    pub(super) blur: f32,
    /// On the 0 to 255 scale.
    pub(super) noise: f64,
    /// JPEG quality.
    pub(super) quality: Option<u8>,
}

const fn by(name: &'static str, kernel: Filter) -> Degradation {
    Degradation { name, kernel, blur: 0.0, noise: 0.0, quality: None }
}

const fn bicubic(name: &'static str, blur: f32, noise: f64, quality: Option<u8>) -> Degradation {
    Degradation { name, kernel: Filter::CatmullRom, blur, noise, quality }
}

pub(super) const DEGRADATIONS: [Degradation; 21] = [
    by("none", Filter::CatmullRom),
    by("none, box kernel", Filter::Box),
    by("none, bilinear kernel", Filter::Bilinear),
    by("none, Lanczos kernel", Filter::Lanczos3),
    bicubic("blur σ 0.5", 0.5, 0.0, None),
    bicubic("blur σ 1", 1.0, 0.0, None),
    bicubic("blur σ 1.5", 1.5, 0.0, None),
    bicubic("blur σ 2", 2.0, 0.0, None),
    bicubic("noise σ 5", 0.0, 5.0, None),
    bicubic("noise σ 10", 0.0, 10.0, None),
    bicubic("noise σ 15", 0.0, 15.0, None),
    bicubic("noise σ 20", 0.0, 20.0, None),
    bicubic("noise σ 25", 0.0, 25.0, None),
    bicubic("JPEG q90", 0.0, 0.0, Some(90)),
    bicubic("JPEG q75", 0.0, 0.0, Some(75)),
    bicubic("JPEG q60", 0.0, 0.0, Some(60)),
    bicubic("JPEG q45", 0.0, 0.0, Some(45)),
    bicubic("JPEG q30", 0.0, 0.0, Some(30)),
    bicubic("blur 1, noise 10, q60", 1.0, 10.0, Some(60)),
    bicubic("noise 25, q30", 0.0, 25.0, Some(30)),
    bicubic("blur 2, noise 25, q30", 2.0, 25.0, Some(30)),
];

/// What may be wrong with a pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fault {
    None,
    /// LQ pixels.
    Shift(i32, i32),
    /// HQ pixels: a part of an LQ pixel.
    Fraction(i32, i32),
    Turn(Turn),
    WrongPartner,
    /// LQ shows so many hundredths of the width and height of HQ.
    Crop(u32),
    /// Added to red, green and blue, of 255.
    Cast([i32; 3]),
    /// Added to all channels, of 255.
    Brightness(i32),
    /// Hundredths.
    Contrast(u32),
    /// Blue and red in each other's place.
    Swapped,
}

pub(super) const FAULTS: [Fault; 16] = [
    Fault::None,
    Fault::Fraction(1, 0),
    Fault::Shift(1, 0),
    Fault::Shift(0, -1),
    Fault::Shift(-1, 1),
    Fault::Shift(4, -2),
    Fault::Turn(Turn::FlipHorizontal),
    Fault::Turn(Turn::FlipVertical),
    Fault::Turn(Turn::Rotate180),
    Fault::WrongPartner,
    Fault::Crop(85),
    Fault::Crop(60),
    Fault::Cast([12, 0, -12]),
    Fault::Brightness(-20),
    Fault::Contrast(140),
    Fault::Swapped,
];

impl Fault {
    /// The true shift in LQ pixels, where one can be told.
    pub(super) fn shift(self, scale: u32) -> Option<[f64; 2]> {
        match self {
            Self::None => Some([0.0; 2]),
            Self::Shift(x, y) => Some([f64::from(x), f64::from(y)]),
            Self::Fraction(x, y) => Some([x, y].map(|d| f64::from(d) / f64::from(scale))),
            _ => None,
        }
    }
}

/// Name and content of the pictures of a set.
pub(super) fn pictures(set: &str) -> Result<Vec<(String, Image)>> {
    let folders: &[&str] =
        if set == "kodak" { &["kodak"] } else { &["sr_bench/Set5/HR", "sr_bench/Set14/HR"] };
    let mut all = Vec::new();
    for folder in folders.iter().filter_map(|folder| shared_data(folder)) {
        for path in files(&folder)? {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            all.push((name, read(&path)?));
        }
    }
    Ok(all)
}

/// The PNG files of a folder, sorted.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "png") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

pub(crate) fn read(path: &Path) -> Result<Image> {
    let bytes = std::fs::read(path)?;
    let codec = codec::detect(&bytes).context("no picture")?;
    let decoded = codec.decode(&bytes, &DecodeOptions::default(), &Limits::default(), &Serial)?;
    Ok(convert(decoded.image, PixelFormat::RGB8))
}

/// HQ and LQ with a fault, before blur, noise and compression.
pub(super) fn pair(
    picture: &Image,
    other: &Image,
    scale: u32,
    (fault, kernel): (Fault, Degradation),
) -> Result<(Image, Image)> {
    let margin = MARGIN * scale;
    let whole = |side: u32| side / scale * scale - 2 * margin;
    let size = Size::new(whole(picture.width()), whole(picture.height()));
    let part = |dx: i32, dy: i32| {
        let at = |d: i32| margin.saturating_add_signed(d);
        crop(picture, Rect::new(at(dx), at(dy), size))
    };
    let hq = part(0, 0)?;
    let step = scale as i32;
    let source = match fault {
        // What is cut out further to the left lies further to the right.
        Fault::Shift(x, y) => part(-x * step, -y * step)?,
        Fault::Fraction(x, y) => part(-x, -y)?,
        Fault::Turn(way) => turn(hq.clone(), way),
        Fault::WrongPartner => resize(other, size, &ResizeOptions::default(), &Serial)?,
        Fault::Crop(share) => zoomed(&hq, share)?,
        _ => hq.clone(),
    };
    let small = Size::new(size.width / scale, size.height / scale);
    let lq = resize(&source, small, &ResizeOptions::with_filter(kernel.kernel), &Serial)?;
    Ok((hq, recolored(lq, fault)))
}

/// A part of a picture, somewhat off the middle.
fn zoomed(hq: &Image, share: u32) -> Result<Image> {
    let size = Size::new(hq.width() * share / 100, hq.height() * share / 100);
    let (x, y) = ((hq.width() - size.width) / 3, (hq.height() - size.height) / 3 * 2);
    Ok(crop(hq, Rect::new(x, y, size))?)
}

fn recolored(mut image: Image, fault: Fault) -> Image {
    let change = |value: u8, channel: usize| match fault {
        Fault::Cast(offsets) => i32::from(value) + offsets[channel],
        Fault::Brightness(offset) => i32::from(value) + offset,
        Fault::Contrast(gain) => 128 + (i32::from(value) - 128) * gain as i32 / 100,
        _ => i32::from(value),
    };
    if let Samples::U8(samples) = image.samples_mut() {
        if fault == Fault::Swapped {
            samples.as_chunks_mut::<3>().0.iter_mut().for_each(|pixel| pixel.swap(0, 2));
        }
        for (at, sample) in samples.iter_mut().enumerate() {
            *sample = change(*sample, at % 3).clamp(0, 255) as u8;
        }
    }
    image
}

pub(super) fn degrade(image: &Image, how: Degradation, seed: u64) -> Result<Image> {
    let mut image = gaussian_blur(image, how.blur, &Serial)?;
    let mut lcg = Lcg::new(seed);
    if let Samples::U8(samples) = image.samples_mut() {
        for sample in samples.iter_mut().filter(|_| how.noise > 0.0) {
            // Twelve uniform numbers less six: a normal one.
            let sum: f64 = (0..12).map(|_| f64::from(lcg.next_u32()) / f64::from(u32::MAX)).sum();
            *sample =
                (f64::from(*sample) + how.noise * (sum - 6.0)).round().clamp(0.0, 255.0) as u8;
        }
    }
    let Some(quality) = how.quality else { return Ok(image) };
    let codec = codec::by_name("jpeg").context("no JPEG")?;
    let options = EncodeOptions { quality: Some(quality), ..EncodeOptions::default() };
    let mut bytes = Vec::new();
    codec.encode(&image, &options, &Serial, &mut bytes)?;
    Ok(codec.decode(&bytes, &DecodeOptions::default(), &Limits::default(), &Serial)?.image)
}
