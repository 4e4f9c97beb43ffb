//! What all pictures have in common, gathered one by one at bounded memory.
use serde_json::{Map, Value, json};

use super::facts::{Facts, Trouble};
use super::measure::Measure;
use super::tally::Tally;

/// Different values of one property that are told apart.
const VALUES: usize = 1024;
/// Different picture sizes that are told apart.
const SIZES: usize = 1 << 16;
/// Failures that are listed one by one; all are in `errors.jsonl`.
const LISTED_FAILURES: usize = 200;
/// Two aspect ratios are alike within this (the tolerance of document 000).
const RATIO_TOLERANCE: f64 = 0.01;
/// Ratios that have names.
const RATIOS: [(&str, f64); 13] = [
    ("1:1", 1.0),
    ("5:4", 1.25),
    ("4:3", 4.0 / 3.0),
    ("3:2", 1.5),
    ("16:10", 1.6),
    ("16:9", 16.0 / 9.0),
    ("2:1", 2.0),
    ("4:5", 0.8),
    ("3:4", 0.75),
    ("2:3", 2.0 / 3.0),
    ("10:16", 0.625),
    ("9:16", 0.5625),
    ("1:2", 0.5),
];

/// Properties that are counted by value, in the order of the report.
pub(super) const COUNTED: [&str; 12] = [
    "format",
    "mode",
    "bit_depth",
    "extension",
    "color_model",
    "subsampling",
    "orientation",
    "icc",
    "camera",
    "shape",
    "frames",
    "findings",
];
/// Properties in which a dataset should agree, in document 000's terms.
const CONSISTENT: [&str; 4] = ["format", "mode", "bit_depth", "extension"];

/// Everything that is known of the dataset.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) images: u64,
    pub(super) bytes: u64,
    pub(super) pixels: u64,
    counts: [Tally<String>; 12],
    pub(super) ratios: Tally<&'static str>,
    pub(super) sizes: Tally<(u32, u32)>,
    /// Width, height, megapixels, aspect ratio, file size, bits per pixel, JPEG quality.
    pub(super) measures: [Measure; 7],
    pub(super) failures: Tally<String>,
    pub(super) listed_failures: Vec<Trouble>,
}

/// Whether the pictures agree in one property.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Agreement {
    pub(super) property: &'static str,
    pub(super) values: usize,
    pub(super) dominant: String,
    pub(super) share: f64,
    pub(super) exact: bool,
}

impl Summary {
    pub(super) fn new() -> Self {
        Self {
            images: 0,
            bytes: 0,
            pixels: 0,
            counts: COUNTED.map(|_| Tally::new(VALUES)),
            ratios: Tally::new(RATIOS.len() + 1),
            sizes: Tally::new(SIZES),
            measures: [
                Measure::new("width", "px"),
                Measure::new("height", "px"),
                Measure::new("megapixels", "MP"),
                Measure::new("aspect_ratio", ""),
                Measure::new("bytes", "B"),
                Measure::new("bits_per_pixel", "bit"),
                Measure::new("quality", ""),
            ],
            failures: Tally::new(VALUES),
            listed_failures: Vec::new(),
        }
    }

    /// Takes one picture.
    pub(super) fn add(&mut self, path: &str, facts: &Facts) {
        self.images += 1;
        self.bytes += facts.bytes;
        self.pixels += u64::from(facts.width) * u64::from(facts.height);
        for (tally, property) in self.counts.iter_mut().zip(COUNTED) {
            values(property, facts, |value| tally.add(value));
        }
        self.ratios.add(ratio_name(facts.aspect_ratio));
        self.sizes.add((facts.width, facts.height));
        let numbers = [
            f64::from(facts.width),
            f64::from(facts.height),
            facts.megapixels,
            facts.aspect_ratio,
            facts.bytes as f64,
            facts.bits_per_pixel,
        ];
        let quality = facts.quality.map(f64::from);
        for (measure, number) in self.measures.iter_mut().zip(numbers.into_iter().chain(quality)) {
            measure.add(number, path);
        }
    }

    /// Takes one file that is no readable picture.
    pub(super) fn fail(&mut self, trouble: Trouble) {
        self.failures.add(trouble.kind.clone());
        if self.listed_failures.len() < LISTED_FAILURES {
            self.listed_failures.push(trouble);
        }
    }

    /// The counts of one of [`COUNTED`].
    pub(super) fn counted(&self, property: &str) -> &Tally<String> {
        let at = COUNTED.iter().position(|name| *name == property);
        &self.counts[at.unwrap_or_default()]
    }

    /// In what the pictures agree, and in what they do not.
    pub(super) fn agreements(&self) -> Vec<Agreement> {
        let sizes = agreement("size", &self.sizes, |(w, h)| format!("{w}×{h}"));
        let rest = CONSISTENT.map(|name| agreement(name, self.counted(name), String::clone));
        let ratios = agreement("aspect_ratio", &self.ratios, |name| (*name).to_owned());
        let all = std::iter::once(sizes).chain(rest).chain(std::iter::once(ratios));
        all.flatten().collect()
    }

