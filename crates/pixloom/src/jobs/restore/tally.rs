//! What a whole search found.
use std::collections::BTreeMap;
use std::io::{self, Write};

use pixloom_engine::{Delivery, Outcome};
use serde_json::{Value, json};

use super::pair::{Found, PairRecord};
use super::table;
use crate::job::Report;
use crate::jobs::analyze::text::{grouped, percent};
use crate::run::ErrorRow;

/// A larger share of optima than this on the edge of the grid is worth a warning.
const MANY_ON_EDGE: f64 = 0.5;
/// Where less than this share could be searched, something is wrong with the folders.
const ENOUGH: f64 = 0.95;
/// Rounding errors are no gains.
const LEAST_GAIN: f64 = 1e-9;

/// Gathers pairs in source order.
pub(super) struct Tally<'a> {
    csv: &'a mut dyn Write,
    written: io::Result<()>,
    pub(super) found: Findings,
}

/// What is kept of all pairs.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) pairs: Vec<PairRecord>,
    /// Name and reason.
    pub(super) failed: Vec<(String, String)>,
    wants_items: bool,
    items: Vec<Value>,
}

impl<'a> Tally<'a> {
    pub(super) fn new(csv: &'a mut dyn Write, wants_items: bool) -> Self {
        let written = table::header(csv);
        Self { csv, written, found: Findings { wants_items, ..Findings::default() } }
    }

    pub(super) fn take(&mut self, delivery: &Delivery<PairRecord>) {
        let path = delivery.key.as_str();
        match &delivery.outcome {
            Outcome::Done(pair) | Outcome::Resumed(pair) => {
                if self.written.is_ok() {
                    self.written = table::row(self.csv, pair);
                }
                self.found.add(path, pair);
            }
            Outcome::Failed(error) => {
                let row = ErrorRow::new(delivery.index, path, error);
                self.found.fail(path, &row);
            }
            Outcome::Skipped(_) => {}
        }
    }

    pub(super) fn finish(self) -> io::Result<Findings> {
        self.written.map(|()| self.found)
    }
}

/// A target of learning as a number that tells values apart.
type Target = fn(&Found) -> u64;

impl Findings {
    fn add(&mut self, path: &str, pair: &PairRecord) {
        if self.wants_items {
            let mut item = json!({"path": path, "ok": true});
            if let (Value::Object(item), Ok(Value::Object(more))) =
                (&mut item, serde_json::to_value(pair))
            {
                item.extend(more);
            }
            item["gain"] = json!(pair.gain());
            self.items.push(item);
        }
        self.pairs.push(pair.clone());
    }

    fn fail(&mut self, path: &str, row: &ErrorRow) {
        if self.wants_items {
            let finding = json!({"kind": row.kind, "message": row.sentence(), "hint": row.hint});
            self.items.push(json!({"path": path, "ok": false, "findings": [finding]}));
        }
        self.failed.push((path.to_owned(), row.sentence()));
    }

    /// Pairs whose figures are all finite: means of different figures are over the same pairs.
    pub(super) fn common(&self) -> impl Iterator<Item = &PairRecord> {
        self.pairs.iter().filter(|pair| pair.is_finite())
    }

    /// The mean of a figure over the pairs whose figures are all finite.
    pub(super) fn mean(&self, figure: impl Fn(&PairRecord) -> f64) -> f64 {
        let values: Vec<f64> = self.common().map(figure).collect();
        if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
    }

    fn count(&self, which: impl Fn(&PairRecord) -> bool) -> usize {
        self.pairs.iter().filter(|pair| which(pair)).count()
    }

    /// Optima on an edge of the grid.
    pub(super) fn on_edge(&self) -> usize {
        self.count(|pair| pair.on_grid_edge)
    }

    /// Pairs of which there is an optimum to find: the pictures are not equal.
    pub(super) fn searched(&self) -> usize {
        self.count(|pair| pair.identity.psnr.is_finite())
    }

    /// Pairs where nothing of the forty beats doing nothing.
    pub(super) fn identity_wins(&self) -> usize {
        self.count(|pair| pair.grid_gain() <= LEAST_GAIN)
    }

    /// How often each triple was the best of the forty.
    pub(super) fn triples(&self) -> BTreeMap<String, u64> {
        let mut triples = BTreeMap::new();
        for pair in &self.pairs {
            *triples.entry(triple(&pair.best)).or_default() += 1;
        }
        triples
    }

    fn edge_warning(&self) -> Option<String> {
        let (edge, pairs) = (self.on_edge(), self.searched());
        let many = pairs > 0 && edge as f64 > MANY_ON_EDGE * pairs as f64;
        many.then(|| {
            format!(
                "{edge} of {pairs} optima lie on an edge of the grid: the best is likely outside \
                 of it, see the refined columns"
            )
        })
    }

