//! What the fields of a TIFF page say about its pixels, and their colour models.
use super::decode::depth_of;
use super::file::File;
use crate::{Channels, ImageError, Orientation, PixelFormat, Size};

/// Photometric interpretation (TIFF 6.0, field 262).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Model {
    Gray,
    Rgb,
    Palette,
    Cmyk,
    YCbCr,
}

/// One page, from its directory.
#[derive(Debug)]
pub(super) struct Page {
    /// Offset of the directory.
    pub(super) at: usize,
    pub(super) size: Size,
    pub(super) bits: u16,
    /// Samples a pixel, extra ones included.
    pub(super) samples: u16,
    pub(super) model: Model,
    pub(super) planar: bool,
    pub(super) orientation: Orientation,
    float: bool,
    alpha: Alpha,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alpha {
    None,
    Straight,
    Premultiplied,
}

impl Page {
    /// Reads the fields of the directory at `at`.
    ///
    /// # Errors
    /// `Corrupt` if fields are missing, `Unsupported` for colour models and number types that
    /// have no counterpart in a picture.
    pub(super) fn read(file: &File<'_>, at: usize) -> Result<Self, ImageError> {
        let number = |tag: u16, default: u32| file.number(at, tag).unwrap_or(default);
        check_tiles(file, at)?;
        let (Some(width), Some(height)) = (file.number(at, 256), file.number(at, 257)) else {
            return Err(ImageError::corrupt("the TIFF directory has no size"));
        };
        let samples = number(277, 1);
        let bits = file.numbers(at, 258);
        let first = bits.first().copied().unwrap_or(1);
        if bits.iter().any(|&other| other != first) || !(1..=64).contains(&first) {
            return Err(ImageError::unsupported(format!(
                "TIFF samples of {bits:?} bits are not built in"
            )));
        }
        let format = number(339, 1);
        if format == 2 || format > 4 {
            return Err(ImageError::unsupported(
                "TIFF with signed or complex numbers is not built in",
            ));
        }
        let model = model(number(262, 1))?;
        let color_samples = model.samples();
        if samples < color_samples || samples > 64 {
            return Err(ImageError::corrupt(format!(
                "{samples} samples a pixel do not fit the TIFF colour model"
            )));
        }
        let (subsampling, compression) = (file.numbers(at, 530), number(259, 1));
        if model == Model::YCbCr && compression != 7 && subsampling != [1, 1] {
            return Err(ImageError::unsupported(
                "TIFF with subsampled YCbCr is only built in as JPEG",
            ));
        }
        let alpha = alpha(samples, color_samples, file.numbers(at, 338).first().copied());
        Ok(Self {
            at,
            size: Size::new(width, height),
            bits: first as u16,
            samples: samples as u16,
            model,
            planar: number(284, 1) == 2 && samples > 1,
            orientation: Orientation::from_exif(number(274, 1)),
            float: format == 3,
            alpha,
        })
    }

    /// What a decode yields.
    pub(super) fn format(&self) -> PixelFormat {
        let channels = if self.model == Model::Gray { Channels::Gray } else { Channels::Rgb };
        let alpha = self.alpha != Alpha::None;
        let mut depth = depth_of(self.bits, self.float);
        if self.model == Model::Palette {
            depth = depth_of(self.bits, false);
        }
        PixelFormat::new(channels.with_alpha(alpha), depth)
    }

    /// Samples a pixel that reach the picture.
    pub(super) fn used_samples(&self) -> u32 {
        self.model.samples() + u32::from(self.alpha != Alpha::None)
    }

    /// Extra samples that are dropped.
    pub(super) fn dropped(&self) -> u32 {
        u32::from(self.samples) - self.used_samples()
    }

    /// Whether the stored samples are the picture's.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.model, Model::Gray | Model::Rgb) && self.alpha != Alpha::Premultiplied
    }

    pub(super) const fn color_model(&self) -> &'static str {
        match self.model {
            Model::Gray => "gray",
            Model::Rgb => "RGB",
            Model::Palette => "palette",
            Model::Cmyk => "CMYK",
            Model::YCbCr => "YCbCr",
        }
    }

    /// Converts one pixel from the stored samples to the picture's channels.
    pub(super) fn convert<T: Sample>(
        &self,
        from: &[T],
        to: &mut [T],
        palette: impl Fn(T) -> [T; 3],
    ) {
        let color = match self.model {
            Model::Gray => {
                to[0] = from[0];
                1
            }
            Model::Rgb => {
                to[..3].copy_from_slice(&from[..3]);
                3
            }
            Model::Palette => {
                to[..3].copy_from_slice(&palette(from[0]));
                3
            }
            Model::Cmyk => {
                to[..3].copy_from_slice(&T::cmyk([from[0], from[1], from[2], from[3]]));
                3
            }
            Model::YCbCr => {
                to[..3].copy_from_slice(&T::ycbcr([from[0], from[1], from[2]]));
                3
            }
        };
        if self.alpha == Alpha::None {
            return;
        }
        let alpha = from[self.model.samples() as usize];
        if self.alpha == Alpha::Premultiplied {
            to[..color].iter_mut().for_each(|value| *value = value.divided_by(alpha));
        }
        to[color] = alpha;
    }
}

