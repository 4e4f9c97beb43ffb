//! Lines of a scanner, a fax or a screen.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::{Depth, Image, ImageError, PixelFormat, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shade::{Tone, ramp, shade};
use crate::op::{Op, OpCx};
use crate::params::Params;

/// Darken rows at even distances, as worn scanners, faxes and screens do.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ScanLines {
    /// How much darker a line is, 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) strength: f32,
    /// Distance of the lines, pixels.
    #[schemars(range(min = 2.0, max = 200.0))]
    pub(crate) period: f32,
}

impl Default for ScanLines {
    fn default() -> Self {
        Self { strength: 0.2, period: 4.0 }
    }
}

impl Params for ScanLines {}

impl Op for ScanLines {
    const NAME: &'static str = "scan-lines";
    const EXAMPLES: &'static [&'static str] = &["scan-lines:period=3,strength=0.3"];
    /// Where the first line is, parts of their distance.
    type Drawn = f64;

    fn draw(&self, seed: Seed) -> f64 {
        seed.rng().f64()
    }

    fn cost(&self, input: Size, format: PixelFormat, _: &f64) -> Bytes {
        Bytes(PixelFormat::new(format.channels, Depth::F32).bytes_of(input))
    }

    fn apply(&self, image: Image, drawn: &f64, cx: &OpCx<'_>) -> Result<Image, ImageError> {
        let (period, start) = (self.period.max(2.0), *drawn as f32);
        shade(image, cx, &|[_, y]| {
            let phase = y / period - start;
            let away = (phase - (phase + 0.5).floor()).abs() * period;
            // A line is about one pixel thick.
            Tone::gain(1.0 - self.strength * (1.0 - ramp(0.5, 1.0, away)))
        })
    }
}
