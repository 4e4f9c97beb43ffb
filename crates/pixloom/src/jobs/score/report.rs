//! All scores as a table, a list and a summary.
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use pixloom_engine::{Delivery, ItemKey};
use pixloom_image::score::Scores;
use serde_json::{Map, Value, json};

use super::act::Action;
use super::condition::Rule;
use super::stage::ScoreRecord;
use crate::job::Report;
use crate::jobs::csv::quoted;

/// Gathers scores in source order.
pub(super) struct Table {
    rule: Rule,
    rows: Vec<Row>,
}

struct Row {
    key: ItemKey,
    record: ScoreRecord,
    /// Why it is left out; empty if it stays.
    reasons: Vec<String>,
}

impl Table {
    pub(super) const fn new(rule: Rule) -> Self {
        Self { rule, rows: Vec::new() }
    }

    pub(super) fn add(&mut self, delivery: &Delivery<ScoreRecord>) {
        if let Some(record) = delivery.outcome.record() {
            let reasons = self.rule.reasons(&record.scores);
            self.rows.push(Row { key: delivery.key.clone(), record: *record, reasons });
        }
    }

    /// Comma-separated values with a heading (RFC 4180).
    pub(super) fn csv(&self) -> String {
        let names = Scores::default().fields().map(|(name, _)| name);
        let mut text = format!("path,width,height,{},keep,reasons\n", names.join(","));
        for row in &self.rows {
            let size = row.record.size;
            text.extend([format!("{},{},{}", quoted(row.key.as_str()), size.width, size.height)]);
            for (_, value) in row.record.scores.fields() {
                // Writing to a string cannot fail.
                let _ = write!(text, ",{value:.6}");
            }
            let keep = row.reasons.is_empty();
            let _ = writeln!(text, ",{keep},{}", quoted(&row.reasons.join("; ")));
        }
        text
    }

    /// The paths of the pictures that stay, one a line.
    pub(super) fn kept(&self) -> Vec<u8> {
        let kept = self.rows.iter().filter(|row| row.reasons.is_empty());
        let mut bytes = Vec::new();
        for row in kept {
            bytes.extend_from_slice(row.key.to_path().as_os_str().as_bytes());
            bytes.push(b'\n');
        }
        bytes
    }

    /// Moves of what is dropped, copies of what stays, in source order.
    pub(super) fn actions(&self, move_to: Option<&Path>, copy_to: Option<&Path>) -> Vec<Action> {
        let action = |row: &Row| {
            let path = row.key.to_path();
            if row.reasons.is_empty() {
                copy_to.map(|folder| Action::Copy { to: folder.join(&path), path })
            } else {
                move_to.map(|folder| Action::Move { to: folder.join(&path), path })
            }
        };
        self.rows.iter().filter_map(action).collect()
    }

    pub(super) fn finish(self, mut report: Report, left_alone: &Value) -> Report {
        let kept = self.rows.iter().filter(|row| row.reasons.is_empty()).count();
        let mut own = json!({"left_alone": left_alone, "scores": self.distributions()});
        if !self.rule.is_empty() {
            own["kept"] = json!(kept);
            own["dropped"] = json!(self.rows.len() - kept);
        }
        report.lines = self.lines(kept);
        if let (Value::Object(all), Value::Object(own)) = (&mut report.summary, own) {
            all.extend(own);
        }
        report.items = self.rows.into_iter().map(Row::into_value).collect();
        report
    }

    /// Smallest, lower quartile, median, upper quartile and largest of a score.
    fn quartiles(&self, field: usize) -> Option<[f64; 5]> {
        let value = |row: &Row| row.record.scores.fields()[field].1;
        let mut values: Vec<f64> = self.rows.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        Some([0, 1, 2, 3, 4].map(|quarter| values[(last * quarter + 2) / 4]))
    }

    fn distributions(&self) -> Value {
        let mut all = Map::new();
        for (field, (name, _)) in Scores::default().fields().iter().enumerate() {
            if let Some([min, low, median, high, max]) = self.quartiles(field) {
                let quartiles =
                    json!({"min": min, "q1": low, "median": median, "q3": high, "max": max});
                all.insert((*name).to_owned(), quartiles);
            }
        }
        Value::Object(all)
    }

    fn lines(&self, kept: usize) -> Vec<String> {
        let head = |name: &str| format!("{name:<20}");
        let mut lines = Vec::new();
        for (field, (name, _)) in Scores::default().fields().iter().enumerate() {
            let Some(values) = self.quartiles(field) else { continue };
            let columns: Vec<_> = values.iter().map(|value| format!("{value:>12.3}")).collect();
            let columns = columns.concat();
            lines.push(head(name) + &columns);
        }
        if !lines.is_empty() {
            let names = ["least", "quarter", "half", "3 quarters", "most"];
            let columns: Vec<_> = names.iter().map(|name| format!("{name:>12}")).collect();
            let columns = columns.concat();
            lines.insert(0, head("score") + &columns);
        }
        if !self.rule.is_empty() {
            lines.push(format!("{kept} to keep, {} to drop", self.rows.len() - kept));
        }
        lines
    }
}

impl Row {
    fn into_value(self) -> Value {
        let keep = self.reasons.is_empty();
        json!({
            "path": self.key.as_str(),
            "ok": true,
            "size": self.record.size,
            "scores": self.record.scores,
            "keep": keep,
            "reasons": self.reasons,
        })
    }
}
