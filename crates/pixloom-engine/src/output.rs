//! The output folder: whole files, or none.
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::files::{is_absent, is_inside, remove_if_unchanged};
use crate::session::Session;
use crate::{ErrorKind, ItemError, Payload, PendingFile, Product, RunError, Written};

/// What a power loss may cost. `kill -9` costs only what was in flight, with either.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// Leaves it to the system when data reaches the disk.
    None,
    /// Flushes the output's file system at intervals and at the end, and marks in the journal
    /// up to where that was done. After a restart of the machine, entries behind the last mark
    /// count only if the content of their files still has the recorded hash.
    #[default]
    Batched,
}

/// A folder that a run writes to, with a place for temporary files.
#[derive(Debug)]
pub struct Output {
    root: PathBuf,
    session: Session,
    durability: Durability,
    next: AtomicU64,
    /// The first error that says that the whole folder cannot be written any more.
    broken: Mutex<Option<io::Error>>,
    /// Whether files that exist may not be replaced.
    keeps: AtomicBool,
    unsynced: AtomicBool,
    last_sync: Mutex<Instant>,
}

/// Why the products of an item could not be written.
#[derive(Debug)]
pub(crate) enum PlaceError {
    /// It is about this item.
    Item(ItemError),
    /// It is about the output folder.
    Output(RunError),
}

/// How long files may stay unsynced under [`Durability::Batched`].
const SYNC_INTERVAL: Duration = Duration::from_secs(10);

impl Output {
    /// Opens the output folder `root`, creating it and `record_dir/tmp/`. Temporary files of
    /// processes that died are removed; those of running ones stay.
    ///
    /// `record_dir` is usually `root/.pixloom` and should be on the file system of `root`.
    pub fn open(root: &Path, record_dir: &Path) -> io::Result<Arc<Self>> {
        Self::open_with(root, record_dir, Durability::default())
    }

    /// [`open`](Self::open) with another durability.
    pub fn open_with(root: &Path, record_dir: &Path, how: Durability) -> io::Result<Arc<Self>> {
        fs::create_dir_all(root)?;
        let session = Session::open(&record_dir.join("tmp"))?;
        Ok(Arc::new(Self {
            root: root.to_owned(),
            session,
            durability: how,
            next: AtomicU64::new(0),
            broken: Mutex::new(None),
            keeps: AtomicBool::new(false),
            unsynced: AtomicBool::new(false),
            last_sync: Mutex::new(Instant::now()),
        }))
    }

    /// From now on an item whose file would replace another fails with code `exists`.
    pub fn keep_existing(&self) {
        self.keeps.store(true, Ordering::Relaxed);
    }

