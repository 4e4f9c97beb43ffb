//! The loss of a lower resolution.
use pixloom_image::resize::{ResizeOptions, resize};
use pixloom_image::{Image, ImageError, PixelFormat, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::resize::FilterName;
use crate::op::{OpCx, kernel_op};

/// Make the picture smaller and as large as before again: what is finer than the smaller picture's
/// pixels is gone.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Resample {
    /// Size in between, parts of the sides.
    #[schemars(range(min = 0.01, max = 1.0))]
    pub(crate) scale: f32,
    /// Kernel on the way down.
    pub(crate) down: FilterName,
    /// Kernel on the way up.
    pub(crate) up: FilterName,
}

impl Default for Resample {
    fn default() -> Self {
        Self { scale: 0.5, down: FilterName::Box, up: FilterName::Bilinear }
    }
}

kernel_op!(
    Resample,
    "resample",
    ["resample:scale=0.25", "resample:scale=0.5,up=nearest"],
    cost,
    |own, image, cx| own.resample(image, cx),
);

/// Both pictures and the rows between, as floats.
fn cost(size: Size, format: PixelFormat) -> u64 {
    2 * format.bytes_of(size) + 16 * size.pixels()
}

impl Resample {
    fn resample(&self, image: Image, cx: &OpCx<'_>) -> Result<Image, ImageError> {
        let full = image.size();
        let side = |side: u32| (f64::from(side) * f64::from(self.scale)).round().max(1.0) as u32;
        let small = Size::new(side(full.width), side(full.height));
        if small == full {
            return Ok(image);
        }
        // Detail-preserving downscaling with its usual exponent.
        let with = |name: FilterName| ResizeOptions::with_filter(name.filter(1.0));
        let down = resize(&image, small, &with(self.down), cx.exec)?;
        resize(&down, full, &with(self.up), cx.exec)
    }
}
