//! Brightness, information, sharpness and colour of a picture, as cleanvision defines them.
//!
//! Source: cleanvision 0.3 (github.com/cleanlab/cleanvision, `image_property.py`): brightness is
//! `sqrt(0.241 R² + 0.691 G² + 0.068 B²) / 255` per pixel; information is the entropy of the
//! histograms of all channels together; blur is the standard deviation of Pillow's
//! `FIND_EDGES` over the gray picture of at most 64 pixels a side. Ours are taken of the reduced
//! decode, which changes them by little.
use pixloom_image::resize::{self, Filter, ResizeOptions};
use pixloom_image::{Channels, Exec, Image, Samples, Size};
use pixloom_match::Quality;
use serde::{Deserialize, Serialize};

/// Longer side at which sharpness is measured, in pixels.
const BLUR_SIDE: u32 = 64;
/// Largest difference between channels, 0 to 255, that counts as gray.
const GRAY_TOLERANCE: u8 = 4;
/// Share of pixels that may be coloured more than that in a gray picture.
const GRAY_SHARE: f64 = 0.001;

/// Pixels whose brightness is taken at once.
const TOGETHER: usize = 64;

/// Measured of one picture.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(in crate::jobs) struct Measures {
    /// The brightness that 5 % of the pixels stay below, 0 to 1.
    pub(in crate::jobs) brightness_5: f32,
    /// The brightness that 99 % of the pixels stay below, 0 to 1.
    pub(in crate::jobs) brightness_99: f32,
    /// Entropy of the histograms of all channels, in bits.
    pub(in crate::jobs) entropy: f32,
    /// Standard deviation of the edges.
    pub(in crate::jobs) edges: f32,
    /// Standard deviation of the 256 counts of the gray histogram.
    pub(in crate::jobs) histogram_deviation: f32,
    /// Whether there is no colour, whatever the channels.
    pub(in crate::jobs) gray: bool,
    /// What tells the better of two copies, where the picture was looked at in full size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::jobs) detail: Option<Detail>,
}

/// [`Quality`], as the cache keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(in crate::jobs) struct Detail([f32; 4]);

impl Detail {
    /// Four numbers of four bytes.
    pub(in crate::jobs) fn to_bytes(self) -> Vec<u8> {
        self.0.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    /// What [`Detail::to_bytes`] gave.
    pub(in crate::jobs) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (values, []) = bytes.as_chunks::<4>() else { return None };
        let values: [[u8; 4]; 4] = values.try_into().ok()?;
        Some(Self(values.map(f32::from_le_bytes)))
    }
}

impl From<Quality> for Detail {
    fn from(quality: Quality) -> Self {
        let Quality { cutoff, blockiness, sharpness, noise } = quality;
        Self([cutoff, blockiness, sharpness, noise])
    }
}

impl From<Detail> for Quality {
    fn from(Detail([cutoff, blockiness, sharpness, noise]): Detail) -> Self {
        Self { cutoff, blockiness, sharpness, noise }
    }
}

/// Histograms of every second pixel: neighbours are often equal, and counting two of them in one
/// place would wait for each other.
#[derive(Clone)]
struct Counts {
    channels: [[u32; 256]; 3],
    brightness: [u32; 1024],
}

impl Default for Counts {
    fn default() -> Self {
        Self { channels: [[0; 256]; 3], brightness: [0; 1024] }
    }
}

impl Measures {
    /// Of an 8-bit RGB picture and its luma.
    pub(super) fn of(rgb: &Image, gray: &Image, exec: &dyn Exec) -> Self {
        let Samples::U8(samples) = rgb.samples() else { return Self::default() };
        let mut counts = vec![Counts::default(); 2];
        let mut coloured = 0u64;
        for pixels in samples.as_chunks::<3>().0.chunks(TOGETHER) {
            let mut lights = [0_u32; TOGETHER];
            for (light, [r, g, b]) in lights.iter_mut().zip(pixels) {
                let [x, y, z] = [r, g, b].map(|v| f32::from(*v) * f32::from(*v));
                let root = (0.241 * x + 0.691 * y + 0.068 * z).sqrt();
                *light = (root / 255.0 * 1023.0 + 0.5) as i32 as u32;
            }
            for (at, ([r, g, b], light)) in pixels.iter().zip(lights).enumerate() {
                let counts = &mut counts[at % 2];
                for (histogram, value) in counts.channels.iter_mut().zip([r, g, b]) {
                    histogram[usize::from(*value)] += 1;
                }
                counts.brightness[light.min(1023) as usize] += 1;
                let range = r.max(g).max(b) - r.min(g).min(b);
                coloured += u64::from(range > GRAY_TOLERANCE);
            }
        }
        let sum = |at: &dyn Fn(&Counts) -> u32| counts.iter().map(|one| u64::from(at(one))).sum();
        let channels: [[u64; 256]; 3] = std::array::from_fn(|channel| {
            std::array::from_fn(|value| sum(&|counts| counts.channels[channel][value]))
        });
        let brightness: Vec<u64> =
            (0..1024).map(|light| sum(&|counts| counts.brightness[light])).collect();
        let pixels = rgb.size().pixels();
        let is_gray = coloured as f64 <= GRAY_SHARE * pixels as f64;
        let small = shrunk(gray, exec);
        let (edges, histogram_deviation) = small
            .as_ref()
            .map_or((0.0, 0.0), |small| (edge_deviation(small), histogram_deviation(small)));
        Self {
            brightness_5: percentile(&brightness, pixels, 0.05),
            brightness_99: percentile(&brightness, pixels, 0.99),
            entropy: if is_gray { entropy(&channels[..1]) } else { entropy(&channels) },
            edges,
            histogram_deviation,
            gray: is_gray,
            detail: None,
        }
    }
}

