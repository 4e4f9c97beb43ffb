//! The edits of the made set.
use anyhow::{Result, ensure};
use pixloom_image::filter::gaussian_blur;
use pixloom_image::geometry::{
    Border, Margins, Rect, RotateOptions, Turn, WarpOptions, crop, pad, rotate, turn,
};
use pixloom_image::resize::{ResizeOptions, resize};
use pixloom_image::{Image, Samples, Serial, Size};
use pixloom_testkit::Lcg;

/// What is done to a picture, and how it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edit {
    pub(super) name: &'static str,
    pub(super) how: How,
    /// Format and, for lossy ones, quality.
    pub(super) format: &'static str,
    pub(super) quality: u8,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum How {
    Nothing,
    /// Width and height times these.
    Resize(f64, f64),
    /// Share of the area that is left, anywhere.
    Crop(f64),
    Turn(Turn),
    /// Degrees; the canvas grows.
    Rotate(f64, bool),
    /// Multiplies the samples of each channel, after a power.
    Tone([f64; 3], f64),
    Contrast(f64),
    Gray,
    /// Red to green to blue to red.
    Hue,
    Blur(f32),
    Noise(f64),
    /// A dark box over 12 % of the picture.
    Box,
    /// Slanted stripes, half transparent.
    Watermark,
    /// Share of the long side, gray value.
    Border(f64, f32),
    /// Black bars above and below.
    Letterbox,
    /// Reduced, with bars, lines and buttons about it.
    Screenshot,
    /// Share of the side, over another picture.
    Within(f64),
    /// Share of the side, over soft noise.
    WithinNoise(f64),
    /// 72 % of the area, mirrored, 60 % of the size.
    CropFlip,
    /// 80 % of the area, turned, a border.
    CropTurnBorder,
}

const fn edit(name: &'static str, how: How) -> Edit {
    Edit { name, how, format: "jpeg", quality: 88 }
}

const fn written(name: &'static str, format: &'static str, quality: u8) -> Edit {
    Edit { name, how: How::Nothing, format, quality }
}

pub(super) const EDITS: [Edit; 46] = [
    written("q10", "jpeg", 10),
    written("q30", "jpeg", 30),
    written("q75", "jpeg", 75),
    written("png", "png", 0),
    written("webp80", "webp", 80),
    edit("resize 0.25", How::Resize(0.25, 0.25)),
    edit("resize 0.5", How::Resize(0.5, 0.5)),
    edit("resize 0.75", How::Resize(0.75, 0.75)),
    edit("resize 2", How::Resize(2.0, 2.0)),
    edit("aspect 1.25", How::Resize(1.25, 1.0)),
    edit("crop 5 %", How::Crop(0.95)),
    edit("crop 10 %", How::Crop(0.9)),
    edit("crop 20 %", How::Crop(0.8)),
    edit("crop 30 %", How::Crop(0.7)),
    edit("crop 50 %", How::Crop(0.5)),
    edit("crop 70 %", How::Crop(0.3)),
    edit("flip h", How::Turn(Turn::FlipHorizontal)),
    edit("flip v", How::Turn(Turn::FlipVertical)),
    edit("turn 90", How::Turn(Turn::Rotate90)),
    edit("turn 180", How::Turn(Turn::Rotate180)),
    edit("turn 270", How::Turn(Turn::Rotate270)),
    edit("rotate 2", How::Rotate(2.0, false)),
    edit("rotate 5", How::Rotate(5.0, false)),
    edit("rotate 15", How::Rotate(15.0, false)),
    edit("rotate 15 grown", How::Rotate(15.0, true)),
    edit("brighter", How::Tone([1.4; 3], 1.0)),
    edit("darker", How::Tone([0.6; 3], 1.0)),
    edit("warm", How::Tone([1.2, 1.0, 0.8], 1.0)),
    edit("gamma 1.8", How::Tone([1.0; 3], 1.0 / 1.8)),
    edit("contrast 1.5", How::Contrast(1.5)),
    edit("gray", How::Gray),
    edit("hue", How::Hue),
    edit("blur", How::Blur(2.0)),
    edit("noise", How::Noise(12.0)),
    edit("box", How::Box),
    edit("watermark", How::Watermark),
    edit("border white", How::Border(0.08, 1.0)),
    edit("border gray", How::Border(0.15, 0.5)),
    edit("letterbox", How::Letterbox),
    edit("screenshot", How::Screenshot),
    edit("in picture 0.6", How::Within(0.6)),
    edit("in picture 0.4", How::Within(0.4)),
    edit("in noise 0.57", How::WithinNoise(0.57)),
    edit("crop, flip", How::CropFlip),
    edit("crop, turn, border", How::CropTurnBorder),
    Edit { name: "flip, q30", how: How::Turn(Turn::FlipHorizontal), format: "jpeg", quality: 30 },
];

