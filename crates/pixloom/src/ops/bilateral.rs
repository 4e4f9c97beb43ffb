//! Bilateral filter.
use pixloom_image::repair::{self, bilateral, smooth_cost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Smooth noise and keep edges: mean of the neighbours that are near in place and colour.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Bilateral {
    /// Standard deviation over the place, in pixels.
    #[schemars(range(min = 0.5, max = 8.0))]
    sigma_space: f32,
    /// Standard deviation over the colour, on the 0 to 1 scale.
    #[schemars(range(min = 0.001, max = 1.0))]
    sigma_range: f32,
}

impl Default for Bilateral {
    fn default() -> Self {
        Self { sigma_space: 2.0, sigma_range: 0.08 }
    }
}

kernel_op!(
    Bilateral,
    "bilateral",
    ["bilateral:sigma_range=0.05", "bilateral:sigma_space=3,sigma_range=0.1"],
    smooth_cost,
    |own, image, cx| {
        let Bilateral { sigma_space, sigma_range } = *own;
        bilateral(image, &repair::Bilateral { sigma_space, sigma_range }, cx.exec)
    },
);
