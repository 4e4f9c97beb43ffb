//! Deconvolution.
use pixloom_image::repair::{deconvolve, sharp_cost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Undo a Gaussian blur by the iteration of Richardson and Lucy, on the luma.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Deconvolve {
    /// Standard deviation of the blur in pixels.
    #[schemars(range(min = 0.3, max = 10.0))]
    sigma: f32,
    /// How many steps are made.
    #[schemars(range(min = 1, max = 60))]
    steps: u32,
    /// Differences up to about this, on the 0 to 1 scale, are taken for noise.
    #[schemars(range(min = 0.0, max = 1.0))]
    noise: f32,
}

impl Default for Deconvolve {
    fn default() -> Self {
        Self { sigma: 1.0, steps: 10, noise: 0.01 }
    }
}

kernel_op!(
    Deconvolve,
    "deconvolve",
    ["deconvolve:sigma=1.5", "deconvolve:sigma=2,steps=20,noise=0.005"],
    sharp_cost,
    |own, image, cx| deconvolve(image, (own.sigma, own.steps, own.noise), cx.exec),
);
