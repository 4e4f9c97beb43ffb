//! Even paper.
use pixloom_image::repair::{flatten_page, local_cost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Make the paper of a page even and white: stains, folds and shadows go, ink stays.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FlattenPage {
    /// Strokes up to twice this width in pixels are ink.
    #[schemars(range(min = 1, max = 100))]
    radius: u32,
    /// How much of the change is made.
    #[schemars(range(min = 0.0, max = 1.0))]
    amount: f32,
}

impl Default for FlattenPage {
    fn default() -> Self {
        Self { radius: 10, amount: 1.0 }
    }
}

kernel_op!(
    FlattenPage,
    "flatten-page",
    ["flatten-page", "flatten-page:radius=20"],
    local_cost,
    |own, image, _cx| flatten_page(image, (own.radius, own.amount)),
);