/// The edited picture; `other` is what pictures in pictures lie on.
pub(super) fn apply(how: How, image: &Image, other: &Image, lcg: &mut Lcg) -> Result<Image> {
    Ok(match how {
        How::Nothing => image.clone(),
        How::Resize(x, y) => scaled(image, x, y)?,
        How::Crop(share) => cropped(image, share, lcg)?,
        How::Turn(way) => turn(image.clone(), way),
        How::Rotate(degrees, expand) => rotated(image, degrees, expand)?,
        How::Blur(sigma) => gaussian_blur(image, sigma, &Serial)?,
        How::Border(share, gray) => {
            let side = (f64::from(image.size().long_edge()) * share) as u32;
            let margins = Margins { left: side, top: side, right: side, bottom: side };
            pad(image, margins, Border::Constant([gray, gray, gray, 1.0]))?
        }
        How::Letterbox => {
            let bar = image.height() * 7 / 40;
            let margins = Margins { left: 0, top: bar, right: 0, bottom: bar };
            pad(image, margins, Border::Constant([0.0, 0.0, 0.0, 1.0]))?
        }
        How::Screenshot => screenshot(image)?,
        How::Within(share) => within(image, other, share, lcg)?,
        How::WithinNoise(share) => within(image, &soft_noise(image.size(), lcg)?, share, lcg)?,
        How::CropFlip => {
            let part = turn(cropped(image, 0.72, lcg)?, Turn::FlipHorizontal);
            scaled(&part, 0.6, 0.6)?
        }
        How::CropTurnBorder => {
            let part = turn(cropped(image, 0.8, lcg)?, Turn::Rotate90);
            apply(How::Border(0.06, 0.0), &part, other, lcg)?
        }
        _ => return repainted(how, image, lcg),
    })
}

/// The edits that change each pixel by itself.
fn repainted(how: How, image: &Image, lcg: &mut Lcg) -> Result<Image> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    painted(image, |x, y, pixel| match how {
        How::Tone(gains, power) => std::array::from_fn(|channel| {
            255.0 * (pixel[channel] / 255.0 * gains[channel]).powf(power)
        }),
        How::Contrast(gain) => pixel.map(|value| 128.0 + gain * (value - 128.0)),
        How::Gray => [0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2]; 3],
        How::Hue => [pixel[2], pixel[0], pixel[1]],
        How::Noise(sigma) => pixel.map(|value| value + sigma * normal(lcg)),
        How::Box => {
            let inside = |at: usize, n: usize| at * 10 >= 3 * n && at * 100 < 65 * n;
            if inside(x, width) && inside(y, height) { [30.0; 3] } else { pixel }
        }
        How::Watermark if (x + 2 * y) % 60 < 9 => pixel.map(|value| f64::midpoint(value, 255.0)),
        _ => pixel,
    })
}

fn painted(
    image: &Image,
    mut paint: impl FnMut(usize, usize, [f64; 3]) -> [f64; 3],
) -> Result<Image> {
    let mut image = image.clone();
    let width = image.width() as usize;
    let Samples::U8(samples) = image.samples_mut() else {
        anyhow::bail!("edits want 8 bit");
    };
    for (at, pixel) in samples.chunks_exact_mut(3).enumerate() {
        let old = [pixel[0], pixel[1], pixel[2]].map(f64::from);
        let new = paint(at % width, at / width, old);
        pixel.copy_from_slice(&new.map(|value| value.round().clamp(0.0, 255.0) as u8));
    }
    Ok(image)
}

