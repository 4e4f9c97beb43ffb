//! What is wrong with a picture, as cleanvision defines it.
//!
//! Source: cleanvision 0.3 (github.com/cleanlab/cleanvision, `image_property.py` and
//! `image_property_issue_manager.py`): names, scores and thresholds are theirs, scores from 0
//! (bad) to 1. Differences: everything is measured on the reduced decode, and a picture counts as
//! gray by its pixels, not by its number of channels.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::jobs::features::Measures;
use crate::params::{ParamError, Params};

/// What can be wrong.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Issue {
    /// Another file has the same bytes or pixels.
    ExactDuplicate,
    /// Another picture shows the same.
    NearDuplicate,
    /// Without sharp edges.
    Blurry,
    /// Little in it.
    LowInformation,
    /// Even the brightest parts are dark.
    Dark,
    /// Even the darkest parts are bright.
    Light,
    /// Without colours.
    Grayscale,
    /// Very long or very wide.
    OddAspectRatio,
    /// Of another size than the others.
    OddSize,
}

impl Issue {
    /// In the order of reports.
    pub(super) const ALL: [Self; 9] = [
        Self::ExactDuplicate,
        Self::NearDuplicate,
        Self::Blurry,
        Self::LowInformation,
        Self::Dark,
        Self::Light,
        Self::Grayscale,
        Self::OddAspectRatio,
        Self::OddSize,
    ];

    /// As in reports.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ExactDuplicate => "exact-duplicate",
            Self::NearDuplicate => "near-duplicate",
            Self::Blurry => "blurry",
            Self::LowInformation => "low-information",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Grayscale => "grayscale",
            Self::OddAspectRatio => "odd-aspect-ratio",
            Self::OddSize => "odd-size",
        }
    }
}

/// Scores below these are findings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Limits {
    /// Brightness that 99 % of the pixels stay below, 0 to 1.
    #[schemars(range(min = 0, max = 1))]
    pub(super) dark_threshold: f64,
    /// One minus the brightness that 5 % of the pixels stay below, 0 to 1.
    #[schemars(range(min = 0, max = 1))]
    pub(super) light_threshold: f64,
    /// A tenth of the entropy of the colours in bits.
    #[schemars(range(min = 0, max = 1))]
    pub(super) low_information_threshold: f64,
    /// The shorter side over the longer.
    #[schemars(range(min = 0, max = 1))]
    pub(super) odd_aspect_ratio_threshold: f64,
    /// Strength of edges, 0 to 1.
    #[schemars(range(min = 0, max = 1))]
    pub(super) blurry_threshold: f64,
    /// How many times the middle half of all sizes (the root of the area) a size may lie beyond it.
    #[schemars(range(min = 0, max = 1000))]
    pub(super) odd_size_factor: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            dark_threshold: 0.32,
            light_threshold: 0.05,
            low_information_threshold: 0.3,
            odd_aspect_ratio_threshold: 0.35,
            blurry_threshold: 0.29,
            odd_size_factor: 3.0,
        }
    }
}

impl Params for Limits {
    fn validate(&self) -> Result<(), ParamError> {
        Ok(())
    }
}

/// An issue with its score.
pub(super) type Scored = (Issue, f64);

/// The scores of one picture that need no other.
pub(super) fn scores(measures: &Measures, size: [u32; 2]) -> [Scored; 6] {
    let [width, height] = size.map(|side| f64::from(side.max(1)));
    [
        (Issue::Blurry, blurry(measures)),
        (Issue::LowInformation, (0.1 * f64::from(measures.entropy)).min(1.0)),
        (Issue::Dark, f64::from(measures.brightness_99)),
        (Issue::Light, 1.0 - f64::from(measures.brightness_5)),
        (Issue::Grayscale, if measures.gray { 0.0 } else { 1.0 }),
        (Issue::OddAspectRatio, (width / height).min(height / width)),
    ]
}

/// Edges, unless the histogram is so uneven that the picture is drawn rather than blurred.
fn blurry(measures: &Measures) -> f64 {
    let rise = |value: f32| 1.0 - (-0.01 * f64::from(value)).exp();
    let uneven = rise(measures.histogram_deviation);
    let uneven = if uneven <= 0.18 { 0.0 } else { uneven };
    (rise(measures.edges) + uneven).min(1.0)
}

impl Limits {
    /// Whether a score is a finding.
    pub(super) fn is_bad(&self, (issue, score): Scored) -> bool {
        match issue {
            Issue::Blurry => score < self.blurry_threshold,
            Issue::LowInformation => score < self.low_information_threshold,
            Issue::Dark => score < self.dark_threshold,
            Issue::Light => score < self.light_threshold,
            Issue::Grayscale | Issue::OddSize | Issue::ExactDuplicate | Issue::NearDuplicate => {
                score <= 0.0
            }
            Issue::OddAspectRatio => score < self.odd_aspect_ratio_threshold,
        }
    }
}

/// The sizes, as roots of areas, that are not odd: the middle half of all, widened by `factor`
/// times its width on each side.
pub(super) fn usual_sizes(sizes: &[[u32; 2]], factor: f64) -> Option<(f64, f64)> {
    let mut roots: Vec<f64> = sizes.iter().map(|size| root(*size)).collect();
    roots.sort_by(f64::total_cmp);
    let [low, high] = [0.25, 0.75].map(|share| quantile(&roots, share));
    let (low, high) = (low?, high?);
    let width = high - low;
    Some((low - factor * width, high + factor * width))
}

/// The root of the area.
pub(super) fn root([width, height]: [u32; 2]) -> f64 {
    (f64::from(width) * f64::from(height)).sqrt()
}

/// As `numpy.percentile`: linear between the two nearest.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * (sorted.len().checked_sub(1)? as f64);
    let (below, above) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    Some(below + (above - below) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bad(measures: Measures, size: [u32; 2]) -> Vec<&'static str> {
        let limits = Limits::default();
        let scores = scores(&measures, size).into_iter();
        scores.filter(|score| limits.is_bad(*score)).map(|(issue, _)| issue.name()).collect()
    }

    #[test]
    fn findings_follow_the_published_thresholds() {
        let good = Measures {
            brightness_5: 0.1,
            brightness_99: 0.9,
            entropy: 8.5,
            edges: 60.0,
            histogram_deviation: 10.0,
            gray: false,
            detail: None,
        };
        assert!(bad(good, [400, 300]).is_empty());
        assert_eq!(bad(Measures { brightness_99: 0.3, ..good }, [400, 300]), ["dark"]);
        assert_eq!(bad(Measures { brightness_5: 0.96, ..good }, [400, 300]), ["light"]);
        assert_eq!(bad(Measures { entropy: 2.9, ..good }, [400, 300]), ["low-information"]);
        assert_eq!(bad(Measures { edges: 30.0, ..good }, [400, 300]), ["blurry"]);
        let drawn = Measures { edges: 30.0, histogram_deviation: 500.0, ..good };
        assert!(bad(drawn, [400, 300]).is_empty());
        assert_eq!(
            bad(Measures { gray: true, ..good }, [340, 1000]),
            ["grayscale", "odd-aspect-ratio"]
        );
    }

    #[test]
    fn odd_sizes_are_far_from_the_middle_half() {
        let mut sizes = vec![[100, 100]; 4];
        sizes.extend([[120, 120]; 4]);
        assert_eq!(usual_sizes(&sizes, 3.0), Some((40.0, 180.0)));
        assert_eq!(usual_sizes(&[], 3.0), None);
        assert!((root([400, 100]) - 200.0).abs() < 1e-9);
    }
}
