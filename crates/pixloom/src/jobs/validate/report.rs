//! Findings for people, for programs and as files.
use std::path::Path;

use pixloom_engine::{Delivery, Outcome, RunError, files};
use serde_json::{Value, json};

use super::findings::{FileRecord, FileReport, Tally};
use crate::finding::{Finding, Place, Severity};
use crate::job::JobError;
use crate::jobs::csv;
use crate::params::ParamError;

/// How many files are shown to people; the report file and `--json` have all.
const SHOWN: usize = 50;

/// The form of a report file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// One finding a line.
    Csv,
    /// One file a line.
    JsonLines,
}

impl Form {
    /// By the extension of the file.
    pub(super) fn of(path: Option<&Path>) -> Result<Option<Self>, ParamError> {
        let Some(path) = path else { return Ok(None) };
        match super::findings::extension(path).as_deref() {
            Some("csv") => Ok(Some(Self::Csv)),
            Some("jsonl" | "ndjson") => Ok(Some(Self::JsonLines)),
            _ => Err(ParamError::new("report", "must end in .csv or .jsonl")),
        }
    }
}

/// What was found in all files, in source order.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) files: Vec<FileReport>,
    /// What paths begin with, where there are two folders.
    side: Option<&'static str>,
    tally: Tally,
    /// How many files the listing passed over, by extension.
    pub(super) left_alone: Value,
}

impl Findings {
    /// Of one of two folders; paths begin with its name.
    pub(super) fn of_side(side: &'static str) -> Self {
        Self { side: Some(side), ..Self::default() }
    }

    /// Takes the next file.
    pub(super) fn take(&mut self, delivery: &Delivery<FileRecord>) {
        let record = match &delivery.outcome {
            Outcome::Done(record) | Outcome::Resumed(record) => record.clone(),
            Outcome::Failed(error) => {
                FileRecord { ok: false, format: None, findings: vec![Finding::of_failure(error)] }
            }
            Outcome::Skipped(_) => return,
        };
        self.tally.add(&record);
        let path = match self.side {
            Some(side) => format!("{side}/{}", delivery.key),
            None => delivery.key.to_string(),
        };
        self.files.push(FileReport { path, record });
    }

    /// How many files have findings that matter so much, or more.
    fn count(&self, severity: Severity) -> usize {
        self.files.iter().filter(|file| file.record.has(severity)).count()
    }

    /// Whether no file has an error.
    pub(super) fn ok(&self) -> bool {
        self.count(Severity::Error) == 0
    }

    /// For programs.
    pub(super) fn summary(&self) -> Value {
        let errors = self.count(Severity::Error);
        json!({
            "files": self.files.len(),
            "with_errors": errors,
            "with_warnings_only": self.count(Severity::Warning) - errors,
            "kinds": self.tally.json(),
            "left_alone": self.left_alone,
        })
    }

    /// For people: the files with findings, then how many there are of each kind.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = self.file_lines();
        lines.push(self.count_line());
        let kinds = [
            (Severity::Error, "errors"),
            (Severity::Warning, "warnings"),
            (Severity::Info, "worth knowing"),
        ];
        for (severity, name) in kinds {
            lines.extend(self.tally.line(severity).map(|line| format!("  {name}: {line}")));
        }
        lines
    }

    /// The files with findings, as far as they are shown.
    pub(super) fn file_lines(&self) -> Vec<String> {
        let shown = self.files.iter().filter(|file| file.record.has(Severity::Warning));
        let mut lines: Vec<String> = shown.clone().take(SHOWN).flat_map(file_lines).collect();
        let more = shown.count().saturating_sub(SHOWN);
        if more > 0 {
            lines.push(format!("and {more} more; --report FILE keeps all"));
        }
        lines
    }

    /// How many files are how well.
    pub(super) fn count_line(&self) -> String {
        let errors = self.count(Severity::Error);
        let warnings = self.count(Severity::Warning) - errors;
        let all = self.files.len();
        format!("{all} checked: {errors} with errors, {warnings} with warnings only")
    }

    /// Writes the report file, whole or not at all.
    pub(super) fn write(&self, path: &Path, form: Form) -> Result<(), JobError> {
        let text = match form {
            Form::Csv => self.csv(),
            Form::JsonLines => self.json_lines().map_err(|error| RunError::Sink(error.into()))?,
        };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let path = if folder.is_some() { path.to_owned() } else { Path::new(".").join(path) };
        files::write_atomic(&path, text.as_bytes())
            .map_err(|error| RunError::Output(error.into()).into())
    }

    fn json_lines(&self) -> serde_json::Result<String> {
        let mut text = String::new();
        for file in &self.files {
            text.push_str(&serde_json::to_string(file)?);
            text.push('\n');
        }
        Ok(text)
    }

    fn csv(&self) -> String {
        let mut text = "path,ok,format,kind,severity,place,message,hint\n".to_owned();
        for file in &self.files {
            let head = [
                file.path.clone(),
                file.record.ok.to_string(),
                file.record.format.clone().unwrap_or_default(),
            ];
            if file.record.findings.is_empty() {
                csv_line(&mut text, &head, &[const { String::new() }; 5]);
            }
            for finding in &file.record.findings {
                csv_line(&mut text, &head, &csv_fields(finding));
            }
        }
        text
    }
}

fn csv_fields(finding: &Finding) -> [String; 5] {
    [
        finding.kind.as_str().to_owned(),
        severity(finding.severity).to_owned(),
        finding.place.map(place).unwrap_or_default(),
        finding.message.clone(),
        finding.hint.clone().unwrap_or_default(),
    ]
}

fn csv_line(text: &mut String, head: &[String; 3], tail: &[String; 5]) {
    text.push_str(&csv::joined(head.iter().chain(tail).map(String::as_str)));
    text.push('\n');
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

fn place(place: Place) -> String {
    match place {
        Place::Byte(at) => format!("byte {at}"),
        Place::Row(at) => format!("row {at}"),
        Place::Frame(at) => format!("frame {at}"),
    }
}

/// A file and its findings, without those that are only worth knowing.
fn file_lines(file: &FileReport) -> Vec<String> {
    let findings = file.record.findings.iter().filter(|f| f.severity >= Severity::Warning);
    let line = |finding: &Finding| {
        let (kind, message) = (finding.kind.as_str(), &finding.message);
        let at = finding.place.map(|at| format!(", at {}", place(at))).unwrap_or_default();
        let hint = finding.hint.as_ref().map(|hint| format!("\n    hint: {hint}"));
        let severity = severity(finding.severity);
        let path = &file.path;
        format!("{severity} {path}: {kind}: {message}{at}{}", hint.unwrap_or_default())
    };
    findings.map(line).collect()
}
