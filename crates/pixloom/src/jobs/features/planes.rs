//! The planes that features are taken of, and the hash of all pixels.
use std::num::NonZeroU64;

use pixloom_engine::Fingerprint;
use pixloom_image::resize::{self, Filter, ResizeOptions};
use pixloom_image::{
    Channels, Depth, Exec, Image, ImageError, Orientation, PixelFormat, Samples, Size, convert,
};
use pixloom_match::{Plane, Quality, RgbPlane};

use super::measures::Measures;

/// A short side of this many pixels is enough for every feature.
pub(super) const SHORT_SIDE: u32 = 288;
/// For hashes alone, less is enough.
pub(super) const HASH_SIDE: u32 = 128;

const GRAY: PixelFormat = PixelFormat::new(Channels::Gray, Depth::U8);

/// How far the gray values of a picture of one colour lie apart after compression.
const ONE_COLOUR: u8 = 6;

/// A picture at reduced size: its colours and its luma, 8 bit.
#[derive(Debug)]
pub(in crate::jobs) struct Planes {
    /// Without alpha; where only the luma was asked for, of pictures of one gray value alone.
    rgb: Option<Image>,
    /// BT.601.
    gray: Image,
    had_colour: bool,
}

impl Planes {
    /// Of an upright picture, made smaller as long as its short side stays at `side`. Transparent
    /// parts become white.
    pub(super) fn of(image: Image, side: u32, exec: &dyn Exec) -> Result<Self, ImageError> {
        let had_colour = !image.channels().is_gray();
        let image = opaque(image, side, exec)?;
        let gray = convert::convert(image.clone(), GRAY);
        Ok(Self { rgb: Some(convert::convert(image, PixelFormat::RGB8)), gray, had_colour })
    }

    /// The luma alone; the colours, too, where it is one and the same everywhere.
    pub(super) fn of_luma(image: Image, side: u32, exec: &dyn Exec) -> Result<Self, ImageError> {
        let had_colour = !image.channels().is_gray();
        let image = opaque(image, side, exec)?;
        let samples = convert::convert_samples(image.samples(), image.channels(), GRAY);
        let gray = Image::new(image.size(), Channels::Gray, samples)?;
        let planes = Self { rgb: None, gray, had_colour };
        let rgb = planes.is_flat().then(|| convert::convert(image, PixelFormat::RGB8));
        Ok(Self { rgb, ..planes })
    }

    /// Whether the luma is the same everywhere.
    pub(super) fn is_flat(&self) -> bool {
        let Samples::U8(gray) = self.gray.samples() else { return false };
        let least = gray.iter().fold(u8::MAX, |least, value| least.min(*value));
        let most = gray.iter().fold(0, |most, value| most.max(*value));
        most.saturating_sub(least) <= ONE_COLOUR
    }

    /// The mean colour of a picture that has but one; hashes of such pictures are chance.
    pub(super) fn only_colour(&self) -> Option<[u8; 3]> {
        if !self.is_flat() {
            return None;
        }
        let Samples::U8(rgb) = self.rgb.as_ref()?.samples() else { return None };
        let pixels = (rgb.len() / 3).max(1) as u64;
        let mut mean = [0; 3];
        for (channel, mean) in mean.iter_mut().enumerate() {
            let values = || rgb.iter().skip(channel).step_by(3);
            if values().max()? - values().min()? > 4 * ONE_COLOUR {
                return None;
            }
            let sum: u64 = values().map(|value| u64::from(*value)).sum();
            *mean = ((sum + pixels / 2) / pixels) as u8;
        }
        Some(mean)
    }

    /// The measures of a picture that is `full` pixels large.
    pub(super) fn measures(&self, full: Size, exec: &dyn Exec) -> Measures {
        let Some(rgb) = &self.rgb else { return Measures::default() };
        let mut measures = Measures::of(rgb, &self.gray, exec);
        if self.gray.size() == full {
            measures.detail = self.plane().map(|plane| Quality::measure(plane).into());
        }
        measures
    }

    /// The luma, for the matching.
    pub(super) fn plane(&self) -> Option<Plane<'_>> {
        plane(&self.gray)
    }

    /// The colours, for the matching; none where the file has none.
    pub(super) fn rgb_plane(&self) -> Option<RgbPlane<'_>> {
        let rgb = self.rgb.as_ref()?;
        let Samples::U8(samples) = rgb.samples() else { return None };
        let (width, height) = (rgb.width() as usize, rgb.height() as usize);
        RgbPlane::new(samples, width, height).filter(|_| self.had_colour)
    }
}

/// A picture over white, as small as a short side of `side` pixels allows.
fn opaque(image: Image, side: u32, exec: &dyn Exec) -> Result<Image, ImageError> {
    reduced(convert::flatten(image, [1.0; 3]), side, exec)
}

/// The colours of a reduced picture, 8 bit.
pub(super) fn reduced_rgb(image: Image, side: u32, exec: &dyn Exec) -> Result<Image, ImageError> {
    Ok(convert::convert(opaque(image, side, exec)?, PixelFormat::RGB8))
}

/// A gray 8-bit picture for the matching.
pub(super) fn plane(gray: &Image) -> Option<Plane<'_>> {
    let Samples::U8(samples) = gray.samples() else { return None };
    Plane::new(samples, gray.width() as usize, gray.height() as usize)
}

