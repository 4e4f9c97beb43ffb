//! Regular patterns in the spectrum: moiré, hum, the screens of printed halftones.
use super::canvas::{box_mean, bytes, repaired};
use crate::fft::{Complex, Fft};
use crate::{Exec, Image, ImageError, PixelFormat, Size};

/// Most peaks that are removed.
const MOST_PEAKS: usize = 64;
/// Radius of the surroundings that a peak is compared with, in bins.
const AROUND: usize = 6;
/// Half the width of the rings that go, relative to their radius.
const RING: f64 = 0.12;
/// A screen gives at least two peaks and their mirror images.
const SCREEN_PEAKS: usize = 4;

/// How the screen of a print is removed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Descreen {
    /// How many times above their surroundings the peaks of a screen are.
    pub threshold: f32,
    /// The lowest frequency of a screen, in cycles per pixel.
    pub least: f32,
    /// Share of the screen's frequency up to which everything stays.
    pub keep: f32,
    /// Share of what lies beyond that stays, save at the screen's frequencies; 0 to 1.
    pub detail: f32,
}

/// A plane's transform, mirrored beyond the edges so that these are no pattern of their own.
struct Mirrored {
    fft: Fft,
    width: usize,
    height: usize,
}

impl Mirrored {
    fn new(width: usize, height: usize) -> Self {
        Self { fft: Fft::at_least(width.max(height)), width, height }
    }

    fn forward(&self, plane: &[f32]) -> Vec<Complex> {
        let side = self.fft.side();
        let mirrored = |at: usize, len: usize| {
            let at = at % (2 * len);
            if at < len { at } else { 2 * len - 1 - at }
        };
        let value = |at: usize| {
            let (x, y) = (mirrored(at % side, self.width), mirrored(at / side, self.height));
            Complex::new(f64::from(plane[y * self.width + x]), 0.0)
        };
        let mut values: Vec<Complex> = (0..side * side).map(value).collect();
        self.fft.forward(&mut values);
        values
    }

    fn inverse(&self, mut values: Vec<Complex>) -> Vec<f32> {
        self.fft.inverse(&mut values);
        let (side, width) = (self.fft.side(), self.width);
        let place = |at: usize| at / width * side + at % width;
        (0..width * self.height).map(|at| values[place(at)].re as f32).collect()
    }

    /// Cycles per pixel of a bin.
    fn frequency(&self, at: usize) -> f64 {
        let side = self.fft.side();
        let signed = |at: usize| if at > side / 2 { side - at } else { at } as f64 / side as f64;
        libm::hypot(signed(at % side), signed(at / side))
    }

    /// Bins that stand out of their surroundings, the most outstanding first, and the means of the
    /// surroundings.
    fn peaks(&self, values: &[Complex], (threshold, least): (f32, f32)) -> (Vec<usize>, Vec<f32>) {
        let magnitudes: Vec<f32> = values.iter().map(|value| value.norm() as f32).collect();
        let side = self.fft.side();
        let around = box_mean(&magnitudes, (side, side), AROUND);
        let mut peaks: Vec<(f32, usize)> = (0..values.len())
            .filter(|at| magnitudes[*at] > threshold * around[*at])
            .filter(|at| self.frequency(*at) >= f64::from(least))
            .map(|at| (magnitudes[at] / around[at].max(1e-12), at))
            .collect();
        peaks.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        peaks.truncate(2 * MOST_PEAKS);
        (peaks.into_iter().map(|(_, at)| at).collect(), around)
    }
}

/// Removes regular patterns (moiré, halftone screens, hum): peaks of the luma's spectrum that
/// stand out of their surroundings by `threshold` times are brought down to them.
///
/// `least` is the lowest frequency that counts, in cycles per pixel.
///
/// # Errors
/// `Limit` if `exec` says stop.
pub fn notch(
    image: Image,
    (threshold, least): (f32, f32),
    exec: &dyn Exec,
) -> Result<Image, ImageError> {
    repaired(image, |canvas| {
        let luma = canvas.luma();
        let mirrored = Mirrored::new(canvas.width, canvas.height);
        exec.check_stop()?;
        let mut values = mirrored.forward(&luma);
        let (peaks, around) = mirrored.peaks(&values, (threshold, least));
        if !peaks.is_empty() {
            exec.check_stop()?;
            lower(&mut values, (&peaks, &around), mirrored.fft.side());
            canvas.add_luma(&luma, &mirrored.inverse(values));
        }
        Ok(())
    })
}

/// Brings peaks and their neighbours down to half the mean around them.
fn lower(values: &mut [Complex], (peaks, around): (&[usize], &[f32]), side: usize) {
    for at in peaks {
        let (x, y) = (at % side, at / side);
        for dy in 0..3 {
            for dx in 0..3 {
                let here = (y + side + dy - 1) % side * side + (x + side + dx - 1) % side;
                let most = f64::from(around[here]) / 2.0;
                let now = values[here].norm();
                if now > most {
                    values[here] *= most / now;
                }
            }
        }
    }
}

/// Removes the screen of a printed halftone: its frequency is that of the strongest peaks of the
/// luma's spectrum; colours lose what lies beyond a share of it (a Butterworth low-pass of order
/// 4), and rings around it and its harmonics, since the screens of the inks share a frequency and
/// differ in their angle. A picture without a screen stays as it is.
///
/// # Errors
/// `Limit` if `exec` says stop.
pub fn descreen(image: Image, options: &Descreen, exec: &dyn Exec) -> Result<Image, ImageError> {
    repaired(image, |canvas| {
        let mirrored = Mirrored::new(canvas.width, canvas.height);
        exec.check_stop()?;
        let values = mirrored.forward(&canvas.luma());
        let (peaks, _) = mirrored.peaks(&values, (options.threshold, options.least));
        let Some(screen) = screen(&mirrored, &values, &peaks) else { return Ok(()) };
        for plane in &mut canvas.planes {
            exec.check_stop()?;
            let mut values = mirrored.forward(plane);
            for (at, value) in values.iter_mut().enumerate() {
                *value *= kept(mirrored.frequency(at) / screen, options);
            }
            *plane = mirrored.inverse(values);
        }
        Ok(())
    })
}

