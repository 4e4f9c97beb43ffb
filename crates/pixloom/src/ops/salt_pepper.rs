//! Dead and hot pixels.
use pixloom_engine::{Bytes, Rng, Seed};
use pixloom_image::{Image, ImageError, PixelFormat, Samples, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::{Op, OpCx};
use crate::params::Params;

/// Turn pixels black or white, half of them each; alpha stays.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SaltPepper {
    /// Part of the pixels, 0 to 1. Up to 0.2 that many are drawn, some of them twice; above, each
    /// pixel by itself.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) amount: f32,
}

impl Default for SaltPepper {
    fn default() -> Self {
        Self { amount: 0.01 }
    }
}

impl Params for SaltPepper {}

impl Op for SaltPepper {
    const NAME: &'static str = "salt-pepper";
    const EXAMPLES: &'static [&'static str] = &["salt-pepper:amount=0.05"];
    /// The seed of the stream.
    type Drawn = u64;

    fn draw(&self, seed: Seed) -> u64 {
        seed.value()
    }

    fn cost(&self, _: Size, _: PixelFormat, _: &u64) -> Bytes {
        Bytes(0)
    }

    fn apply(&self, mut image: Image, drawn: &u64, _: &OpCx<'_>) -> Result<Image, ImageError> {
        let channels = image.channels();
        let colors = channels.count() - usize::from(channels.has_alpha());
        let (rng, amount) = (Seed::root(*drawn).rng(), f64::from(self.amount));
        let pixels = (channels.count(), colors);
        match image.samples_mut() {
            Samples::U8(samples) => sprinkle(samples, pixels, [0, u8::MAX], (rng, amount)),
            Samples::U16(samples) => sprinkle(samples, pixels, [0, u16::MAX], (rng, amount)),
            Samples::F32(samples) => sprinkle(samples, pixels, [0.0, 1.0], (rng, amount)),
        }
        Ok(image)
    }
}

fn sprinkle<T: Copy>(
    samples: &mut [T],
    (channels, colors): (usize, usize),
    ends: [T; 2],
    (mut rng, amount): (Rng, f64),
) {
    let count = samples.len() / channels;
    if amount > 0.2 {
        for pixel in samples.chunks_exact_mut(channels) {
            if rng.chance(amount) {
                pixel[..colors].fill(ends[(rng.next_u32() & 1) as usize]);
            }
        }
        return;
    }
    for _ in 0..(amount * count as f64).round() as usize {
        let bits = rng.next_u64();
        let at = ((u128::from(bits >> 1) * count as u128) >> 63) as usize * channels;
        samples[at..at + colors].fill(ends[(bits & 1) as usize]);
    }
}

#[cfg(test)]
mod tests {
    use pixloom_image::Channels;

    use super::*;

    #[test]
    fn as_many_pixels_as_asked_for_turn_black_or_white() {
        let size = Size::new(200, 100);
        for amount in [0.1_f32, 0.6] {
            let image = Image::new(size, Channels::Rgba, Samples::U8(vec![77; 80_000])).unwrap();
            let seed = Seed::root(3);
            let cx = OpCx::alone(size, seed);
            let image = Op::apply(&SaltPepper { amount }, image, &seed.value(), &cx).unwrap();
            let Samples::U8(samples) = image.samples() else { panic!("the depth changed") };
            let part = |v: u8| {
                samples.chunks(4).filter(|p| p[..3] == [v; 3] && p[3] == 77).count() as f32 / 20_000.0
            };
            // Of a tenth of the draws, some hit the same pixel.
            assert!((part(0) - amount / 2.0).abs() < 0.015, "{}", part(0));
            assert!((part(255) - amount / 2.0).abs() < 0.015, "{}", part(255));
        }
    }
}
