//! Separable Gaussian convolution, band by band.
use crate::bands::{Banding, for_each_band};
use crate::geometry::Border;
use crate::sample::Sample;
use crate::simd::symmetric_sum;
use crate::visit::Visitor;
use crate::working::Working;
use crate::{Channels, Exec, Image, ImageError, Samples, Size};

/// Samples of one band.
const BAND_SAMPLES: usize = 1 << 19;

/// What becomes of the blurred pixels.
#[derive(Debug, Clone, Copy)]
pub(super) enum Finish {
    /// They are the result.
    Store,
    /// Unsharp mask.
    Sharpen { amount: f32, threshold: f32 },
}

pub(super) struct Blur<'a> {
    pub(super) image: &'a Image,
    pub(super) sigma: f32,
    pub(super) finish: Finish,
    pub(super) exec: &'a dyn Exec,
}

impl Visitor for Blur<'_> {
    type Output = Result<Samples, ImageError>;

    fn visit<T: Sample, const C: usize>(self, pixels: &[[T; C]]) -> Self::Output {
        let rows = Rows {
            pixels,
            width: self.image.width() as usize,
            height: self.image.height() as usize,
            weights: half_kernel(self.sigma),
            working: Working::of(self.image),
        };
        let mut out = vec![T::default(); pixels.len() * C];
        let banding = Banding::of_samples(rows.width * C, BAND_SAMPLES);
        let scratch = || rows.scratch();
        for_each_band(&mut out, banding, self.exec, scratch, |scratch, first, band| {
            for (y, out) in band.chunks_mut(rows.width * C).enumerate() {
                rows.blurred(first + y, y == 0, scratch);
                let line = scratch.line.as_chunks::<C>().0;
                match self.finish {
                    Finish::Store => rows.working.store_row(line, out),
                    Finish::Sharpen { amount, threshold } => {
                        rows.sharpen(first + y, line, (amount, threshold), out);
                    }
                }
            }
            Ok(())
        })?;
        Ok(T::wrap(out))
    }
}

/// Bytes of the scratch of all bands that can be in work at once.
pub(super) fn scratch_bytes(size: Size, channels: Channels, sigma: f32) -> u64 {
    let row_len = u64::from(size.width) * channels.count() as u64;
    let radius = radius(sigma) as u64;
    let floats = (2 * radius + 4) * row_len + 2 * radius * channels.count() as u64;
    // The list of row pairs and the list of rows come on top.
    let lane = floats * 4 + (2 * radius + 1) * 96;
    let banding = Banding::of_samples(row_len as usize, BAND_SAMPLES);
    banding.lanes(size.height as usize) as u64 * lane
}

/// How many pixels the kernel reaches to each side.
fn radius(sigma: f32) -> usize {
    (3.0 * sigma).ceil() as usize
}

/// Weights of the centre and of the pixels to one side; they sum to 1 over both sides.
fn half_kernel(sigma: f32) -> Vec<f32> {
    let (radius, sigma) = (radius(sigma), f64::from(sigma));
    let weight = |i: usize| libm::exp(-((i * i) as f64) / (2.0 * sigma * sigma));
    let sum: f64 = 1.0 + 2.0 * (1..=radius).map(weight).sum::<f64>();
    (0..=radius).map(|i| (weight(i) / sum) as f32).collect()
}

struct Rows<'a, T, const C: usize> {
    pixels: &'a [[T; C]],
    width: usize,
    height: usize,
    weights: Vec<f32>,
    working: Working,
}

struct Scratch {
    /// The 2 r + 1 rows around the current one; row y is at (y + r) modulo their number.
    ring: Vec<Vec<f32>>,
    /// One vertically blurred row with r pixels more at each side.
    padded: Vec<f32>,
    /// One blurred row.
    line: Vec<f32>,
}