    /// The folder that product paths are relative to.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A temporary file; see [`PendingFile`].
    pub fn pending_file(self: &Arc<Self>) -> io::Result<PendingFile> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        PendingFile::create(self.session.folder().join(number.to_string()), Arc::clone(self))
    }

    /// Removes files that a run had written and that nobody changed since. Returns how many
    /// were removed.
    pub fn remove_unchanged(&self, products: &[Written]) -> io::Result<u64> {
        let mut removed = 0;
        for product in products.iter().filter(|product| is_inside(&product.path)) {
            let path = self.root.join(&product.path);
            removed += u64::from(remove_if_unchanged(&path, product.bytes, &product.hash)?);
        }
        Ok(removed)
    }

    /// Remembers an error on a temporary file: it concerns the folder, not the item.
    pub(crate) fn remember(&self, error: io::Error) -> io::Error {
        let copy = copy_of(&error);
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        copy
    }

    /// The error that ends the run, if there was one; for everyone who asks, as several items
    /// may have met it.
    pub(crate) fn broken(&self) -> Option<RunError> {
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.as_ref().map(|error| RunError::Output(Box::new(copy_of(error))))
    }

    /// A new run tries again.
    pub(crate) fn forget_broken(&self) {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Writes the files of one item: first all contents, then all names. If one fails, none
    /// of them stays.
    pub(crate) fn place(
        self: &Arc<Self>,
        products: Vec<Product>,
    ) -> Result<Vec<Written>, PlaceError> {
        let mut files = Vec::with_capacity(products.len());
        for product in products {
            files.push(self.prepare(product)?);
        }
        let mut written: Vec<Written> = Vec::with_capacity(files.len());
        for (file, entry) in files {
            if let Err(error) = self.name_file(file, &entry.path) {
                for placed in &written {
                    // The first error is the one to report.
                    let _ = fs::remove_file(self.root.join(&placed.path));
                }
                return Err(self.classify(error, &entry.path));
            }
            written.push(entry);
        }
        self.unsynced.store(true, Ordering::Relaxed);
        Ok(written)
    }

    fn prepare(self: &Arc<Self>, product: Product) -> Result<(PendingFile, Written), PlaceError> {
        let Product { role, path, payload } = product;
        if !is_inside(&path) {
            let message = format!("`{}` is not a path inside the output", path.display());
            let error = ItemError::new(ErrorKind::Internal, message).with_code("bad-path");
            return Err(PlaceError::Item(error));
        }
        let content = || {
            let mut file = match payload {
                Payload::File(file) => file,
                Payload::Bytes(bytes) => {
                    let mut file = self.pending_file()?;
                    file.write_all(&bytes)?;
                    file
                }
            };
            let (bytes, hash) = file.finish()?;
            io::Result::Ok((file, bytes, hash))
        };
        let (file, bytes, hash) = content().map_err(|error| self.classify(error, &path))?;
        Ok((file, Written { role: role.into(), path, bytes, hash }))
    }

    /// Renames; creates the folder only if it turns out to be missing.
    fn name_file(&self, file: PendingFile, path: &Path) -> io::Result<()> {
        let target = self.root.join(path);
        if let Some(folder) = target.parent()
            && !folder.is_dir()
        {
            fs::create_dir_all(folder).map_err(|error| match error.kind() {
                // A file where the folder should be, not one that a result would replace.
                io::ErrorKind::AlreadyExists => io::ErrorKind::NotADirectory.into(),
                _ => error,
            })?;
        }
        file.place(&target, self.keeps.load(Ordering::Relaxed))
    }

    /// Tells errors about one target from errors about the whole folder.
    fn classify(&self, error: io::Error, path: &Path) -> PlaceError {
        if let Some(broken) = self.broken() {
            return PlaceError::Output(broken);
        }
        if ends_run(&error) || !self.session.folder().is_dir() {
            return PlaceError::Output(RunError::Output(Box::new(error)));
        }
        let code = match error.kind() {
            io::ErrorKind::AlreadyExists => "exists",
            io::ErrorKind::IsADirectory => "target-is-a-folder",
            io::ErrorKind::InvalidFilename => "name-too-long",
            _ => "cannot-write",
        };
        let message = format!("cannot write `{}`: {error}", path.display());
        let item = ItemError::new(ErrorKind::Io, message).with_code(code).with_step("write");
        PlaceError::Item(item.with_source(error))
    }

    /// Whether it is time to sync; the caller that gets `true` does it.
    pub(crate) fn sync_is_due(&self) -> bool {
        if self.durability == Durability::None || !self.unsynced.load(Ordering::Relaxed) {
            return false;
        }
        let Ok(mut last) = self.last_sync.try_lock() else { return false };
        let due = last.elapsed() >= SYNC_INTERVAL;
        if due {
            *last = Instant::now();
        }
        due
    }

    /// Whether the end of a run has something to sync.
    pub(crate) fn needs_sync(&self) -> bool {
        self.durability == Durability::Batched && self.unsynced.load(Ordering::Relaxed)
    }

    /// Makes all files written so far survive a power loss, with one call.
    pub(crate) fn sync(&self) -> Result<(), RunError> {
        self.unsynced.store(false, Ordering::Relaxed);
        let synced = File::open(&self.root).and_then(|folder| sync_file_system(&folder));
        synced.map_err(|error| RunError::Output(Box::new(error)))
    }
}

fn copy_of(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), error.to_string())
}

#[cfg(target_os = "linux")]
fn sync_file_system(folder: &File) -> io::Result<()> {
    Ok(rustix::fs::syncfs(folder)?)
}