fn percentile(histogram: &[u64], count: u64, share: f64) -> f32 {
    let wanted = (count as f64 * share).ceil() as u64;
    let mut seen = 0;
    for (value, number) in histogram.iter().enumerate() {
        seen += number;
        if seen >= wanted.max(1) {
            return value as f32 / (histogram.len() - 1) as f32;
        }
    }
    1.0
}

fn entropy(channels: &[[u64; 256]]) -> f32 {
    let total: u64 = channels.iter().flatten().sum();
    let term = |count: &u64| {
        let share = *count as f64 / total.max(1) as f64;
        if *count == 0 { 0.0 } else { -share * share.log2() }
    };
    channels.iter().flatten().map(term).sum::<f64>() as f32
}

fn shrunk(gray: &Image, exec: &dyn Exec) -> Option<Image> {
    let (size, longest) = (gray.size(), gray.size().long_edge());
    if longest <= BLUR_SIDE {
        return Some(gray.clone());
    }
    let ratio = f64::from(longest) / f64::from(BLUR_SIDE);
    let side = |side: u32| ((f64::from(side) / ratio) as u32).max(1);
    let options = ResizeOptions { filter: Filter::CatmullRom, ..ResizeOptions::default() };
    resize::resize(gray, Size::new(side(size.width), side(size.height)), &options, exec).ok()
}

/// Standard deviation of eight times a pixel less its neighbours, cut to 0 to 255; pixels at the
/// border stay as they are.
fn edge_deviation(gray: &Image) -> f32 {
    let (Samples::U8(samples), Channels::Gray) = (gray.samples(), gray.channels()) else {
        return 0.0;
    };
    let (width, height) = (gray.width() as usize, gray.height() as usize);
    let (mut sum, mut squares) = (0u64, 0u64);
    for y in 0..height {
        for x in 0..width {
            let value = if x == 0 || y == 0 || x + 1 == width || y + 1 == height {
                u64::from(samples[y * width + x])
            } else {
                let row = |y: usize| {
                    samples[y * width + x - 1..y * width + x + 2].iter().map(|v| i32::from(*v))
                };
                let all: i32 = row(y - 1).chain(row(y)).chain(row(y + 1)).sum();
                (9 * i32::from(samples[y * width + x]) - all).clamp(0, 255) as u64
            };
            sum += value;
            squares += value * value;
        }
    }
    let count = samples.len() as f64;
    let mean = sum as f64 / count;
    (squares as f64 / count - mean * mean).max(0.0).sqrt() as f32
}

fn histogram_deviation(gray: &Image) -> f32 {
    let Samples::U8(samples) = gray.samples() else { return 0.0 };
    let mut counts = [0u64; 256];
    for value in samples {
        counts[usize::from(*value)] += 1;
    }
    let mean = samples.len() as f64 / 256.0;
    let squares: f64 = counts.iter().map(|count| (*count as f64 - mean).powi(2)).sum();
    (squares / 256.0).sqrt() as f32
}

#[cfg(test)]
mod tests {
    use pixloom_image::Serial;

    use super::*;

    fn measures(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 3]) -> Measures {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let samples: Vec<u8> = pixels.flat_map(|(x, y)| pixel(x, y)).collect();
        let size = Size::new(width, height);
        let rgb = Image::new(size, Channels::Rgb, Samples::U8(samples)).unwrap();
        let format = pixloom_image::PixelFormat::new(Channels::Gray, pixloom_image::Depth::U8);
        let gray = pixloom_image::convert::convert(rgb.clone(), format);
        Measures::of(&rgb, &gray, &Serial)
    }

    #[test]
    fn flat_pictures_have_no_information() {
        let black = measures(64, 48, |_, _| [0; 3]);
        assert_eq!((black.brightness_99, black.entropy, black.edges), (0.0, 0.0, 0.0));
        assert!(black.gray);
        let white = measures(64, 48, |_, _| [255; 3]);
        assert!((white.brightness_5 - 1.0).abs() < 1e-6);
    }

    #[test]
    fn ramps_and_checks_have_the_known_values() {
        let ramp = measures(256, 10, |x, _| [x as u8; 3]);
        assert!((ramp.entropy - 8.0).abs() < 1e-4 && ramp.histogram_deviation < 1.0);
        assert!((ramp.brightness_5 - 0.05).abs() < 0.01);
        let checks = measures(64, 64, |x, y| [((x + y) % 2 * 255) as u8; 3]);
        assert!(checks.edges > 100.0 && (checks.entropy - 1.0).abs() < 1e-4);
        assert!(!measures(9, 9, |x, _| [200, x as u8, 0]).gray);
    }
}
