//! Resampling along any [`Geometry`], and rotation by any angle.
use serde::{Deserialize, Serialize};

use super::exact::fill_pixel;
use super::{Border, Geometry, Turn, turn};
use crate::bands::{Banding, for_each_band};
use crate::sample::Sample;
use crate::visit::{Visitor, visit};
use crate::working::Working;
use crate::{Exec, Image, ImageError, Samples, Size};

/// How values between pixels are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Interpolation {
    /// The pixel that contains the position.
    Nearest,
    /// Linear between 2×2 pixels.
    #[default]
    Bilinear,
    /// Keys cubic with a = -0.5 over 4×4 pixels.
    Bicubic,
}

/// How to warp.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WarpOptions {
    /// How values between pixels are found.
    pub interpolation: Interpolation,
    /// What is shown where the input ends.
    pub border: Border,
}

impl Default for WarpOptions {
    fn default() -> Self {
        Self { interpolation: Interpolation::default(), border: Border::Constant([0.0; 4]) }
    }
}

/// How to rotate.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RotateOptions {
    /// Enlarge the canvas so that no corner is lost; otherwise the size stays.
    pub expand: bool,
    /// Interpolation and what is shown in the corners.
    pub warp: WarpOptions,
}

/// Samples of one band.
const BAND_SAMPLES: usize = 1 << 18;

/// Shows `image` along `geometry` in a picture of `output` pixels. Colours are weighted by
/// alpha. Nothing is averaged where the map shrinks; resize first.
///
/// # Errors
/// `Settings` if either picture has no pixels, `Limit` if `exec` says stop.
pub fn warp(
    image: &Image,
    geometry: &Geometry,
    output: Size,
    options: &WarpOptions,
    exec: &dyn Exec,
) -> Result<Image, ImageError> {
    if image.size().is_empty() || output.is_empty() || output.pixels() > (isize::MAX / 16) as u64 {
        return Err(ImageError::settings(format!("cannot warp {} to {output}", image.size())));
    }
    let samples = visit(image, Warp { image, geometry, output, options, exec })?;
    image.with_pixels(output, image.channels(), samples)
}

/// Rotates by `degrees` clockwise about the centre. Multiples of 90° are exact where the canvas
/// fits.
///
/// # Errors
/// As [`warp`]; `Settings` if the angle is not finite.
pub fn rotate(
    image: &Image,
    degrees: f64,
    options: &RotateOptions,
    exec: &dyn Exec,
) -> Result<Image, ImageError> {
    if !degrees.is_finite() {
        return Err(ImageError::settings("the angle is not a number"));
    }
    let degrees = degrees.rem_euclid(360.0);
    let (output, geometry) = rotation(image.size(), degrees, options.expand);
    let quarters = (degrees / 90.0) as usize;
    let exact = [Turn::Identity, Turn::Rotate90, Turn::Rotate180, Turn::Rotate270][quarters % 4];
    let is_exact = quarters as f64 * 90.0 - degrees >= 0.0;
    if is_exact && exact.size(image.size()) == output {
        return Ok(turn(image.clone(), exact));
    }
    warp(image, &geometry, output, &options.warp, exec)
}

/// Size and geometry of a rotation by `degrees` clockwise about the centre.
pub fn rotation(input: Size, degrees: f64, expand: bool) -> (Size, Geometry) {
    let (sin, cos) = libm::sincos(degrees.to_radians());
    let (width, height) = (f64::from(input.width), f64::from(input.height));
    let output = if expand {
        // The margin keeps rounding from adding a column to exact turns.
        let side = |length: f64| (length - 1e-6).ceil().clamp(1.0, f64::from(u32::MAX)) as u32;
        Size::new(
            side(width * cos.abs() + height * sin.abs()),
            side(width * sin.abs() + height * cos.abs()),
        )
    } else {
        input
    };
    let (x, y) = (f64::from(output.width) / 2.0, f64::from(output.height) / 2.0);
    let matrix =
        [cos, sin, width / 2.0 - cos * x - sin * y, -sin, cos, height / 2.0 + sin * x - cos * y];
    (output, Geometry::Affine(matrix))
}

