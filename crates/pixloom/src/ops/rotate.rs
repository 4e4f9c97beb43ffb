//! Rotation by any angle.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::geometry::{self, Geometry, Interpolation, RotateOptions, Turn, WarpOptions};
use pixloom_image::{Image, ImageError, PixelFormat, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pad::{Fill, check_color};
use crate::op::{Op, OpCx};
use crate::params::{ParamError, Params};

/// Rotate a picture.
///
/// Multiples of 90° move pixels without changing them. Other angles interpolate; `expand`
/// decides whether the picture grows so that no corner is lost.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rotate {
    /// Angle in degrees, clockwise.
    #[schemars(range(min = -360.0, max = 360.0))]
    angle: f64,
    /// Draw another angle for each picture, evenly from `-limit` to `limit`, and add it.
    #[schemars(range(min = 0.0, max = 180.0))]
    limit: f64,
    /// Enlarge the picture so that no corner is lost; otherwise its size stays.
    expand: bool,
    /// How values between pixels are found.
    interpolation: Between,
    /// What the corners show.
    fill: Fill,
    /// Colour of the corners as `#rrggbb`, with `fill=color`.
    color: String,
}

/// How values between pixels are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Between {
    /// The nearest pixel.
    Nearest,
    /// Linear between four pixels.
    #[default]
    Bilinear,
    /// Cubic between sixteen pixels (Keys, a = -0.5).
    Bicubic,
}

impl Default for Rotate {
    fn default() -> Self {
        Self {
            angle: 0.0,
            limit: 0.0,
            expand: true,
            interpolation: Between::default(),
            fill: Fill::default(),
            color: "#000000".to_owned(),
        }
    }
}

impl Params for Rotate {
    fn validate(&self) -> Result<(), ParamError> {
        check_color(&self.color)
    }
}

impl Op for Rotate {
    const NAME: &'static str = "rotate";
    const EXAMPLES: &'static [&'static str] =
        &["rotate:angle=90", "rotate:limit=15,expand=false,fill=reflect"];
    /// The angle in degrees, clockwise.
    type Drawn = f64;

    fn draw(&self, seed: Seed) -> f64 {
        if self.limit == 0.0 {
            return self.angle;
        }
        self.angle + seed.rng().range_f64(-self.limit, self.limit)
    }

    fn shape(&self, input: Size, degrees: &f64) -> Result<Size, ImageError> {
        Ok(self.movement(input, *degrees).0)
    }

    fn geometry(&self, input: Size, degrees: &f64) -> Geometry {
        self.movement(input, *degrees).1
    }

    fn cost(&self, input: Size, format: PixelFormat, degrees: &f64) -> Bytes {
        // A drawn angle is not known when memory is reserved: no turn needs more than 45°.
        let widest = if self.limit > 0.0 && self.expand { 45.0 } else { *degrees };
        let size = self.movement(input, widest).0;
        // Pictures with alpha are weighted by it in a copy.
        let weighted = if format.channels.has_alpha() { 16 } else { 0 };
        let copy = input.pixels().saturating_mul(weighted);
        Bytes(format.bytes_of(size).saturating_add(copy))
    }

    fn apply(&self, image: Image, degrees: &f64, cx: &OpCx<'_>) -> Result<Image, ImageError> {
        if let Some(turn) = self.turn(*degrees, image.size()) {
            return Ok(geometry::turn(image, turn));
        }
        let interpolation = match self.interpolation {
            Between::Nearest => Interpolation::Nearest,
            Between::Bilinear => Interpolation::Bilinear,
            Between::Bicubic => Interpolation::Bicubic,
        };
        let warp = WarpOptions { interpolation, border: self.fill.border(&self.color) };
        let options = RotateOptions { expand: self.expand, warp };
        geometry::rotate(&image, *degrees, &options, cx.exec)
    }
}

impl Rotate {
    /// The exact turn that this angle is, if it is one for a picture of that size.
    fn turn(&self, degrees: f64, input: Size) -> Option<Turn> {
        let quarter = (degrees / 90.0).rem_euclid(4.0);
        let turn = match quarter {
            0.0 => Turn::Identity,
            1.0 => Turn::Rotate90,
            2.0 => Turn::Rotate180,
            3.0 => Turn::Rotate270,
            _ => return None,
        };
        let keeps_size = !turn.swaps_sides() || input.width == input.height;
        (self.expand || keeps_size).then_some(turn)
    }

    fn movement(&self, input: Size, degrees: f64) -> (Size, Geometry) {
        match self.turn(degrees, input) {
            Some(turn) => {
                let size = if turn.swaps_sides() { input.transposed() } else { input };
                (size, turn.geometry(input))
            }
            None => geometry::rotation(input, degrees, self.expand),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_are_exact_turns() {
        let rotate = Rotate::default();
        let size = Size::new(3, 5);
        assert_eq!(rotate.turn(90.0, size), Some(Turn::Rotate90));
        assert_eq!(rotate.turn(-90.0, size), Some(Turn::Rotate270));
        assert_eq!(rotate.turn(360.0, size), Some(Turn::Identity));
        assert_eq!(rotate.turn(45.0, size), None);
        let keep = Rotate { expand: false, ..Rotate::default() };
        assert_eq!(keep.turn(90.0, size), None);
        assert_eq!(keep.turn(180.0, size), Some(Turn::Rotate180));
    }

    #[test]
    fn drawn_angles_stay_within_the_limit() {
        let rotate = Rotate { angle: 10.0, limit: 5.0, ..Rotate::default() };
        let angles: Vec<f64> = (0..100).map(|seed| rotate.draw(Seed::root(seed))).collect();
        assert!(angles.iter().all(|angle| (5.0..=15.0).contains(angle)));
        assert!(angles.iter().any(|angle| *angle < 6.0) && angles.iter().any(|angle| *angle > 14.0));
    }
}
