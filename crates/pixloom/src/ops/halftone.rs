//! Print as dots of different sizes.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::{Depth, Image, ImageError, PixelFormat, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shade::{each, ramp};
use crate::op::{Op, OpCx};
use crate::params::Params;

/// Show the picture as a print does: dots on a turned grid, larger where it is darker.
///
/// `strength` mixes the print with the picture.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Halftone {
    /// Distance of the dots, pixels.
    #[schemars(range(min = 2.0, max = 64.0))]
    pub(crate) period: f32,
    /// Turn of the grid, degrees.
    #[schemars(range(min = -90.0, max = 90.0))]
    pub(crate) angle: f32,
    /// How much of the print shows, 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) strength: f32,
}

impl Default for Halftone {
    fn default() -> Self {
        Self { period: 4.0, angle: 45.0, strength: 1.0 }
    }
}

impl Params for Halftone {}

impl Op for Halftone {
    const NAME: &'static str = "halftone";
    const EXAMPLES: &'static [&'static str] = &["halftone:period=5"];
    type Drawn = ();

    fn draw(&self, _: Seed) {}

    fn cost(&self, input: Size, format: PixelFormat, (): &()) -> Bytes {
        Bytes(PixelFormat::new(format.channels, Depth::F32).bytes_of(input))
    }

    fn apply(&self, image: Image, (): &(), cx: &OpCx<'_>) -> Result<Image, ImageError> {
        let (sin, cos) = libm::sincosf(self.angle.to_radians());
        let step = std::f32::consts::TAU / self.period.max(2.0);
        each(image, cx, &|[x, y], colors| {
            let (u, v) = ((x * cos + y * sin) * step, (y * cos - x * sin) * step);
            // A threshold between 0 and 1 that is spread evenly enough.
            let threshold = 0.5 + 0.25 * (libm::cosf(u) + libm::cosf(v));
            for color in colors {
                // Softened over about one pixel.
                let dot = ramp(-0.1, 0.1, *color - (0.02 + 0.96 * threshold));
                *color += (dot - *color) * self.strength;
            }
        })
    }
}
