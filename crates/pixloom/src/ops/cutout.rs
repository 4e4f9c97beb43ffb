//! A covered place.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::{Image, ImageError, PixelFormat, Samples, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::{Op, OpCx};
use crate::params::Params;

/// Cover a rectangle at a random place with black, or another gray (`DeVries` and Taylor 2017).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Cutout {
    /// Width of the rectangle, pixels; the picture's at most.
    #[schemars(range(min = 0, max = 100_000))]
    pub(crate) width: u32,
    /// Height of the rectangle, pixels; the picture's at most.
    #[schemars(range(min = 0, max = 100_000))]
    pub(crate) height: u32,
    /// What it is filled with, 0 (black) to 1 (white).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) value: f32,
}

impl Default for Cutout {
    fn default() -> Self {
        Self { width: 64, height: 64, value: 0.0 }
    }
}

impl Params for Cutout {}

impl Op for Cutout {
    const NAME: &'static str = "cutout";
    const EXAMPLES: &'static [&'static str] = &["cutout:width=40,height=20"];
    /// Where it is: parts of the way from the left and from the top.
    type Drawn = [f64; 2];

    fn draw(&self, seed: Seed) -> [f64; 2] {
        let mut rng = seed.rng();
        [rng.f64(), rng.f64()]
    }

    fn cost(&self, _: Size, _: PixelFormat, _: &[f64; 2]) -> Bytes {
        Bytes(0)
    }

    fn apply(
        &self,
        mut image: Image,
        drawn: &[f64; 2],
        _: &OpCx<'_>,
    ) -> Result<Image, ImageError> {
        let size = image.size();
        let place = |full: u32, part: u32, at: f64| {
            let part = part.min(full);
            ((f64::from(full - part + 1) * at) as usize, part as usize)
        };
        let x = place(size.width, self.width, drawn[0]);
        let y = place(size.height, self.height, drawn[1]);
        let channels = image.channels();
        let pixel = (channels.count(), channels.count() - usize::from(channels.has_alpha()));
        let (row, value) = (image.row_len(), self.value);
        match image.samples_mut() {
            Samples::U8(samples) => {
                cover(samples, (row, pixel), (x, y), (value * 255.0).round() as u8);
            }
            Samples::U16(samples) => {
                cover(samples, (row, pixel), (x, y), (value * 65_535.0).round() as u16);
            }
            Samples::F32(samples) => cover(samples, (row, pixel), (x, y), value),
        }
        Ok(image)
    }
}

/// Where a side of the rectangle begins and how long it is.
type Span = (usize, usize);

fn cover<T: Copy>(
    samples: &mut [T],
    (row_len, (channels, colors)): (usize, (usize, usize)),
    (x, y): (Span, Span),
    value: T,
) {
    for row in samples.chunks_exact_mut(row_len.max(1)).skip(y.0).take(y.1) {
        for pixel in row.chunks_exact_mut(channels).skip(x.0).take(x.1) {
            pixel[..colors].fill(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use pixloom_image::Channels;

    use super::*;

    fn covered(cutout: &Cutout, drawn: [f64; 2]) -> Vec<usize> {
        let size = Size::new(6, 4);
        let image = Image::new(size, Channels::GrayAlpha, Samples::U8(vec![9; 48])).unwrap();
        let cx = OpCx::alone(size, Seed::root(0));
        let image = Op::apply(cutout, image, &drawn, &cx).unwrap();
        let Samples::U8(samples) = image.samples() else { panic!("the depth changed") };
        assert!(samples.chunks(2).all(|p| p[1] == 9));
        (0..24).filter(|at| samples[2 * at] == 0).collect()
    }

    #[test]
    fn the_rectangle_is_as_large_as_asked_for_and_inside() {
        let two_by_one = Cutout { width: 2, height: 1, value: 0.0 };
        assert_eq!(covered(&two_by_one, [0.0, 0.0]), [0, 1]);
        assert_eq!(covered(&two_by_one, [0.999, 0.999]), [22, 23]);
        let huge = Cutout { width: 99, height: 99, value: 0.0 };
        assert_eq!(covered(&huge, [0.5, 0.5]).len(), 24);
        assert!(covered(&Cutout { width: 0, ..huge }, [0.5, 0.5]).is_empty());
    }
}
