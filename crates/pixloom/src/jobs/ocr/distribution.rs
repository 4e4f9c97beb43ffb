//! The six distributions of document 001.
use pixloom_engine::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a value is spread between its least and its most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// Evenly.
    Uniform,
    /// Around the middle: deviation a sixth of the range, clipped.
    Normal,
    /// Near the least: rate 30 over the range, clipped.
    Exponential,
    /// Beta(2, 5): more often small.
    Beta,
    /// Near the least with a long tail: LN(0, 0.8) times a tenth of the range, clipped.
    Lognormal,
    /// As `normal`, but drawn again instead of clipped.
    TruncatedNormal,
}

impl Distribution {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Uniform,
        Self::Normal,
        Self::Exponential,
        Self::Beta,
        Self::Lognormal,
        Self::TruncatedNormal,
    ];

    /// Draws a value between `low` and `high`.
    pub fn sample(self, low: f64, high: f64, rng: &mut Rng) -> f64 {
        let range = high - low;
        if range <= 0.0 || range.is_nan() {
            return low;
        }
        let unit = match self {
            Self::Uniform => rng.f64(),
            Self::Normal => 0.5 + rng.normal() / 6.0,
            Self::Exponential => -libm::log(1.0 - rng.f64()) / 30.0,
            Self::Beta => beta_2_5(rng),
            Self::Lognormal => libm::exp(0.8 * rng.normal()) / 10.0,
            Self::TruncatedNormal => loop {
                let value = 0.5 + rng.normal() / 6.0;
                if (0.0..=1.0).contains(&value) {
                    break value;
                }
            },
        };
        low + range * unit.clamp(0.0, 1.0)
    }
}

/// The second smallest of six even numbers is distributed as Beta(2, 5).
fn beta_2_5(rng: &mut Rng) -> f64 {
    let (mut least, mut second) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..6 {
        let value = rng.f64();
        if value < least {
            (least, second) = (value, least);
        } else if value < second {
            second = value;
        }
    }
    second
}

#[cfg(test)]
mod tests {
    use pixloom_engine::Seed;

    use super::*;

    /// The normal distribution function (Abramowitz and Stegun 7.1.26 is too coarse; `erf` of
    /// libm is not).
    fn normal(z: f64) -> f64 {
        0.5 * (1.0 + libm::erf(z / std::f64::consts::SQRT_2))
    }

    /// What each formula says about values below `x`, within the range.
    fn expected(distribution: Distribution, x: f64) -> f64 {
        match distribution {
            Distribution::Uniform => x,
            Distribution::Normal => normal((x - 0.5) * 6.0),
            Distribution::Exponential => 1.0 - (-30.0 * x).exp(),
            // 1 - (1-x)^5 (1 + 5x)
            Distribution::Beta => 1.0 - (1.0 - x).powi(6) - 6.0 * x * (1.0 - x).powi(5),
            Distribution::Lognormal => normal((10.0 * x).ln() / 0.8),
            Distribution::TruncatedNormal => {
                let (low, high) = (normal(-3.0), normal(3.0));
                (normal((x - 0.5) * 6.0) - low) / (high - low)
            }
        }
    }

    /// Kolmogorov and Smirnov: the largest difference to the formula over 10,000 values is
    /// below 1.63 / √n with 99 % probability. Clipped values stand at the ends and are left out
    /// of the comparison there.
    #[test]
    fn values_follow_their_formulas() {
        for (number, distribution) in Distribution::ALL.into_iter().enumerate() {
            let mut rng = Seed::root(number as u64 + 1).rng();
            let n = 10_000;
            let mut values: Vec<f64> =
                (0..n).map(|_| (distribution.sample(-3.0, 5.0, &mut rng) + 3.0) / 8.0).collect();
            values.sort_by(f64::total_cmp);
            assert!(values[0] >= 0.0 && values[n - 1] <= 1.0, "{distribution:?}");
            let worst = values.iter().enumerate().filter(|(_, x)| (1e-9..1.0 - 1e-9).contains(*x));
            let worst = worst
                .map(|(i, x)| (expected(distribution, *x) - (i as f64 + 0.5) / n as f64).abs())
                .fold(0.0, f64::max);
            assert!(worst < 1.63 / (n as f64).sqrt(), "{distribution:?}: {worst}");
        }
    }

    #[test]
    fn an_empty_range_gives_its_only_value() {
        let mut rng = Seed::root(1).rng();
        for distribution in Distribution::ALL {
            assert!((distribution.sample(2.0, 2.0, &mut rng) - 2.0).abs() < 1e-12);
        }
    }
}
