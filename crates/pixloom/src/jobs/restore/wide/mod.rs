//! The search over many operations: `restore search --space wide`.
mod hunt;
mod page;
pub(super) mod rungs;
pub(super) mod space;
mod stage;
pub(super) mod table;

use std::collections::BTreeMap;
use std::io::{self, Write};

use pixloom_engine::{Delivery, Fingerprint, Outcome};
use pixloom_image::Limits;
use serde_json::{Value, json};

pub(super) use self::stage::group;

use self::space::Space;
use self::stage::{WideRecord, WideStage};
use super::pair::Scored;
use super::tally::few;
use crate::job::{JobError, Report};
use crate::jobs::analyze::text::percent;
use crate::jobs::pairs::PairSource;
use crate::run::{ErrorRow, Session};

/// What a wide search needs beside the pairs.
pub(super) struct Wide<'a> {
    pub(super) space: &'a Space,
    pub(super) budget: u32,
    /// Everything beside the pairs that decides what is found.
    pub(super) identity: Fingerprint,
    pub(super) limits: Limits,
    pub(super) tolerant: bool,
    pub(super) items: bool,
    /// The title of the page, if one is wanted.
    pub(super) title: Option<String>,
}

impl Wide<'_> {
    /// Searches all pairs and writes the table; the page, if it has a title.
    pub(super) fn run(
        &self,
        session: Session,
        source: &mut PairSource<'_>,
        csv: &mut dyn Write,
    ) -> Result<(Report, Option<String>), JobError> {
        let Self { space, budget, identity, limits, tolerant, items, .. } = *self;
        let stage = WideStage { limits, tolerant, space, budget, identity };
        let mut tally = Tally::new(csv, space, items);
        let report = session.observe(source, &stage, &mut |delivery| tally.take(delivery))?;
        let html = self.title.as_ref().map(|title| page::page(title, &tally.seen));
        Ok((tally.report(report).map_err(super::search::unwritable)?, html))
    }
}

/// A pair that was searched.
struct SeenPair {
    filename: String,
    before: Scored,
    after: Scored,
    /// What was done, as pipeline text; empty if nothing gains.
    done: String,
    evaluations: u32,
}

impl SeenPair {
    /// The names of the operations that were taken.
    fn operations(&self) -> impl Iterator<Item = &str> {
        let parts = self.done.split(" | ").filter(|part| !part.is_empty());
        parts.map(|part| part.split(':').next().unwrap_or_default())
    }

    fn gain(&self) -> f64 {
        let gain = self.after.score - self.before.score;
        if gain.is_nan() { 0.0 } else { gain }
    }
}

/// What is shown of all pairs, in source order.
#[derive(Default)]
struct Seen {
    pairs: Vec<SeenPair>,
    /// Paths and messages.
    failed: Vec<(String, String)>,
    /// How often each operation was taken.
    taken: BTreeMap<String, u64>,
    evaluations: u64,
    /// Each candidate: how often it gains on the tiles of a damaged picture, and the sum of that.
    alone: Vec<(String, u32, f64)>,
    /// Damaged pictures on which candidates were tried.
    surfaces: u64,
}

impl Seen {
    fn add(&mut self, pair: &WideRecord) {
        let (Some(first), Some(last)) = (pair.states.first(), pair.states.last()) else { return };
        let seen = SeenPair {
            filename: pair.filename.clone(),
            before: first.scored,
            after: last.scored,
            done: last.done.clone(),
            evaluations: pair.evaluations,
        };
        for name in seen.operations() {
            *self.taken.entry(name.to_owned()).or_default() += 1;
        }
        self.evaluations += u64::from(pair.evaluations);
        self.surfaces += u64::from(!first.gains.is_empty());
        for ((_, count, sum), gain) in self.alone.iter_mut().zip(&first.gains) {
            if let Some(gain) = gain.filter(|gain| *gain > 0.0) {
                (*count, *sum) = (*count + 1, *sum + gain);
            }
        }
        self.pairs.push(seen);
    }

    /// The mean of a figure over the pairs where it is finite, before and after.
    fn means(&self, figure: fn(&Scored) -> f64) -> [f64; 2] {
        let finite: Vec<[f64; 2]> = self
            .pairs
            .iter()
            .map(|pair| [figure(&pair.before), figure(&pair.after)])
            .filter(|pair| pair.iter().all(|value| value.is_finite()))
            .collect();
        let mean = |at: usize| finite.iter().map(|pair| pair[at]).sum::<f64>();
        [0, 1].map(|at| if finite.is_empty() { 0.0 } else { mean(at) / finite.len() as f64 })
    }
}

/// Gathers pairs in source order.
struct Tally<'a> {
    csv: &'a mut dyn Write,
    space: &'a Space,
    written: io::Result<()>,
    wants_items: bool,
    items: Vec<Value>,
    seen: Seen,
}

impl<'a> Tally<'a> {
    fn new(csv: &'a mut dyn Write, space: &'a Space, wants_items: bool) -> Self {
        let written = table::header(csv, space);
        let alone = space.candidates.iter().map(|c| (c.text.clone(), 0, 0.0)).collect();
        let seen = Seen { alone, ..Seen::default() };
        Self { csv, space, written, wants_items, items: Vec::new(), seen }
    }

    fn take(&mut self, delivery: &Delivery<WideRecord>) {
        let path = delivery.key.as_str();
        match &delivery.outcome {
            Outcome::Done(pair) | Outcome::Resumed(pair) => self.add(path, pair),
            Outcome::Failed(error) => {
                let row = ErrorRow::new(delivery.index, path, error);
                self.seen.failed.push((path.to_owned(), row.sentence()));
                if self.wants_items {
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
        self.seen.add(pair);
        let (Some(first), Some(last)) = (pair.states.first(), pair.states.last()) else { return };
        if self.wants_items {
            self.items.push(json!({"path": path, "ok": true, "operations": last.done,
                "identity": first.scored, "best": last.scored,
                "evaluations": pair.evaluations, "notes": pair.notes}));
        }
    }

    fn report(self, mut report: Report) -> io::Result<Report> {
        let [psnr, ssim, score] = [|s: &Scored| s.psnr, |s: &Scored| s.ssim, |s: &Scored| s.score]
            .map(|f| self.seen.means(f));
        let (pairs, failed) = (self.seen.pairs.len() as u64, self.seen.failed.len() as u64);
        let share = pairs as f64 / (pairs + failed).max(1) as f64;
        let own = json!({
            "pairs": pairs,
            "failed": failed,
            "processed_share": share,
            "warnings": few(share).into_iter().collect::<Vec<_>>(),
            "mean_identity": {"psnr": psnr[0], "ssim": ssim[0], "score": score[0]},
            "mean_best": {"psnr": psnr[1], "ssim": ssim[1], "score": score[1]},
            "mean_gain": score[1] - score[0],
            "operations": self.seen.taken,
            "evaluations": self.seen.evaluations,
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
            self.seen.taken.iter().map(|(name, count)| format!("{name} {count}")).collect();
        let taken = match taken.join(", ") {
            none if none.is_empty() => "nothing: no operation gains enough".to_owned(),
            some => some,
        };
        report.lines.push(format!("taken        {taken}"));
        report.lines.extend(few(share).map(|text| format!("warning: {text}")));
        report.items = self.items;
        self.written.map(|()| report)
    }
}
