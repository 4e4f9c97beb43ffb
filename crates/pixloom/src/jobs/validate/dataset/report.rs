//! One report over the five steps.
use std::collections::{BTreeMap, BTreeSet};

use pixloom_engine::RunError;
use pixloom_image::Size;
use serde_json::{Value, json};

use crate::finding::{Finding, Severity};
use crate::job::{JobError, Report};
use crate::jobs::pairs::{Item, Matched, SideFacts, Tally};
use crate::jobs::validate::findings::Rules;
use crate::jobs::validate::report::Findings;

/// How many pairs with findings are shown to people; `--json` has all.
const SHOWN: usize = 30;

/// What the steps found.
pub(super) struct Dataset {
    matched: Matched,
    rules: Rules,
    sides: Vec<Findings>,
    pairs: Option<Pairs>,
}

/// What became of the pairs.
struct Pairs {
    scale: Option<String>,
    scales: BTreeMap<String, u64>,
    items: Vec<Item>,
    /// Pairs of which a file could not be read.
    unreadable: u64,
}

impl Dataset {
    pub(super) const fn new(matched: Matched, rules: Rules) -> Self {
        Self { matched, rules, sides: Vec::new(), pairs: None }
    }

    pub(super) fn add_side(&mut self, found: Findings) {
        self.sides.push(found);
    }

    pub(super) fn add_pairs(&mut self, tally: Tally, unreadable: u64) {
        let (scale, scales, mut items) = tally.conclude();
        for item in &mut items {
            self.rules.apply(&mut item.record.findings);
        }
        self.pairs = Some(Pairs { scale, scales, items, unreadable });
    }

    /// The paths of the files with errors.
    pub(super) fn broken(&self) -> BTreeSet<String> {
        let files = self.sides.iter().flat_map(|side| &side.files);
        files.filter(|file| !file.record.ok).map(|file| file.path.clone()).collect()
    }

    /// The findings of all files.
    pub(super) fn files(&self) -> Findings {
        let mut all = Findings::default();
        for side in &self.sides {
            all.files.extend(side.files.iter().cloned());
        }
        all
    }

    pub(super) fn finish(&self, mut report: Report) -> Report {
        let pairs_ok = self.pairs.as_ref().is_some_and(|pairs| {
            pairs.unreadable == 0 && pairs.items.iter().all(|item| worst(item) < Severity::Error)
        });
        report.ok &= pairs_ok && self.sides.iter().all(Findings::ok);
        report.lines = self.lines(report.cancelled);
        let own = self.summary();
        if let (Value::Object(all), Value::Object(own)) = (&mut report.summary, own) {
            all.extend(own);
        }
        report
    }

    fn lines(&self, cancelled: bool) -> Vec<String> {
        let Matched { hq, lq, pairs, hq_alone, lq_alone, ambiguous } = self.matched;
        let mut lines = vec![format!(
            "1 of 5  names: {hq} HQ and {lq} LQ files, {pairs} pairs; {hq_alone} HQ and \
             {lq_alone} LQ files have no partner, {ambiguous} names are ambiguous"
        )];
        if pairs == 0 {
            lines.push(
                "stopped after step 1: no LQ file has the name of an HQ file\n  \
                 hint: is it the right folder? --lq-suffix says what LQ names end in"
                    .to_owned(),
            );
            return lines;
        }
        for (side, name) in self.sides.iter().zip(["HQ", "LQ"]) {
            lines.extend(side.file_lines());
            lines.push(format!("2 of 5  {name} files: {}", side.count_line()));
        }
        match &self.pairs {
            Some(pairs) => lines.extend(pairs.lines()),
            None if cancelled => lines.push("stopped on request before step 3".to_owned()),
            None => {}
        }
        lines
    }

    fn summary(&self) -> Value {
        let Matched { hq, lq, pairs, hq_alone, lq_alone, ambiguous } = self.matched;
        let mut all = json!({
            "steps": if pairs == 0 { 1 } else { 5 },
            "names": {"hq": hq, "lq": lq, "pairs": pairs, "hq_without_lq": hq_alone,
                "lq_without_hq": lq_alone, "ambiguous": ambiguous},
        });
        for (side, name) in self.sides.iter().zip(["hq", "lq"]) {
            all["files"][name] = side.summary();
        }
        let Some(pairs) = &self.pairs else { return all };
        all["pairs"] = json!({
            "compared": pairs.items.iter().filter(|item| item.record.scale.is_some()).count(),
            "unreadable": pairs.unreadable,
            "scale": pairs.scale,
            "scales": pairs.scales,
            "findings": pairs.kinds(),
        });
        for (name, side) in [("hq", true), ("lq", false)] {
            all["sizes"][name] = json!(pairs.sizes(side));
            all["formats"][name] = json!(pairs.formats(side));
        }
        all
    }

