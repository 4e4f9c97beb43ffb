//! What is finished, on disk, so that a stopped run can go on.
mod history;
mod line;

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};

use crate::output::file_length;
use crate::{Fingerprint, ItemKey, Output, RunError, Written};
use history::History;
pub(crate) use line::{EntryLine, Mark};
pub use line::{JournalEntry, Status};

/// Lines are gathered up to this many bytes, or this long, before they are written.
const FLUSH_BYTES: usize = 64 << 10;
const FLUSH_AFTER: Duration = Duration::from_millis(5);

/// An append-only file of JSON lines, one per finished item, in the order of completion.
///
/// One process at a time has it open. An entry counts only if its fingerprint is the one of
/// today and its files still exist with the recorded length. Lookups see what was there when
/// the journal was opened; sixteen bytes per entry are held in memory, lines are read when
/// they are needed.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    history: History,
    verify: bool,
    writer: Mutex<Writer>,
    /// Hashes of the paths that items of this run hold, so that no item's old file is removed
    /// after it became another's.
    held_paths: Mutex<BTreeSet<u64>>,
}

#[derive(Debug)]
struct Writer {
    file: File,
    buffer: Vec<u8>,
    /// Length of the file with the buffer.
    end: u64,
    flushed: Instant,
    broken: bool,
}

impl Journal {
    /// Opens the journal at `path`, creating it and its folder if needed. With `resume` its
    /// entries can be looked up; otherwise it starts empty.
    ///
    /// A torn last line, left by a killed run, is cut off. Fails if another run has the file
    /// open, or if the file is not a journal of this version.
    pub fn open(path: &Path, resume: bool) -> Result<Self, RunError> {
        Self::open_file(path, resume).map_err(|error| RunError::Journal(Box::new(error)))
    }

    fn open_file(path: &Path, resume: bool) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut options = OpenOptions::new();
        let mut file = options.read(true).append(true).create(true).open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the journal is not a file"));
        }
        lock(&file)?;
        if !resume {
            file.set_len(0)?;
        }
        let (history, end) = History::load(&file)?;
        file.set_len(end)?;
        file.seek(SeekFrom::End(0))?;
        let writer = Writer { file, buffer: vec![], end, flushed: Instant::now(), broken: false };
        let journal = Self {
            path: path.to_owned(),
            history,
            verify: false,
            writer: Mutex::new(writer),
            held_paths: Mutex::default(),
        };
        if end == 0 {
            journal.write_mark(&Mark::header())?;
        }
        journal.write_mark(&Mark::session(history::boot_id()))?;
        Ok(journal)
    }

    /// Also compares the content of an entry's files with the recorded hash before it counts.
    #[must_use]
    pub fn with_verify(mut self, verify: bool) -> Self {
        self.verify = verify;
        self
    }

    /// Where the journal lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many entries were there when the journal was opened.
    pub fn len(&self) -> usize {
        self.history.len()
    }

    /// Whether there were none.
    pub fn is_empty(&self) -> bool {
        self.history.len() == 0
    }

    /// The latest entry of an item; from now on it counts as claimed.
    pub fn find(&self, phase: &str, key: &ItemKey) -> Result<Option<JournalEntry>, RunError> {
        if self.is_empty() {
            return Ok(None);
        }
        self.history.find(phase, key).map_err(journal_error)
    }

    /// The latest entries of all items of `phase` that no run asked for since the journal was
    /// opened: their inputs have vanished. Sorted by key; after a complete run only.
    pub fn unclaimed(&self, phase: &str) -> Result<Vec<JournalEntry>, RunError> {
        self.history.unclaimed(phase).map_err(journal_error)
    }

    /// Records that an item and its files are gone, see [`unclaimed`](Self::unclaimed).
    pub fn forget(&self, phase: &str, key: &ItemKey) -> Result<(), RunError> {
        let mut line = Vec::new();
        EntryLine::new(phase, key, Status::Forgotten).write(&mut line).map_err(journal_error)?;
        self.append(&line)?;
        self.flush()
    }

    /// Removes an entry's files that are unchanged and not held by another item, and forgets
    /// the entry. Returns how many files were removed.
    pub fn remove_entry(&self, entry: &JournalEntry, output: &Output) -> Result<u64, RunError> {
        let removed = self.remove_superseded(output, &entry.products, &[]);
        let removed = removed.map_err(|error| RunError::Output(Box::new(error)))?;
        self.forget(&entry.phase, &entry.key).map(|()| removed)
    }

    /// Whether an entry's files are all there; if so, their paths are held from now on.
    pub(crate) fn products_stand(&self, entry: &JournalEntry, output: Option<&Output>) -> bool {
        let Some(output) = output else { return entry.products.is_empty() };
        // Held before they are looked at, so that nobody removes them in between.
        let paths = || entry.products.iter().map(|product| product.path.as_path());
        self.hold_paths(paths());
        let verify = self.verify || entry.doubtful;
        // Files that cannot be looked at are made again, which tells what is wrong.
        let stands = |product| stands(output.root(), product, verify).unwrap_or(false);
        let all = entry.products.iter().all(stands);
        if !all {
            self.release_paths(paths());
        }
        all
    }

    /// Keeps these paths from being removed as old files of other items.
    pub(crate) fn hold_paths<'a>(&self, paths: impl Iterator<Item = &'a Path>) {
        if !self.is_empty() {
            self.paths().extend(paths.map(path_hash));
        }
    }

    /// The opposite of [`hold_paths`](Self::hold_paths).
    pub(crate) fn release_paths<'a>(&self, paths: impl Iterator<Item = &'a Path>) {
        let mut held = self.paths();
        for path in paths {
            held.remove(&path_hash(path));
        }
    }

    /// Removes the `old` files that are not among the `new` ones, nobody else's, and unchanged.
    pub(crate) fn remove_superseded(
        &self,
        output: &Output,
        old: &[Written],
        new: &[Written],
    ) -> io::Result<u64> {
        // The lock is held throughout, so that nobody takes a path while it is removed.
        let held = self.paths();
        let stale: Vec<Written> = old
            .iter()
            .filter(|old| new.iter().all(|new| new.path != old.path))
            .filter(|old| !held.contains(&path_hash(&old.path)))
            .cloned()
            .collect();
        output.remove_unchanged(&stale)
    }

    fn paths(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.held_paths.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a whole line. It reaches the system soon, at the latest with [`flush`](Self::flush).
    pub(crate) fn append(&self, line: &[u8]) -> Result<(), RunError> {
        let mut writer = self.writer();
        writer.buffer.extend_from_slice(line);
        writer.end += line.len() as u64;
        let due = writer.buffer.len() >= FLUSH_BYTES || writer.flushed.elapsed() >= FLUSH_AFTER;
        if due { writer.flush().map_err(journal_error) } else { Ok(()) }
    }

    /// Hands all lines to the system: from here on they survive the end of the process.
    pub(crate) fn flush(&self) -> Result<(), RunError> {
        self.writer().flush().map_err(journal_error)
    }

    /// Where the next line will begin.
    pub(crate) fn end(&self) -> u64 {
        self.writer().end
    }

    /// Marks that the files of all lines before `end` survive a power loss.
    pub(crate) fn mark_synced(&self, end: u64) -> Result<(), RunError> {
        self.write_mark(&Mark::synced(end)).map_err(journal_error)
    }

    fn write_mark(&self, mark: &Mark) -> io::Result<()> {
        let mut line = serde_json::to_vec(mark)?;
        line.push(b'\n');
        let mut writer = self.writer();
        writer.buffer.extend_from_slice(&line);
        writer.end += line.len() as u64;
        writer.flush()
    }

    /// Makes the journal itself survive a power loss.
    pub(crate) fn sync(&self) -> Result<(), RunError> {
        self.writer().file.sync_data().map_err(journal_error)
    }
}

