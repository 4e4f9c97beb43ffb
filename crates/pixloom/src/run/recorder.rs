//! Writes down what happened to each item: manifest, errors, log.
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use pixloom_engine::{Delivery, ItemError, Note, Outcome, RunError, Written, path_key};
use serde::{Deserialize, Serialize};

use super::clock::Timestamp;
use super::settings::LogLevel;
use crate::job::Failure;

/// How many failures are kept for the end of a run; all are in `errors.jsonl`.
const SHOWN_FAILURES: usize = 10;

/// A line of `manifest.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ManifestRow<T> {
    /// Position among all items, shards or not.
    pub index: u64,
    /// The item.
    pub path: String,
    /// Why the item was passed over, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
    /// The files written for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<OutputRow>,
    /// What its job records of it.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub record: Option<T>,
    /// Warnings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputRow {
    /// Its path below the output folder.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// The BLAKE3 hash of its content.
    pub blake3: String,
}

impl From<&Written> for OutputRow {
    fn from(written: &Written) -> Self {
        Self {
            path: path_key(&written.path),
            bytes: written.bytes,
            blake3: written.hash.to_string(),
        }
    }
}

/// A line of `errors.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorRow {
    /// Position among all items, shards or not.
    pub index: u64,
    /// The item.
    pub path: String,
    /// The part of the work that failed, such as `decode`.
    pub stage: String,
    /// Stable kebab-case name, such as `truncated`.
    pub kind: String,
    /// What is wrong: a lower-case sentence.
    pub message: String,
    /// The underlying errors, outermost first.
    pub cause: Vec<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl ErrorRow {
    /// The row of a failed item.
    pub fn new(index: u64, path: &str, error: &ItemError) -> Self {
        let mut cause = Vec::new();
        let mut next = std::error::Error::source(error);
        while let Some(source) = next {
            let text = source.to_string();
            // A message that ends with its cause says it already.
            let before = cause.last().unwrap_or(&error.message);
            if *before != text && !before.ends_with(&format!(": {text}")) {
                cause.push(text);
            }
            next = source.source();
        }
        Self {
            index,
            path: path.to_owned(),
            stage: error.step.to_owned(),
            kind: error.code.to_string(),
            message: error.message.clone(),
            cause,
            hint: error.hint.clone(),
        }
    }

    /// Message and causes in one line.
    pub fn sentence(&self) -> String {
        self.cause.iter().fold(self.message.clone(), |all, cause| format!("{all}: {cause}"))
    }
}

/// Writes manifest, errors and log of one run. Takes items in source order.
#[derive(Debug)]
pub struct Recorder {
    manifest: BufWriter<File>,
    errors: BufWriter<File>,
    log: BufWriter<File>,
    level: LogLevel,
    recorded: Recorded,
}

/// What a run wrote down, in short.
#[derive(Debug, Default)]
pub struct Recorded {
    /// The first failures; all are in `errors.jsonl`.
    pub failures: Vec<Failure>,
    /// How many warnings there were, by their code; all are in the log and in the manifest.
    pub notes: BTreeMap<String, u64>,
    /// How many files were written.
    pub files: u64,
}

/// The names of the files of a run in its record folder, besides the journal.
const RUN_FILES: [&str; 4] = ["run.json", "manifest.jsonl", "errors.jsonl", "log.txt"];