    /// One entry per file, then one per pair.
    pub(super) fn into_items(self) -> Result<Vec<Value>, JobError> {
        let files = self.sides.into_iter().flat_map(|side| side.files);
        let files = files.map(serde_json::to_value);
        let mut items: Vec<Value> = files
            .collect::<Result<_, _>>()
            .map_err(|error| JobError::from(RunError::Sink(error.into())))?;
        let pairs = self.pairs.into_iter().flat_map(|pairs| pairs.items);
        items.extend(pairs.map(|item| {
            let ok = worst(&item) < Severity::Error;
            let mut value = item.into_value();
            value["ok"] = json!(ok);
            value
        }));
        Ok(items)
    }
}

fn worst(item: &Item) -> Severity {
    item.record.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Info)
}

impl Pairs {
    fn lines(&self) -> Vec<String> {
        let found = self.items.iter().flat_map(|item| {
            let shown = item.record.findings.iter().filter(|f| f.severity > Severity::Info);
            shown.map(move |finding| line(item, finding))
        });
        let mut found = found.peekable();
        let mut lines: Vec<String> = found.by_ref().take(SHOWN).collect();
        let more = found.count();
        if more > 0 {
            lines.push(format!("and {more} more; --json lists all"));
        }
        let kinds = self.kinds();
        let kinds: Vec<String> =
            kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let kinds = if kinds.is_empty() { "all is well".to_owned() } else { kinds.join(", ") };
        lines.push(format!("3 of 5  scale and contents: {}; {kinds}", counted(&self.scales, "×")));
        if self.unreadable > 0 {
            lines.push(format!("        {} pairs have a file of step 2", self.unreadable));
        }
        let size = |name: &str, side: bool| match self.sizes(side) {
            Some([least, median, most]) => {
                format!("{name} {least} to {most}, half {median} or more")
            }
            None => format!("{name} unknown"),
        };
        lines.push(format!("4 of 5  sizes: {}; {}", size("HQ", true), size("LQ", false)));
        let (hq, lq) = (self.formats(true), self.formats(false));
        lines.push(format!("5 of 5  formats: HQ {}; LQ {}", counted(&hq, ""), counted(&lq, "")));
        lines
    }

    fn kinds(&self) -> BTreeMap<&'static str, u64> {
        let mut kinds = BTreeMap::new();
        for finding in self.items.iter().flat_map(|item| &item.record.findings) {
            *kinds.entry(finding.kind.as_str()).or_default() += 1;
        }
        kinds
    }

    fn facts(&self, hq: bool) -> impl Iterator<Item = &SideFacts> {
        self.items.iter().flat_map(move |item| if hq { &item.record.hq } else { &item.record.lq })
    }

    /// Smallest, median and largest by area.
    fn sizes(&self, hq: bool) -> Option<[Size; 3]> {
        let mut sizes: Vec<Size> = self.facts(hq).filter_map(|facts| facts.size).collect();
        sizes.sort_by_key(|size| (size.pixels(), size.width));
        let last = sizes.len().checked_sub(1)?;
        Some([0, last.div_ceil(2), last].map(|at| sizes[at]))
    }

    /// How many files are of which format and colour model.
    fn formats(&self, hq: bool) -> BTreeMap<String, u64> {
        let mut formats = BTreeMap::new();
        for facts in self.facts(hq) {
            if let (Some(format), Some(model)) = (&facts.format, &facts.color_model) {
                *formats.entry(format!("{format} {model}")).or_default() += 1;
            }
        }
        formats
    }
}

/// `12 of ×4, 1 of ×2`, most first.
fn counted(counts: &BTreeMap<String, u64>, sign: &str) -> String {
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let parts: Vec<String> =
        counts.iter().map(|(name, count)| format!("{count} of {sign}{name}")).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

fn line(item: &Item, finding: &Finding) -> String {
    let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
    let hint = finding.hint.as_ref().map(|hint| format!("\n    hint: {hint}")).unwrap_or_default();
    format!("{severity} {}: {}: {}{hint}", item.path, finding.kind.as_str(), finding.message)
}
