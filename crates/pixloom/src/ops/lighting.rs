//! Light from one side.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::{Depth, Image, ImageError, PixelFormat, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::{Op, OpCx};
use crate::params::Params;
use crate::shade::{Tone, shade};

/// Darken one side, evenly towards the other, in a direction drawn at random.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Lighting {
    /// How much darker the dark end is, 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) strength: f32,
}

impl Default for Lighting {
    fn default() -> Self {
        Self { strength: 0.3 }
    }
}

impl Params for Lighting {}

impl Op for Lighting {
    const NAME: &'static str = "lighting";
    const EXAMPLES: &'static [&'static str] = &["lighting:strength=0.5"];
    /// Where it gets darker, radians clockwise from the right.
    type Drawn = f64;

    fn draw(&self, seed: Seed) -> f64 {
        seed.rng().range_f64(0.0, std::f64::consts::TAU)
    }

    fn cost(&self, input: Size, format: PixelFormat, _: &f64) -> Bytes {
        Bytes(PixelFormat::new(format.channels, Depth::F32).bytes_of(input))
    }

    fn apply(&self, image: Image, drawn: &f64, cx: &OpCx<'_>) -> Result<Image, ImageError> {
        let (sin, cos) = libm::sincosf(*drawn as f32);
        let (width, height) = (image.width() as f32, image.height() as f32);
        let length = (width * cos.abs() + height * sin.abs()).max(1.0);
        shade(image, cx, &|[x, y]| {
            let off = (x - 0.5 * width) * cos + (y - 0.5 * height) * sin;
            Tone::gain(1.0 - self.strength * (off / length + 0.5))
        })
    }
}
