//! Scratches.
use pixloom_image::repair::{Scratches, fill_cost, fill_scratches};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Find scratches, cracks and holes, and fill them from their edges.
///
/// What is thin and much lighter or darker than its surroundings is taken for damage.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FillScratches {
    /// Structures up to this many pixels wide are taken for damage.
    #[schemars(range(min = 1, max = 60))]
    width: u32,
    /// How much lighter or darker than their surroundings they are, on the 0 to 1 scale.
    #[schemars(range(min = 0.0, max = 1.0))]
    contrast: f32,
    /// Structures of fewer pixels are left alone.
    #[schemars(range(min = 0, max = 100_000))]
    least: u32,
    /// Only what is nearly black or white counts.
    extremes: bool,
}

impl Default for FillScratches {
    fn default() -> Self {
        Self { width: 6, contrast: 0.25, least: 20, extremes: false }
    }
}

kernel_op!(
    FillScratches,
    "fill-scratches",
    ["fill-scratches", "fill-scratches:width=30,extremes=true"],
    fill_cost,
    |own, image, cx| {
        let FillScratches { width, contrast, least, extremes } = *own;
        fill_scratches(image, &Scratches { width, contrast, least, extremes }, cx.exec)
    },
);