impl Writer {
    /// After a failed write nothing more is written: a line must not follow a torn one.
    fn flush(&mut self) -> io::Result<()> {
        self.flushed = Instant::now();
        if self.buffer.is_empty() {
            return Ok(());
        }
        if self.broken {
            return Err(io::Error::other("an earlier write failed"));
        }
        let written = self.file.write_all(&self.buffer);
        self.buffer.clear();
        self.broken = written.is_err();
        written
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // Runs flush and report; this is for lines of a caller that forgot.
        let _ = self.flush();
    }
}

fn stands(root: &Path, product: &Written, verify: bool) -> io::Result<bool> {
    let path = root.join(&product.path);
    let same_length = file_length(&path)? == Some(product.bytes);
    Ok(same_length && (!verify || crate::files::hash_file(&path)?.1 == product.hash))
}

fn journal_error(error: impl Into<crate::BoxError>) -> RunError {
    RunError::Journal(error.into())
}

/// Takes the file for this process. File systems without locks, as some clusters have, are
/// used without.
fn lock(file: &File) -> io::Result<()> {
    use rustix::io::Errno;
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => {
            let message = "another run is active in this folder";
            Err(io::Error::new(io::ErrorKind::ResourceBusy, message))
        }
        Ok(()) | Err(Errno::NOSYS | Errno::OPNOTSUPP | Errno::NOLCK) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn path_hash(path: &Path) -> u64 {
    use std::os::unix::ffi::OsStrExt;
    // Components, so that `a//b` and `./a/b` are the same place.
    let mut hasher = blake3::Hasher::new();
    for part in path.components().filter(|part| *part != std::path::Component::CurDir) {
        hasher.update(part.as_os_str().as_bytes()).update(b"/");
    }
    Fingerprint(*hasher.finalize().as_bytes()).short()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_follows_a_failed_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let journal = Journal::open(&path, true).unwrap();
        let before = fs::read(&path).unwrap();
        let whole = std::mem::replace(&mut journal.writer().file, File::open(&path).unwrap());
        let line = |key: &str| {
            let mut line = Vec::new();
            EntryLine::new("p", &key.into(), Status::Done).write(&mut line).unwrap();
            let _ = journal.append(&line);
            journal.flush()
        };
        assert!(matches!(line("a"), Err(RunError::Journal(_))));
        journal.writer().file = whole;
        assert!(matches!(line("b"), Err(RunError::Journal(_))));
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn spellings_of_a_path_are_one_path() {
        assert_eq!(path_hash(Path::new("./a//b")), path_hash(Path::new("a/b")));
        assert_ne!(path_hash(Path::new("a/b")), path_hash(Path::new("ab")));
    }

    #[test]
    fn a_path_held_by_another_item_is_not_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        for _ in 0..2 {
            let journal = Journal::open(&path, true).unwrap();
            journal.forget("p", &"k".into()).unwrap();
        }
        let journal = Journal::open(&path, true).unwrap();
        let output = Output::open(folder.path(), &folder.path().join(".r")).unwrap();
        crate::files::write_atomic(&folder.path().join("x"), b"x").unwrap();
        let hash = Fingerprint::of(b"x");
        let old = [Written { role: "r".into(), path: "x".into(), bytes: 1, hash }];
        journal.hold_paths([Path::new("x")].into_iter());
        assert_eq!(journal.remove_superseded(&output, &old, &[]).unwrap(), 0);
        assert_eq!(journal.remove_superseded(&output, &old, &old).unwrap(), 0);
        journal.release_paths([Path::new("x")].into_iter());
        assert_eq!(journal.remove_superseded(&output, &old, &[]).unwrap(), 1);
    }
}
