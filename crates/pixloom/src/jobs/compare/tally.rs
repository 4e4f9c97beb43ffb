//! The figures of all pairs.
use pixloom_engine::{Delivery, Outcome};
use serde_json::{Value, json};

use super::stage::{CompareRecord, Scores};
use crate::job::Report;

/// How many pairs are printed for people; all are in the items.
const SHOWN: usize = 20;

/// Gathers records in source order.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Reference below its folder, and its record.
    pub(super) pairs: Vec<(String, CompareRecord)>,
    failed: Vec<Value>,
}

/// Takes one figure, where there is one.
type Get = fn(&Scores) -> Option<f64>;
/// The name of a figure, how to get it, and its label.
type Figure = (&'static str, Get, &'static str);

/// All figures in the order of the output.
pub(super) const FIGURES: [Figure; 4] = [
    ("psnr_rgb_db", |scores| scores.psnr_rgb_db, "PSNR"),
    ("psnr_y_db", |scores| scores.psnr_y_db, "PSNR-Y"),
    ("ssim", |scores| scores.ssim, "SSIM"),
    ("ms_ssim", |scores| scores.ms_ssim, "MS-SSIM"),
];

impl Tally {
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

    /// The mean of a figure over the pairs that have it.
    pub(super) fn mean(&self, of: Get) -> Option<f64> {
        let values: Vec<f64> = self.pairs.iter().filter_map(|(_, r)| of(&r.scores)).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }

    /// The report with a line for each of the first pairs and one for the means.
    pub(super) fn finish(self, mut report: Report) -> Report {
        let one = |name: &str, of: &dyn Fn(Get) -> Option<f64>| {
            let figures = FIGURES.iter().map(|(_, get, label)| shown(label, of(*get)));
            format!("{}  {name}", figures.collect::<Vec<_>>().join("  "))
        };
        let lines = self.pairs.iter().take(SHOWN);
        report.lines.extend(lines.map(|(path, record)| one(path, &|get| get(&record.scores))));
        if self.pairs.len() > SHOWN {
            report.lines.push(format!("… and {} more", self.pairs.len() - SHOWN));
        }
        if self.pairs.len() > 1 {
            let name = format!("mean of {}", self.pairs.len());
            report.lines.push(one(&name, &|get| self.mean(get)));
        }
        let means =
            FIGURES.iter().map(|(name, get, _)| ((*name).to_owned(), json!(self.mean(*get))));
        let own = json!({"pairs": self.pairs.len(), "mean": Value::Object(means.collect())});
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
}

/// A figure in a column; equal pictures have no PSNR.
pub(super) fn shown(label: &str, value: Option<f64>) -> String {
    match value {
        Some(value) if label.starts_with("PSNR") => format!("{label} {value:6.2} dB"),
        Some(value) => format!("{label} {value:.4}"),
        None => format!("{label} –"),
    }
}
