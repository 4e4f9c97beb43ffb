//! The shadow of something beside the picture.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::{Depth, Image, ImageError, PixelFormat, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shade::{Tone, ramp, shade};
use crate::op::{Op, OpCx};
use crate::params::Params;

/// Darken a part of the picture, as something beside it does that stands in the light.
///
/// The shadow lies on one side of a line of random direction and place; its edge is soft.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CastShadow {
    /// How much darker it is, 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) strength: f32,
    /// Width of the soft edge, parts of the longer side.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) softness: f32,
}

impl Default for CastShadow {
    fn default() -> Self {
        Self { strength: 0.4, softness: 0.1 }
    }
}

impl Params for CastShadow {}

impl Op for CastShadow {
    const NAME: &'static str = "cast-shadow";
    const EXAMPLES: &'static [&'static str] = &["cast-shadow:strength=0.5"];
    /// Direction of the light in radians, and how far into the picture the shadow reaches, 0 to 1.
    type Drawn = [f64; 2];

    fn draw(&self, seed: Seed) -> [f64; 2] {
        let mut rng = seed.rng();
        [rng.range_f64(0.0, std::f64::consts::TAU), rng.range_f64(0.25, 0.75)]
    }

    fn cost(&self, input: Size, format: PixelFormat, _: &[f64; 2]) -> Bytes {
        Bytes(PixelFormat::new(format.channels, Depth::F32).bytes_of(input))
    }

    fn apply(&self, image: Image, drawn: &[f64; 2], cx: &OpCx<'_>) -> Result<Image, ImageError> {
        let (width, height) = (image.width() as f32, image.height() as f32);
        let (sin, cos) = libm::sincosf(drawn[0] as f32);
        let reach = 0.5 * (width * cos.abs() + height * sin.abs());
        let edge = reach * (2.0 * drawn[1] as f32 - 1.0);
        let soft = (0.5 * self.softness * width.max(height)).max(0.5);
        shade(image, cx, &|[x, y]| {
            let along = (x - 0.5 * width) * cos + (y - 0.5 * height) * sin;
            Tone::gain(1.0 - self.strength * ramp(-soft, soft, edge - along))
        })
    }
}
