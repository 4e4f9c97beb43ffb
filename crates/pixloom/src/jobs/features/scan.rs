//! Phase one: looks at all files, remembers what it saw.
use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pixloom_engine::{
    Bytes, Counts, Delivery, ItemError, Outcome, RunError, Shard, Source, SourceItem,
};
use pixloom_image::Limits;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bank::Bank;
use super::facts::{Facts, Known, Looked};
use super::folders::Folders;
use super::look::{Candidate, Look, Mode};
use crate::cache::{self, CacheError, Entry, Store};
use crate::job::{JobCx, JobError};
use crate::params::Params;
use crate::picture::item_error;
use crate::run::Session;
use crate::source::{InputFile, Listed, peek};

/// Entries that are kept before they are written together.
const BATCH: usize = 512;

/// What is remembered between runs.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::jobs) struct CacheSettings {
    /// Remember what was seen of each file, so that the next look at it costs next to nothing.
    pub(in crate::jobs) cache: bool,
    /// Most megabytes of the cache; what is oldest makes room.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(in crate::jobs) cache_mb: u32,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self { cache: true, cache_mb: 2048 }
    }
}

impl Params for CacheSettings {}

/// A picture of the run.
#[derive(Debug, Clone)]
pub(in crate::jobs) struct Picture {
    /// Its name in reports.
    pub(in crate::jobs) key: Box<str>,
    /// The number of its folder.
    pub(in crate::jobs) folder: u16,
    /// What is known of it.
    pub(in crate::jobs) facts: Facts,
    modified: Moment,
}

impl Picture {
    /// Time of its last change, in nanoseconds.
    pub(in crate::jobs) fn modified_ns(&self) -> i128 {
        self.modified.ns()
    }
}

/// Nanoseconds since 1970 in the 96 bits that they need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Moment([u32; 3]);

impl Moment {
    fn of(ns: i128) -> Self {
        Self([ns as u32, (ns >> 32) as u32, (ns >> 64) as u32])
    }

    fn ns(self) -> i128 {
        let [low, middle, high] = self.0;
        i128::from(high.cast_signed()) << 64 | i128::from(middle) << 32 | i128::from(low)
    }
}

/// What phase one found.
#[derive(Debug)]
pub(in crate::jobs) struct Scan {
    /// The pictures, in the order of the listing.
    pub(in crate::jobs) pictures: Vec<Picture>,
    /// What they are matched by, in the same order.
    pub(in crate::jobs) bank: Bank,
    /// Files that could not be looked at, with the reason.
    pub(in crate::jobs) failed: Vec<(String, String)>,
    /// How the phase ended.
    pub(in crate::jobs) outcome: Result<Counts, RunError>,
    /// How many files were known, by how.
    pub(in crate::jobs) known: BTreeMap<&'static str, u64>,
}

/// Looks at all files of some folders.
#[derive(Debug)]
pub(in crate::jobs) struct Scanner<'a> {
    pub(in crate::jobs) folders: &'a Folders,
    pub(in crate::jobs) look: Look,
    pub(in crate::jobs) store: Option<Store>,
    /// Stores of runs on parts; they stay open as long as their readers are used.
    pub(in crate::jobs) parts: Vec<Store>,
    pub(in crate::jobs) shard: Option<Shard>,
    pub(in crate::jobs) total: u64,
}

impl<'a> Scanner<'a> {
    /// Opens the cache; without it, says why and goes on.
    pub(in crate::jobs) fn new(
        folders: &'a Folders,
        (mode, limits): (Mode, Limits),
        settings: &CacheSettings,
        cx: &JobCx,
    ) -> Self {
        let store = open_store(settings, cx);
        let reader = store.as_ref().and_then(|store| store.reader(mode.kind()).ok()).map(Arc::new);
        let readers = reader.into_iter().collect();
        Self {
            folders,
            look: Look { mode, limits, readers, memo: super::look::Memo::default() },
            store,
            parts: Vec::new(),
            shard: None,
            total: 0,
        }
    }

