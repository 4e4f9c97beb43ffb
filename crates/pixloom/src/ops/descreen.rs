//! The screen of printed pictures.
use pixloom_image::repair::{self, descreen, screen_cost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Remove the screen of a printed halftone: its frequency is found, and it and what is finer goes.
///
/// A picture in which no screen is found stays as it is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Descreen {
    /// How many times above their surroundings the screen's peaks in the spectrum are.
    #[schemars(range(min = 1.0, max = 100.0))]
    threshold: f32,
    /// The lowest frequency of a screen, in cycles per pixel.
    #[schemars(range(min = 0.01, max = 0.7))]
    least: f32,
    /// Share of the screen's frequency up to which everything stays.
    #[schemars(range(min = 0.1, max = 2.0))]
    keep: f32,
    /// Share of what is finer that stays, save at the screen's frequency and its harmonics.
    #[schemars(range(min = 0.0, max = 1.0))]
    detail: f32,
}

impl Default for Descreen {
    fn default() -> Self {
        Self { threshold: 6.0, least: 0.08, keep: 0.65, detail: 0.1 }
    }
}

kernel_op!(
    Descreen,
    "descreen",
    ["descreen", "descreen:keep=0.5,detail=0"],
    screen_cost,
    |own, image, cx| {
        let Descreen { threshold, least, keep, detail } = *own;
        descreen(image, &repair::Descreen { threshold, least, keep, detail }, cx.exec)
    },
);
