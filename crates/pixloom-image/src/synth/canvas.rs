//! The picture being painted, in linear light, and how it becomes 8-bit sRGB.
use super::noise;
use super::vector::V3;
use crate::{Channels, Image, PixelFormat, Samples, Size};

/// A picture in linear light; 1 is roughly white before [`Canvas::develop`].
#[derive(Debug, Clone)]
pub(super) struct Canvas {
    size: Size,
    pixels: Vec<V3>,
    finished: Vec<u8>,
}

impl Canvas {
    pub(super) fn new(size: Size) -> Self {
        let pixels = vec![V3::default(); size.pixels() as usize];
        Self { size, pixels, finished: Vec::new() }
    }

    pub(super) const fn width(&self) -> usize {
        self.size.width as usize
    }

    pub(super) const fn height(&self) -> usize {
        self.size.height as usize
    }

    /// The height as a length: the unit of all scenes.
    pub(super) const fn unit(&self) -> f32 {
        self.size.height as f32
    }

    /// Width divided by height.
    pub(super) const fn aspect(&self) -> f32 {
        self.size.width as f32 / self.size.height as f32
    }

    pub(super) fn at(&self, x: usize, y: usize) -> V3 {
        self.pixels[y * self.width() + x]
    }

    pub(super) fn set(&mut self, x: usize, y: usize, color: V3) {
        let at = y * self.width() + x;
        self.pixels[at] = color;
    }

    /// Lays `color` over the pixel; `coverage` 0 leaves it, 1 replaces it.
    pub(super) fn blend(&mut self, x: usize, y: usize, color: V3, coverage: f32) {
        let at = y * self.width() + x;
        self.pixels[at] = self.pixels[at].mix(color, coverage.clamp(0.0, 1.0));
    }

    /// Adds light to the pixel.
    pub(super) fn add(&mut self, x: usize, y: usize, light: V3) {
        let at = y * self.width() + x;
        self.pixels[at] += light;
    }

    /// Calls `shader` with the centre of each pixel in units of the height, (0, 0) at the top
    /// left.
    pub(super) fn shade(&mut self, mut shader: impl FnMut(f32, f32) -> V3) {
        let (width, scale) = (self.width(), 1.0 / self.unit());
        for (row, pixels) in self.pixels.chunks_mut(width).enumerate() {
            let y = (row as f32 + 0.5) * scale;
            for (column, pixel) in pixels.iter_mut().enumerate() {
                *pixel = shader((column as f32 + 0.5) * scale, y);
            }
        }
    }

    /// As [`Canvas::shade`], for a shader that also numbers what it sees: pixels at the border of
    /// two things are the mean of four samples, which smooths the edges.
    pub(super) fn shade_refined(&mut self, shader: impl Fn(f32, f32) -> (V3, u32)) {
        let mut things = Vec::with_capacity(self.pixels.len());
        self.shade(|x, y| {
            let (color, thing) = shader(x, y);
            things.push(thing);
            color
        });
        let (width, height, scale) = (self.width(), self.height(), 1.0 / self.unit());
        for row in 0..height {
            for column in 0..width {
                let at = row * width + column;
                let right = column + 1 < width && things[at] != things[at + 1];
                let below = row + 1 < height && things[at] != things[at + width];
                let left = column > 0 && things[at] != things[at - 1];
                let above = row > 0 && things[at] != things[at - width];
                if right || below || left || above {
                    let sample = |dx: f32, dy: f32| {
                        shader((column as f32 + dx) * scale, (row as f32 + dy) * scale).0
                    };
                    let sum = sample(0.25, 0.25)
                        + sample(0.75, 0.25)
                        + sample(0.25, 0.75)
                        + sample(0.75, 0.75);
                    self.pixels[at] = sum * 0.25;
                }
            }
        }
    }

    /// The pixels inside the box from (x0, y0) to (x1, y1), in units of the height.
    pub(super) fn clip(&self, low: (f32, f32), high: (f32, f32)) -> Clip {
        let range = |low: f32, high: f32, len: usize| {
            let start = (low * self.unit()).floor().clamp(0.0, len as f32) as usize;
            let end = (high * self.unit()).ceil().clamp(0.0, len as f32) as usize;
            start..end.max(start)
        };
        Clip {
            columns: range(low.0, high.0, self.width()),
            rows: range(low.1, high.1, self.height()),
        }
    }

