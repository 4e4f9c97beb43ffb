//! The figures of all pairs.
use pixloom_engine::{Delivery, Outcome};
use serde_json::{Value, json};

use super::stage::{CompareRecord, CompareStage, Scores, decibels};
use crate::job::Report;

/// How many pairs are printed for people; all are in the items.
const SHOWN: usize = 20;

/// Gathers records in source order.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Reference below its folder, and its record.
    pub(super) pairs: Vec<(String, CompareRecord)>,
    failed: Vec<Value>,
    ssimulacra2: bool,
    lpips: bool,
}

/// Takes one figure, where there is one.
type Get = fn(&Scores) -> Option<f64>;
/// The name of a figure, how to get it, and its label.
type Figure = (&'static str, Get, &'static str);

/// All figures in the order of the output.
const FIGURES: [Figure; 6] = [
    ("psnr_rgb_db", |scores| Some(scores.psnr_rgb_db), "PSNR"),
    ("psnr_y_db", |scores| Some(scores.psnr_y_db), "PSNR-Y"),
    ("ssim", |scores| scores.ssim, "SSIM"),
    ("ms_ssim", |scores| scores.ms_ssim, "MS-SSIM"),
    ("ssimulacra2", |scores| scores.ssimulacra2, "SSIMULACRA2"),
    ("lpips", |scores| scores.lpips, "LPIPS"),
];

impl Tally {
    /// For the pairs of a stage.
    pub(super) fn of(stage: &CompareStage) -> Self {
        let lpips = stage.lpips.is_some();
        Self { ssimulacra2: stage.ssimulacra2, lpips, ..Self::default() }
    }

    pub(super) fn add(&mut self, delivery: &Delivery<CompareRecord>) {
        let path = delivery.key.to_string();
        match &delivery.outcome {
            Outcome::Done(record) | Outcome::Resumed(record) => {
                self.pairs.push((path, record.clone()));
            }
            Outcome::Failed(error) => {
                self.failed.push(json!({"path": path, "ok": false, "message": error.to_string()}));
            }
            Outcome::Skipped(_) => {}
        }
    }

    /// The figures to show: those that were asked for.
    pub(super) fn figures(&self) -> impl Iterator<Item = Figure> {
        let unasked = |name: &str| match name {
            "ssimulacra2" => !self.ssimulacra2,
            "lpips" => !self.lpips,
            _ => false,
        };
        FIGURES.into_iter().filter(move |(name, ..)| !unasked(name))
    }

    /// The mean of a figure over the pairs that have a finite one; infinite if all are.
    pub(super) fn mean(&self, of: Get) -> Option<f64> {
        let all: Vec<f64> = self.pairs.iter().filter_map(|(_, r)| of(&r.scores)).collect();
        let finite = || all.iter().filter(|value| value.is_finite());
        match finite().count() {
            0 => all.first().copied(),
            count => Some(finite().sum::<f64>() / count as f64),
        }
    }

    /// The report with a line for each of the first pairs and one for the means.
    pub(super) fn finish(self, mut report: Report) -> Report {
        let lines = self.pairs.iter().take(SHOWN);
        report.lines.extend(lines.map(|(path, record)| {
            let same = if record.scores.identical { "identical  " } else { "" };
            format!("{same}{}", self.line(path, &|get| get(&record.scores)))
        }));
        if self.pairs.len() > SHOWN {
            report.lines.push(format!("… and {} more", self.pairs.len() - SHOWN));
        }
        let identical = self.pairs.iter().filter(|(_, r)| r.scores.identical).count();
        if self.pairs.len() > 1 {
            let same = match identical {
                0 => String::new(),
                count => format!(" ({count} identical, left out of the mean PSNR)"),
            };
            let name = format!("mean of {}{same}", self.pairs.len());
            report.lines.push(self.line(&name, &|get| self.mean(get)));
        }
        let mean = |get| self.mean(get).map(decibels::of);
        let means = self.figures().map(|(name, get, _)| (name.to_owned(), json!(mean(get))));
        let means = Value::Object(means.collect());
        let own = json!({"pairs": self.pairs.len(), "identical": identical, "mean": means});
        if let (Value::Object(all), Value::Object(own)) = (&mut report.summary, own) {
            all.extend(own);
        }
        let pairs = self.pairs.iter().map(|(path, record)| {
            json!({"path": path, "ok": true, "picture": record.picture, "size": record.size,
                   "scores": record.scores})
        });
        report.items = pairs.chain(self.failed).collect();
        report
    }

    fn line(&self, name: &str, of: &dyn Fn(Get) -> Option<f64>) -> String {
        let figures = self.figures().map(|(_, get, label)| labelled(label, of(get)));
        format!("{}  {name}", figures.collect::<Vec<_>>().join("  "))
    }
}

/// A figure with its label.
fn labelled(label: &str, value: Option<f64>) -> String {
    match value {
        Some(_) => format!("{label} {}", shown(label, value)),
        None => format!("too small for {label}"),
    }
}

/// A figure alone.
pub(super) fn shown(label: &str, value: Option<f64>) -> String {
    match value {
        Some(value) if value.is_infinite() => "inf dB".to_owned(),
        Some(value) if label.starts_with("PSNR") => format!("{value:6.2} dB"),
        Some(value) if label == "SSIMULACRA2" => format!("{value:.2}"),
        Some(value) => format!("{value:.4}"),
        None => "too small".to_owned(),
    }
}
