//! Adding a margin.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::geometry::{self, Border, Geometry, Margins};
use pixloom_image::{Image, ImageError, PixelFormat, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::{Op, OpCx};
use crate::params::{ParamError, Params, hex_color};

/// Pad a picture.
///
/// Say the size of the result by `width` and `height` (a larger picture is left alone in that
/// direction; what is added is shared by both sides), by `multiple_of`, or say the margin of
/// each side.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Pad {
    /// Least width of the result in pixels.
    #[schemars(range(min = 1, max = 1_000_000))]
    width: Option<u32>,
    /// Least height of the result in pixels.
    #[schemars(range(min = 1, max = 1_000_000))]
    height: Option<u32>,
    /// Both sides become multiples of this; added at the right and at the bottom.
    #[schemars(range(min = 1, max = 65_536))]
    multiple_of: Option<u32>,
    /// Columns added on the left.
    #[schemars(range(min = 0, max = 65_536))]
    left: u32,
    /// Rows added at the top.
    #[schemars(range(min = 0, max = 65_536))]
    top: u32,
    /// Columns added on the right.
    #[schemars(range(min = 0, max = 65_536))]
    right: u32,
    /// Rows added at the bottom.
    #[schemars(range(min = 0, max = 65_536))]
    bottom: u32,
    /// What the margin shows.
    fill: Fill,
    /// Colour of the margin as `#rrggbb`, with `fill=color`.
    color: String,
}

/// What lies outside of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Fill {
    /// One colour.
    #[default]
    Color,
    /// Nothing, in pictures with alpha; otherwise the colour.
    Transparent,
    /// The outermost pixels again and again.
    Edge,
    /// The picture mirrored.
    Reflect,
    /// The picture again and again.
    Wrap,
}

impl Fill {
    /// As the geometry functions take it.
    pub(super) fn border(self, color: &str) -> Border {
        let [red, green, blue] = hex_color(color).unwrap_or_default();
        match self {
            Self::Color => Border::Constant([red, green, blue, 1.0]),
            Self::Transparent => Border::Constant([red, green, blue, 0.0]),
            Self::Edge => Border::Edge,
            Self::Reflect => Border::Reflect,
            Self::Wrap => Border::Wrap,
        }
    }
}

/// Checks a colour setting.
pub(super) fn check_color(color: &str) -> Result<(), ParamError> {
    match hex_color(color) {
        Some(_) => Ok(()),
        None => Err(ParamError::new("color", format!("`{color}` is not a colour such as #ffffff"))),
    }
}

impl Default for Pad {
    fn default() -> Self {
        Self {
            width: None,
            height: None,
            multiple_of: None,
            left: 0,
            top: 0,
            right: 0,
            bottom: 0,
            fill: Fill::default(),
            color: "#000000".to_owned(),
        }
    }
}

impl Params for Pad {
    fn validate(&self) -> Result<(), ParamError> {
        check_color(&self.color)?;
        let ways = [
            self.width.is_some() || self.height.is_some(),
            self.multiple_of.is_some(),
            self.left + self.top + self.right + self.bottom > 0,
        ];
        if ways.into_iter().filter(|given| *given).count() != 1 {
            let problem = "say it one way: width and height, multiple_of, or the four margins";
            return Err(ParamError::new("width", problem));
        }
        Ok(())
    }
}

impl Op for Pad {
    const NAME: &'static str = "pad";
    const EXAMPLES: &'static [&'static str] =
        &["pad:width=512,height=512,fill=reflect", "pad:left=8,right=8,color=#ffffff"];
    type Drawn = ();

    fn draw(&self, _: Seed) {}

    fn shape(&self, input: Size, (): &()) -> Result<Size, ImageError> {
        let m = self.margins(input);
        let side = |before: u32, inner: u32, after: u32| {
            let sum = before.checked_add(inner).and_then(|sum| sum.checked_add(after));
            sum.ok_or_else(|| ImageError::limit(format!("{input} cannot be padded any further")))
        };
        let width = side(m.left, input.width, m.right)?;
        Ok(Size::new(width, side(m.top, input.height, m.bottom)?))
    }

    fn geometry(&self, input: Size, (): &()) -> Geometry {
        let margins = self.margins(input);
        let (left, top) = (f64::from(margins.left), f64::from(margins.top));
        Geometry::Affine([1.0, 0.0, -left, 0.0, 1.0, -top])
    }

    fn cost(&self, input: Size, format: PixelFormat, (): &()) -> Bytes {
        let size = self.shape(input, &()).unwrap_or(input);
        Bytes(format.bytes_of(size))
    }

    fn apply(&self, image: Image, (): &(), _: &OpCx<'_>) -> Result<Image, ImageError> {
        let margins = self.margins(image.size());
        if margins == Margins::default() {
            return Ok(image);
        }
        geometry::pad(&image, margins, self.fill.border(&self.color))
    }
}

impl Pad {
    fn margins(&self, input: Size) -> Margins {
        if let Some(multiple) = self.multiple_of {
            let missing = |side: u32| (multiple - side % multiple) % multiple;
            let (right, bottom) = (missing(input.width), missing(input.height));
            return Margins { right, bottom, ..Margins::default() };
        }
        if self.width.is_some() || self.height.is_some() {
            let missing = |wanted: Option<u32>, side: u32| wanted.unwrap_or(0).saturating_sub(side);
            let across = missing(self.width, input.width);
            let down = missing(self.height, input.height);
            return Margins {
                left: across / 2,
                right: across - across / 2,
                top: down / 2,
                bottom: down - down / 2,
            };
        }
        Margins { left: self.left, top: self.top, right: self.right, bottom: self.bottom }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_add_up_to_the_size() {
        let shape = |pad: &Pad| pad.shape(Size::new(10, 7), &()).map(|s| (s.width, s.height)).unwrap();
        assert_eq!(shape(&Pad { width: Some(13), height: Some(5), ..Pad::default() }), (13, 7));
        assert_eq!(shape(&Pad { multiple_of: Some(4), ..Pad::default() }), (12, 8));
        assert_eq!(shape(&Pad { left: 1, bottom: 2, ..Pad::default() }), (11, 9));
    }
}
