//! The pattern of two grids over each other.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::{Depth, Image, ImageError, PixelFormat, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shade::{Tone, shade};
use crate::op::{Op, OpCx};
use crate::params::Params;

/// Add the pattern that appears where a screen is photographed: two fine grids over each other.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Moire {
    /// How much the brightness changes, 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) strength: f32,
    /// Distance of the lines of a grid, pixels.
    #[schemars(range(min = 1.5, max = 100.0))]
    pub(crate) period: f32,
}

impl Default for Moire {
    fn default() -> Self {
        Self { strength: 0.15, period: 3.0 }
    }
}

impl Params for Moire {}

impl Op for Moire {
    const NAME: &'static str = "moire";
    const EXAMPLES: &'static [&'static str] = &["moire:strength=0.2"];
    /// Direction of the first grid in radians, how much the second is turned, and its distance of
    /// lines as a part of the first one's.
    type Drawn = [f64; 3];

    fn draw(&self, seed: Seed) -> [f64; 3] {
        let mut rng = seed.rng();
        let direction = rng.range_f64(0.0, std::f64::consts::PI);
        [direction, rng.range_f64(0.02, 0.12), rng.range_f64(0.92, 1.08)]
    }

    fn cost(&self, input: Size, format: PixelFormat, _: &[f64; 3]) -> Bytes {
        Bytes(PixelFormat::new(format.channels, Depth::F32).bytes_of(input))
    }

    fn apply(&self, image: Image, drawn: &[f64; 3], cx: &OpCx<'_>) -> Result<Image, ImageError> {
        let wave = |angle: f64, period: f32| {
            let (sin, cos) = libm::sincosf(angle as f32);
            let step = std::f32::consts::TAU / period.max(1.0);
            move |[x, y]: [f32; 2]| libm::sinf((x * cos + y * sin) * step)
        };
        let first = wave(drawn[0], self.period);
        let second = wave(drawn[0] + drawn[1], self.period * drawn[2] as f32);
        shade(image, cx, &|at| Tone::gain(1.0 - self.strength * 0.25 * (2.0 + first(at) + second(at))))
    }
}
