//! Gaussian blur.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::{Image, ImageError, PixelFormat, Size, filter};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::{Op, OpCx};
use crate::params::Params;

/// Blur a picture with a Gaussian.
///
/// The kernel is cut off at 3 sigma; the picture is mirrored at its edges.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Blur {
    /// Standard deviation in pixels.
    #[schemars(range(min = 0.0, max = 200.0))]
    pub(crate) sigma: f32,
}

impl Default for Blur {
    fn default() -> Self {
        Self { sigma: 1.0 }
    }
}

impl Params for Blur {}

impl Op for Blur {
    const NAME: &'static str = "blur";
    const EXAMPLES: &'static [&'static str] = &["blur:sigma=2"];
    type Drawn = ();

    fn draw(&self, _: Seed) {}

    fn cost(&self, input: Size, format: PixelFormat, (): &()) -> Bytes {
        Bytes(filter::blur_cost(input, format, self.sigma))
    }

    fn apply(&self, image: Image, (): &(), cx: &OpCx<'_>) -> Result<Image, ImageError> {
        filter::gaussian_blur(&image, self.sigma, cx.exec)
    }
}