    /// Blurs with two passes of a box of `radius` pixels: a lens out of focus.
    pub(super) fn blur(&mut self, radius: usize) {
        for _ in 0..2 {
            let (width, height) = (self.width(), self.height());
            let mut line = vec![V3::default(); width.max(height)];
            for row in 0..height {
                blur_line(&mut self.pixels[row * width..], (width, 1), radius, &mut line);
            }
            for column in 0..width {
                blur_line(&mut self.pixels[column..], (height, width), radius, &mut line);
            }
        }
    }

    /// Exposes the picture like film (1 − e^−x), adds a vignette and a trace of grain and
    /// rounds to 8-bit sRGB.
    pub(super) fn develop(&mut self, seed: u32) {
        let table = srgb_table();
        let (aspect, scale, width) = (self.aspect(), 1.0 / self.unit(), self.width());
        let corner = 0.25 * (aspect * aspect + 1.0);
        let mut finished = Vec::with_capacity(self.pixels.len() * 3);
        for (row, pixels) in self.pixels.chunks(width).enumerate() {
            let y = (row as f32 + 0.5) * scale - 0.5;
            for (column, pixel) in pixels.iter().enumerate() {
                let x = (column as f32 + 0.5) * scale - 0.5 * aspect;
                let light = *pixel * (1.0 - 0.28 * (x * x + y * y) / corner);
                let grain = noise::white(column as i32, row as i32, seed) - 0.5;
                for value in [light.x, light.y, light.z] {
                    let exposed = (1.0 - libm::expf(-1.6 * value.max(0.0))).sqrt();
                    finished.push(
                        table[((exposed + 0.008 * grain) * 4095.0 + 0.5).clamp(0.0, 4095.0)
                            as usize],
                    );
                }
            }
        }
        self.finished = finished;
    }

    pub(super) fn into_image(self) -> Image {
        let blank = Image::zeros(self.size, PixelFormat::RGB8);
        Image::new(self.size, Channels::Rgb, Samples::U8(self.finished)).unwrap_or(blank)
    }
}

/// The pixels of a rectangle.
#[derive(Debug, Clone)]
pub(super) struct Clip {
    pub(super) columns: std::ops::Range<usize>,
    pub(super) rows: std::ops::Range<usize>,
}

/// A running mean over one row or column (`len` pixels, `step` apart); edges are repeated.
fn blur_line(pixels: &mut [V3], (len, step): (usize, usize), radius: usize, line: &mut [V3]) {
    for (i, value) in line[..len].iter_mut().enumerate() {
        *value = pixels[i * step];
    }
    let at = |i: isize| line[i.clamp(0, len as isize - 1) as usize];
    let (radius, share) = (radius as isize, 1.0 / (2 * radius + 1) as f32);
    let mut sum = (-radius..=radius).fold(V3::default(), |sum, i| sum + at(i));
    for i in 0..len {
        pixels[i * step] = sum * share;
        sum = sum + at(i as isize + radius + 1) - at(i as isize - radius);
    }
}

/// sRGB codes (IEC 61966-2-1) of linear light t² for t = i / 4095: the square keeps the steps
/// even in the shadows.
fn srgb_table() -> Vec<u8> {
    let code = |i: u16| {
        let t = f32::from(i) / 4095.0;
        let light = t * t;
        let value = if light <= 0.003_130_8 {
            12.92 * light
        } else {
            1.055 * libm::powf(light, 1.0 / 2.4) - 0.055
        };
        (value * 255.0 + 0.5) as u8
    };
    (0..4096).map(code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_spans_all_codes_in_order() {
        let table = srgb_table();
        assert_eq!((table[0], table[4095]), (0, 255));
        assert!(table.is_sorted());
    }

    #[test]
    fn blur_keeps_the_mean_of_a_flat_picture() {
        let mut canvas = Canvas::new(Size::new(7, 5));
        canvas.shade(|_, _| V3::gray(0.5));
        canvas.blur(3);
        assert!((canvas.at(0, 0).x - 0.5).abs() < 1e-5);
        assert!((canvas.at(6, 4).z - 0.5).abs() < 1e-5);
    }

    #[test]
    fn clip_stays_inside() {
        let canvas = Canvas::new(Size::new(8, 4));
        let clip = canvas.clip((-3.0, 0.5), (0.5, 9.0));
        assert_eq!((clip.columns, clip.rows), (0..2, 2..4));
        assert!(canvas.clip((5.0, 0.0), (6.0, 1.0)).columns.is_empty());
    }
}
