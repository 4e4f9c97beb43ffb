//! What a whole dataset of pairs looks like.
use std::collections::BTreeMap;

use pixloom_engine::{Delivery, Outcome};
use serde_json::{Value, json};

use super::scale::label;
use super::stage::PairRecord;
use crate::finding::{Finding, Kind, Severity};
use crate::job::{Face, Report};

/// How many findings are printed for people; all are in the items.
const SHOWN: usize = 30;

/// Gathers what was found, in source order.
pub(in crate::jobs) struct Tally {
    expect: Option<f64>,
    items: Vec<Item>,
    /// Pairs of each scale.
    scales: BTreeMap<String, u64>,
}

/// One pair, or a file without partner.
pub(in crate::jobs) struct Item {
    pub(in crate::jobs) path: String,
    pub(in crate::jobs) record: PairRecord,
}

impl Tally {
    pub(in crate::jobs) fn new(expect: Option<f64>) -> Self {
        Self { expect, items: Vec::new(), scales: BTreeMap::new() }
    }

    pub(in crate::jobs) fn add(&mut self, delivery: &Delivery<PairRecord>) {
        let path = delivery.key.to_string();
        let record = match &delivery.outcome {
            Outcome::Done(record) | Outcome::Resumed(record) => record.clone(),
            Outcome::Skipped(_) => return,
            Outcome::Failed(error) => {
                PairRecord { findings: vec![Finding::of_failure(error)], ..PairRecord::default() }
            }
        };
        if let Some(scale) = record.scale.and_then(|scale| scale.label()) {
            *self.scales.entry(scale).or_default() += 1;
        }
        self.items.push(Item { path, record });
    }

    /// The scale that most pairs have; the smaller of two that are equally common.
    fn most_common(&self) -> Option<String> {
        let by_count = |a: &(&String, &u64), b: &(&String, &u64)| a.1.cmp(b.1).then(b.0.cmp(a.0));
        self.scales.iter().max_by(by_count).map(|(scale, _)| scale.clone())
    }

    /// Adds what only the whole shows, and writes the report. Proposals go to `fix`.
    pub(super) fn finish(
        mut self,
        mut report: Report,
        left_alone: &Value,
        fix: Option<&dyn Face>,
    ) -> Report {
        let common = self.most_common();
        self.check_scales(common.as_deref());
        if let Some(face) = fix {
            let fixes = self.items.iter().flat_map(|item| &item.record.fixes);
            fixes.for_each(|fix| face.action(&fix.line()));
        }
        let kinds = self.kinds();
        let clean = self.items.iter().all(Item::is_ok);
        report.ok = report.ok && clean;
        let pairs = self.items.iter().filter(|item| item.record.scale.is_some()).count();
        let own = json!({
            "pairs": pairs,
            "scale": common,
            "expected_scale": self.expect,
            "scales": self.scales,
            "findings": kinds,
            "left_alone": left_alone,
        });
        if let (Value::Object(all), Value::Object(own)) = (&mut report.summary, own) {
            all.extend(own);
        }
        report.lines = self.lines(pairs, common.as_deref(), &kinds);
        report.items = self.items.into_iter().map(Item::into_value).collect();
        report
    }

    /// Adds what only the whole shows; the most common scale, how many pairs have which, and
    /// all pairs.
    pub(in crate::jobs) fn conclude(
        mut self,
    ) -> (Option<String>, BTreeMap<String, u64>, Vec<Item>) {
        let common = self.most_common();
        self.check_scales(common.as_deref());
        (common, self.scales, self.items)
    }

    fn check_scales(&mut self, common: Option<&str>) {
        let expected = self.expect.map(label);
        for item in &mut self.items {
            let Some(scale) = item.record.scale.and_then(|scale| scale.label()) else { continue };
            if let Some(expected) = &expected {
                if scale == *expected {
                    // What was asked for is not odd.
                    item.record.findings.retain(|finding| finding.kind != Kind::ScaleFractional);
                } else {
                    let message = format!("the scale is {scale}, not {expected}");
                    item.record.findings.push(Finding::new(Kind::ScaleUnexpected, message));
                }
            } else if common.is_some_and(|common| scale != common) {
                let common = common.unwrap_or_default();
                let message = format!("the scale is {scale}, most pairs have {common}");
                item.record.findings.push(Finding::new(Kind::ScaleInconsistent, message));
            }
        }
    }

    fn kinds(&self) -> BTreeMap<String, u64> {
        let mut kinds = BTreeMap::new();
        for finding in self.items.iter().flat_map(|item| &item.record.findings) {
            *kinds.entry(finding.kind.as_str().to_owned()).or_default() += 1;
        }
        kinds
    }

    fn lines(
        &self,
        pairs: usize,
        common: Option<&str>,
        kinds: &BTreeMap<String, u64>,
    ) -> Vec<String> {
        let scale = common.map(|scale| format!(", most of scale {scale}")).unwrap_or_default();
        let mut lines = vec![format!("{pairs} pairs{scale}")];
        lines.extend(kinds.iter().map(|(kind, count)| format!("  {count:>6}  {kind}")));
        let found = self.items.iter().flat_map(|item| {
            let shown = item.record.findings.iter().filter(|f| f.severity != Severity::Info);
            shown.map(move |finding| item.line(finding))
        });
        let mut found = found.peekable();
        lines.extend(found.by_ref().take(SHOWN));
        let more = found.count();
        if more > 0 {
            lines.push(format!("and {more} more; --json lists all"));
        }
        lines
    }
}

impl Item {
    fn is_ok(&self) -> bool {
        self.record.findings.iter().all(|finding| finding.severity == Severity::Info)
    }

    fn line(&self, finding: &Finding) -> String {
        let hint = finding.hint.as_ref().map(|hint| format!("  hint: {hint}")).unwrap_or_default();
        format!("{}  {}: {}{hint}", self.path, finding.kind.as_str(), finding.message)
    }

    pub(in crate::jobs) fn into_value(self) -> Value {
        let (path, ok) = (self.path.clone(), self.is_ok());
        let mut value = json!({"path": path, "ok": ok});
        if let (Value::Object(all), Ok(Value::Object(record))) =
            (&mut value, serde_json::to_value(self.record))
        {
            all.extend(record);
        }
        value
    }
}