/// The frequency of the strongest peak, if enough others share it.
fn screen(mirrored: &Mirrored, values: &[Complex], peaks: &[usize]) -> Option<f64> {
    let size = |at: &usize| values[*at].norm();
    let strongest = peaks.iter().max_by(|a, b| size(a).total_cmp(&size(b)).then(b.cmp(a)))?;
    let frequency = mirrored.frequency(*strongest);
    let alike = |at: &&usize| (mirrored.frequency(**at) / frequency - 1.0).abs() < RING / 2.0;
    (peaks.iter().filter(alike).count() >= SCREEN_PEAKS).then_some(frequency)
}

/// How much of a frequency stays, given relative to that of the screen.
fn kept(relative: f64, options: &Descreen) -> f64 {
    let low = 1.0 / (1.0 + libm::pow(relative / f64::from(options.keep.max(0.05)), 8.0));
    // A square grid repeats at 1, √2, 2, √5, … of its frequency.
    let ring = |square: u32| (relative / libm::sqrt(f64::from(square)) - 1.0).abs() < RING;
    let beyond = if [1, 2, 4, 5, 8, 9].into_iter().any(ring) { 0.0 } else { options.detail };
    low + (1.0 - low) * f64::from(beyond)
}

/// Upper bound of the bytes that [`notch`] and [`descreen`] allocate.
pub fn screen_cost(size: Size, format: PixelFormat) -> u64 {
    let side = u64::from(size.width.max(size.height)).next_power_of_two();
    bytes(size, format, 1).saturating_add(side.saturating_mul(side).saturating_mul(2 * 16 + 20))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Channels, Samples, Serial};

    const OPTIONS: Descreen = Descreen { threshold: 6.0, least: 0.08, keep: 0.6, detail: 0.0 };

    fn picture(channels: Channels, value: impl Fn(usize, usize, usize) -> f32) -> Image {
        let count = channels.count();
        let samples = (0..96 * 96 * count)
            .map(|at| value((at / count) % 96, at / count / 96, at % count))
            .collect();
        Image::new(Size::new(96, 96), channels, Samples::F32(samples)).unwrap()
    }

    fn error(a: &Image, b: &Image) -> f32 {
        let (Samples::F32(a), Samples::F32(b)) = (a.samples(), b.samples()) else {
            panic!("the depth changed")
        };
        a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>() / a.len() as f32
    }

    fn scene(x: usize, y: usize, c: usize) -> f32 {
        0.5 + 0.25 * libm::sinf((x + c * 9) as f32 / 17.0) * libm::cosf(y as f32 / 23.0)
    }

    #[test]
    fn a_wave_is_removed() {
        let clean = picture(Channels::Gray, scene);
        let wave = |x: usize| 0.1 * libm::sinf(0.25 * std::f32::consts::TAU * x as f32);
        let damaged = picture(Channels::Gray, |x, y, c| scene(x, y, c) + wave(x));
        let found = notch(damaged.clone(), (4.0, 0.05), &Serial).unwrap();
        assert!(error(&found, &clean) < 0.1 * error(&damaged, &clean));
    }

    #[test]
    fn dots_of_a_print_become_tones_again() {
        // Each ink has dots of the same distance on a grid of its own angle.
        let dots = |x: usize, y: usize, c: usize| {
            let (sin, cos) = libm::sincosf(0.4 + 0.5 * c as f32);
            let (x, y) = (x as f32 * 1.4, y as f32 * 1.4);
            let grid = libm::cosf(cos * x + sin * y) + libm::cosf(cos * y - sin * x);
            f32::midpoint(grid / 2.0, 1.0)
        };
        let clean = picture(Channels::Rgb, scene);
        let print = picture(
            Channels::Rgb,
            |x, y, c| {
                if scene(x, y, c) > dots(x, y, c) { 1.0 } else { 0.0 }
            },
        );
        let found = descreen(print.clone(), &OPTIONS, &Serial).unwrap();
        let (before, after) = (error(&print, &clean), error(&found, &clean));
        assert!(after < 0.1 * before, "{before} {after}");
    }

    #[test]
    fn what_has_no_screen_stays() {
        let clean = picture(Channels::Rgb, scene);
        let mut state = 5_u64;
        let mut noise = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f32 / (1 << 24) as f32
        };
        let values: Vec<f32> = (0..96 * 96).map(|_| noise()).collect();
        let noisy = picture(Channels::Gray, |x, y, _| values[y * 96 + x]);
        for image in [clean, noisy] {
            assert_eq!(descreen(image.clone(), &OPTIONS, &Serial).unwrap(), image);
        }
    }

    #[test]
    fn detail_between_the_rings_may_stay() {
        let options = Descreen { detail: 0.5, ..OPTIONS };
        assert!((kept(0.0, &options) - 1.0).abs() < 1e-9);
        assert!(kept(1.0, &options) < 0.02 && kept(2.0, &options) < 1e-3);
        assert!((kept(1.7, &options) - 0.5).abs() < 1e-3);
        assert!(kept(1.7, &OPTIONS) < 1e-3);
    }
}
