//! Noise removal in the cosine transform.
use pixloom_image::repair::{self, dct_denoise, dct_denoise_cost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Remove noise: small coefficients of overlapping 8 × 8 cosine transforms are dropped.
///
/// The best of the simple filters for white noise; smooths the blocks of a JPEG as well.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DctDenoise {
    /// Standard deviation of the noise on the 0 to 1 scale; 0 estimates it.
    #[schemars(range(min = 0.0, max = 1.0))]
    sigma: f32,
    /// Factor on the estimated noise.
    #[schemars(range(min = 0.0, max = 8.0))]
    strength: f32,
    /// Factor on the noise of the two colour differences.
    #[schemars(range(min = 0.0, max = 8.0))]
    chroma: f32,
    /// Distance between blocks in pixels: more is faster and leaves more ringing.
    #[schemars(range(min = 1, max = 4))]
    step: u32,
}

impl Default for DctDenoise {
    fn default() -> Self {
        Self { sigma: 0.0, strength: 1.0, chroma: 1.5, step: 2 }
    }
}

kernel_op!(
    DctDenoise,
    "dct-denoise",
    ["dct-denoise", "dct-denoise:sigma=0.05"],
    dct_denoise_cost,
    |own, image, cx| {
        let DctDenoise { sigma, strength, chroma, step } = *own;
        dct_denoise(image, &repair::DctDenoise { sigma, strength, chroma, step }, cx.exec)
    },
);
