//! Median filter.
use pixloom_image::repair::{self, median, median_cost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Remove specks: every sample becomes the median of its neighbours.
///
/// With a threshold only outliers are replaced, and the rest stays sharp.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Median {
    /// The window has 2 × radius + 1 pixels a side.
    #[schemars(range(min = 1, max = 5))]
    radius: u32,
    /// Differences to the median up to this, on the 0 to 1 scale, are left alone.
    #[schemars(range(min = 0.0, max = 1.0))]
    threshold: f32,
}

impl Default for Median {
    fn default() -> Self {
        Self { radius: 1, threshold: 0.0 }
    }
}

kernel_op!(
    Median,
    "median",
    ["median", "median:radius=2,threshold=0.15"],
    median_cost,
    |own, image, cx| {
        let Median { radius, threshold } = *own;
        median(image, &repair::Median { radius, threshold }, cx.exec)
    },
);
