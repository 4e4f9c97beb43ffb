//! The sRGB transfer functions (IEC 61966-2-1), the same on every machine.
use std::sync::LazyLock;

/// Encoded values up to here are on the straight part of the curve.
const LINEAR_END_ENCODED: f32 = 0.040_45;
/// Linear values up to here are on the straight part of the curve.
const LINEAR_END: f32 = 0.003_130_8;
/// Steps of the table behind [`encode_fast`].
const ENCODE_STEPS: usize = 65_536;

/// Linear light of every 8-bit value.
pub(crate) static DECODE_U8: LazyLock<Vec<f32>> =
    LazyLock::new(|| (0..=255).map(|v| srgb_to_linear(v as f32 / 255.0)).collect());

/// Linear light of every 16-bit value.
pub(crate) static DECODE_U16: LazyLock<Vec<f32>> =
    LazyLock::new(|| (0..=65_535).map(|v| srgb_to_linear(v as f32 / 65_535.0)).collect());

static ENCODE: LazyLock<Vec<f32>> = LazyLock::new(|| {
    (0..=ENCODE_STEPS).map(|i| linear_to_srgb(i as f32 / ENCODE_STEPS as f32)).collect()
});

/// Linear light of an sRGB-encoded value. Both are nominally 0 to 1; negative values are
/// mirrored at 0 and values above 1 continue the curve.
pub fn srgb_to_linear(encoded: f32) -> f32 {
    let v = encoded.abs();
    let linear =
        if v <= LINEAR_END_ENCODED { v / 12.92 } else { libm::powf((v + 0.055) / 1.055, 2.4) };
    linear.copysign(encoded)
}

/// The sRGB encoding of linear light; the inverse of [`srgb_to_linear`].
pub fn linear_to_srgb(linear: f32) -> f32 {
    let v = linear.abs();
    let encoded =
        if v <= LINEAR_END { v * 12.92 } else { 1.055 * libm::powf(v, 1.0 / 2.4) - 0.055 };
    encoded.copysign(linear)
}

/// [`linear_to_srgb`] clipped to 0 to 1, from a table. The interpolation is off by at most
/// 1e-7, a fiftieth of a 16-bit step.
pub(crate) fn encode_fast(linear: f32) -> f32 {
    if linear <= LINEAR_END {
        return linear.max(0.0) * 12.92;
    }
    let position = linear.min(1.0) * ENCODE_STEPS as f32;
    let index = (position as usize).min(ENCODE_STEPS - 1);
    let (low, high) = (ENCODE[index], ENCODE[index + 1]);
    low + (high - low) * (position - index as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sample;

    #[test]
    fn every_integer_value_survives_the_round_trip() {
        assert!((0..=255_u8).all(|v| u8::encode_srgb(v.decode_srgb()) == v));
        assert!((0..=65_535_u16).all(|v| u16::encode_srgb(v.decode_srgb()) == v));
    }

    #[test]
    fn known_points() {
        // 0.5 encoded is 0.21404 linear (IEC 61966-2-1).
        assert!((srgb_to_linear(0.5) - 0.214_041).abs() < 1e-6);
        assert!((linear_to_srgb(0.5) - 0.735_357).abs() < 1e-6);
        assert!((srgb_to_linear(-0.5) + 0.214_041).abs() < 1e-6);
        assert!((linear_to_srgb(1.0) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn table_is_close_to_the_function() {
        for i in 0..100_000 {
            let v = i as f32 / 100_000.0;
            assert!((encode_fast(v) - linear_to_srgb(v)).abs() < 3e-7, "{v}");
        }
    }
}
