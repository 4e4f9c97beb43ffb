//! Anisotropic diffusion.
use pixloom_image::repair::{diffuse, smooth_cost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Smooth by anisotropic diffusion (Perona and Malik): small differences flow off, edges stay.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Diffuse {
    /// How many steps are made.
    #[schemars(range(min = 1, max = 100))]
    steps: u32,
    /// Differences above this, on the 0 to 1 scale, are edges.
    #[schemars(range(min = 0.001, max = 1.0))]
    edge: f32,
}

impl Default for Diffuse {
    fn default() -> Self {
        Self { steps: 10, edge: 0.06 }
    }
}

kernel_op!(
    Diffuse,
    "diffuse",
    ["diffuse", "diffuse:steps=20,edge=0.04"],
    smooth_cost,
    |own, image, cx| diffuse(image, (own.steps, own.edge), cx.exec),
);
