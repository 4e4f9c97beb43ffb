//! A bright spot, as of a lamp or a flash.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::{Depth, Image, ImageError, PixelFormat, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shade::{Tone, shade};
use crate::op::{Op, OpCx};
use crate::params::Params;

/// Add a bright spot, as glossy paper shows under a lamp.
///
/// The spot is round and soft; its place is random.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Glare {
    /// How bright its middle is, 0 to 1: 1 leaves nothing but white.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) strength: f32,
    /// Its radius, parts of the longer side.
    #[schemars(range(min = 0.01, max = 2.0))]
    pub(crate) radius: f32,
}

impl Default for Glare {
    fn default() -> Self {
        Self { strength: 0.6, radius: 0.2 }
    }
}

impl Params for Glare {}

impl Op for Glare {
    const NAME: &'static str = "glare";
    const EXAMPLES: &'static [&'static str] = &["glare:strength=0.8"];
    /// Its middle, parts of width and height.
    type Drawn = [f64; 2];

    fn draw(&self, seed: Seed) -> [f64; 2] {
        let mut rng = seed.rng();
        [rng.f64(), rng.f64()]
    }

    fn cost(&self, input: Size, format: PixelFormat, _: &[f64; 2]) -> Bytes {
        Bytes(PixelFormat::new(format.channels, Depth::F32).bytes_of(input))
    }

    fn apply(&self, image: Image, drawn: &[f64; 2], cx: &OpCx<'_>) -> Result<Image, ImageError> {
        let (width, height) = (image.width() as f32, image.height() as f32);
        let radius = (self.radius * width.max(height)).max(1.0);
        let [cx_px, cy_px] = [drawn[0] as f32 * width, drawn[1] as f32 * height];
        shade(image, cx, &|[x, y]| {
            let (dx, dy) = ((x - cx_px) / radius, (y - cy_px) / radius);
            let light = self.strength * libm::expf(-2.0 * (dx * dx + dy * dy));
            Tone { gain: 1.0 - light, add: light }
        })
    }
}
