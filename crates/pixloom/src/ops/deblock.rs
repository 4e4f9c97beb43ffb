//! Deblocking.
use pixloom_image::repair::{deblock, sharp_cost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Smooth the borders of the 8 × 8 blocks that a strong JPEG compression leaves.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Deblock {
    /// Steps up to this, on the 0 to 1 scale, are taken for borders of blocks.
    #[schemars(range(min = 0.0, max = 1.0))]
    strength: f32,
}

impl Default for Deblock {
    fn default() -> Self {
        Self { strength: 0.06 }
    }
}

kernel_op!(
    Deblock,
    "deblock",
    ["deblock", "deblock:strength=0.1"],
    sharp_cost,
    |own, image, _cx| deblock(image, own.strength),
);
