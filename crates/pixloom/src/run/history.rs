//! The records of runs: one file each, and a list of where they lie.
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use pixloom_engine::{Counts, files};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::clock::Timestamp;

/// `run.json`: everything about one execution that is not about a single item.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunFile {
    /// Version of this file's form.
    pub schema: u32,
    /// Name of the run.
    pub id: String,
    /// Job.
    pub job: String,
    /// Command line.
    pub command: Vec<String>,
    /// Version of pixloom.
    pub version: String,
    /// Whether it goes on, and how it ended.
    pub status: RunStatus,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// What was set.
    pub settings: Value,
    /// Seed.
    pub seed: u64,
    /// Part of the items, such as `3/16`.
    pub shard: Option<String>,
    /// Hash of everything beside the inputs that decides the results.
    pub identity: String,
    /// The machine and what was chosen from it.
    pub machine: Value,
    /// How many items ended how.
    pub counts: Counts,
    /// Time, memory and workers.
    pub resources: Value,
    /// Why the run ended early, if it did.
    pub error: Option<String>,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunStatus {
    /// It goes on, or was killed.
    Running,
    /// All items had their turn.
    Finished,
    /// It was asked to stop and can be resumed.
    Cancelled,
    /// It could not finish and can be resumed.
    Failed,
}

impl RunFile {
    /// Reads the record in `record_dir`.
    pub fn read(record_dir: &Path) -> io::Result<Self> {
        let text = fs::read(record_dir.join("run.json"))?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// Writes the record to `record_dir`.
    pub fn write(&self, record_dir: &Path) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        files::write_atomic(&record_dir.join("run.json"), &text)
    }
}

/// A line of the list of runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    id: String,
    record_dir: PathBuf,
}

const LIST: &str = "runs.jsonl";

/// Adds a run to the user's list.
pub(super) fn remember(state_dir: &Path, id: &str, record_dir: &Path) -> io::Result<()> {
    fs::create_dir_all(state_dir)?;
    let record_dir = fs::canonicalize(record_dir)?;
    let mut line = serde_json::to_vec(&Entry { id: id.to_owned(), record_dir })?;
    line.push(b'\n');
    // One write of one short line: two processes cannot mix theirs.
    let mut list = OpenOptions::new().create(true).append(true).open(state_dir.join(LIST))?;
    list.write_all(&line)
}

/// The runs on the user's list, oldest first, whose records still exist: with their folders.
pub fn history(state_dir: &Path) -> io::Result<Vec<(PathBuf, RunFile)>> {
    let text = match fs::read_to_string(state_dir.join(LIST)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let entries = text.lines().filter_map(|line| serde_json::from_str::<Entry>(line).ok());
    Ok(entries.filter_map(|entry| locate(&entry.record_dir, &entry.id)).collect())
}

/// The run called `id` (or whose name begins so) on the user's list.
pub fn find_run(state_dir: &Path, id: &str) -> io::Result<Option<(PathBuf, RunFile)>> {
    let mut all = history(state_dir)?;
    all.retain(|(_, run)| run.id.starts_with(id));
    Ok(all.pop())
}

/// The record of a run lies in its folder until the next run moves it to `runs/ID`.
fn locate(record_dir: &Path, id: &str) -> Option<(PathBuf, RunFile)> {
    let places = [record_dir.to_owned(), record_dir.join("runs").join(id)];
    places.into_iter().find_map(|place| {
        let run = RunFile::read(&place).ok()?;
        (run.id == id).then_some((place, run))
    })
}
