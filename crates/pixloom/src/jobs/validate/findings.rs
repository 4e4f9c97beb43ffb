//! The findings of files: records, rules, counts.
use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Kind, Repair, Severity};

/// What is recorded of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Whether no finding is an error.
    pub ok: bool,
    /// Format of the content, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// What was found, in the order of the checks.
    pub findings: Vec<Finding>,
}

impl FileRecord {
    /// Whether a finding matters at least so much.
    pub fn has(&self, severity: Severity) -> bool {
        self.findings.iter().any(|finding| finding.severity >= severity)
    }
}

/// Which severities the user changed.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    /// Whether warnings are errors.
    pub(super) strict: bool,
    /// Kinds that are errors.
    pub(super) fail_on: Vec<Kind>,
    /// Kinds that are left out.
    pub(super) ignore: Vec<Kind>,
}

impl Rules {
    /// Leaves out and raises what the user said.
    pub(super) fn apply(&self, findings: &mut Vec<Finding>) {
        findings.retain(|finding| !self.ignore.contains(&finding.kind));
        for finding in findings {
            let raised = self.strict && finding.severity == Severity::Warning;
            if raised || self.fail_on.contains(&finding.kind) {
                finding.severity = Severity::Error;
            }
        }
    }

    /// Makes a record of what was found.
    pub(super) fn judge(&self, format: Option<&str>, mut findings: Vec<Finding>) -> FileRecord {
        self.apply(&mut findings);
        let ok = findings.iter().all(|finding| finding.severity < Severity::Error);
        FileRecord { ok, format: format.map(str::to_owned), findings }
    }
}

/// How many files have which kind of finding.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    kinds: BTreeMap<Kind, (Severity, u64)>,
}

impl Tally {
    /// Counts a file once for each kind.
    pub(super) fn add(&mut self, record: &FileRecord) {
        let mut seen: Vec<Kind> = Vec::new();
        for finding in &record.findings {
            if !seen.contains(&finding.kind) {
                seen.push(finding.kind);
                self.kinds.entry(finding.kind).or_insert((finding.severity, 0)).1 += 1;
            }
        }
    }

    /// For programs: the number of files by kind.
    pub(super) fn json(&self) -> serde_json::Value {
        let all = self.kinds.iter().map(|(kind, (_, files))| (kind.as_str().to_owned(), *files));
        serde_json::Value::Object(all.map(|(kind, files)| (kind, files.into())).collect())
    }

    /// For people: `3 truncated, 1 damaged`, of the findings that matter so much.
    pub(super) fn line(&self, severity: Severity) -> Option<String> {
        let of = self.kinds.iter().filter(|(_, (this, _))| *this == severity);
        let parts: Vec<String> =
            of.map(|(kind, (_, files))| format!("{files} {}", kind.as_str())).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// One file of the report, as in `--json` and `--report`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// The file's path below the input folder.
    pub path: String,
    /// What is recorded of it.
    #[serde(flatten)]
    pub record: FileRecord,
}

impl FileReport {
    /// Whether every error can be repaired.
    pub fn is_repairable(&self) -> bool {
        let errors = self.record.findings.iter().filter(|f| f.severity == Severity::Error);
        errors.into_iter().all(|finding| finding.repair.is_some())
    }

    /// What can be repaired, each once.
    pub fn repairs(&self) -> Vec<Repair> {
        let mut repairs: Vec<Repair> =
            self.record.findings.iter().filter_map(|finding| finding.repair).collect();
        repairs.sort_unstable();
        repairs.dedup();
        repairs
    }
}

/// The extension of a file name in lower case.
pub(super) fn extension(path: &Path) -> Option<String> {
    path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase())
}
