//! Local contrast.
use pixloom_image::repair::{clahe, local_cost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Raise local contrast: the luma's histogram is equalised in tiles, with a limit (CLAHE).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Clahe {
    /// Most contrast that is gained, in units of a flat histogram.
    #[schemars(range(min = 1.0, max = 100.0))]
    limit: f32,
    /// Tiles a side.
    #[schemars(range(min = 1, max = 64))]
    tiles: u32,
}

impl Default for Clahe {
    fn default() -> Self {
        Self { limit: 2.0, tiles: 8 }
    }
}

kernel_op!(
    Clahe,
    "clahe",
    ["clahe", "clahe:limit=4,tiles=4"],
    local_cost,
    |own, image, _cx| clahe(image, (own.limit, own.tiles)),
);
