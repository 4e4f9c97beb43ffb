//! A wanted histogram.
use pixloom_image::repair::{HistogramMatch, match_histogram, match_histogram_cost};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// The mean of the luma's quantiles (every sixteenth) of 98 undamaged photographs, those that the
/// built-in model of restoration learned from.
const PHOTOGRAPH: [f32; 17] = [
    0.018, 0.131, 0.174, 0.216, 0.251, 0.288, 0.325, 0.361, 0.398, 0.431, 0.468, 0.511, 0.559, 0.612,
    0.683, 0.803, 0.99,
];
/// The same of 159 pages with words in black on white.
const PAGE: [f32; 17] =
    [0.016, 0.168, 0.4, 0.748, 0.957, 0.999, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0];

/// Bring the histogram to that of typical undamaged pictures: each value goes to that of the same
/// rank.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MatchHistogram {
    /// The histogram that is wanted.
    to: Histogram,
    /// Each colour by itself, which also removes casts.
    per_channel: bool,
    /// How much of the change is made.
    #[schemars(range(min = 0.0, max = 1.0))]
    amount: f32,
}

/// A histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Histogram {
    /// The mean of photographs.
    #[default]
    Photograph,
    /// The mean of pages: a little black, much white.
    Page,
    /// Every value equally often (equalisation).
    Flat,
}

impl Histogram {
    const fn quantiles(self) -> &'static [f32] {
        match self {
            Self::Photograph => &PHOTOGRAPH,
            Self::Page => &PAGE,
            Self::Flat => &[0.0, 1.0],
        }
    }
}

impl Default for MatchHistogram {
    fn default() -> Self {
        Self { to: Histogram::Photograph, per_channel: false, amount: 0.5 }
    }
}

kernel_op!(
    MatchHistogram,
    "match-histogram",
    ["match-histogram", "match-histogram:to=page,amount=1"],
    match_histogram_cost,
    |own, image, _cx| {
        let MatchHistogram { to, per_channel, amount } = *own;
        match_histogram(image, &HistogramMatch { quantiles: to.quantiles(), per_channel, amount })
    },
);
