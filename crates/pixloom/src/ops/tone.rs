//! Brightness, contrast, gamma, saturation.
use pixloom_image::repair::{self, tone, tone_cost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Change brightness, contrast, gamma and saturation, in this order.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tone {
    /// Added to every sample, on the 0 to 1 scale.
    #[schemars(range(min = -1.0, max = 1.0))]
    brightness: f32,
    /// Factor on the distance to the mean luma; 1 changes nothing.
    #[schemars(range(min = 0.0, max = 8.0))]
    contrast: f32,
    /// Values are raised to 1 / gamma: above 1 brightens, 1 changes nothing.
    #[schemars(range(min = 0.1, max = 8.0))]
    gamma: f32,
    /// Factor on the distance to gray; 0 is gray, 1 changes nothing.
    #[schemars(range(min = 0.0, max = 8.0))]
    saturation: f32,
}

impl Default for Tone {
    fn default() -> Self {
        Self { brightness: 0.0, contrast: 1.0, gamma: 1.0, saturation: 1.0 }
    }
}

kernel_op!(
    Tone,
    "tone",
    ["tone:contrast=1.3", "tone:brightness=0.05,saturation=1.2"],
    tone_cost,
    |own, image, _cx| {
        let Tone { brightness, contrast, gamma, saturation } = *own;
        tone(image, &repair::Tone { brightness, contrast, gamma, saturation })
    },
);
