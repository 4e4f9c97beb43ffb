//! Mirroring.
use pixloom_engine::Seed;
use pixloom_image::geometry::{self, Geometry};
use pixloom_image::{Image, ImageError, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::{Op, OpCx};
use crate::params::Params;

/// Mirror a picture.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Flip {
    /// Which sides change places.
    direction: Direction,
}

/// Which sides change places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Direction {
    /// Left and right.
    #[default]
    Horizontal,
    /// Top and bottom.
    Vertical,
}

impl Params for Flip {}

impl Op for Flip {
    const NAME: &'static str = "flip";
    const EXAMPLES: &'static [&'static str] = &["flip", "flip:direction=vertical"];
    type Drawn = ();

    fn draw(&self, _: Seed) {}

    fn geometry(&self, input: Size, (): &()) -> Geometry {
        match self.direction {
            Direction::Horizontal => {
                Geometry::Affine([-1.0, 0.0, f64::from(input.width), 0.0, 1.0, 0.0])
            }
            Direction::Vertical => {
                Geometry::Affine([1.0, 0.0, 0.0, 0.0, -1.0, f64::from(input.height)])
            }
        }
    }

    fn apply(&self, image: Image, (): &(), _: &OpCx<'_>) -> Result<Image, ImageError> {
        Ok(match self.direction {
            Direction::Horizontal => geometry::flip_horizontal(image),
            Direction::Vertical => geometry::flip_vertical(image),
        })
    }
}
