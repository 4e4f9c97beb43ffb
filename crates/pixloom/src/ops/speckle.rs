//! Noise in proportion to the light.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shade::noise_op;

/// Add speckle: every pixel is multiplied by 1 plus a normally distributed value, so that bright
/// places get more of it, as with radar, ultrasound and worn prints.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Speckle {
    /// Standard deviation of the factor.
    #[schemars(range(min = 0.0, max = 2.0))]
    pub(crate) sigma: f32,
}

impl Default for Speckle {
    fn default() -> Self {
        Self { sigma: 0.1 }
    }
}

noise_op!(Speckle, "speckle", ["speckle:sigma=0.2"], |own, rng, colors| {
    let factor = 1.0 + own.sigma * rng.normal() as f32;
    for v in colors {
        *v = (*v * factor).clamp(0.0, 1.0);
    }
});
