//! Black and white points.
use pixloom_image::repair::{self, levels, tone_cost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Stretch the values so that the darkest become black and the lightest white.
///
/// Repairs flat contrast; each colour by itself removes casts, too.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Levels {
    /// Share of the samples that becomes black, in percent.
    #[schemars(range(min = 0.0, max = 50.0))]
    black: f32,
    /// Share of the samples that becomes white, in percent.
    #[schemars(range(min = 0.0, max = 50.0))]
    white: f32,
    /// Stretch each colour by itself.
    per_channel: bool,
    /// How much of the change is made.
    #[schemars(range(min = 0.0, max = 1.0))]
    amount: f32,
}

impl Default for Levels {
    fn default() -> Self {
        Self { black: 0.5, white: 0.5, per_channel: false, amount: 1.0 }
    }
}

kernel_op!(
    Levels,
    "levels",
    ["levels", "levels:per-channel=true,amount=0.7"],
    tone_cost,
    |own, image, _cx| {
        let Levels { black, white, per_channel, amount } = *own;
        levels(image, &repair::Levels { black, white, per_channel, amount })
    },
);
