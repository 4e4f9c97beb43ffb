//! The `ocr stats` job.
use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::export::each;
use super::knob::{K, KNOBS};
use super::plain_report;
use super::record::Record;
use crate::job::{Example, Job, JobCx, JobError, Report, Settings};
use crate::params::Params;

/// Show what a finished run holds: kinds, scripts, fonts, lengths, sizes, effects.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Stats {
    /// Folder that `ocr generate` wrote.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    output: PathBuf,
}

impl Params for Stats {}

impl Job for Stats {
    const NAME: &'static str = "ocr stats";
    const EXAMPLES: &'static [Example] = &[
        Example { does: "Show what was made", line: "pixloom ocr stats lines/" },
        Example { does: "The same for a program", line: "pixloom ocr stats lines/ --json" },
    ];
    const GROUPS: &'static [crate::job::Group] = &[];

    fn run(settings: &Settings, _: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let mut tally = Tally::default();
        each(&own.output, &mut |record| {
            tally.add(&record);
            Ok(())
        })
        .map_err(|error| {
            JobError::refused(format!("the records cannot be read: {error}"), vec![])
        })?;
        let summary = tally.summary();
        Ok(plain_report(tally.lines(), summary, Vec::new(), true))
    }
}

#[derive(Default)]
struct Tally {
    images: u64,
    groups: [BTreeMap<String, u64>; 4],
    numbers: BTreeMap<&'static str, Spread>,
}

const GROUPS: [&str; 4] = ["kinds", "scripts", "directions", "fonts"];

#[derive(Default)]
struct Spread {
    count: u64,
    least: f64,
    most: f64,
    sum: f64,
}

impl Spread {
    fn add(&mut self, value: f64) {
        self.least = if self.count == 0 { value } else { self.least.min(value) };
        self.most = if self.count == 0 { value } else { self.most.max(value) };
        self.sum += value;
        self.count += 1;
    }

    fn mean(&self) -> f64 {
        self.sum / self.count.max(1) as f64
    }
}

impl Tally {
    fn add(&mut self, record: &Record) {
        self.images += 1;
        let line = record.lines.first();
        let direction = line.map_or("none", |line| line.direction.as_str());
        let font = record.drawn.fonts.first().map_or("none", |font| font.file.as_str());
        let names = [record.drawn.specification.as_str(), record.script.as_str(), direction, font];
        for (group, name) in self.groups.iter_mut().zip(names) {
            *group.entry(name.to_owned()).or_default() += 1;
        }
        let mut number = |name, value| self.numbers.entry(name).or_default().add(value);
        number("text_length", pixloom_text::clusters(&record.text).count() as f64);
        number("lines", record.lines.len() as f64);
        number("width", f64::from(record.width));
        number("height", f64::from(record.height));
        for (at, knob) in KNOBS.iter().enumerate() {
            let value = record.drawn.values.at(at);
            if !knob.is_off(value) || at == K::FontSize as usize {
                number(knob.name, value);
            }
        }
    }

    fn summary(&self) -> Value {
        let mut all = Map::new();
        all.insert("images".to_owned(), json!(self.images));
        for (name, group) in GROUPS.iter().zip(&self.groups) {
            all.insert((*name).to_owned(), json!(group));
        }
        let spread = |spread: &Spread| json!({"images": spread.count, "min": spread.least, "mean": spread.mean(), "max": spread.most});
        let numbers: Map<String, Value> =
            self.numbers.iter().map(|(name, s)| ((*name).to_owned(), spread(s))).collect();
        all.insert("numbers".to_owned(), Value::Object(numbers));
        Value::Object(all)
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{} images", self.images)];
        for (name, group) in GROUPS.iter().zip(&self.groups) {
            let mut counts: Vec<(&String, &u64)> = group.iter().collect();
            counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            let named: Vec<String> =
                counts.iter().take(12).map(|(name, count)| format!("{name} {count}")).collect();
            lines.push(format!("{name}: {}", named.join(", ")));
        }
        for (name, spread) in &self.numbers {
            lines.push(format!(
                "{name}: {:.2} to {:.2}, mean {:.2}, in {} images",
                spread.least,
                spread.most,
                spread.mean(),
                spread.count
            ));
        }
        lines
    }
}
