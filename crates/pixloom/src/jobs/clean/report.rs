//! Scores and findings for people, for programs and as a table.
use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::checks::{Issue, Scored};
use crate::jobs::csv::quoted;
use crate::jobs::features::{Picture, Scan};

/// How many pictures are shown to people for each issue.
const SHOWN: usize = 10;

/// A picture that was looked at.
pub(super) struct Row<'a> {
    pub(super) picture: &'a Picture,
    pub(super) scores: Vec<Scored>,
    pub(super) found: Vec<Issue>,
    /// The number of its group of equal pictures.
    pub(super) exact: Option<u32>,
    /// The number of its group of copies.
    pub(super) near: Option<u32>,
}

impl Row<'_> {
    fn score(&self, issue: Issue) -> Option<f64> {
        self.scores.iter().find(|(of, _)| *of == issue).map(|(_, score)| *score)
    }
}

/// Everything that was found.
pub(super) struct Cleaned<'a> {
    pub(super) rows: Vec<Row<'a>>,
    pub(super) scan: &'a Scan,
}

fn rounded(score: f64) -> f64 {
    (score * 1e4).round() / 1e4
}

impl Cleaned<'_> {
    fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for issue in self.rows.iter().flat_map(|row| &row.found) {
            *counts.entry(issue.name()).or_default() += 1;
        }
        counts
    }

    /// For programs.
    pub(super) fn summary(&self) -> Value {
        json!({
            "pictures": self.rows.len(),
            "failed": self.scan.failed.len(),
            "with_findings": self.rows.iter().filter(|row| !row.found.is_empty()).count(),
            "findings": self.counts(),
            "known": self.scan.known,
        })
    }

    /// The list of `--json`: every file once.
    pub(super) fn items(&self) -> Vec<Value> {
        let item = |row: &Row<'_>| {
            let scores: BTreeMap<&str, f64> =
                row.scores.iter().map(|(issue, score)| (issue.name(), rounded(*score))).collect();
            let finding = |issue: &Issue| json!({"kind": issue.name(), "score": row.score(*issue).map(rounded)});
            json!({
                "path": row.picture.key,
                "ok": row.found.is_empty(),
                "findings": row.found.iter().map(finding).collect::<Vec<_>>(),
                "scores": scores,
                "exact_group": row.exact,
                "near_group": row.near,
            })
        };
        let failed = |(path, reason): &(String, String)| {
            json!({"path": path, "ok": false,
                "findings": [{"kind": "unreadable", "message": reason}]})
        };
        self.rows.iter().map(item).chain(self.scan.failed.iter().map(failed)).collect()
    }

    /// One line per file: a score and a mark for each issue, as cleanvision's table has them.
    pub(super) fn csv(&self) -> String {
        // Writing to a string cannot fail.
        let issues: Vec<Issue> = Issue::ALL
            .into_iter()
            .filter(|issue| self.rows.iter().any(|row| row.score(*issue).is_some()))
            .collect();
        let mut text = "path".to_owned();
        for issue in &issues {
            let name = issue.name().replace('-', "_");
            let _ = write!(text, ",{name}_score,is_{name}_issue");
        }
        text.push_str(",exact_group,near_group,error\n");
        for row in &self.rows {
            text.push_str(&quoted(&row.picture.key));
            for issue in &issues {
                let score = row.score(*issue).map(|score| format!("{score:.4}"));
                let score = score.unwrap_or_default();
                let _ = write!(text, ",{score},{}", row.found.contains(issue));
            }
            let number = |group: Option<u32>| group.map(|g| g.to_string()).unwrap_or_default();
            let _ = writeln!(text, ",{},{},", number(row.exact), number(row.near));
        }
        for (path, reason) in &self.scan.failed {
            let empty = ",".repeat(2 * issues.len() + 2);
            let _ = writeln!(text, "{}{empty},{}", quoted(path), quoted(reason));
        }
        text
    }

    /// For people.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for issue in Issue::ALL {
            let mut found: Vec<&Row<'_>> =
                self.rows.iter().filter(|row| row.found.contains(&issue)).collect();
            if found.is_empty() {
                continue;
            }
            // Those of a group stand together, others with the worst first.
            found.sort_by(|a, b| {
                let group = |row: &Row<'_>| match issue {
                    Issue::ExactDuplicate => row.exact,
                    Issue::NearDuplicate => row.near,
                    _ => None,
                };
                let score = |row: &Row<'_>| row.score(issue).unwrap_or(1.0);
                group(a).cmp(&group(b)).then(score(a).total_cmp(&score(b)))
            });
            lines.push(format!("{} · {}", issue.name(), found.len()));
            for row in found.iter().take(SHOWN) {
                let score = row.score(issue).unwrap_or(1.0);
                lines.push(format!("  {score:.3}  {}", row.picture.key));
            }
            if found.len() > SHOWN {
                lines.push(format!("  and {} more", found.len() - SHOWN));
            }
        }
        lines.extend(
            self.scan
                .failed
                .iter()
                .take(SHOWN)
                .map(|(path, reason)| format!("not looked at: {path}: {reason}")),
        );
        let with = self.rows.iter().filter(|row| !row.found.is_empty()).count();
        lines.push(match with {
            0 => format!("nothing found in {} pictures", self.rows.len()),
            _ => format!("{with} of {} pictures deserve a second look", self.rows.len()),
        });
        lines
    }
}
