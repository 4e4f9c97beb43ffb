//! Levels, white balance, contrast, gamma and saturation: one curve for the whole picture.
use super::canvas::{Canvas, bytes, repaired};
use crate::{Image, ImageError, PixelFormat, Size};

/// Bins of a histogram over 0 to 1.
const BINS: usize = 4096;

/// Which values become black and white.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Levels {
    /// This share of the samples becomes black, in percent.
    pub black: f32,
    /// This share of the samples becomes white, in percent.
    pub white: f32,
    /// Each colour by itself, which also removes casts.
    pub per_channel: bool,
    /// How much of the change is made, 0 to 1.
    pub amount: f32,
}

/// Gains and curves that need nothing of the picture but its means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tone {
    /// Added to every sample, −1 to 1, before all else.
    pub brightness: f32,
    /// Factor on the distance to the mean luma; 1 changes nothing.
    pub contrast: f32,
    /// Exponent of the values is 1 / gamma; above 1 brightens.
    pub gamma: f32,
    /// Factor on the distance to the pixel's luma; 1 changes nothing.
    pub saturation: f32,
}

fn histogram<'a>(values: impl Iterator<Item = &'a f32>) -> Vec<u64> {
    let mut bins = vec![0; BINS];
    for value in values {
        bins[(value.clamp(0.0, 1.0) * (BINS - 1) as f32 + 0.5) as usize] += 1;
    }
    bins
}

/// The values below and above which the shares lie, in percent.
fn ends(bins: &[u64], (black, white): (f32, f32)) -> (f32, f32) {
    let total: u64 = bins.iter().sum();
    let place = |wanted: f64, mut bins: Box<dyn Iterator<Item = (usize, &u64)> + '_>| {
        let mut seen = 0;
        bins.find(|(_, count)| {
            seen += **count;
            seen as f64 > wanted
        })
        .map_or(0, |(at, _)| at)
    };
    let share = |percent: f32| f64::from(percent) / 100.0 * total as f64;
    let low = place(share(black), Box::new(bins.iter().enumerate()));
    let high = place(share(white), Box::new(bins.iter().enumerate().rev()));
    (low as f32 / (BINS - 1) as f32, high as f32 / (BINS - 1) as f32)
}

/// Stretches the values so that the given shares become black and white.
///
/// # Errors
/// None but those of a picture that cannot be put together.
pub fn levels(image: Image, options: &Levels) -> Result<Image, ImageError> {
    let shares = (options.black, options.white);
    repaired(image, |canvas| {
        let joint = ends(&histogram(canvas.planes.iter().flatten()), shares);
        for plane in &mut canvas.planes {
            let own = || ends(&histogram(plane.iter()), shares);
            let (low, high) = if options.per_channel { own() } else { joint };
            if high - low < 1e-3 {
                continue;
            }
            let (gain, amount) = (1.0 / (high - low), options.amount);
            for value in plane.iter_mut() {
                *value += amount * ((*value - low) * gain - *value);
            }
        }
        Ok(())
    })
}

/// Brings the means of the colours together (gray world, Buchsbaum 1980), the luma's mean kept.
///
/// # Errors
/// None but those of a picture that cannot be put together.
pub fn gray_world(image: Image, amount: f32) -> Result<Image, ImageError> {
    repaired(image, |canvas| {
        if canvas.planes.len() == 3 {
            let wanted = mean(&canvas.luma());
            for plane in &mut canvas.planes {
                let gain = 1.0 + amount * (wanted / mean(plane).max(1e-3) - 1.0);
                for value in plane {
                    *value *= gain;
                }
            }
        }
        Ok(())
    })
}

/// Applies brightness, contrast, gamma and saturation, in this order.
///
/// # Errors
/// None but those of a picture that cannot be put together.
pub fn tone(image: Image, options: &Tone) -> Result<Image, ImageError> {
    repaired(image, |canvas| {
        let Tone { brightness, contrast, gamma, saturation } = *options;
        let middle = mean(&canvas.luma()) + brightness;
        let exponent = 1.0 / gamma.max(0.01);
        for value in canvas.planes.iter_mut().flatten() {
            let stretched = (*value + brightness - middle) * contrast + middle;
            *value = stretched.clamp(0.0, 1.0);
            if (exponent - 1.0).abs() > f32::EPSILON {
                *value = libm::powf(*value, exponent);
            }
        }
        if (saturation - 1.0).abs() > f32::EPSILON {
            saturate(canvas, saturation);
        }
        Ok(())
    })
}

fn saturate(canvas: &mut Canvas, factor: f32) {
    if canvas.planes.len() == 3 {
        let luma = canvas.luma();
        for plane in &mut canvas.planes {
            plane.iter_mut().zip(&luma).for_each(|(v, luma)| *v = luma + (*v - luma) * factor);
        }
    }
}

fn mean(values: &[f32]) -> f32 {
    let sum: f64 = values.iter().map(|value| f64::from(*value)).sum();
    (sum / values.len().max(1) as f64) as f32
}

/// Upper bound of the bytes that a kernel of this module allocates.
pub fn tone_cost(size: Size, format: PixelFormat) -> u64 {
    bytes(size, format, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Channels, Samples};

    fn rgb(samples: Vec<u8>) -> Image {
        let size = Size::new(samples.len() as u32 / 3, 1);
        Image::new(size, Channels::Rgb, Samples::U8(samples)).unwrap()
    }

    fn values(image: Image) -> Vec<u8> {
        let Samples::U8(samples) = image.into_samples() else { panic!("the depth changed") };
        samples
    }

    #[test]
    fn levels_reach_black_and_white() {
        let options = Levels { black: 0.0, white: 0.0, per_channel: false, amount: 1.0 };
        let found = values(levels(rgb(vec![60, 60, 60, 111, 160, 80]), &options).unwrap());
        assert_eq!(found, [0, 0, 0, 130, 255, 51]);
        let each = Levels { per_channel: true, ..options };
        let found = values(levels(rgb(vec![60, 60, 60, 111, 160, 80]), &each).unwrap());
        assert_eq!(found, [0, 0, 0, 255, 255, 255]);
    }

    #[test]
    fn a_cast_goes() {
        let found = values(gray_world(rgb(vec![150, 100, 50, 150, 100, 50]), 1.0).unwrap());
        assert!(found.iter().all(|value| value.abs_diff(found[0]) <= 1), "{found:?}");
    }

    #[test]
    fn neutral_tone_changes_nothing_and_contrast_keeps_the_mean() {
        let none = Tone { brightness: 0.0, contrast: 1.0, gamma: 1.0, saturation: 1.0 };
        let image = rgb(vec![10, 200, 30, 90, 90, 91]);
        assert_eq!(values(tone(image.clone(), &none).unwrap()), values(image));
        let twice = Tone { contrast: 2.0, ..none };
        assert_eq!(
            values(tone(rgb(vec![100, 100, 100, 120, 120, 120]), &twice).unwrap()),
            [90, 90, 90, 130, 130, 130]
        );
    }
}
