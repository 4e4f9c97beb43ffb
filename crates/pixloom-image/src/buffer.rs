//! The picture in memory: typed samples, channels, colour space, metadata.
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{ImageError, Size};

/// Which channels a pixel has, in memory order. Alpha is straight (not premultiplied).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channels {
    /// Luminance.
    Gray,
    /// Luminance and alpha.
    GrayAlpha,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, alpha.
    Rgba,
}

impl Channels {
    /// Samples per pixel, 1 to 4.
    pub const fn count(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::GrayAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }

    /// Whether the last channel is alpha.
    pub const fn has_alpha(self) -> bool {
        matches!(self, Self::GrayAlpha | Self::Rgba)
    }

    /// Whether there is luminance only, apart from alpha.
    pub const fn is_gray(self) -> bool {
        matches!(self, Self::Gray | Self::GrayAlpha)
    }

    /// The same colour channels with or without alpha.
    #[must_use]
    pub const fn with_alpha(self, alpha: bool) -> Self {
        match (self.is_gray(), alpha) {
            (true, false) => Self::Gray,
            (true, true) => Self::GrayAlpha,
            (false, false) => Self::Rgb,
            (false, true) => Self::Rgba,
        }
    }
}

/// The type of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Depth {
    /// Unsigned 8 bit, 0 to 255.
    U8,
    /// Unsigned 16 bit, 0 to 65535.
    U16,
    /// 32-bit float, nominally 0 to 1.
    F32,
}

impl Depth {
    /// Bytes of one sample.
    pub const fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16 => 2,
            Self::F32 => 4,
        }
    }
}

/// Channels and sample type of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PixelFormat {
    /// The channels of a pixel.
    pub channels: Channels,
    /// The type of a sample.
    pub depth: Depth,
}

impl PixelFormat {
    /// Three channels of 8 bit.
    pub const RGB8: Self = Self::new(Channels::Rgb, Depth::U8);

    /// Creates a format.
    pub const fn new(channels: Channels, depth: Depth) -> Self {
        Self { channels, depth }
    }

    /// Bytes of one pixel.
    pub const fn bytes_per_pixel(self) -> usize {
        self.channels.count() * self.depth.bytes()
    }

    /// Bytes of a picture of that size; the largest number where that does not suffice.
    pub const fn bytes_of(self, size: Size) -> u64 {
        size.pixels().saturating_mul(self.bytes_per_pixel() as u64)
    }
}

/// Samples row by row from the top, channels interleaved, no padding.
#[derive(Debug, Clone, PartialEq)]
pub enum Samples {
    /// 8 bit.
    U8(Vec<u8>),
    /// 16 bit, native byte order.
    U16(Vec<u16>),
    /// 32-bit float.
    F32(Vec<f32>),
}

impl Samples {
    /// `len` samples of value 0.
    pub fn zeros(depth: Depth, len: usize) -> Self {
        match depth {
            Depth::U8 => Self::U8(vec![0; len]),
            Depth::U16 => Self::U16(vec![0; len]),
            Depth::F32 => Self::F32(vec![0.0; len]),
        }
    }

    /// The type of the samples.
    pub const fn depth(&self) -> Depth {
        match self {
            Self::U8(_) => Depth::U8,
            Self::U16(_) => Depth::U16,
            Self::F32(_) => Depth::F32,
        }
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        match self {
            Self::U8(samples) => samples.len(),
            Self::U16(samples) => samples.len(),
            Self::F32(samples) => samples.len(),
        }
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What the sample values mean.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ColorSpace {
    /// sRGB (IEC 61966-2-1); also assumed where a file says nothing.
    #[default]
    Srgb,
    /// The colours of an embedded ICC profile.
    Icc(Arc<[u8]>),
}

/// The eight orientations of EXIF tag 0x0112: how stored rows and columns become the upright
/// picture (1 = as stored).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Orientation(u8);

impl Default for Orientation {
    fn default() -> Self {
        Self::UPRIGHT
    }
}

impl Orientation {
    /// Stored upright.
    pub const UPRIGHT: Self = Self(1);

    /// From the EXIF value; anything outside 1 to 8 means upright, as viewers treat it.
    pub const fn from_exif(value: u32) -> Self {
        if value >= 1 && value <= 8 { Self(value as u8) } else { Self(1) }
    }

    /// The EXIF value, 1 to 8.
    pub const fn exif(self) -> u8 {
        self.0
    }

    /// Whether the picture must be changed to be upright.
    pub const fn is_upright(self) -> bool {
        self.exif() == 1
    }

    /// Whether width and height are exchanged.
    pub const fn swaps_sides(self) -> bool {
        self.exif() >= 5
    }
}

/// What travels with the pixels. Blocks are shared, not copied, between pictures.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// The EXIF block as TIFF bytes (starting with `II` or `MM`), without the `Exif\0\0` prefix.
    pub exif: Option<Arc<[u8]>>,
    /// The XMP packet.
    pub xmp: Option<Arc<[u8]>>,
    /// How the stored samples must be turned to be upright.
    pub orientation: Orientation,
}

/// A decoded picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    size: Size,
    channels: Channels,
    samples: Samples,
    /// What the sample values mean.
    pub color_space: ColorSpace,
    /// What travels with the pixels.
    pub metadata: Metadata,
}