/// Moves the record of the run before, if there is one, to `runs/ID/`.
pub(super) fn rotate(record_dir: &Path, id: &str, with_journal: bool) -> io::Result<()> {
    // The name was read from a file: it must not lead elsewhere.
    let id = Path::new(id).file_name().unwrap_or("unnamed".as_ref());
    let place = record_dir.join("runs").join(id);
    fs::create_dir_all(&place)?;
    let journal = with_journal.then_some("journal.jsonl");
    for name in RUN_FILES.into_iter().chain(journal) {
        match fs::rename(record_dir.join(name), place.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

impl Recorder {
    /// Starts the files of a run in `record_dir`, which must exist.
    pub fn create(record_dir: &Path, level: LogLevel) -> io::Result<Self> {
        let open = |name: &str| File::create(record_dir.join(name)).map(BufWriter::new);
        let (manifest, errors) = (open("manifest.jsonl")?, open("errors.jsonl")?);
        let log = open("log.txt")?;
        Ok(Self { manifest, errors, log, level, recorded: Recorded::default() })
    }

    /// Takes the next item.
    pub fn deliver<T: Serialize>(&mut self, delivery: &Delivery<T>) -> Result<(), RunError> {
        self.write(delivery).map_err(record_error)
    }

    fn write<T: Serialize>(&mut self, delivery: &Delivery<T>) -> io::Result<()> {
        self.recorded.files += delivery.products.len() as u64;
        for note in &delivery.notes {
            let line = format!("{}: {}: {}", delivery.key, note.code, note.message);
            self.log(LogLevel::Warn, &line)?;
            *self.recorded.notes.entry(note.code.to_string()).or_default() += 1;
        }
        match &delivery.outcome {
            Outcome::Done(record) | Outcome::Resumed(record) => {
                self.log(LogLevel::Debug, &format!("{}: done", delivery.key))?;
                self.manifest_line(delivery, Some(record), None)
            }
            Outcome::Skipped(reason) => {
                self.log(LogLevel::Debug, &format!("{}: skipped: {reason}", delivery.key))?;
                self.manifest_line(delivery, None, Some(reason.clone()))
            }
            Outcome::Failed(error) => self.error_line(delivery.index, delivery.key.as_str(), error),
        }
    }

    fn manifest_line<T: Serialize>(
        &mut self,
        delivery: &Delivery<T>,
        record: Option<&T>,
        skipped: Option<String>,
    ) -> io::Result<()> {
        let row = ManifestRow {
            index: delivery.index,
            path: delivery.key.to_string(),
            skipped,
            outputs: delivery.products.iter().map(OutputRow::from).collect(),
            record,
            notes: delivery.notes.clone(),
        };
        write_line(&mut self.manifest, &row)
    }

    fn error_line(&mut self, index: u64, path: &str, error: &ItemError) -> io::Result<()> {
        let row = ErrorRow::new(index, path, error);
        self.log(LogLevel::Error, &format!("{path}: {}: {}", row.kind, row.sentence()))?;
        write_line(&mut self.errors, &row)?;
        self.errors.flush()?; // people look at it while the run goes on
        if self.recorded.failures.len() < SHOWN_FAILURES {
            self.recorded.failures.push(Failure {
                path: row.path.clone(),
                kind: row.kind.clone(),
                message: row.sentence(),
                hint: row.hint,
            });
        }
        Ok(())
    }

    /// Adds a line to the log: `2025-10-14 09:49:12 INFO text`.
    pub fn log(&mut self, level: LogLevel, text: &str) -> io::Result<()> {
        if level > self.level {
            return Ok(());
        }
        let name = match level {
            LogLevel::Error => "ERROR",
            LogLevel::Warn => "WARNING",
            LogLevel::Info => "INFO",
            LogLevel::Debug => "DEBUG",
        };
        writeln!(self.log, "{} {name} {text}", Timestamp::now().plain())
    }

    /// Writes out what is buffered.
    pub fn finish(mut self) -> io::Result<Recorded> {
        self.manifest.flush()?;
        self.errors.flush()?;
        self.log.flush()?;
        Ok(self.recorded)
    }
}

/// Writes `row` as one line of JSON.
pub(super) fn write_line(out: &mut impl Write, row: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, row)?;
    out.write_all(b"\n")
}

/// A full disk ends the run as an output error, whoever notices it.
pub(super) fn record_error(error: io::Error) -> RunError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => RunError::Output(error.into()),
        _ => RunError::Sink(error.into()),
    }
}
