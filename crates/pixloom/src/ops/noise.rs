//! Gaussian noise.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::{Depth, Image, ImageError, PixelFormat, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::{Op, OpCx};
use crate::params::Params;
use crate::shade::each_seeded;

/// Add Gaussian noise.
///
/// Every sample of the colour channels gets a normally distributed value of its own (or one for
/// all channels of a pixel); alpha stays. The values depend on the seed and the item alone.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Noise {
    /// Standard deviation on the 0 to 1 scale: 0.1 is about 25 of 255.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) sigma: f32,
    /// The same value for all colours of a pixel.
    pub(crate) gray: bool,
}

impl Default for Noise {
    fn default() -> Self {
        Self { sigma: 0.05, gray: false }
    }
}

impl Params for Noise {}

impl Op for Noise {
    const NAME: &'static str = "noise";
    const EXAMPLES: &'static [&'static str] = &["noise:sigma=0.1", "noise:sigma=0.02,gray=true"];
    /// The seed of the streams.
    type Drawn = u64;

    fn draw(&self, seed: Seed) -> u64 {
        seed.value()
    }

    fn cost(&self, input: Size, format: PixelFormat, _: &u64) -> Bytes {
        Bytes(PixelFormat::new(format.channels, Depth::F32).bytes_of(input))
    }

    fn apply(&self, image: Image, drawn: &u64, cx: &OpCx<'_>) -> Result<Image, ImageError> {
        if self.sigma == 0.0 {
            return Ok(image);
        }
        each_seeded(image, cx, Seed::root(*drawn), &mut |rng, colors| {
            let shared = if self.gray { rng.normal() } else { 0.0 };
            for sample in colors {
                let value = if self.gray { shared } else { rng.normal() };
                *sample = (*sample + self.sigma * value as f32).clamp(0.0, 1.0);
            }
        })
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "values that must stay exactly as they are")]
mod tests {
    use pixloom_image::{Channels, Samples, Serial};

    use super::*;
    use crate::op::Window;

    fn noisy(gray: bool, seed: u64) -> Vec<f32> {
        let size = Size::new(200, 100);
        let samples = Samples::F32(vec![0.5; 200 * 100 * 4]);
        let image = Image::new(size, Channels::Rgba, samples).unwrap();
        let op = Noise { sigma: 0.1, gray };
        let seed = Seed::root(seed);
        let window = Window::whole(size);
        let note = |_: &'static str, _: String| {};
        let cx =
            OpCx { input: size, window, output: size, seed, exec: &Serial, note: &note };
        let drawn = Op::draw(&op, seed);
        match Op::apply(&op, image, &drawn, &cx).unwrap().into_samples() {
            Samples::F32(samples) => samples,
            _ => panic!("the depth changed"),
        }
    }

    #[test]
    fn noise_has_the_stated_deviation_and_spares_alpha() {
        let samples = noisy(false, 1);
        let reds: Vec<f64> = samples.chunks(4).map(|p| f64::from(p[0]) - 0.5).collect();
        let mean = reds.iter().sum::<f64>() / reds.len() as f64;
        let deviation = (reds.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / reds.len() as f64).sqrt();
        assert!(mean.abs() < 0.003 && (deviation - 0.1).abs() < 0.003, "{mean} {deviation}");
        assert!(samples.chunks(4).all(|p| p[3] == 0.5));
        assert!(samples.chunks(4).any(|p| p[0] != p[1]));
    }

    #[test]
    fn cost_covers_the_floats() {
        let cost = Op::cost(&Noise::default(), Size::new(10, 10), PixelFormat::RGB8, &0);
        assert!(cost >= Bytes(10 * 10 * 3 * 4));
    }

    #[test]
    fn gray_noise_is_equal_in_all_colours_and_seeds_differ() {
        let gray = noisy(true, 1);
        assert!(gray.chunks(4).all(|p| p[0] == p[1] && p[1] == p[2]));
        assert_eq!(noisy(false, 3), noisy(false, 3));
        assert_ne!(noisy(false, 3), noisy(false, 4));
    }
}