    /// Looks at one part of the files only, and keeps what it saw in `parts`.
    pub(in crate::jobs) fn write_part(
        &mut self,
        parts: &Path,
        shard: Shard,
    ) -> Result<(), CacheError> {
        let folder = parts.join(format!("{}-of-{}", shard.index(), shard.count()));
        let store = cache::open(&folder, Bytes(u64::MAX))?;
        self.look.readers.insert(0, Arc::new(store.reader(self.look.mode.kind())?));
        self.store = Some(store);
        self.shard = Some(shard);
        Ok(())
    }

    /// Takes what the runs on parts kept in `parts`; returns how many there are.
    pub(in crate::jobs) fn read_parts(&mut self, parts: &Path) -> Result<usize, CacheError> {
        let unreadable =
            |error: std::io::Error| CacheError::Unreadable(format!("{}: {error}", parts.display()));
        let mut folders = std::fs::read_dir(parts)
            .map_err(unreadable)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(unreadable)?;
        folders.retain(|folder| cache::path_in(folder).is_file());
        folders.sort_unstable();
        for folder in &folders {
            let store = cache::open_existing(folder)?;
            self.look.readers.push(Arc::new(store.reader(self.look.mode.kind())?));
            self.parts.push(store);
        }
        Ok(folders.len())
    }

    /// Looks; `session` writes each file down.
    pub(in crate::jobs) fn run(&self, session: &mut Session, cx: &JobCx) -> Result<Scan, JobError> {
        let mut left_alone = self.folders.left_alone();
        let mut source =
            Candidates { listing: self.folders.list(&mut left_alone)?, scanner: self, index: 0 };
        let engine = session.engine().clone();
        let mut gathered = Gathered {
            scan: Scan {
                pictures: Vec::new(),
                bank: Bank::new(&spill_folder(cx), self.look.readers.clone()),
                failed: Vec::new(),
                outcome: Ok(Counts::default()),
                known: BTreeMap::new(),
            },
            scanner: self,
            waiting: Vec::new(),
            trouble: None,
            bank_failed: None,
        };
        let outcome = session.phase(&engine, &mut source, &self.look, &mut |delivery| {
            gathered.take(delivery);
        });
        gathered.flush();
        if let Some(trouble) = gathered.trouble.take() {
            cx.face.remark(&format!("{trouble}; what was seen is not remembered"));
        }
        if let Some(error) = gathered.bank_failed.take() {
            return Err(RunError::Output(error.into()).into());
        }
        gathered.scan.outcome = outcome;
        Ok(gathered.scan)
    }
}

/// Where files lie that a run needs only as long as it lasts.
pub(in crate::jobs) fn spill_folder(cx: &JobCx) -> PathBuf {
    cx.cache_dir.clone().filter(|folder| folder.is_dir()).unwrap_or_else(std::env::temp_dir)
}

fn open_store(settings: &CacheSettings, cx: &JobCx) -> Option<Store> {
    let folder = cx.cache_dir.as_ref().filter(|_| settings.cache)?;
    match cache::open(folder, Bytes(u64::from(settings.cache_mb) << 20)) {
        Ok(store) => Some(store),
        Err(error @ CacheError::Busy) => {
            cx.face.remark(&format!("{error}; this one works without it"));
            None
        }
        Err(error) => {
            cx.face.remark(&format!("{error}; this run works without it"));
            None
        }
    }
}

/// Yields the files, with what the cache knows of each.
struct Candidates<'a> {
    listing: Box<dyn Iterator<Item = (u16, Listed)> + Send + 'a>,
    scanner: &'a Scanner<'a>,
    index: u64,
}

