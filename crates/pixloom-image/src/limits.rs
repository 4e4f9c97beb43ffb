//! Bounds on what one file may make us allocate; on by default.
use crate::{ImageError, Size};

/// Bounds checked before anything is allocated for a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most pixels of one frame. Default 200 megapixels.
    pub max_pixels: u64,
    /// Most bytes of one decoded frame. Default 1 GiB.
    pub max_decoded_bytes: u64,
    /// Most frames looked at in an animation. Default 10,000.
    pub max_frames: u32,
    /// Most bytes of one metadata block (ICC, EXIF, XMP) after unpacking. Default 16 MiB;
    /// a larger block is dropped with a note, it does not fail the picture.
    pub max_metadata_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_pixels: 200_000_000,
            max_decoded_bytes: 1 << 30,
            max_frames: 10_000,
            max_metadata_bytes: 16 << 20,
        }
    }
}

impl Limits {
    /// Fails if a frame of `size` with `bytes_per_pixel` bytes a pixel exceeds a bound.
    pub fn check(&self, size: Size, bytes_per_pixel: u64) -> Result<(), ImageError> {
        if size.is_empty() {
            return Err(ImageError::corrupt(format!("the picture has no pixels ({size})")));
        }
        let (pixels, bytes) = (size.pixels(), size.pixels().saturating_mul(bytes_per_pixel));
        if pixels > self.max_pixels {
            return Err(ImageError::limit(format!(
                "{size} is {} megapixels, the limit is {}",
                pixels.div_ceil(1_000_000),
                self.max_pixels / 1_000_000
            ))
            .with_hint("raise --max-pixels if you trust the file"));
        }
        if bytes > self.max_decoded_bytes {
            return Err(ImageError::limit(format!(
                "{size} decodes to {bytes} bytes, the limit is {}",
                self.max_decoded_bytes
            ))
            .with_hint("raise --max-pixels if you trust the file"));
        }
        Ok(())
    }
}
