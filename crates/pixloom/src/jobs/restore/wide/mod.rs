//! The search over many operations: `restore search --space wide`.
mod hunt;
pub(super) mod rungs;
pub(super) mod space;
mod stage;
pub(super) mod table;

use std::collections::BTreeMap;
use std::io::{self, Write};

use pixloom_engine::{Delivery, Outcome};
use pixloom_image::Limits;
use serde_json::{Value, json};

use self::space::Space;
use self::stage::{WideRecord, WideStage};
use super::pair::Scored;
use crate::job::{JobError, Report};
use crate::jobs::analyze::text::percent;
use crate::jobs::pairs::PairSource;
use crate::run::{ErrorRow, Session};

/// What a wide search needs beside the pairs.
pub(super) struct Wide<'a> {
    pub(super) space: &'a Space,
    pub(super) budget: u32,
    pub(super) limits: Limits,
    pub(super) tolerant: bool,
    pub(super) items: bool,
}

impl Wide<'_> {
    /// Searches all pairs and writes the table.
    pub(super) fn run(
        &self,
        session: Session,
        source: &mut PairSource<'_>,
        csv: &mut dyn Write,
    ) -> Result<Report, JobError> {
        let Self { space, budget, limits, tolerant, items } = *self;
        let stage = WideStage { limits, tolerant, space, budget };
        let mut tally = Tally::new(csv, space, items);
        let report = session.observe(source, &stage, &mut |delivery| tally.take(delivery))?;
        tally.report(report).map_err(super::search::unwritable)
    }
}

/// Gathers pairs in source order.
struct Tally<'a> {
    csv: &'a mut dyn Write,
    space: &'a Space,
    written: io::Result<()>,
    wants_items: bool,
    items: Vec<Value>,
    /// Before and after.
    pairs: Vec<(Scored, Scored)>,
    failed: u64,
    /// How often each operation was taken.
    taken: BTreeMap<String, u64>,
    evaluations: u64,
}

impl<'a> Tally<'a> {
    fn new(csv: &'a mut dyn Write, space: &'a Space, wants_items: bool) -> Self {
        let written = table::header(csv, space);
        let (items, pairs, taken) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { csv, space, written, wants_items, items, pairs, failed: 0, taken, evaluations: 0 }
    }

    fn take(&mut self, delivery: &Delivery<WideRecord>) {
        let path = delivery.key.as_str();
        match &delivery.outcome {
            Outcome::Done(pair) | Outcome::Resumed(pair) => self.add(path, pair),
            Outcome::Failed(error) => {
                self.failed += 1;
                if self.wants_items {
                    let row = ErrorRow::new(delivery.index, path, error);
                    let finding =
                        json!({"kind": row.kind, "message": row.sentence(), "hint": row.hint});
                    self.items.push(json!({"path": path, "ok": false, "findings": [finding]}));
                }
            }
            Outcome::Skipped(_) => {}
        }
    }

    fn add(&mut self, path: &str, pair: &WideRecord) {
        if self.written.is_ok() {
            self.written = table::rows(self.csv, pair, self.space);
        }
        let (Some(first), Some(last)) = (pair.states.first(), pair.states.last()) else { return };
        self.pairs.push((first.scored, last.scored));
        self.evaluations += u64::from(pair.evaluations);
        for name in last.done.split(" | ").filter(|part| !part.is_empty()) {
            let name = name.split(':').next().unwrap_or_default();
            *self.taken.entry(name.to_owned()).or_default() += 1;
        }
        if self.wants_items {
            self.items.push(json!({"path": path, "ok": true, "operations": last.done,
                "identity": first.scored, "best": last.scored,
                "evaluations": pair.evaluations, "notes": pair.notes}));
        }
    }

    /// The mean of a figure over the pairs where it is finite, before and after.
    fn means(&self, figure: fn(&Scored) -> f64) -> [f64; 2] {
        let finite: Vec<[f64; 2]> = self
            .pairs
            .iter()
            .map(|(before, after)| [figure(before), figure(after)])
            .filter(|pair| pair.iter().all(|value| value.is_finite()))
            .collect();
        let mean = |at: usize| finite.iter().map(|pair| pair[at]).sum::<f64>();
        [0, 1].map(|at| if finite.is_empty() { 0.0 } else { mean(at) / finite.len() as f64 })
    }

    fn report(self, mut report: Report) -> io::Result<Report> {
        let [psnr, ssim, score] =
            [|s: &Scored| s.psnr, |s: &Scored| s.ssim, |s: &Scored| s.score].map(|f| self.means(f));
        let (pairs, failed) = (self.pairs.len() as u64, self.failed);
        let share = pairs as f64 / (pairs + failed).max(1) as f64;
        let own = json!({
            "pairs": pairs,
            "failed": failed,
            "processed_share": share,
            "mean_identity": {"psnr": psnr[0], "ssim": ssim[0], "score": score[0]},
            "mean_best": {"psnr": psnr[1], "ssim": ssim[1], "score": score[1]},
            "mean_gain": score[1] - score[0],
            "operations": self.taken,
            "evaluations": self.evaluations,
        });
        if let (Value::Object(all), Value::Object(own)) = (&mut report.summary, own) {
            all.extend(own);
        }
        report.lines =
            vec![format!("{pairs} pairs searched ({}), {failed} failed", percent(share))];
        for (at, name) in ["untouched", "best found"].into_iter().enumerate() {
            let (psnr, ssim, score) = (psnr[at], ssim[at], score[at]);
            report
                .lines
                .push(format!("  {name:<12}  {psnr:>6.2} dB  SSIM {ssim:.4}  score {score:.4}"));
        }
        let taken: Vec<String> =
            self.taken.iter().map(|(name, count)| format!("{name} {count}")).collect();
        report.lines.push(format!("taken        {}", taken.join(", ")));
        report.items = self.items;
        self.written.map(|()| report)
    }
}
