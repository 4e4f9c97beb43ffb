//! Noise removal by block matching.
use pixloom_image::repair::{self, bm3d, bm3d_cost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Remove noise by BM3D: blocks that look alike are filtered together, in two passes.
///
/// The best filter for white noise here, and the slowest: about 17 times as long as `dct-denoise`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Bm3d {
    /// Standard deviation of the noise on the 0 to 1 scale; 0 estimates it.
    #[schemars(range(min = 0.0, max = 1.0))]
    sigma: f32,
    /// Factor on the estimated noise.
    #[schemars(range(min = 0.0, max = 8.0))]
    strength: f32,
    /// Factor on the noise of the two colour differences.
    #[schemars(range(min = 0.0, max = 8.0))]
    chroma: f32,
    /// Distance between the blocks that are filtered, in pixels: more is faster.
    #[schemars(range(min = 1, max = 7))]
    step: u32,
    /// Like blocks are sought up to this many pixels away.
    #[schemars(range(min = 1, max = 24))]
    reach: u32,
}

impl Default for Bm3d {
    fn default() -> Self {
        Self { sigma: 0.0, strength: 1.0, chroma: 1.0, step: 4, reach: 10 }
    }
}

kernel_op!(
    Bm3d,
    "bm3d",
    ["bm3d", "bm3d:sigma=0.05,step=3,reach=16"],
    bm3d_cost,
    |own, image, cx| {
        let Bm3d { sigma, strength, chroma, step, reach } = *own;
        bm3d(image, &repair::Bm3d { sigma, strength, chroma, step, reach }, cx.exec)
    },
);
