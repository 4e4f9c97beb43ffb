//! Gaussian noise.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shade::noise_op;

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

noise_op!(
    Noise,
    "noise",
    ["noise:sigma=0.1", "noise:sigma=0.02,gray=true"],
    |own, rng, colors| {
        let shared = if own.gray { rng.normal() } else { 0.0 };
        for sample in colors {
            let value = if own.gray { shared } else { rng.normal() };
            *sample = (*sample + own.sigma * value as f32).clamp(0.0, 1.0);
        }
    },
);

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "values that must stay exactly as they are")]
mod tests {
    use pixloom_engine::{Bytes, Seed};
    use pixloom_image::{Channels, Image, PixelFormat, Samples, Size};

    use super::*;
    use crate::op::{Op, OpCx};

    fn noisy(gray: bool, seed: u64) -> Vec<f32> {
        let size = Size::new(200, 100);
        let samples = Samples::F32(vec![0.5; 200 * 100 * 4]);
        let image = Image::new(size, Channels::Rgba, samples).unwrap();
        let op = Noise { sigma: 0.1, gray };
        let seed = Seed::root(seed);
        let cx = OpCx::alone(size, seed);
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
