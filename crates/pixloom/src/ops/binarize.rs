//! Black ink on white paper.
use pixloom_image::repair::{binarize, local_cost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Separate ink from paper: each pixel is compared with its surroundings (Sauvola).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Binarize {
    /// The surroundings have 2 × radius + 1 pixels a side.
    #[schemars(range(min = 1, max = 200))]
    radius: u32,
    /// How far below the mean ink must be where there is no contrast.
    #[schemars(range(min = 0.0, max = 1.0))]
    weight: f32,
    /// Width of the slope from black to white, on the 0 to 1 scale.
    #[schemars(range(min = 0.0, max = 1.0))]
    softness: f32,
}

impl Default for Binarize {
    fn default() -> Self {
        Self { radius: 12, weight: 0.2, softness: 0.0 }
    }
}

kernel_op!(
    Binarize,
    "binarize",
    ["binarize", "binarize:radius=20,softness=0.2"],
    local_cost,
    |own, image, _cx| binarize(image, (own.radius, own.weight, own.softness)),
);
