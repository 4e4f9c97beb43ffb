//! Folds of paper.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::{Depth, Image, ImageError, PixelFormat, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shade::{Tone, ramp, shade};
use crate::op::{Op, OpCx};
use crate::params::Params;

/// Show that the paper was folded: dark and light seams from edge to edge, and a little less light
/// on one side of each.
///
/// Nothing moves; places and directions are random.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Crease {
    /// How strong the seams are, 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) strength: f32,
    /// How many folds.
    #[schemars(range(min = 1, max = 16))]
    pub(crate) folds: u32,
}

impl Default for Crease {
    fn default() -> Self {
        Self { strength: 0.4, folds: 2 }
    }
}

impl Params for Crease {}

impl Op for Crease {
    const NAME: &'static str = "crease";
    const EXAMPLES: &'static [&'static str] = &["crease:folds=3"];
    /// Of each fold: a point that it goes through, parts of width and height, and its direction in
    /// radians.
    type Drawn = Vec<[f64; 3]>;

    fn draw(&self, seed: Seed) -> Vec<[f64; 3]> {
        let mut rng = seed.rng();
        let quarter = std::f64::consts::FRAC_PI_2;
        let mut fold = |number: u32| {
            let around = f64::from(number % 2) * quarter;
            [rng.range_f64(0.15, 0.85), rng.range_f64(0.15, 0.85), around + rng.range_f64(-0.15, 0.15)]
        };
        (0..self.folds).map(&mut fold).collect()
    }

    fn cost(&self, input: Size, format: PixelFormat, _: &Vec<[f64; 3]>) -> Bytes {
        Bytes(PixelFormat::new(format.channels, Depth::F32).bytes_of(input))
    }

    fn apply(&self, image: Image, drawn: &Vec<[f64; 3]>, cx: &OpCx<'_>) -> Result<Image, ImageError> {
        let (width, height) = (image.width() as f32, image.height() as f32);
        let seams = drawn.iter().map(|[x, y, angle]| {
            let (sin, cos) = libm::sincosf(*angle as f32);
            [*x as f32 * width, *y as f32 * height, sin, cos]
        });
        let seams: Vec<[f32; 4]> = seams.collect();
        shade(image, cx, &|[x, y]| {
            let (mut gain, mut add) = (1.0, 0.0);
            for [px, py, sin, cos] in &seams {
                let away = (y - py) * cos - (x - px) * sin;
                gain *= 1.0 - 0.6 * self.strength * libm::expf(-away * away);
                add += 0.35 * self.strength * libm::expf(-(away - 2.0) * (away - 2.0));
                gain *= 1.0 - 0.15 * self.strength * ramp(0.0, 0.3 * width.max(height), away);
            }
            Tone { gain, add }
        })
    }
}
