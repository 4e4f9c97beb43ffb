//! Conditions on scores, such as `sharpness<0.3`.
use pixloom_image::score::Scores;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::params::ParamError;

/// One condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    field: usize,
    relation: Relation,
    bound: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Relation {
    Below,
    AtMost,
    Above,
    AtLeast,
}

/// In the order in which they are looked for: the longer ones first.
const RELATIONS: [(&str, Relation); 4] = [
    ("<=", Relation::AtMost),
    (">=", Relation::AtLeast),
    ("<", Relation::Below),
    (">", Relation::Above),
];

/// Ready-made conditions for leaving pictures out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Only what is of no use to anyone: blank, black, white, mere noise, blocks all over.
    Conservative,
    /// Also what training sets are better without: strong blur, noise, blocks, enlarged
    /// pictures.
    Moderate,
    /// Only clean, sharp, detailed pictures stay.
    Aggressive,
}

impl Preset {
    /// The conditions under which a picture is left out.
    pub(super) const fn drops(self) -> &'static [&'static str] {
        match self {
            Self::Conservative => &[
                "entropy<1",
                "clipped_dark>0.95",
                "clipped_bright>0.98",
                "noise>40",
                "blockiness>4",
                "native_scale<0.3",
            ],
            Self::Moderate => &[
                "entropy<3",
                "clipped_dark>0.8",
                "clipped_bright>0.9",
                "noise>20",
                "blockiness>1.5",
                "sharpness<0.3",
                "native_scale<0.5",
                "banding>0.4",
            ],
            Self::Aggressive => &[
                "entropy<5",
                "clipped_dark>0.4",
                "clipped_bright>0.4",
                "noise>8",
                "blockiness>0.5",
                "sharpness<0.5",
                "native_scale<0.75",
                "banding>0.2",
                "spatial_information<30",
            ],
        }
    }
}

impl Condition {
    /// Reads `name relation number`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let found = RELATIONS.iter().find_map(|(sign, relation)| {
            text.split_once(sign).map(|(name, bound)| (name.trim(), *relation, bound.trim()))
        });
        let Some((name, relation, bound)) = found else {
            return Err(format!("`{text}` is not of the form sharpness<0.3"));
        };
        let names = Scores::default().fields().map(|(name, _)| name);
        let Some(field) = names.iter().position(|known| *known == name) else {
            return Err(format!("there is no score `{name}`; there are {}", names.join(", ")));
        };
        let number = bound.parse().ok().filter(|bound: &f64| bound.is_finite());
        let bound = number.ok_or_else(|| format!("`{bound}` is not a number"))?;
        Ok(Self { field, relation, bound })
    }

    fn holds(&self, scores: &Scores) -> bool {
        let value = scores.fields()[self.field].1;
        match self.relation {
            Relation::Below => value < self.bound,
            Relation::AtMost => value <= self.bound,
            Relation::Above => value > self.bound,
            Relation::AtLeast => value >= self.bound,
        }
    }

    fn text(&self) -> String {
        let name = Scores::default().fields()[self.field].0;
        let sign = RELATIONS.iter().find(|(_, relation)| *relation == self.relation);
        format!("{name}{}{}", sign.map_or("", |(sign, _)| sign), self.bound)
    }
}

/// Which pictures stay.
#[derive(Debug, Clone, Default)]
pub(super) struct Rule {
    keep: Vec<Condition>,
    drop: Vec<Condition>,
}

impl Rule {
    /// Reads lists of conditions; each text may hold several, separated by commas.
    pub(super) fn new(
        keep: &[String],
        drop: &[String],
        preset: Option<Preset>,
    ) -> Result<Self, ParamError> {
        let read = |name: &str, texts: &[String]| {
            let parts = texts.iter().flat_map(|text| text.split(',')).map(str::trim);
            parts
                .filter(|part| !part.is_empty())
                .map(|part| Condition::parse(part).map_err(|error| ParamError::new(name, error)))
                .collect::<Result<Vec<_>, _>>()
        };
        let ready: Vec<String> =
            preset.map_or(&[][..], Preset::drops).iter().map(|text| (*text).to_owned()).collect();
        let mut rule = Self { keep: read("keep", keep)?, drop: read("drop", drop)? };
        rule.drop.extend(read("preset", &ready)?);
        Ok(rule)
    }

    /// Whether anything is asked for.
    pub(super) const fn is_empty(&self) -> bool {
        self.keep.is_empty() && self.drop.is_empty()
    }

    /// Why a picture is left out; empty if it stays.
    pub(super) fn reasons(&self, scores: &Scores) -> Vec<String> {
        let missed = self.keep.iter().filter(|condition| !condition.holds(scores));
        let met = self.drop.iter().filter(|condition| condition.holds(scores));
        let missed = missed.map(|condition| format!("not {}", condition.text()));
        missed.chain(met.map(Condition::text)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_and_applied() {
        let scores = Scores { sharpness: 0.5, noise: 8.0, ..Scores::default() };
        let holds = |text: &str| Condition::parse(text).unwrap().holds(&scores);
        for (text, expected) in [
            ("sharpness<0.5", false),
            ("sharpness <= 0.5", true),
            ("noise>7.9", true),
            ("noise>=8", true),
            ("noise > 8", false),
        ] {
            assert_eq!(holds(text), expected, "{text}");
        }
        for (text, part) in
            [("sharpness", "of the form"), ("sharp<1", "no score"), ("noise<x", "not a number")]
        {
            assert!(Condition::parse(text).unwrap_err().contains(part), "{text}");
        }
    }

    #[test]
    fn reasons_name_the_condition() {
        let rule = Rule::new(&["sharpness>0.6".into()], &["noise>7,noise>9".into()], None).unwrap();
        let scores = Scores { sharpness: 0.5, noise: 8.0, ..Scores::default() };
        assert_eq!(rule.reasons(&scores), ["not sharpness>0.6", "noise>7"]);
    }

    #[test]
    fn presets_are_read_and_grow_stricter() {
        let presets = [Preset::Conservative, Preset::Moderate, Preset::Aggressive];
        let rules = presets.map(|preset| Rule::new(&[], &[], Some(preset)).unwrap());
        for noise in [0.0, 10.0, 25.0, 50.0] {
            for sharpness in [0.1, 0.4, 0.9] {
                let entropy = 4.0;
                let scores = Scores { noise, sharpness, entropy, ..Scores::default() };
                let dropped: Vec<bool> =
                    rules.iter().map(|rule| !rule.reasons(&scores).is_empty()).collect();
                assert!(dropped.is_sorted(), "{noise} {sharpness}: {dropped:?}");
            }
        }
    }
}