/// Twelve uniform numbers less six: a normal one.
fn normal(lcg: &mut Lcg) -> f64 {
    (0..12).map(|_| f64::from(lcg.next_u32()) / f64::from(u32::MAX)).sum::<f64>() - 6.0
}

fn below(lcg: &mut Lcg, bound: u32) -> u32 {
    ((u64::from(lcg.next_u32()) * u64::from(bound)) >> 32) as u32
}

fn scaled(image: &Image, x: f64, y: f64) -> Result<Image> {
    let side = |n: u32, scale: f64| ((f64::from(n) * scale).round() as u32).max(8);
    let size = Size::new(side(image.width(), x), side(image.height(), y));
    Ok(resize(image, size, &ResizeOptions::default(), &Serial)?)
}

/// A part with that share of the area, anywhere.
fn cropped(image: &Image, share: f64, lcg: &mut Lcg) -> Result<Image> {
    let side = |n: u32| ((f64::from(n) * share.sqrt()).round() as u32).max(1);
    let size = Size::new(side(image.width()), side(image.height()));
    let x = below(lcg, image.width() - size.width + 1);
    let y = below(lcg, image.height() - size.height + 1);
    Ok(crop(image, Rect::new(x, y, size))?)
}

fn rotated(image: &Image, degrees: f64, expand: bool) -> Result<Image> {
    let options = RotateOptions { expand, warp: WarpOptions::default() };
    Ok(rotate(image, degrees, &options, &Serial)?)
}

/// Puts a picture into another one of its own size.
fn within(image: &Image, other: &Image, share: f64, lcg: &mut Lcg) -> Result<Image> {
    let ground = resize(other, image.size(), &ResizeOptions::default(), &Serial)?;
    let part = scaled(image, share, share)?;
    let x = below(lcg, ground.width() - part.width() + 1);
    let y = below(lcg, ground.height() - part.height() + 1);
    pasted(&ground, &part, x, y)
}

fn pasted(ground: &Image, part: &Image, x: u32, y: u32) -> Result<Image> {
    ensure!(
        x + part.width() <= ground.width() && y + part.height() <= ground.height(),
        "the part does not fit"
    );
    let Samples::U8(inner) = part.samples() else { anyhow::bail!("edits want 8 bit") };
    let (x, y, width) = (x as usize, y as usize, part.width() as usize);
    let height = part.height() as usize;
    painted(ground, |column, row, pixel| {
        if column < x || row < y || column >= x + width || row >= y + height {
            return pixel;
        }
        let at = 3 * ((row - y) * width + column - x);
        [inner[at], inner[at + 1], inner[at + 2]].map(f64::from)
    })
}

fn soft_noise(size: Size, lcg: &mut Lcg) -> Result<Image> {
    let ground = Image::zeros(size, pixloom_image::PixelFormat::RGB8);
    let noise = painted(&ground, |_, _, _| [128.0 + 220.0 * normal(lcg); 3])?;
    Ok(gaussian_blur(&noise, 4.0, &Serial)?)
}

/// A page with a bar above, lines of "text" below and the picture, at 80 %, between.
fn screenshot(image: &Image) -> Result<Image> {
    let part = scaled(image, 0.8, 0.8)?;
    let (width, height) = (part.width() + 40, part.height() + 150);
    let page = Image::zeros(Size::new(width, height), pixloom_image::PixelFormat::RGB8);
    let page = painted(&page, |x, y, _| {
        let text = y > height as usize - 70 && y % 14 < 6 && x > 20 && x * 7 % 23 < 15;
        let button = y < 30 && x % 40 < 22 && (5..25).contains(&y);
        match y {
            _ if text => [60.0; 3],
            _ if button => [120.0, 150.0, 220.0],
            0..36 => [52.0, 58.0, 64.0],
            _ => [245.0; 3],
        }
    })?;
    pasted(&page, &part, 20, 56)
}