impl Candidates<'_> {
    fn candidate(
        &self,
        (folder, key): (u16, &str),
        file: InputFile,
    ) -> Result<Candidate, ItemError> {
        let Scanner { look, folders, .. } = self.scanner;
        let stamp = (file.bytes, file.modified_ns);
        let path = cache_path(&folders.locate(folder, key));
        for reader in &look.readers {
            let known = reader.by_stamp(&path, stamp);
            let looked = known
                .and_then(|content| reader.look(&content, |value| Looked::unchanged(value, stamp)));
            if let Some(looked) = looked {
                return Ok(Candidate::Known(Box::new(Looked { folder, ..looked })));
            }
        }
        if look.mode == Mode::Bytes {
            return Ok(Candidate::File(file, None, folder));
        }
        let peeked = peek(&file.path, &look.limits).map_err(|e| item_error(e, "header"))?;
        Ok(Candidate::File(file, Some(peeked), folder))
    }
}

/// A file's name in the cache.
fn cache_path(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().to_vec()
}

impl Source for Candidates<'_> {
    type Value = Candidate;

    fn next(&mut self) -> Result<Option<SourceItem<Candidate>>, RunError> {
        while let Some((folder, listed)) = self.listing.next() {
            let index = self.index;
            self.index += 1;
            if self.scanner.shard.is_none_or(|shard| shard.owns(&listed.key)) {
                let name = (folder, listed.key.as_str());
                let value = listed.file.and_then(|file| self.candidate(name, file));
                return Ok(Some(SourceItem { key: listed.key, index: Some(index), value }));
            }
        }
        Ok(None)
    }

    fn total(&self) -> Option<u64> {
        Some(self.scanner.total)
    }
}

/// What the phase saw so far.
struct Gathered<'a> {
    scan: Scan,
    scanner: &'a Scanner<'a>,
    waiting: Vec<Entry>,
    trouble: Option<CacheError>,
    bank_failed: Option<std::io::Error>,
}

impl Gathered<'_> {
    fn take(&mut self, delivery: &Delivery<Looked>) {
        let key = delivery.key.to_string();
        match &delivery.outcome {
            Outcome::Done(looked) | Outcome::Resumed(looked) => self.add(key, looked),
            Outcome::Failed(error) => {
                let reason = match std::error::Error::source(error) {
                    Some(cause) if cause.to_string() != error.message => {
                        format!("{error}: {cause}")
                    }
                    _ => error.to_string(),
                };
                self.scan.failed.push((key, reason));
            }
            Outcome::Skipped(reason) => self.scan.failed.push((key, reason.clone())),
        }
    }

    fn add(&mut self, key: String, looked: &Looked) {
        let how = match looked.known {
            Known::New => "new",
            Known::Content => "renamed",
            Known::File => "unchanged",
        };
        *self.scan.known.entry(how).or_default() += 1;
        if looked.stored {
            self.scan.bank.push_stored(looked.facts.content.0);
        } else if let Err(error) = self.scan.bank.push(&looked.payload) {
            self.bank_failed.get_or_insert(error);
        }
        if self.scanner.store.is_some() && looked.known != Known::File {
            self.waiting.push(Entry {
                path: cache_path(&self.scanner.folders.locate(looked.folder, &key)),
                stamp: looked.stamp,
                content: looked.facts.content.0,
                value: looked.to_bytes().into(),
            });
            if self.waiting.len() >= BATCH {
                self.flush();
            }
        }
        let (facts, modified) = (looked.facts.clone(), Moment::of(looked.stamp.1));
        let key = key.into_boxed_str();
        self.scan.pictures.push(Picture { key, folder: looked.folder, facts, modified });
    }

    /// Writes what waits. A cache that cannot be written is worth a word, no more.
    fn flush(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        if let (Some(store), None) = (&self.scanner.store, &self.trouble)
            && !waiting.is_empty()
            && let Err(error) = store.add(self.scanner.look.mode.kind(), &waiting)
        {
            self.trouble = Some(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_kept_of_each_picture() {
        // The name comes on top; docs/dedup.md adds this up.
        assert!(size_of::<Picture>() <= 104, "{}", size_of::<Picture>());
    }

    #[test]
    fn times_come_back() {
        for ns in [0, -1, 1_700_000_000_000_000_000, -(1_i128 << 90), (1 << 90) + 7] {
            assert_eq!(Moment::of(ns).ns(), ns);
        }
    }
}