struct Warp<'a> {
    image: &'a Image,
    geometry: &'a Geometry,
    output: Size,
    options: &'a WarpOptions,
    exec: &'a dyn Exec,
}

impl Visitor for Warp<'_> {
    type Output = Result<Samples, ImageError>;

    fn visit<T: Sample, const C: usize>(self, pixels: &[[T; C]]) -> Self::Output {
        let width = self.output.width as usize;
        let source = Source {
            pixels,
            width: self.image.width() as usize,
            height: self.image.height() as usize,
            border: self.options.border,
            fill: fill_pixel(self.options.border, self.image.channels()),
            working: Working::of(self.image),
        };
        let interpolation = self.options.interpolation;
        let mut out = vec![T::default(); self.output.pixels() as usize * C];
        let banding = Banding::of_samples(width * C, BAND_SAMPLES);
        for_each_band(
            &mut out,
            banding,
            self.exec,
            || (),
            |(), first, rows| {
                for (y, row) in rows.chunks_mut(width * C).enumerate() {
                    let y = (first + y) as f64 + 0.5;
                    for (x, pixel) in row.as_chunks_mut::<C>().0.iter_mut().enumerate() {
                        let position = self.geometry.map_point([x as f64 + 0.5, y]);
                        *pixel = source.at(position, interpolation);
                    }
                }
                Ok(())
            },
        )?;
        Ok(T::wrap(out))
    }
}

/// The picture that is looked at.
struct Source<'a, T, const C: usize> {
    pixels: &'a [[T; C]],
    width: usize,
    height: usize,
    border: Border,
    fill: [T; C],
    working: Working,
}

impl<T: Sample, const C: usize> Source<'_, T, C> {
    fn at(&self, position: [f64; 2], interpolation: Interpolation) -> [T; C] {
        // Far outside it is all the same, and the integers below stay small.
        const FAR: f64 = 1e9;
        if !position.iter().all(|v| v.abs() < FAR) {
            return self.fill;
        }
        match interpolation {
            Interpolation::Nearest => self.pixel(floor(position[0]), floor(position[1])),
            Interpolation::Bilinear => {
                let ([x, y], [u, v]) = split(position);
                self.mixed([x, y], [1.0 - u, u], [1.0 - v, v])
            }
            Interpolation::Bicubic => {
                let ([x, y], [u, v]) = split(position);
                self.mixed([x - 1, y - 1], cubic(u), cubic(v))
            }
        }
    }

    fn pixel(&self, x: i64, y: i64) -> [T; C] {
        let x = self.border.resolve(x, self.width);
        let y = self.border.resolve(y, self.height);
        x.zip(y).map_or(self.fill, |(x, y)| self.pixels[y * self.width + x])
    }

    /// The weighted mean of N×N pixels from (x, y) on.
    #[inline]
    fn mixed<const N: usize>(&self, [x, y]: [i64; 2], us: [f32; N], vs: [f32; N]) -> [T; C] {
        let mut sum = [0.0; C];
        let mut add = |pixel: [T; C], weight: f32| {
            let value = self.working.load(pixel);
            for c in 0..C {
                sum[c] += value[c] * weight;
            }
        };
        let inside = |at: i64, len: usize| at >= 0 && at + N as i64 <= len as i64;
        if inside(x, self.width) && inside(y, self.height) {
            for (row, v) in vs.iter().enumerate() {
                let start = (y as usize + row) * self.width + x as usize;
                for (pixel, u) in self.pixels[start..start + N].iter().zip(us) {
                    add(*pixel, u * v);
                }
            }
        } else {
            for (row, v) in vs.iter().enumerate() {
                for (column, u) in us.iter().enumerate() {
                    add(self.pixel(x + column as i64, y + row as i64), u * v);
                }
            }
        }
        self.working.store(sum)
    }
}

/// The pixel whose centre lies before a position, and how far behind it the position is.
fn split(position: [f64; 2]) -> ([i64; 2], [f32; 2]) {
    let [x, y] = position.map(|v| v - 0.5);
    let (left, top) = (floor(x), floor(y));
    ([left, top], [(x - left as f64) as f32, (y - top as f64) as f32])
}

