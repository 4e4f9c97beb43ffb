//! Stains of coffee, water and fingers.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::{Depth, Image, ImageError, PixelFormat, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shade::{each, ramp};
use crate::op::{Op, OpCx};
use crate::params::Params;

/// Add stains: soft blots with a darker rim, brownish, at random places.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Stains {
    /// How dark they are, 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) strength: f32,
    /// How many.
    #[schemars(range(min = 1, max = 64))]
    pub(crate) count: u32,
}

impl Default for Stains {
    fn default() -> Self {
        Self { strength: 0.4, count: 3 }
    }
}

impl Params for Stains {}

impl Op for Stains {
    const NAME: &'static str = "stains";
    const EXAMPLES: &'static [&'static str] = &["stains:count=5"];
    /// Of each stain: its middle, parts of width and height, its radius, parts of the shorter
    /// side, and how uneven it is.
    type Drawn = Vec<[f64; 4]>;

    fn draw(&self, seed: Seed) -> Vec<[f64; 4]> {
        let mut rng = seed.rng();
        let mut stain =
            |_| [rng.f64(), rng.f64(), rng.range_f64(0.05, 0.6), rng.range_f64(0.0, 0.3)];
        (0..self.count).map(&mut stain).collect()
    }

    fn cost(&self, input: Size, format: PixelFormat, _: &Vec<[f64; 4]>) -> Bytes {
        Bytes(PixelFormat::new(format.channels, Depth::F32).bytes_of(input))
    }

    fn apply(&self, image: Image, drawn: &Vec<[f64; 4]>, cx: &OpCx<'_>) -> Result<Image, ImageError> {
        let (width, height) = (image.width() as f32, image.height() as f32);
        let stains = drawn.iter().map(|[x, y, radius, uneven]| {
            let radius = (*radius as f32 * width.min(height)).max(1.0);
            [*x as f32 * width, *y as f32 * height, radius, *uneven as f32]
        });
        let stains: Vec<[f32; 4]> = stains.collect();
        each(image, cx, &|[x, y], colors| {
            let mut depth = 0.0_f32;
            for [px, py, radius, uneven] in &stains {
                let (dx, dy) = ((x - px) / radius, (y - py) / radius);
                let wobble = 1.0 + uneven * libm::sinf(3.0 * dx + 5.0 * dy);
                let away = (dx * dx + dy * dy).sqrt() * wobble;
                let rim = libm::expf(-60.0 * (away - 0.9) * (away - 0.9));
                depth += 0.35 * (1.0 - ramp(0.85, 1.0, away)) + 0.65 * rim;
            }
            let depth = self.strength * depth.min(1.0);
            // Brown: blue is taken away most.
            let tint = if colors.len() == 3 { [0.35, 0.55, 0.8] } else { [0.5; 3] };
            for (color, tint) in colors.iter_mut().zip(tint) {
                *color *= 1.0 - depth * tint;
            }
        })
    }
}