    fn constant_warning(&self) -> Option<String> {
        let mut named = Vec::new();
        let distinct = |value: Target| {
            let values: std::collections::BTreeSet<u64> =
                self.pairs.iter().map(|pair| value(&pair.best)).collect();
            values.len()
        };
        let targets: [(&str, Target); 3] = [
            ("apply_color_correction", |found| u64::from(found.color_method != "none")),
            ("sharpen_sigma", |found| found.sharpen_sigma.to_bits()),
            ("sharpen_strength", |found| found.sharpen_strength.to_bits()),
        ];
        for (name, value) in targets {
            if self.pairs.len() > 1 && distinct(value) == 1 {
                named.push(name);
            }
        }
        let text = named.join(", ");
        (!named.is_empty()).then(|| format!("the same for all pairs, nothing to learn: {text}"))
    }

    /// Fills in the report.
    pub(super) fn report(mut self, mut report: Report) -> (Report, Self) {
        let total = self.pairs.len() + self.failed.len();
        let share = self.pairs.len() as f64 / total.max(1) as f64;
        let warnings: Vec<String> = few(share)
            .into_iter()
            .chain(self.edge_warning())
            .chain(self.constant_warning())
            .collect();
        let own = json!({
            "pairs": self.pairs.len(),
            "failed": self.failed.len(),
            "processed_share": share,
            "on_grid_edge": self.on_edge(),
            "identity_wins": self.identity_wins(),
            "best_of_the_40": self.triples(),
            "mean_pairs": self.common().count(),
            "mean_identity": self.means(|pair| (pair.identity.psnr, pair.identity.ssim)),
            "mean_best": self.means(|pair| (pair.best.scored.psnr, pair.best.scored.ssim)),
            "mean_refined": self.means(|pair| (pair.refined.scored.psnr, pair.refined.scored.ssim)),
            "mean_gain": self.mean(PairRecord::gain),
            "mean_grid_gain": self.mean(PairRecord::grid_gain),
            "warnings": warnings,
        });
        if let (Value::Object(all), Value::Object(own)) = (&mut report.summary, own) {
            all.extend(own);
        }
        report.lines = self.lines(share, &warnings);
        report.items = std::mem::take(&mut self.items);
        (report, self)
    }

    fn means(&self, figures: impl Fn(&PairRecord) -> (f64, f64)) -> Value {
        let psnr = self.mean(|pair| figures(pair).0);
        let ssim = self.mean(|pair| figures(pair).1);
        json!({"psnr": psnr, "ssim": ssim, "score": 0.5 * psnr / 50.0 + 0.5 * ssim})
    }

    fn lines(&self, share: f64, warnings: &[String]) -> Vec<String> {
        let (pairs, failed) = (self.pairs.len(), self.failed.len());
        let counted = grouped(pairs as u64);
        let mut lines =
            vec![format!("{counted} pairs searched ({}), {failed} failed", percent(share))];
        if pairs == 0 {
            return lines;
        }
        let line = |name: &str, psnr: f64, ssim: f64| {
            format!("  {name:<12}  {psnr:>6.2} dB  SSIM {ssim:.4}")
        };
        let identity = |f: fn(&PairRecord) -> f64| self.mean(f);
        lines.push(line("untouched", identity(|p| p.identity.psnr), identity(|p| p.identity.ssim)));
        let (psnr, ssim) = (identity(|p| p.best.scored.psnr), identity(|p| p.best.scored.ssim));
        lines.push(line("best of 40", psnr, ssim));
        let (psnr, ssim) =
            (identity(|p| p.refined.scored.psnr), identity(|p| p.refined.scored.ssim));
        lines.push(line("refined", psnr, ssim));
        let common = self.common().count();
        lines.extend((common < pairs).then(|| {
            format!("  (means of {common} pairs; the others are equal, or reach the truth itself)")
        }));
        lines.push(format!(
            "doing nothing is as good as the best of the 40, or better, for {} of {pairs} pairs",
            self.identity_wins()
        ));
        lines.extend(warnings.iter().map(|warning| format!("warning: {warning}")));
        lines
    }
}

/// Where much could not be searched.
pub(super) fn few(share: f64) -> Option<String> {
    (share < ENOUGH).then(|| format!("only {} of the pairs could be searched", percent(share)))
}

/// `white_balance 0.5 1.5`.
pub(super) fn triple(found: &Found) -> String {
    format!("{} {} {}", found.color_method, found.sharpen_sigma, found.sharpen_strength)
}