#[cfg(not(target_os = "linux"))]
fn sync_file_system(_folder: &File) -> io::Result<()> {
    rustix::fs::sync();
    Ok(())
}

/// Whether every further write would fail as well.
fn ends_run(error: &io::Error) -> bool {
    use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | ReadOnlyFilesystem)
}

/// The length of a plain file, if there is one.
pub(crate) fn file_length(path: &Path) -> io::Result<Option<u64>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.is_file().then_some(metadata.len())),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fingerprint;

    fn open(folder: &Path) -> Arc<Output> {
        Output::open_with(folder, &folder.join(".pixloom"), Durability::None).unwrap()
    }

    fn item_code(error: PlaceError) -> String {
        match error {
            PlaceError::Item(error) => error.code.into_owned(),
            PlaceError::Output(error) => panic!("{error:?}"),
        }
    }

    #[test]
    fn writes_both_payloads() {
        let folder = tempfile::tempdir().unwrap();
        let output = open(folder.path());
        let mut file = output.pending_file().unwrap();
        for _ in 0..40_000 {
            file.write_all(b"row ").unwrap();
        }
        assert_eq!(file.written(), 160_000);
        let products =
            vec![Product::bytes("a", "x/a", b"1".to_vec()), Product::file("b", "x/b", file)];
        let written = output.place(products).unwrap();
        assert_eq!(written[0].hash, Fingerprint::of(b"1"));
        let rows = fs::read(folder.path().join("x/b")).unwrap();
        assert_eq!((written[1].bytes, written[1].hash), (160_000, Fingerprint::of(&rows)));
        assert_eq!(fs::read_dir(output.session.folder()).unwrap().count(), 0);
    }

    #[test]
    fn a_failing_product_takes_the_others_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let output = open(folder.path());
        fs::create_dir(folder.path().join("taken")).unwrap();
        let products =
            vec![Product::bytes("a", "ok", vec![1]), Product::bytes("b", "taken", vec![2])];
        assert_eq!(item_code(output.place(products).unwrap_err()), "target-is-a-folder");
        assert!(!folder.path().join("ok").exists());
        assert_eq!(fs::read_dir(output.session.folder()).unwrap().count(), 0);
    }

    #[test]
    fn files_that_exist_can_be_kept() {
        let folder = tempfile::tempdir().unwrap();
        let output = open(folder.path());
        output.keep_existing();
        fs::write_file(&folder.path().join("old"));
        let place = |names: [&str; 2]| {
            output.place(names.map(|name| Product::bytes("a", name, vec![1])).into())
        };
        assert_eq!(item_code(place(["new", "old"]).unwrap_err()), "exists");
        assert_eq!(fs::read(folder.path().join("old")).unwrap(), b"x");
        assert!(!folder.path().join("new").exists());
        assert_eq!(place(["new", "other"]).unwrap().len(), 2);
    }

    #[test]
    fn item_errors_are_about_one_name() {
        let folder = tempfile::tempdir().unwrap();
        let output = open(folder.path());
        let place = |path: &str| {
            item_code(output.place(vec![Product::bytes("a", path, vec![1])]).unwrap_err())
        };
        assert_eq!(place(&"n".repeat(300)), "name-too-long");
        for path in ["../x", "/x", "a/../../x", ""] {
            assert_eq!(place(path), "bad-path", "{path}");
        }
        fs::write_file(&folder.path().join("file"));
        assert_eq!(place("file/x"), "cannot-write");
    }

    #[test]
    fn a_folder_that_is_gone_ends_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let output = open(&folder.path().join("out"));
        fs::remove_dir_all(folder.path().join("out")).unwrap();
        let error = output.place(vec![Product::bytes("a", "x", vec![1])]).unwrap_err();
        assert!(matches!(error, PlaceError::Output(RunError::Output(_))), "{error:?}");
    }

    #[test]
    fn dropped_files_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let output = open(folder.path());
        drop(output.pending_file().unwrap());
        assert_eq!(fs::read_dir(output.session.folder()).unwrap().count(), 0);
    }

    mod fs {
        pub(super) use std::fs::*;

        pub(super) fn write_file(path: &std::path::Path) {
            crate::files::write_atomic(path, b"x").unwrap();
        }
    }
}