impl Model {
    /// Samples of the colour alone.
    const fn samples(self) -> u32 {
        match self {
            Self::Gray | Self::Palette => 1,
            Self::Rgb | Self::YCbCr => 3,
            Self::Cmyk => 4,
        }
    }
}

/// A tile's sides are asked for by the `tiff` crate in a way that panics beyond 32 bit.
fn check_tiles(file: &File<'_>, at: usize) -> Result<(), ImageError> {
    let too_large = |tag: u16| file.numbers(at, tag).first() > Some(&u64::from(u32::MAX));
    if too_large(322) || too_large(323) {
        return Err(ImageError::corrupt("the TIFF tiles are too large"));
    }
    Ok(())
}

/// What the first extra sample means (field 338).
const fn alpha(samples: u32, color_samples: u32, extra: Option<u64>) -> Alpha {
    match extra {
        _ if samples <= color_samples => Alpha::None,
        Some(1) => Alpha::Premultiplied,
        Some(2) => Alpha::Straight,
        // No statement: Photoshop and others mean alpha.
        None if samples == color_samples + 1 => Alpha::Straight,
        _ => Alpha::None,
    }
}

fn model(photometric: u32) -> Result<Model, ImageError> {
    let name = match photometric {
        0 | 1 | 4 => return Ok(Model::Gray),
        2 => return Ok(Model::Rgb),
        3 => return Ok(Model::Palette),
        5 => return Ok(Model::Cmyk),
        6 => return Ok(Model::YCbCr),
        8..=10 => "L*a*b*",
        32803 => "raw sensor",
        32844 | 32845 => "LogLuv",
        34892 => "linear raw",
        other => {
            return Err(ImageError::corrupt(format!("TIFF colour model {other} is not defined")));
        }
    };
    Err(ImageError::unsupported(format!("TIFF with {name} data is not built in")))
}

/// A sample with the arithmetic of the colour models.
pub(super) trait Sample: Copy {
    /// CMYK without a profile: each ink takes away its part of the light.
    fn cmyk(inks: [Self; 4]) -> [Self; 3];
    /// YCbCr of JPEG (ITU-R BT.601, full range).
    fn ycbcr(values: [Self; 3]) -> [Self; 3];
    /// Takes premultiplied alpha out again.
    fn divided_by(self, alpha: Self) -> Self;
}

impl Sample for f32 {
    fn cmyk([c, m, y, k]: [Self; 4]) -> [Self; 3] {
        [c, m, y].map(|ink| (1.0 - ink) * (1.0 - k))
    }

    fn ycbcr([y, cb, cr]: [Self; 3]) -> [Self; 3] {
        let (cb, cr) = (cb - 0.5, cr - 0.5);
        [1.402f32.mul_add(cr, y), y - 0.344_136 * cb - 0.714_136 * cr, 1.772f32.mul_add(cb, y)]
    }

    fn divided_by(self, alpha: Self) -> Self {
        if alpha > 0.0 { self / alpha } else { 0.0 }
    }
}

macro_rules! integer_sample {
    ($type:ty) => {
        impl Sample for $type {
            fn cmyk([c, m, y, k]: [Self; 4]) -> [Self; 3] {
                let max = u64::from(Self::MAX);
                let light = |ink: Self| u64::from(Self::MAX - ink);
                [c, m, y].map(|ink| ((light(ink) * light(k) + max / 2) / max) as Self)
            }

            fn ycbcr([y, cb, cr]: [Self; 3]) -> [Self; 3] {
                // Coefficients in 1/65536.
                let half = i64::from(Self::MAX / 2) + 1;
                let (y, cb, cr) = (i64::from(y) << 16, i64::from(cb) - half, i64::from(cr) - half);
                [y + 91_881 * cr, y - 22_554 * cb - 46_802 * cr, y + 116_130 * cb]
                    .map(|value| ((value + (1 << 15)) >> 16).clamp(0, i64::from(Self::MAX)) as Self)
            }

            fn divided_by(self, alpha: Self) -> Self {
                let (value, alpha) = (u64::from(self), u64::from(alpha));
                let max = u64::from(Self::MAX);
                (value * max + alpha / 2).checked_div(alpha).unwrap_or(0).min(max) as Self
            }
        }
    };
}
integer_sample!(u8);
integer_sample!(u16);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_models_keep_black_and_white() {
        assert_eq!(u8::cmyk([0, 0, 0, 0]), [255; 3]);
        assert_eq!(u8::cmyk([9, 9, 9, 255]), [0; 3]);
        assert_eq!(u16::ycbcr([65535, 32768, 32768]), [65535; 3]);
        assert_eq!(u8::ycbcr([76, 85, 255]), [254, 0, 0]);
        assert_eq!((64u8.divided_by(128), 9u8.divided_by(0)), (128, 0));
    }
}
