//! Brightness, contrast and colour as factors.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::{
    Channels, Depth, Image, ImageError, PixelFormat, Samples, Size, convert,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::{Op, OpCx};
use crate::params::Params;
use crate::shade::each;

/// Change brightness, contrast and colour, in this order, by the factors of Pillow's `ImageEnhance`.
///
/// Each result lies between the picture and black (brightness), its mean gray (contrast) or its own
/// gray (colour); 0 is that, 1 the picture, more goes beyond.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Enhance {
    /// Factor on every sample.
    #[schemars(range(min = 0.0, max = 16.0))]
    pub(crate) brightness: f32,
    /// Factor on the distance to the mean luma, which is rounded to a multiple of 1/255.
    #[schemars(range(min = 0.0, max = 16.0))]
    pub(crate) contrast: f32,
    /// Factor on the distance to the pixel's own luma.
    #[schemars(range(min = 0.0, max = 16.0))]
    pub(crate) color: f32,
}

impl Default for Enhance {
    fn default() -> Self {
        Self { brightness: 1.0, contrast: 1.0, color: 1.0 }
    }
}

impl Params for Enhance {}

impl Op for Enhance {
    const NAME: &'static str = "enhance";
    const EXAMPLES: &'static [&'static str] = &["enhance:brightness=1.2,contrast=1.3"];
    type Drawn = ();

    fn draw(&self, _: Seed) {}

    fn cost(&self, input: Size, format: PixelFormat, (): &()) -> Bytes {
        let float = PixelFormat::new(format.channels, Depth::F32).bytes_of(input);
        Bytes(2 * float + 2 * format.bytes_of(input))
    }

    fn apply(&self, image: Image, (): &(), cx: &OpCx<'_>) -> Result<Image, ImageError> {
        let image = factor(image, cx, (self.brightness, Towards::Level(0.0)))?;
        let gray = if is_one(self.contrast) { 0.0 } else { mean_gray(&image) };
        let image = factor(image, cx, (self.contrast, Towards::Level(gray)))?;
        factor(image, cx, (self.color, Towards::Luma))
    }
}

/// What a factor of 0 makes of a pixel.
#[derive(Clone, Copy)]
enum Towards {
    Level(f32),
    Luma,
}

fn factor(image: Image, cx: &OpCx<'_>, (by, towards): (f32, Towards)) -> Result<Image, ImageError> {
    if is_one(by) {
        return Ok(image);
    }
    each(image, cx, &|_, colors| {
        let base = match (towards, &*colors) {
            (Towards::Level(level), _) => level,
            (Towards::Luma, [r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b,
            (Towards::Luma, _) => colors[0],
        };
        for v in colors {
            *v = (base + (*v - base) * by).clamp(0.0, 1.0);
        }
    })
}

#[expect(clippy::float_cmp, reason = "off is exactly that number")]
fn is_one(value: f32) -> bool {
    value == 1.0
}

/// The mean of the 8-bit luma, rounded, on the 0 to 1 scale.
fn mean_gray(image: &Image) -> f32 {
    let gray = convert::convert(image.clone(), PixelFormat::new(Channels::Gray, Depth::U8));
    let Samples::U8(samples) = gray.samples() else { return 0.0 };
    let sum: u64 = samples.iter().map(|v| u64::from(*v)).sum();
    ((sum as f64 / samples.len().max(1) as f64 + 0.5).floor() / 255.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enhanced(enhance: &Enhance) -> Vec<u8> {
        let size = Size::new(2, 1);
        let samples = Samples::U8(vec![10, 100, 200, 60, 60, 60]);
        let image = Image::new(size, Channels::Rgb, samples).unwrap();
        let cx = OpCx::alone(size, Seed::root(0));
        let image = Op::apply(enhance, image, &(), &cx).unwrap();
        let Samples::U8(samples) = image.into_samples() else { panic!("the depth changed") };
        samples
    }

    #[test]
    fn factors_are_those_of_pillow() {
        let off = Enhance::default();
        let of = |enhance: Enhance| enhanced(&enhance);
        assert_eq!(of(Enhance { ..off.clone() }), [10, 100, 200, 60, 60, 60]);
        assert_eq!(of(Enhance { brightness: 1.5, ..off.clone() }), [15, 150, 255, 90, 90, 90]);
        // The luma is 84 and 60, its mean 72.
        assert_eq!(of(Enhance { contrast: 0.5, ..off.clone() }), [41, 86, 136, 66, 66, 66]);
        assert_eq!(of(Enhance { color: 0.0, ..off }), [84, 84, 84, 60, 60, 60]);
    }
}
