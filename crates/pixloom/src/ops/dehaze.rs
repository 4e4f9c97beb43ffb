//! Haze removal.
use pixloom_image::repair::{dehaze, local_cost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Remove haze by the dark channel, its map refined by a guided filter.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Dehaze {
    /// Share of the haze that goes.
    #[schemars(range(min = 0.0, max = 1.0))]
    strength: f32,
    /// The window of the dark channel has 2 × radius + 1 pixels a side.
    #[schemars(range(min = 1, max = 100))]
    radius: u32,
}

impl Default for Dehaze {
    fn default() -> Self {
        Self { strength: 0.8, radius: 7 }
    }
}

kernel_op!(
    Dehaze,
    "dehaze",
    ["dehaze", "dehaze:strength=0.5"],
    local_cost,
    |own, image, _cx| dehaze(image, (own.strength, own.radius)),
);
