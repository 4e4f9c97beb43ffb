//! Which operations a search tries, with which settings.
use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::hunt::{KEPT, REFINED};
use crate::jobs::restore::model::{keeping, operation};
use crate::ops::OPS;
use crate::params::ParamError;
use crate::pipeline::Pipeline;
use crate::schema::{self, Kind};

/// The space of `--space wide`.
const WIDE: &str = include_str!("space.yaml");
/// More candidates than this are taken for a mistake.
const MOST: usize = 5_000;

/// What a search may do.
#[derive(Debug)]
pub(in crate::jobs::restore) struct Space {
    /// How many candidates may be joined.
    pub(super) steps: usize,
    pub(super) candidates: Vec<Candidate>,
    /// Everything that decides what is tried.
    pub(in crate::jobs::restore) text: String,
}

/// Operations in a row, with their settings.
#[derive(Debug)]
pub(super) struct Candidate {
    /// As pipeline text.
    pub(super) text: String,
    pub(super) pipeline: Pipeline,
    ops: Vec<Map<String, Value>>,
    knobs: Vec<Knob>,
}

/// A number that may be refined.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Knob {
    op: usize,
    name: String,
    low: f64,
    high: f64,
    whole: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default = "default_steps")]
    steps: usize,
    candidates: Vec<Value>,
}

const fn default_steps() -> usize {
    3
}

fn wrong(problem: impl Into<String>) -> ParamError {
    ParamError::new("space", problem.into())
}

impl Space {
    /// `wide`, or a YAML file.
    pub(in crate::jobs::restore) fn open(name: &str) -> Result<Self, ParamError> {
        if name == "wide" {
            return Self::parse(WIDE);
        }
        let path = Path::new(name);
        let yaml = path.extension().is_some_and(|e| e == "yaml" || e == "yml");
        if !yaml {
            return Err(wrong(format!("`{name}` is neither `grid`, `wide` nor a .yaml file")));
        }
        let text = match std::fs::metadata(path) {
            Ok(found) if !found.is_file() => {
                return Err(wrong(format!("{name} is no regular file")));
            }
            _ => std::fs::read_to_string(path),
        };
        let text = text.map_err(|error| wrong(format!("cannot read {name}: {error}")))?;
        Self::parse(&text).map_err(|error| wrong(format!("{name}: {}", error.problem)))
    }

    /// How many candidates there are.
    pub(in crate::jobs::restore) const fn len(&self) -> usize {
        self.candidates.len()
    }

    /// What one round over all candidates takes.
    pub(in crate::jobs::restore) const fn least_budget(&self) -> usize {
        self.candidates.len() + KEPT[0] + KEPT[1] + REFINED
    }

    fn parse(text: &str) -> Result<Self, ParamError> {
        let file: File = serde_saphyr::from_str(text).map_err(|error| wrong(error.to_string()))?;
        if !(1..=16).contains(&file.steps) {
            return Err(wrong(format!("`steps` must be 1 to 16, not {}", file.steps)));
        }
        let mut candidates = Vec::new();
        for entry in &file.candidates {
            expand(entry, &mut candidates)?;
            if candidates.len() > MOST {
                return Err(wrong(format!("has more than {MOST} candidates")));
            }
        }
        if candidates.is_empty() {
            return Err(wrong("has no candidates"));
        }
        let mut seen = BTreeMap::new();
        for candidate in &candidates {
            let identity = candidate.pipeline.identity().to_string();
            if let Some(other) = seen.insert(identity, &candidate.text) {
                let text = &candidate.text;
                return Err(wrong(format!("tries `{text}` twice (the other is `{other}`)")));
            }
        }
        Ok(Self { steps: file.steps, candidates, text: text.to_owned() })
    }
}