impl<T: Sample, const C: usize> Rows<'_, T, C> {
    fn radius(&self) -> usize {
        self.weights.len() - 1
    }

    fn scratch(&self) -> Scratch {
        let row = vec![0.0; self.width * C];
        Scratch {
            ring: vec![row.clone(); 2 * self.radius() + 1],
            padded: vec![0.0; (self.width + 2 * self.radius()) * C],
            line: row,
        }
    }

    /// Blurs row `y` into the scratch line. Rows must come one after another; `fresh` begins
    /// anew.
    fn blurred(&self, y: usize, fresh: bool, scratch: &mut Scratch) {
        let (radius, count) = (self.radius(), scratch.ring.len());
        let new = if fresh { y..y + count } else { y + count - 1..y + count };
        for slot in new {
            // Slot s holds the row s - r.
            let row = slot as i64 - radius as i64;
            let row = Border::Reflect.resolve(row, self.height).unwrap_or(0);
            let source = &self.pixels[row * self.width..(row + 1) * self.width];
            self.working.load_row(source, scratch.ring[slot % count].as_chunks_mut::<C>().0);
        }
        let edge = radius * C;
        let ring = &scratch.ring;
        let at = |offset: usize| ring[(y + offset) % count].as_slice();
        let pairs: Vec<_> = (0..=radius).map(|k| (at(radius - k), at(radius + k))).collect();
        let inner = edge..edge + self.width * C;
        symmetric_sum(&self.weights, &pairs, &mut scratch.padded[inner]);
        self.mirror_ends(&mut scratch.padded);
        let (padded, len) = (&scratch.padded, scratch.line.len());
        let shifted = |start: usize| &padded[start..start + len];
        let pairs: Vec<_> =
            (0..=radius).map(|k| (shifted(edge - k * C), shifted(edge + k * C))).collect();
        symmetric_sum(&self.weights, &pairs, &mut scratch.line);
    }

    /// Fills the ends of a padded row with its mirrored beginning and end.
    fn mirror_ends(&self, padded: &mut [f32]) {
        let radius = self.radius();
        let pixels = padded.as_chunks_mut::<C>().0;
        for i in (0..radius).chain(radius + self.width..2 * radius + self.width) {
            let source = Border::Reflect.resolve(i as i64 - radius as i64, self.width);
            pixels[i] = pixels[radius + source.unwrap_or(0)];
        }
    }

    fn sharpen(
        &self,
        y: usize,
        blurred: &[[f32; C]],
        (amount, threshold): (f32, f32),
        out: &mut [T],
    ) {
        let colours = if self.working.alpha { C - 1 } else { C };
        let source = &self.pixels[y * self.width..(y + 1) * self.width];
        let pixels = out.as_chunks_mut::<C>().0.iter_mut().zip(source).zip(blurred);
        for ((out, source), blurred) in pixels {
            *out = *source;
            let opacity = if self.working.alpha { blurred[C - 1] / T::FULL } else { 1.0 };
            if opacity <= 0.0 {
                continue;
            }
            for c in 0..colours {
                let value = source[c].to_float();
                let difference = value - blurred[c] / opacity;
                if difference.abs() > threshold * T::FULL {
                    out[c] = T::from_float(value + amount * difference);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{UnsharpMask, gaussian_blur, unsharp_mask};
    use super::*;
    use crate::Serial;

    fn gray(width: u32, samples: Vec<u8>) -> Image {
        let height = samples.len() as u32 / width;
        Image::new(Size::new(width, height), Channels::Gray, Samples::U8(samples)).unwrap()
    }

    #[test]
    fn a_point_becomes_the_kernel() {
        let mut samples = vec![0.0_f32; 81];
        samples[40] = 1.0;
        let image = Image::new(Size::new(9, 9), Channels::Gray, Samples::F32(samples)).unwrap();
        let blurred = gaussian_blur(&image, 1.0, &Serial).unwrap();
        let Samples::F32(values) = blurred.samples() else { panic!("not float") };
        assert!((values.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        // exp(-1/2) apart in both directions
        assert!((values[41] / values[40] - 0.606_53).abs() < 1e-4);
        assert!((values[49] / values[40] - 0.606_53).abs() < 1e-4);
    }

    #[test]
    fn edges_are_mirrored_without_the_edge_pixel() {
        // OpenCV 5.0.0: GaussianBlur(row, (7, 7), 0.8) with a kernel of 7
        let blurred = gaussian_blur(&gray(5, vec![0, 200, 40, 90, 250]), 0.8, &Serial).unwrap();
        let Samples::U8(values) = blurred.samples() else { panic!("not 8 bit") };
        let expected = [93, 116, 92, 118, 168];
        let worst = values.iter().zip(expected).map(|(a, b)| a.abs_diff(b)).max();
        assert!(worst <= Some(1), "{values:?}");
    }

    #[test]
    fn wide_kernels_on_tiny_pictures() {
        for sigma in [0.3, 5.0, 40.0] {
            let image = gray(2, vec![9; 6]);
            assert_eq!(gaussian_blur(&image, sigma, &Serial).unwrap(), image);
        }
        assert!(gaussian_blur(&gray(1, vec![1]), f32::NAN, &Serial).is_err());
    }

    #[test]
    fn unsharp_mask_steepens_edges_above_the_threshold() {
        let image = gray(6, vec![100, 100, 100, 150, 150, 150]);
        let mut options = UnsharpMask { sigma: 1.0, amount: 1.0, threshold: 0.0 };
        let sharp = unsharp_mask(&image, &options, &Serial).unwrap();
        let Samples::U8(values) = sharp.samples() else { panic!("not 8 bit") };
        assert!(values[2] < 95 && values[3] > 155, "{values:?}");
        options.threshold = 0.2;
        assert_eq!(unsharp_mask(&image, &options, &Serial).unwrap(), image);
    }
}
