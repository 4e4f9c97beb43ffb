//! What the pixel loops need to know about a sample type, so that each is written once.
use std::fmt::Debug;

use crate::Samples;
use crate::color::transfer;

/// A sample type: `u8`, `u16` or `f32`.
pub(crate) trait Sample: Copy + Default + PartialEq + Debug + Send + Sync + 'static {
    /// Full intensity.
    const WHITE: Self;
    /// Full intensity as a float in the sample's own scale.
    const FULL: f32;

    /// BT.601 luma.
    fn luma(rgb: [Self; 3]) -> Self;
    /// The value in the sample's own scale (0 to 255, 0 to 65535 or 0 to 1).
    fn to_float(self) -> f32;
    /// From the sample's own scale, rounded half up and clipped; floats are kept as they are.
    fn from_float(value: f32) -> Self;
    /// Linear light, 0 to 1, of an sRGB-encoded sample.
    fn decode_srgb(self) -> f32;
    /// The sRGB-encoded sample of linear light.
    fn encode_srgb(linear: f32) -> Self;
    /// Wraps a buffer of this type.
    fn wrap(samples: Vec<Self>) -> Samples;
}

/// Weights of red, green and blue in BT.601 luma, in 1/65536. The rounding of 0.299, 0.587 and
/// 0.114 is the one that Pillow's mode "L" uses, so that grey pictures agree bit for bit.
const LUMA: [u32; 3] = [19_595, 38_470, 7_471];

fn integer_luma([r, g, b]: [u32; 3]) -> u32 {
    // At most 65535 * 65536 + 32768, which fits 32 bits.
    (r * LUMA[0] + g * LUMA[1] + b * LUMA[2] + 0x8000) >> 16
}

impl Sample for u8 {
    const WHITE: Self = 255;
    const FULL: f32 = 255.0;

    #[inline]
    fn luma(rgb: [Self; 3]) -> Self {
        integer_luma(rgb.map(u32::from)) as Self
    }
    #[inline]
    fn to_float(self) -> f32 {
        self as f32
    }
    #[inline]
    fn from_float(value: f32) -> Self {
        (value + 0.5) as Self
    }
    #[inline]
    fn decode_srgb(self) -> f32 {
        transfer::DECODE_U8[self as usize]
    }
    #[inline]
    fn encode_srgb(linear: f32) -> Self {
        Self::from_float(transfer::encode_fast(linear) * Self::FULL)
    }
    fn wrap(samples: Vec<Self>) -> Samples {
        Samples::U8(samples)
    }
}

impl Sample for u16 {
    const WHITE: Self = 65_535;
    const FULL: f32 = 65_535.0;

    #[inline]
    fn luma(rgb: [Self; 3]) -> Self {
        integer_luma(rgb.map(u32::from)) as Self
    }
    #[inline]
    fn to_float(self) -> f32 {
        self as f32
    }
    #[inline]
    fn from_float(value: f32) -> Self {
        (value + 0.5) as Self
    }
    #[inline]
    fn decode_srgb(self) -> f32 {
        transfer::DECODE_U16[self as usize]
    }
    #[inline]
    fn encode_srgb(linear: f32) -> Self {
        Self::from_float(transfer::encode_fast(linear) * Self::FULL)
    }
    fn wrap(samples: Vec<Self>) -> Samples {
        Samples::U16(samples)
    }
}

impl Sample for f32 {
    const WHITE: Self = 1.0;
    const FULL: f32 = 1.0;

    #[inline]
    fn luma([r, g, b]: [Self; 3]) -> Self {
        let [wr, wg, wb] = LUMA.map(|weight| weight as Self / 65_536.0);
        wr * r + wg * g + wb * b
    }
    #[inline]
    fn to_float(self) -> f32 {
        self
    }
    #[inline]
    fn from_float(value: f32) -> Self {
        value
    }
    fn decode_srgb(self) -> f32 {
        transfer::srgb_to_linear(self)
    }
    fn encode_srgb(linear: f32) -> Self {
        transfer::linear_to_srgb(linear)
    }
    fn wrap(samples: Vec<Self>) -> Samples {
        Samples::F32(samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luma_keeps_grey_and_matches_pillow() {
        for v in 0..=255_u8 {
            assert_eq!(u8::luma([v; 3]), v);
        }
        assert_eq!(u16::luma([65_535; 3]), 65_535);
        // Image.new("RGB", (1, 1), (10, 200, 77)).convert("L"), Pillow 13.0.0
        assert_eq!(u8::luma([10, 200, 77]), 129);
    }

    #[test]
    fn floats_are_rounded_and_clipped() {
        assert_eq!([-3.0, 0.49, 0.5, 254.5, 400.0].map(u8::from_float), [0, 0, 1, 255, 255]);
        assert_eq!(u16::from_float(f32::NAN), 0);
    }
}
