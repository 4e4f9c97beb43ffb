//! Noise in proportion to the light.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::{Depth, Image, ImageError, PixelFormat, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::{Op, OpCx};
use crate::params::Params;
use crate::shade::each_seeded;

/// Add speckle: every pixel is multiplied by 1 plus a normally distributed value, so that bright
/// places get more of it, as with radar, ultrasound and worn prints.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Speckle {
    /// Standard deviation of the factor.
    #[schemars(range(min = 0.0, max = 2.0))]
    pub(crate) sigma: f32,
}

impl Default for Speckle {
    fn default() -> Self {
        Self { sigma: 0.1 }
    }
}

impl Params for Speckle {}

impl Op for Speckle {
    const NAME: &'static str = "speckle";
    const EXAMPLES: &'static [&'static str] = &["speckle:sigma=0.2"];
    /// The seed of the streams.
    type Drawn = u64;

    fn draw(&self, seed: Seed) -> u64 {
        seed.value()
    }

    fn cost(&self, input: Size, format: PixelFormat, _: &u64) -> Bytes {
        Bytes(PixelFormat::new(format.channels, Depth::F32).bytes_of(input))
    }

    fn apply(&self, image: Image, drawn: &u64, cx: &OpCx<'_>) -> Result<Image, ImageError> {
        if self.sigma == 0.0 {
            return Ok(image);
        }
        each_seeded(image, cx, Seed::root(*drawn), &mut |rng, colors| {
            let factor = 1.0 + self.sigma * rng.normal() as f32;
            for v in colors {
                *v = (*v * factor).clamp(0.0, 1.0);
            }
        })
    }
}
