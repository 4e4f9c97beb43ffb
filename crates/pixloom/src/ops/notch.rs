//! Regular patterns.
use pixloom_image::repair::{notch, screen_cost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Remove regular patterns such as moiré, hum and the screen of a printed halftone.
///
/// Peaks of the spectrum are brought down to their surroundings.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Notch {
    /// How many times above their surroundings peaks are.
    #[schemars(range(min = 1.0, max = 100.0))]
    threshold: f32,
    /// The lowest frequency that is touched, in cycles per pixel.
    #[schemars(range(min = 0.0, max = 0.7))]
    least: f32,
}

impl Default for Notch {
    fn default() -> Self {
        Self { threshold: 8.0, least: 0.06 }
    }
}

kernel_op!(
    Notch,
    "notch",
    ["notch", "notch:threshold=5,least=0.15"],
    screen_cost,
    |own, image, cx| notch(image, (own.threshold, own.least), cx.exec),
);
