//! Cutting a rectangle out of a picture.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::geometry::{self, Geometry, Rect};
use pixloom_image::{Image, ImageError, PixelFormat, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::{Op, OpCx};
use crate::params::{ParamError, Params};

/// Crop a picture.
///
/// Say the size by `width` and `height` (a picture that is smaller fails), by `ratio`, or by
/// `multiple_of`, which cuts no more than needed for sides that are multiples of a number.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Crop {
    /// Width of the result in pixels.
    #[schemars(range(min = 1))]
    width: Option<u32>,
    /// Height of the result in pixels.
    #[schemars(range(min = 1))]
    height: Option<u32>,
    /// Width divided by height of the result, such as 1.5: as large as fits.
    #[schemars(range(min = 0.001, max = 1000.0))]
    ratio: Option<f64>,
    /// Both sides become multiples of this.
    #[schemars(range(min = 1, max = 65_536))]
    multiple_of: Option<u32>,
    /// Which part is taken.
    anchor: Anchor,
    /// Left edge of the part in pixels, with `anchor=at`.
    x: u32,
    /// Top edge of the part in pixels, with `anchor=at`.
    y: u32,
}

/// Which part of the picture is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Anchor {
    /// The middle.
    #[default]
    Center,
    /// The top left corner.
    TopLeft,
    /// Another place for each picture, drawn from the seed.
    Random,
    /// At `x` and `y`.
    At,
}

/// Where a random crop lies: the fraction of the room there is, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Place {
    x: f64,
    y: f64,
}

impl Params for Crop {
    fn validate(&self) -> Result<(), ParamError> {
        let by_size = self.width.is_some() || self.height.is_some();
        let ways = [by_size, self.ratio.is_some(), self.multiple_of.is_some()];
        if ways.into_iter().filter(|given| *given).count() != 1 {
            let problem = "say the size one way: width and height, ratio or multiple_of";
            return Err(ParamError::new("width", problem));
        }
        if (self.x, self.y) != (0, 0) && self.anchor != Anchor::At {
            return Err(ParamError::new("anchor", "must be `at` for x and y to count"));
        }
        Ok(())
    }
}

impl Op for Crop {
    const NAME: &'static str = "crop";
    const EXAMPLES: &'static [&'static str] =
        &["crop:width=512,height=512,anchor=random", "crop:multiple_of=4,anchor=top-left"];
    type Drawn = Option<Place>;

    fn draw(&self, seed: Seed) -> Option<Place> {
        (self.anchor == Anchor::Random).then(|| {
            let mut rng = seed.rng();
            Place { x: rng.f64(), y: rng.f64() }
        })
    }

    fn shape(&self, input: Size, drawn: &Option<Place>) -> Result<Size, ImageError> {
        let rect = self.rect(input, drawn.as_ref())?;
        Ok(Size::new(rect.width, rect.height))
    }

    fn geometry(&self, input: Size, drawn: &Option<Place>) -> Geometry {
        match self.rect(input, drawn.as_ref()) {
            Ok(rect) => Geometry::Affine([1.0, 0.0, f64::from(rect.x), 0.0, 1.0, f64::from(rect.y)]),
            Err(_does_not_fit) => Geometry::Identity,
        }
    }

    fn cost(&self, input: Size, format: PixelFormat, drawn: &Option<Place>) -> Bytes {
        let size = self.shape(input, drawn).unwrap_or(input);
        Bytes(format.bytes_of(size))
    }

    fn apply(&self, image: Image, drawn: &Option<Place>, cx: &OpCx<'_>) -> Result<Image, ImageError> {
        let rect = self.rect(cx.input, drawn.as_ref())?;
        geometry::crop(&image, rect)
    }
}

impl Crop {
    fn rect(&self, input: Size, drawn: Option<&Place>) -> Result<Rect, ImageError> {
        let size = self.size(input);
        let fits = input.covers(size) && !size.is_empty();
        let room = |outer: u32, inner: u32| outer.saturating_sub(inner);
        let (right, below) = (room(input.width, size.width), room(input.height, size.height));
        let (x, y) = match (self.anchor, drawn) {
            (Anchor::At, _) => (self.x, self.y),
            (Anchor::Random, Some(place)) => (part_of(right, place.x), part_of(below, place.y)),
            (Anchor::TopLeft, _) => (0, 0),
            _ => (right / 2, below / 2),
        };
        if !fits || x > right || y > below {
            return Err(ImageError::settings(format!(
                "a crop of {size} at {x},{y} does not fit into {input}"
            ))
            .with_hint("resize or pad first, or crop by ratio"));
        }
        Ok(Rect { x, y, width: size.width, height: size.height })
    }

    fn size(&self, input: Size) -> Size {
        if let Some(multiple) = self.multiple_of {
            let down = |side: u32| side - side % multiple;
            return Size::new(down(input.width), down(input.height));
        }
        if let Some(ratio) = self.ratio {
            let (width, height) = (f64::from(input.width), f64::from(input.height));
            let width = width.min((height * ratio).round()).max(1.0);
            let height = height.min((width / ratio).round()).max(1.0);
            return Size::new(width as u32, height as u32);
        }
        Size::new(self.width.unwrap_or(input.width), self.height.unwrap_or(input.height))
    }
}

/// A whole number of pixels from 0 to `room`, each as likely as any other.
fn part_of(room: u32, fraction: f64) -> u32 {
    ((f64::from(room) + 1.0) * fraction).min(f64::from(room)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(crop: &Crop, width: u32, height: u32, seed: u64) -> Option<(u32, u32, u32, u32)> {
        let drawn = crop.draw(Seed::root(seed));
        let rect = crop.rect(Size::new(width, height), drawn.as_ref()).ok()?;
        Some((rect.x, rect.y, rect.width, rect.height))
    }

    #[test]
    fn sizes_and_anchors() {
        let fixed = Crop { width: Some(4), height: Some(2), ..Crop::default() };
        assert_eq!(rect(&fixed, 10, 10, 0), Some((3, 4, 4, 2)));
        assert_eq!(rect(&fixed, 3, 10, 0), None);
        let ratio = Crop { ratio: Some(1.5), ..Crop::default() };
        assert_eq!(rect(&ratio, 300, 300, 0), Some((0, 50, 300, 200)));
        assert_eq!(rect(&ratio, 900, 300, 0), Some((225, 0, 450, 300)));
        let multiple =
            Crop { multiple_of: Some(4), anchor: Anchor::TopLeft, ..Crop::default() };
        assert_eq!(rect(&multiple, 11, 9, 0), Some((0, 0, 8, 8)));
        assert_eq!(rect(&multiple, 3, 9, 0), None);
    }

    #[test]
    fn random_places_reach_both_ends_and_depend_on_the_seed() {
        let crop = Crop { width: Some(8), anchor: Anchor::Random, ..Crop::default() };
        let places: std::collections::BTreeSet<u32> =
            (0..200).filter_map(|seed| rect(&crop, 12, 5, seed)).map(|rect| rect.0).collect();
        assert!(places.iter().copied().eq(0..=4), "{places:?}");
        assert_eq!(rect(&crop, 12, 5, 7), rect(&crop, 12, 5, 7));
    }
}
