//! Non-local means.
use pixloom_image::repair::{NonLocalMeans, non_local_means, smooth_cost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Remove noise by non-local means: the mean of the pixels around which the picture looks alike.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Nlm {
    /// Standard deviation of the noise on the 0 to 1 scale.
    #[schemars(range(min = 0.001, max = 1.0))]
    sigma: f32,
    /// Patches have 2 × patch + 1 pixels a side.
    #[schemars(range(min = 1, max = 4))]
    patch: u32,
    /// Patches are sought up to this many pixels away.
    #[schemars(range(min = 1, max = 16))]
    reach: u32,
}

impl Default for Nlm {
    fn default() -> Self {
        Self { sigma: 0.05, patch: 1, reach: 5 }
    }
}

kernel_op!(
    Nlm,
    "nlm",
    ["nlm:sigma=0.04", "nlm:sigma=0.08,patch=2,reach=7"],
    smooth_cost,
    |own, image, cx| {
        let Nlm { sigma, patch, reach } = *own;
        non_local_means(image, &NonLocalMeans { sigma, patch, reach }, cx.exec)
    },
);