/// Divides both sides by a whole number, so that formats without a reduced decode cost little
/// from here on.
fn reduced(image: Image, side: u32, exec: &dyn Exec) -> Result<Image, ImageError> {
    let size = image.size();
    let by = size.width.min(size.height) / side;
    if by < 2 {
        return Ok(image);
    }
    let target = Size::new(size.width.div_ceil(by), size.height.div_ceil(by));
    let options = ResizeOptions { filter: Filter::Box, ..ResizeOptions::default() };
    resize::resize(&image, target, &options, exec)
}

/// A hash of all pixels and the size: equal for files of any lossless format that show the same.
pub(super) fn digest_of_pixels(image: &Image) -> NonZeroU64 {
    let opaque = match image.samples() {
        Samples::U8(samples) if image.channels().has_alpha() => {
            let count = image.channels().count();
            samples.iter().skip(count - 1).step_by(count).all(|alpha| *alpha == 255)
        }
        _ => !image.channels().has_alpha(),
    };
    let channels = if opaque { Channels::Rgb } else { Channels::Rgba };
    let format = PixelFormat::new(channels, image.depth());
    let same = image.format() == format;
    let converted;
    let samples = if same {
        image.samples()
    } else {
        converted = convert::convert_samples(image.samples(), image.channels(), format);
        &converted
    };
    let wide: Vec<u8>;
    let bytes: &[u8] = match samples {
        Samples::U8(samples) => samples,
        Samples::U16(samples) => {
            wide = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
            &wide
        }
        Samples::F32(samples) => {
            wide = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
            &wide
        }
    };
    let print = Fingerprint::builder("pixels")
        .field("format", format!("{format:?}"))
        .field("size", image.size().to_string())
        .field("samples", bytes);
    short(&print.finish())
}

/// A hash of all of a JPEG file that decides its pixels: everything but application data and
/// comments.
pub(super) fn digest_of_jpeg(bytes: &[u8], orientation: Orientation) -> NonZeroU64 {
    let mut kept = Vec::new();
    let mut at = 2;
    while let Some([0xFF, marker, high, low]) = bytes.get(at..at + 4) {
        if *marker == 0xDA {
            break;
        }
        let end = at + 2 + usize::from(u16::from_be_bytes([*high, *low])).max(2);
        // The Adobe segment says how colours are stored.
        let decides = !matches!(marker, 0xE0..=0xED | 0xEF | 0xFE);
        if decides {
            kept.extend(bytes.get(at..end).unwrap_or_default());
        }
        at = end;
    }
    let print = Fingerprint::builder("jpeg")
        .field("orientation", [orientation.exif()])
        .field("tables", kept)
        .field("scans", bytes.get(at..).unwrap_or_default());
    short(&print.finish())
}

fn short(print: &Fingerprint) -> NonZeroU64 {
    let number = print.0[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    NonZeroU64::new(number).unwrap_or(NonZeroU64::MIN)
}

#[cfg(test)]
mod tests {
    use pixloom_image::Serial;

    use super::*;

    fn gray(values: &[u8], width: u32) -> Image {
        let size = Size::new(width, values.len() as u32 / width);
        Image::new(size, Channels::Gray, Samples::U8(values.to_vec())).unwrap()
    }

    #[test]
    fn the_digest_sees_pixels_and_size_not_the_format() {
        let one = gray(&[1, 2, 3, 4, 5, 6], 3);
        let rgba = convert::convert(one.clone(), PixelFormat::new(Channels::Rgba, Depth::U8));
        assert_eq!(digest_of_pixels(&one), digest_of_pixels(&rgba));
        assert_ne!(digest_of_pixels(&one), digest_of_pixels(&gray(&[1, 2, 3, 4, 5, 6], 2)));
        assert_ne!(digest_of_pixels(&one), digest_of_pixels(&gray(&[1, 2, 3, 4, 5, 7], 3)));
    }

    #[test]
    fn application_data_does_not_decide_the_pixels() {
        let start = [0xFF, 0xD8];
        let comment = [0xFF, 0xFE, 0, 4, 7, 7];
        let rest = [0xFF, 0xDB, 0, 4, 1, 2, 0xFF, 0xDA, 0, 2, 9, 9, 0xFF, 0xD9];
        let plain = [&start[..], &rest].concat();
        let with = [&start[..], &comment, &rest].concat();
        let digest = |bytes: &[u8]| digest_of_jpeg(bytes, Orientation::UPRIGHT);
        assert_eq!(digest(&plain), digest(&with));
        let mut other = plain.clone();
        other[11] = 8;
        assert_ne!(digest(&plain), digest(&other));
        assert_ne!(digest(&plain), digest_of_jpeg(&plain, Orientation::from_exif(6)));
        digest(&[0xFF]);
    }

    #[test]
    fn large_pictures_are_reduced() {
        let image = gray(&vec![9; 900 * 600], 900);
        let planes = Planes::of(image, 100, &Serial).unwrap();
        assert_eq!(planes.gray.size(), Size::new(150, 100));
        assert!(planes.plane().is_some() && planes.rgb_plane().is_none());
    }
}