/// The candidates of one entry.
fn expand(entry: &Value, to: &mut Vec<Candidate>) -> Result<(), ParamError> {
    let tables: Vec<Map<String, Value>> = match entry {
        Value::String(text) => {
            let pipeline = operation(text).map_err(|error| wrong(error.problem))?;
            let (ops, knobs) = (Vec::new(), Vec::new());
            to.push(Candidate { text: text.clone(), pipeline, ops, knobs });
            return Ok(());
        }
        Value::Array(links) if !links.is_empty() => {
            links.iter().map(link).collect::<Result<_, _>>()?
        }
        other => vec![link(other)?],
    };
    for (name, value) in tables.iter().flatten() {
        if value.as_array().is_some_and(Vec::is_empty) {
            return Err(wrong(format!("`{name}` has no values in {entry}")));
        }
    }
    let lists: Vec<(usize, &String, &Vec<Value>)> = tables
        .iter()
        .enumerate()
        .flat_map(|(at, table)| table.iter().map(move |(name, value)| (at, name, value)))
        .filter_map(|(at, name, value)| Some((at, name, value.as_array()?)))
        .collect();
    let count = lists.iter().try_fold(1_usize, |all, (.., values)| all.checked_mul(values.len()));
    let count = count.filter(|count| *count <= MOST);
    let count = count.ok_or_else(|| wrong(format!("has more than {MOST} candidates")))?;
    for number in 0..count {
        let mut ops = tables.clone();
        let mut rest = number;
        for (at, name, values) in lists.iter().rev() {
            ops[*at].insert((*name).clone(), values[rest % values.len()].clone());
            rest /= values.len();
        }
        let knobs = lists.iter().filter_map(|(at, name, _)| knob(&ops[*at], *at, name));
        let knobs = knobs.collect();
        to.push(Candidate::new(ops, knobs)?);
    }
    Ok(())
}

/// One operation of a chain: a table, or the name of an operation that has its defaults.
fn link(value: &Value) -> Result<Map<String, Value>, ParamError> {
    match value {
        Value::Object(table) => Ok(table.clone()),
        Value::String(name) if OPS.iter().any(|entry| entry.name == name.replace('_', "-")) => {
            Ok(Map::from_iter([("op".to_owned(), Value::String(name.clone()))]))
        }
        Value::String(text) => Err(wrong(format!(
            "`{text}` is not the name of an operation; in a chain, settings are written as \
             {{op: …, setting: value}}"
        ))),
        other => Err(wrong(format!("`{other}` is no operation"))),
    }
}

/// How a setting may be refined, if it is a number.
fn knob(op: &Map<String, Value>, at: usize, name: &str) -> Option<Knob> {
    let wanted = op.get("op")?.as_str()?.replace('_', "-");
    let entry = OPS.iter().find(|entry| entry.name == wanted)?;
    let fields = schema::fields(&(entry.schema)());
    let field = fields.into_iter().find(|field| field.name == name)?;
    let (bounds, whole) = match field.kind {
        Kind::Number(bounds) => (bounds, false),
        Kind::Integer(bounds) => (bounds, true),
        _ => return None,
    };
    let (low, high) = (bounds.min.unwrap_or(0.0), bounds.max.unwrap_or(1e6));
    Some(Knob { op: at, name: name.to_owned(), low, high, whole })
}

impl Candidate {
    fn new(ops: Vec<Map<String, Value>>, knobs: Vec<Knob>) -> Result<Self, ParamError> {
        let recipe = Value::Array(ops.iter().cloned().map(Value::Object).collect());
        let pipeline = Pipeline::from_value(&recipe).map_err(|error| wrong(error.to_string()))?;
        let text = text(&ops);
        let pipeline = keeping(&text, pipeline).map_err(|error| wrong(error.problem))?;
        Ok(Self { text, pipeline, ops, knobs })
    }

    pub(super) fn knobs(&self) -> &[Knob] {
        &self.knobs
    }