impl Image {
    /// Creates a picture in sRGB without metadata.
    ///
    /// # Errors
    /// `Settings` if the number of samples is not width × height × channels.
    pub fn new(size: Size, channels: Channels, samples: Samples) -> Result<Self, ImageError> {
        let expected = size.pixels().saturating_mul(channels.count() as u64);
        if samples.len() as u64 != expected {
            return Err(ImageError::settings(format!(
                "{size} with {} channels needs {expected} samples, not {}",
                channels.count(),
                samples.len()
            )));
        }
        let (color_space, metadata) = (ColorSpace::default(), Metadata::default());
        Ok(Self { size, channels, samples, color_space, metadata })
    }

    /// A picture of zeros (black, transparent).
    pub fn zeros(size: Size, format: PixelFormat) -> Self {
        let len = size.pixels() as usize * format.channels.count();
        Self {
            size,
            channels: format.channels,
            samples: Samples::zeros(format.depth, len),
            color_space: ColorSpace::default(),
            metadata: Metadata::default(),
        }
    }

    /// The same colour space and metadata around other pixels.
    ///
    /// # Errors
    /// As [`Image::new`].
    pub fn with_pixels(
        &self,
        size: Size,
        channels: Channels,
        samples: Samples,
    ) -> Result<Self, ImageError> {
        let mut image = Self::new(size, channels, samples)?;
        image.color_space = self.color_space.clone();
        image.metadata = self.metadata.clone();
        Ok(image)
    }

    /// Width and height.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// Width in pixels.
    pub const fn width(&self) -> u32 {
        self.size.width
    }

    /// Height in pixels.
    pub const fn height(&self) -> u32 {
        self.size.height
    }

    /// The channels of a pixel.
    pub const fn channels(&self) -> Channels {
        self.channels
    }

    /// The type of a sample.
    pub const fn depth(&self) -> Depth {
        self.samples.depth()
    }

    /// Channels and sample type.
    pub const fn format(&self) -> PixelFormat {
        PixelFormat { channels: self.channels, depth: self.samples.depth() }
    }

    /// Samples of one row.
    pub const fn row_len(&self) -> usize {
        self.size.width as usize * self.channels.count()
    }

    /// The samples, row by row.
    pub const fn samples(&self) -> &Samples {
        &self.samples
    }

    /// The samples, to be changed in place.
    pub const fn samples_mut(&mut self) -> &mut Samples {
        &mut self.samples
    }

    /// Takes the samples out.
    pub fn into_samples(self) -> Samples {
        self.samples
    }

    /// Bytes that the samples take.
    pub fn bytes(&self) -> u64 {
        (self.samples.len() * self.depth().bytes()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sample_count_must_match() {
        let wrong = Image::new(Size::new(3, 2), Channels::Rgb, Samples::U8(vec![0; 17]));
        assert!(wrong.is_err());
        let right = Image::new(Size::new(3, 2), Channels::Rgb, Samples::U8(vec![0; 18])).unwrap();
        assert_eq!((right.row_len(), right.bytes()), (9, 18));
    }

    #[test]
    fn orientation_outside_exif_range_is_upright() {
        assert!(Orientation::from_exif(0).is_upright());
        assert!(Orientation::from_exif(9).is_upright());
        assert_eq!(Orientation::default(), Orientation::UPRIGHT);
        assert!(Orientation::from_exif(6).swaps_sides());
    }
}