/// Rounds down; without the library call that `f64::floor` is on machines of the oldest kind.
fn floor(value: f64) -> i64 {
    let whole = value as i64;
    whole - i64::from((whole as f64) > value)
}

/// Weights of the four pixels around a position `t` behind the second.
fn cubic(t: f32) -> [f32; 4] {
    let (square, cube) = (t * t, t * t * t);
    [
        -0.5 * cube + square - 0.5 * t,
        1.5 * cube - 2.5 * square + 1.0,
        -1.5 * cube + 2.0 * square + 0.5 * t,
        0.5 * cube - 0.5 * square,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Channels, Serial};

    const ALL: [Interpolation; 3] =
        [Interpolation::Nearest, Interpolation::Bilinear, Interpolation::Bicubic];

    fn ramp(channels: Channels, size: Size) -> Image {
        let len = size.pixels() as usize * channels.count();
        let samples = (0..len).map(|i| (i * 37 % 251) as u8 + 1).collect();
        Image::new(size, channels, Samples::U8(samples)).unwrap()
    }

    #[test]
    fn identity_changes_nothing() {
        for channels in [Channels::Gray, Channels::GrayAlpha, Channels::Rgb, Channels::Rgba] {
            let image = ramp(channels, Size::new(9, 5));
            for interpolation in ALL {
                let options = WarpOptions { interpolation, border: Border::Edge };
                let same =
                    warp(&image, &Geometry::Identity, image.size(), &options, &Serial).unwrap();
                assert_eq!(same, image, "{channels:?} {interpolation:?}");
            }
        }
    }

    #[test]
    fn warped_quarter_turns_agree_with_exact_ones() {
        let image = ramp(Channels::Rgb, Size::new(7, 4));
        for (degrees, by) in
            [(90.0, Turn::Rotate90), (180.0, Turn::Rotate180), (270.0, Turn::Rotate270)]
        {
            let exact = turn(image.clone(), by);
            for interpolation in ALL {
                let (size, geometry) = rotation(image.size(), degrees, true);
                let options = WarpOptions { interpolation, border: Border::Edge };
                assert_eq!(warp(&image, &geometry, size, &options, &Serial).unwrap(), exact);
            }
            let options = RotateOptions { expand: true, ..RotateOptions::default() };
            assert_eq!(rotate(&image, degrees, &options, &Serial).unwrap(), exact);
        }
    }

    #[test]
    fn corners_show_the_fill_colour() {
        let image = ramp(Channels::Rgb, Size::new(20, 20));
        let border = Border::Constant([1.0, 0.0, 0.5, 1.0]);
        let warp = WarpOptions { border, ..WarpOptions::default() };
        let rotated = rotate(&image, 45.0, &RotateOptions { expand: true, warp }, &Serial).unwrap();
        assert_eq!(rotated.size(), Size::new(29, 29));
        let Samples::U8(samples) = rotated.samples() else { panic!("not 8 bit") };
        assert_eq!(samples[..3], [255, 0, 128]);
    }

    #[test]
    fn transparent_colours_do_not_bleed() {
        let samples = Samples::U8(vec![10, 20, 30, 255, 250, 250, 250, 0]);
        let image = Image::new(Size::new(2, 1), Channels::Rgba, samples).unwrap();
        let half = Geometry::translation(0.5, 0.0);
        let options = WarpOptions { border: Border::Edge, ..WarpOptions::default() };
        let shifted = warp(&image, &half, Size::new(1, 1), &options, &Serial).unwrap();
        assert_eq!(shifted.samples(), &Samples::U8(vec![10, 20, 30, 128]));
    }

    #[test]
    fn horizon_and_nonsense_do_not_panic() {
        let image = ramp(Channels::Gray, Size::new(5, 5));
        for geometry in [
            Geometry::Homography([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, -2.5]),
            Geometry::Affine([f64::NAN; 6]),
            Geometry::Affine([1e300; 6]),
        ] {
            for border in [Border::Wrap, Border::Reflect, Border::Edge] {
                let options = WarpOptions { border, interpolation: Interpolation::Bicubic };
                assert!(warp(&image, &geometry, Size::new(5, 5), &options, &Serial).is_ok());
            }
        }
    }
}
