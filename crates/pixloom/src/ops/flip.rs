//! Mirroring.
use pixloom_engine::Seed;
use pixloom_image::geometry::{self, Geometry, Turn};
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
        self.turn().geometry(input)
    }

    fn apply(&self, image: Image, (): &(), _: &OpCx<'_>) -> Result<Image, ImageError> {
        Ok(geometry::turn(image, self.turn()))
    }
}

impl Flip {
    const fn turn(&self) -> Turn {
        match self.direction {
            Direction::Horizontal => Turn::FlipHorizontal,
            Direction::Vertical => Turn::FlipVertical,
        }
    }
}
