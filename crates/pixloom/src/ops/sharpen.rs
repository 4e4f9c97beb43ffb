//! Unsharp mask.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::filter::{self, UnsharpMask};
use pixloom_image::{Image, ImageError, PixelFormat, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::{Op, OpCx};
use crate::params::Params;

/// Sharpen a picture with an unsharp mask.
///
/// The difference to a blurred copy is added; alpha stays.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sharpen {
    /// How much of the difference is added; 1 doubles it.
    #[schemars(range(min = 0.0, max = 10.0))]
    amount: f32,
    /// Standard deviation of the blur in pixels.
    #[schemars(range(min = 0.1, max = 200.0))]
    sigma: f32,
    /// Differences up to this, on the 0 to 1 scale, are left alone.
    #[schemars(range(min = 0.0, max = 1.0))]
    threshold: f32,
}

impl Default for Sharpen {
    fn default() -> Self {
        Self { amount: 0.5, sigma: 1.0, threshold: 0.0 }
    }
}

impl Params for Sharpen {}

impl Op for Sharpen {
    const NAME: &'static str = "sharpen";
    const EXAMPLES: &'static [&'static str] =
        &["sharpen:amount=0.5", "sharpen:amount=1,sigma=2,threshold=0.02"];
    type Drawn = ();

    fn draw(&self, _: Seed) {}

    fn cost(&self, input: Size, format: PixelFormat, (): &()) -> Bytes {
        Bytes(filter::blur_cost(input, format, self.sigma))
    }

    fn apply(&self, image: Image, (): &(), cx: &OpCx<'_>) -> Result<Image, ImageError> {
        let Self { amount, sigma, threshold } = *self;
        filter::unsharp_mask(&image, &UnsharpMask { sigma, amount, threshold }, cx.exec)
    }
}
