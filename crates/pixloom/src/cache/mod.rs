//! What was computed of files before, kept in the user's cache folder.
//!
//! A file is known by its path, length and time of change; its content by a hash, so that a file
//! that was renamed or copied is found, too. The store survives a crash at any moment, is
//! bounded in size, and belongs to one process at a time (docs/adr/0009-feature-cache.md).
mod store;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use pixloom_engine::Bytes;
use serde::Serialize;

pub use store::{CacheError, Entry, Reader, Stamp, Store};

/// The store's file in the cache folder.
const FILE: &str = "features.redb";

/// How long a second process waits for the first.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where the store of a cache folder lies.
pub fn path_in(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// Opens the store in `folder`, or makes a new one; waits a moment if another process has it.
///
/// A store that cannot be read, or that another version of this program wrote, is replaced by an
/// empty one: everything in it can be computed again.
///
/// # Errors
/// `Busy` if another process keeps it, `Broken` if the folder cannot be written.
pub fn open(folder: &Path, limit: Bytes) -> Result<Store, CacheError> {
    fs::create_dir_all(folder).map_err(|error| CacheError::Broken(error.to_string()))?;
    let path = path_in(folder);
    let since = Instant::now();
    loop {
        match Store::open(&path, limit) {
            Err(CacheError::Busy) if since.elapsed() < PATIENCE => {
                pixloom_engine::pause(Duration::from_millis(50));
            }
            Err(CacheError::Unreadable(_)) => {
                fs::remove_file(&path).map_err(|error| CacheError::Broken(error.to_string()))?;
                return Store::open(&path, limit);
            }
            opened => return opened,
        }
    }
}

/// Opens a store that a run left in `folder`, never replacing it.
///
/// # Errors
/// `Busy` if another process has it, `Unreadable` if it is none, `Broken` otherwise.
pub fn open_existing(folder: &Path) -> Result<Store, CacheError> {
    let path = path_in(folder);
    if !path.is_file() {
        return Err(CacheError::Broken(format!("there is no {FILE} in {}", folder.display())));
    }
    Store::open(&path, Bytes(u64::MAX))
}

/// What there is to say about a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The store.
    pub path: PathBuf,
    /// Whether another process has it, so that its content is not known.
    pub in_use: bool,
    /// Files that are known by path, length and time.
    pub files: u64,
    /// Different contents whose results are kept.
    pub contents: u64,
    /// Bytes of the store's file.
    pub bytes: u64,
}

/// Looks into the store of a cache folder; `None` if there is none.
///
/// # Errors
/// If the file cannot be read.
pub fn summary(folder: &Path) -> Result<Option<Summary>, CacheError> {
    let path = path_in(folder);
    let bytes = match fs::metadata(&path) {
        Ok(meta) => meta.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(CacheError::Broken(error.to_string())),
    };
    let mut summary = Summary { path: path.clone(), in_use: false, files: 0, contents: 0, bytes };
    match Store::open(&path, Bytes(u64::MAX)) {
        Ok(store) => (summary.files, summary.contents) = store.counts()?,
        Err(CacheError::Busy) => summary.in_use = true,
        Err(error) => return Err(error),
    }
    Ok(Some(summary))
}

/// Removes the store of a cache folder; returns how many bytes that freed.
///
/// # Errors
/// `Busy` if another process has it, `Broken` if the file cannot be removed.
pub fn clear(folder: &Path) -> Result<u64, CacheError> {
    let path = path_in(folder);
    let broken = |error: io::Error| CacheError::Broken(error.to_string());
    let bytes = match fs::metadata(&path) {
        Ok(meta) => meta.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(broken(error)),
    };
    if matches!(Store::open(&path, Bytes(u64::MAX)), Err(CacheError::Busy)) {
        return Err(CacheError::Busy);
    }
    fs::remove_file(&path).map_err(broken)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, content: u8) -> Entry {
        let path = path.as_bytes().to_vec();
        Entry { path, stamp: (10, 20), content: [content; 32], value: vec![content; 1000].into() }
    }

    fn open_small(folder: &Path) -> Store {
        open(folder, Bytes::MIB).unwrap()
    }

    #[test]
    fn files_are_found_by_stamp_and_by_content() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_small(folder.path());
        store.add(1, &[entry("a", 1), entry("b", 2)]).unwrap();
        drop(store);
        let store = open_small(folder.path());
        let reader = store.reader(1).unwrap();
        assert_eq!(reader.by_stamp(b"a", (10, 20)), Some([1; 32]));
        assert_eq!(reader.by_content(&[1; 32]).unwrap(), vec![1; 1000]);
        assert!(reader.by_stamp(b"a", (10, 21)).is_none());
        assert!(reader.by_stamp(b"c", (10, 20)).is_none());
        assert_eq!(reader.by_content(&[2; 32]).unwrap(), vec![2; 1000]);
        assert!(store.reader(2).unwrap().by_content(&[2; 32]).is_none());
        assert_eq!(store.counts().unwrap(), (2, 2));
    }

    #[test]
    fn the_oldest_make_room() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path(), Bytes(100_000)).unwrap();
        for number in 0..250u8 {
            store.add(1, &[entry(&format!("{number}"), number)]).unwrap();
        }
        let (files, contents) = store.counts().unwrap();
        assert!((40..=100).contains(&contents), "{contents}");
        assert_eq!(files, contents);
        let reader = store.reader(1).unwrap();
        assert!(reader.by_content(&[0; 32]).is_none());
        assert!(reader.by_content(&[249; 32]).is_some());
    }

    #[test]
    fn results_without_a_file_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_small(folder.path());
        for byte in 1..=3 {
            store.put(9, &[([7; 32], vec![byte; 100]), ([byte; 32], vec![byte])]).unwrap();
        }
        let reader = store.reader(9).unwrap();
        assert_eq!(reader.by_content(&[7; 32]).unwrap(), vec![3; 100]);
        assert_eq!(reader.look(&[1; 32], |value| value.first().copied()), Some(1));
        assert_eq!(store.counts().unwrap(), (0, 4));
    }

    #[test]
    fn a_second_process_is_told_and_rubbish_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_small(folder.path());
        assert!(matches!(open(folder.path(), Bytes::MIB), Err(CacheError::Busy)));
        assert!(summary(folder.path()).unwrap().unwrap().in_use);
        assert!(matches!(clear(folder.path()), Err(CacheError::Busy)));
        drop(store);
        pixloom_testkit::write_file(path_in(folder.path()), b"rubbish".repeat(1000));
        assert_eq!(open_small(folder.path()).counts().unwrap(), (0, 0));
        assert!(clear(folder.path()).unwrap() > 0);
        assert_eq!(summary(folder.path()).unwrap(), None);
    }
}