    /// The same with one number moved, larger or smaller by `step` (a factor for numbers that
    /// are not zero); `None` if that changes nothing.
    pub(super) fn moved(&self, knob: &Knob, up: bool, step: f64) -> Option<Self> {
        let value = self.ops.get(knob.op)?.get(&knob.name)?.as_f64()?;
        let mut next = match (value == 0.0, up) {
            (true, true) => 0.02 * (step - 1.0) * (knob.high - knob.low).min(1.0),
            (true, false) => return None,
            (false, _) => {
                if up == (value > 0.0) {
                    value * step
                } else {
                    value / step
                }
            }
        };
        if knob.whole {
            let away = if up { 1.0 } else { -1.0 };
            let rounded = libm::round(next);
            next = if (rounded - value).abs() < 0.5 { value + away } else { rounded };
        } else {
            // Four significant digits are enough, and short to read.
            let scale = libm::pow(10.0, 3.0 - libm::floor(libm::log10(next.abs().max(1e-9))));
            next = libm::round(next * scale) / scale;
        }
        next = next.clamp(knob.low, knob.high);
        if next.total_cmp(&value).is_eq() {
            return None;
        }
        let mut ops = self.ops.clone();
        let number = if knob.whole { Value::from(next as i64) } else { Value::from(next) };
        ops.get_mut(knob.op)?.insert(knob.name.clone(), number);
        Self::new(ops, self.knobs.clone()).ok()
    }
}

/// Pipeline text of some operations.
fn text(ops: &[Map<String, Value>]) -> String {
    let one = |op: &Map<String, Value>| {
        let name = op.get("op").and_then(Value::as_str).unwrap_or_default();
        let settings = op.iter().filter(|(key, _)| *key != "op").map(|(key, value)| match value {
            Value::String(text) => format!("{key}={text}"),
            value => format!("{key}={value}"),
        });
        let settings: Vec<String> = settings.collect();
        if settings.is_empty() { name.to_owned() } else { format!("{name}:{}", settings.join(",")) }
    };
    ops.iter().map(one).collect::<Vec<_>>().join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wide_space_holds_and_its_texts_read_back() {
        let space = Space::open("wide").unwrap();
        assert!(space.candidates.len() > 80, "{}", space.candidates.len());
        let mut texts = std::collections::BTreeSet::new();
        for candidate in &space.candidates {
            let again = Pipeline::parse(&candidate.text).unwrap();
            assert_eq!(again.identity(), candidate.pipeline.identity(), "{}", candidate.text);
            assert!(texts.insert(&candidate.text), "{} twice", candidate.text);
        }
    }

    #[test]
    fn numbers_move_within_their_bounds() {
        let space = Space::parse("candidates: [{op: blur, sigma: [1.0, 150.0]}]").unwrap();
        assert_eq!((space.steps, space.candidates.len()), (3, 2));
        let [first, second] = &space.candidates[..] else { panic!("two candidates") };
        assert_eq!(first.moved(&first.knobs()[0], true, 1.5).unwrap().text, "blur:sigma=1.5");
        assert_eq!(first.moved(&first.knobs()[0], false, 1.5).unwrap().text, "blur:sigma=0.6667");
        let far = second.moved(&second.knobs()[0], true, 4.0).unwrap();
        assert_eq!(far.text, "blur:sigma=200.0");
        assert!(far.moved(&far.knobs()[0], true, 2.0).is_none());
    }

    #[test]
    fn a_name_in_a_chain_is_an_operation_with_its_defaults() {
        let space = Space::parse("candidates: [[median, {op: blur, sigma: [1.0, 2.0]}]]").unwrap();
        let texts: Vec<&str> = space.candidates.iter().map(|c| c.text.as_str()).collect();
        assert_eq!(texts, ["median | blur:sigma=1.0", "median | blur:sigma=2.0"]);
    }

    #[test]
    fn what_is_no_space_is_refused() {
        for (text, part) in [
            ("candidates: []", "no candidates"),
            ("candidates: [{op: nothing}]", "no such operation"),
            ("steps: 99\ncandidates: [median]", "1 to 16"),
            ("candidates: [{op: blur, sigma: [-4.0]}]", "sigma"),
            ("other: 3", "other"),
            ("candidates: [[median, 3]]", "`3` is no operation"),
            ("candidates: [[\"blur:sigma=1\", median]]", "in a chain"),
            ("candidates: [[]]", "no operation"),
            ("candidates: [{op: median, radius: []}]", "`radius` has no values"),
            ("candidates: [median, {op: median}]", "twice"),
            ("candidates: [{op: blur, sigma: [1.0, 1]}]", "twice"),
            ("candidates: [\"resize:width=20\"]", "changes the size"),
            ("candidates: [{op: flip}]", "changes the size"),
        ] {
            let error = Space::parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
        assert!(Space::open("broad").unwrap_err().to_string().contains("neither"));
    }
}
