//! White balance.
use pixloom_image::repair::{gray_world, tone_cost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Remove a colour cast: the means of the colours are brought together (gray world).
///
/// The mean luma stays.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WhiteBalance {
    /// How much of the change is made.
    #[schemars(range(min = 0.0, max = 1.0))]
    amount: f32,
}

impl Default for WhiteBalance {
    fn default() -> Self {
        Self { amount: 1.0 }
    }
}

kernel_op!(
    WhiteBalance,
    "white-balance",
    ["white-balance", "white-balance:amount=0.5"],
    tone_cost,
    |own, image, _cx| gray_world(image, own.amount),
);
