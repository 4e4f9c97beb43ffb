//! Actions on originals, written down before they happen so that they can be taken back.
//!
//! A run that changes originals keeps a folder `.pixloom/undo/RUN` in the folder it works on:
//! `journal.jsonl` says what was about to be done, each line on the disk before the action
//! begins, and `originals/` holds every file that was replaced. [`revert`] reads the journal
//! backwards and looks at what is there, so it does not matter where a run was cut off, nor
//! whether an earlier undo was.
mod actions;
mod files;
mod journal;
mod revert;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pixloom_engine::{files::write_atomic, key_path, path_key};
use serde::{Deserialize, Serialize};

pub use actions::{Actions, Staged};
pub use revert::{Kept, Reverted, revert};

use crate::run::RECORD_DIR;
use journal::is_open;

/// Below the record folder.
const UNDO_DIR: &str = "undo";
/// In a run's record: where its actions are.
const POINTER: &str = "undo.json";

#[derive(Serialize, Deserialize)]
struct Pointer {
    folder: String,
}

/// The folder for the actions of `run` on files below `root`.
fn folder_of_run(root: &Path, run: &str) -> PathBuf {
    root.join(RECORD_DIR).join(UNDO_DIR).join(run)
}

/// The latest run on files below `root` that can be undone.
pub fn latest(root: &Path) -> io::Result<Option<PathBuf>> {
    let entries = match fs::read_dir(root.join(RECORD_DIR).join(UNDO_DIR)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut folders = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<PathBuf>>>()?;
    // Names of runs begin with their time.
    folders.sort_unstable();
    Ok(folders.into_iter().rev().find(|folder| is_open(folder)))
}

/// Writes into the record of a run where its actions are.
pub fn point_to(record_dir: &Path, folder: &Path) -> io::Result<()> {
    let pointer = Pointer { folder: path_key(&folder.canonicalize()?) };
    write_atomic(&record_dir.join(POINTER), &serde_json::to_vec(&pointer)?)
}

/// The actions of the run with this record, if they can be undone.
pub fn pointed_to(record_dir: &Path) -> Option<PathBuf> {
    pointer(record_dir).filter(|folder| is_open(folder))
}

/// The folder that the run with this record worked on, if it was renamed or deleted since.
pub fn lost(record_dir: &Path) -> Option<PathBuf> {
    let folder = pointer(record_dir).filter(|folder| !folder.exists())?;
    let root = folder.ancestors().nth(3)?;
    (!root.exists()).then(|| root.to_owned())
}

fn pointer(record_dir: &Path) -> Option<PathBuf> {
    let text = fs::read(record_dir.join(POINTER)).ok()?;
    let pointer: Pointer = serde_json::from_slice(&text).ok()?;
    Some(key_path(&pointer.folder))
}
