//! The append-only list of actions of one run.
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::files::{Content, sync_folder_of};

const NAME: &str = "journal.jsonl";

/// A line of the journal. Paths are [`path_key`](pixloom_engine::path_key) text, relative to
/// the folder that the run works on or absolute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub(super) enum Line {
    /// The first line.
    Begin {
        /// Version of the journal's form.
        schema: u32,
        /// The run.
        run: String,
        /// Its job.
        job: String,
    },
    /// A folder is about to be made.
    Folder {
        /// The folder.
        path: String,
    },
    /// The file at `path` is about to be replaced; it is kept at `original`.
    Replace { path: String, original: String, old: Content, new: Content },
    /// A file is about to be moved to a place where there is none.
    Move { from: String, to: String, temporary: String, content: Content },
    /// A file is about to be made at a place where there is none, a copy of `source` if it is one.
    Create {
        path: String,
        temporary: String,
        content: Content,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<String>,
    },
    /// The file at `path` is about to be replaced by a link, a symbolic one to `target` or a hard
    /// one; it is kept at `original`.
    Link {
        path: String,
        original: String,
        temporary: String,
        content: Content,
        target: Option<String>,
    },
    /// The action of the line before did not happen.
    Refused,
    /// Everything was taken back.
    Undone,
    /// A line of this number, from 1, that cannot be read; never written.
    #[serde(skip)]
    Unreadable(usize),
}

/// An open journal; no other process has it.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
}

impl Journal {
    /// Starts the journal of a run in its folder.
    pub(super) fn create(folder: &Path, run: &str, job: &str) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = path(folder);
        let file = OpenOptions::new().append(true).create_new(true).open(&path)?;
        let mut journal = Self::locked(file)?;
        journal.append(&Line::Begin { schema: 1, run: run.to_owned(), job: job.to_owned() })?;
        // The names of the journal and of the three folders above it, which may be new.
        for name in path.ancestors().take(4) {
            sync_folder_of(name)?;
        }
        Ok(journal)
    }

    /// Opens a journal with its lines. A torn last line counts as never written, and is removed:
    /// its action had not begun.
    pub(super) fn open(folder: &Path) -> io::Result<(Self, Vec<Line>)> {
        let path = path(folder);
        let journal = Self::locked(OpenOptions::new().append(true).open(&path)?)?;
        let text = fs::read(&path)?;
        let whole = whole(&text);
        if whole.len() < text.len() {
            journal.file.set_len(whole.len() as u64)?;
        }
        Ok((journal, lines(whole)))
    }

    fn locked(file: File) -> io::Result<Self> {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => {
                Err(io::Error::new(io::ErrorKind::ResourceBusy, "a run is at work on these files"))
            }
            // File systems without locks, as some clusters have, are used without.
            Ok(()) | Err(Errno::NOSYS | Errno::NOTSUP | Errno::NOLCK) => Ok(Self { file }),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes a line and waits until it is on the disk. What is written of it before a failure is
    /// removed, so that the next line is one of its own.
    pub(super) fn append(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        let before = self.file.metadata()?.len();
        let written = self.file.write_all(&text);
        if written.is_err() {
            // The error to report is the first.
            let _short = self.file.set_len(before);
            return written;
        }
        self.file.sync_data()
    }
}

/// Where the journal of a run lies in its folder.
pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

/// A journal without a torn last line.
fn whole(text: &[u8]) -> &[u8] {
    &text[..text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)]
}

fn lines(whole: &[u8]) -> Vec<Line> {
    let lines = whole.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    let read = |(at, line)| serde_json::from_slice(line).unwrap_or(Line::Unreadable(at + 1));
    lines.map(read).collect()
}

/// Whether the folder holds a journal whose actions were not taken back.
pub(super) fn is_open(folder: &Path) -> bool {
    fs::read(path(folder)).is_ok_and(|text| !lines(whole(&text)).contains(&Line::Undone))
}
