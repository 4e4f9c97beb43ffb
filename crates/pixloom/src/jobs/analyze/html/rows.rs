//! The rows of the table: all of them, or as many as the page may hold.
use std::collections::BTreeMap;

use pixloom_engine::Seed;

use super::super::facts::Facts;
use super::super::summary::mode_name;
use super::json_text;

/// Bytes of all rows, so that the page stays below 2 MB.
const BUDGET: usize = 1_500_000;

/// Keeps the rows with the smallest hashes of their names: a fair sample that depends on nothing
/// else, not even on the order.
#[derive(Debug, Default)]
pub(super) struct Rows {
    kept: BTreeMap<(u64, u64), String>,
    bytes: usize,
    seen: u64,
}

impl Rows {
    /// Takes one picture.
    pub(super) fn add(&mut self, path: &str, facts: &Facts) {
        let row = row(path, facts);
        self.bytes += row.len() + 1;
        self.kept.insert((hash(path), self.seen), row);
        self.seen += 1;
        while self.bytes > BUDGET {
            let Some((_, dropped)) = self.kept.pop_last() else { return };
            self.bytes -= dropped.len() + 1;
        }
    }

    /// Rows that are kept.
    pub(super) fn len(&self) -> u64 {
        self.kept.len() as u64
    }

    /// An array of arrays, in the order of the listing.
    pub(super) fn json(&self) -> String {
        let mut rows: Vec<(u64, &str)> =
            self.kept.iter().map(|((_, index), row)| (*index, row.as_str())).collect();
        rows.sort_unstable_by_key(|row| row.0);
        let rows: Vec<&str> = rows.into_iter().map(|row| row.1).collect();
        format!("[{}]", rows.join(",\n"))
    }
}

/// A number that depends on the name only.
pub(super) fn hash(path: &str) -> u64 {
    Seed::root(0).child(path).rng().next_u64()
}

fn row(path: &str, facts: &Facts) -> String {
    let kinds: Vec<&str> = facts.findings.iter().map(|finding| finding.kind.as_ref()).collect();
    format!(
        "[{},{},{},\"{}\",\"{}\",{},{},{},{}]",
        json_text(path),
        facts.width,
        facts.height,
        facts.format,
        mode_name(facts),
        facts.bit_depth,
        facts.bytes,
        facts.quality.unwrap_or(0),
        json_text(&kinds.join(" ")),
    )
}