    /// The share of pictures whose ratio is within 0.01 of the mean.
    pub(super) fn share_near_mean_ratio(&self) -> f64 {
        let mean = self.measures[3].mean();
        let near = |&(w, h): &(u32, u32)| {
            (f64::from(w) / f64::from(h.max(1)) - mean).abs() <= RATIO_TOLERANCE
        };
        let count = self.sizes.iter().filter(|(size, _)| near(size)).map(|(_, count)| count).sum();
        self.sizes.share(count)
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let counts: Map<String, Value> =
            COUNTED.iter().map(|name| ((*name).to_owned(), self.counted(name).json())).collect();
        let distributions: Map<String, Value> =
            self.measures.iter().map(|m| (m.name().to_owned(), m.json())).collect();
        let ratios: Vec<Value> = self
            .ratios
            .ranked()
            .into_iter()
            .map(|(name, n)| json!({"ratio": name, "count": n, "share": self.ratios.share(n)}))
            .collect();
        let sizes: Vec<Value> = self
            .sizes
            .ranked()
            .into_iter()
            .take(20)
            .map(|((w, h), count)| json!({"width": w, "height": h, "count": count}))
            .collect();
        json!({
            "images": self.images,
            "bytes": self.bytes,
            "pixels": self.pixels,
            "consistency": self.agreements().iter().map(Agreement::json).collect::<Vec<_>>(),
            "counts": counts,
            "distributions": distributions,
            "aspect_ratios": {"named": ratios, "near_mean_share": self.share_near_mean_ratio()},
            "sizes": {
                "distinct": self.sizes.distinct(),
                "exact": self.sizes.is_exact(),
                "most_frequent": sizes,
            },
            "failure_kinds": self.failures.json(),
        })
    }
}

impl Agreement {
    /// Whether all pictures agree.
    pub(super) const fn holds(&self) -> bool {
        self.values <= 1 && self.exact
    }

    fn json(&self) -> Value {
        json!({
            "property": self.property,
            "consistent": self.holds(),
            "values": self.values,
            "dominant": self.dominant,
            "share": self.share,
        })
    }
}

fn agreement<K: Ord + Clone>(
    property: &'static str,
    tally: &Tally<K>,
    name: impl Fn(&K) -> String,
) -> Option<Agreement> {
    let ranked = tally.ranked();
    let (value, count) = ranked.first()?;
    let (values, exact) = (ranked.len(), tally.is_exact());
    Some(Agreement { property, values, dominant: name(value), share: tally.share(*count), exact })
}

/// What `facts` say about one of [`COUNTED`].
fn values(property: &str, facts: &Facts, mut add: impl FnMut(String)) {
    match property {
        "format" => add(facts.format.to_string()),
        "mode" => add(mode_name(facts).to_owned()),
        "bit_depth" => add(facts.bit_depth.to_string()),
        "extension" => add(facts.extension.clone()),
        "color_model" => add(facts.color_model.clone()),
        "subsampling" => facts.subsampling.iter().cloned().for_each(add),
        "orientation" => add(facts.orientation.to_string()),
        "icc" => add(facts.icc.clone().unwrap_or_else(|| "none".to_owned())),
        "camera" => facts.camera.iter().cloned().for_each(add),
        "shape" => add(shape(facts).to_owned()),
        "frames" => add(frames(facts).to_owned()),
        _ => facts.findings.iter().for_each(|finding| add(finding.kind.to_string())),
    }
}

/// The channels as people write them.
pub(super) const fn mode_name(facts: &Facts) -> &'static str {
    use pixloom_image::Channels::{Gray, GrayAlpha, Rgb, Rgba};
    match facts.mode {
        Gray => "gray",
        GrayAlpha => "gray-alpha",
        Rgb => "rgb",
        Rgba => "rgba",
    }
}

const fn shape(facts: &Facts) -> &'static str {
    if facts.width == facts.height {
        "square"
    } else if facts.width > facts.height {
        "landscape"
    } else {
        "portrait"
    }
}

const fn frames(facts: &Facts) -> &'static str {
    match (facts.animated, facts.frames) {
        (true, _) => "animated",
        (false, 0..=1) => "single",
        (false, _) => "several pages",
    }
}

fn ratio_name(ratio: f64) -> &'static str {
    let near = |(_, named): &&(&str, f64)| (ratio / named - 1.0).abs() <= RATIO_TOLERANCE;
    RATIOS.iter().find(near).map_or("other", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_have_names() {
        assert_eq!(ratio_name(6000.0 / 4000.0), "3:2");
        assert_eq!(ratio_name(1080.0 / 1920.0), "9:16");
        assert_eq!(ratio_name(3.3), "other");
    }

    #[test]
    fn an_empty_dataset_has_a_summary() {
        let summary = Summary::new();
        assert!(summary.agreements().is_empty());
        assert_eq!(summary.json()["images"], 0);
        assert_eq!(summary.json()["distributions"]["width"]["count"], 0);
    }
}
