//! Wavelet shrinkage.
use pixloom_image::repair::{sharp_cost, wavelet_shrink};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Remove noise by shrinking the details of an undecimated wavelet transform.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WaveletDenoise {
    /// Standard deviation of the noise on the 0 to 1 scale; 0 estimates it.
    #[schemars(range(min = 0.0, max = 1.0))]
    sigma: f32,
    /// Details up to this many standard deviations of the noise vanish.
    #[schemars(range(min = 0.0, max = 8.0))]
    strength: f32,
}

impl Default for WaveletDenoise {
    fn default() -> Self {
        Self { sigma: 0.0, strength: 1.5 }
    }
}

kernel_op!(
    WaveletDenoise,
    "wavelet-denoise",
    ["wavelet-denoise", "wavelet-denoise:sigma=0.05,strength=2"],
    sharp_cost,
    |own, image, cx| wavelet_shrink(image, (own.sigma, own.strength), cx.exec),
);
