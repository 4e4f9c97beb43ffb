//! The tables of the store.
use std::path::Path;
use std::sync::Arc;

use pixloom_engine::Bytes;
use redb::{
    Builder, Database, DatabaseError, ReadOnlyTable, ReadableDatabase, ReadableTable,
    ReadableTableMetadata, StorageError, Table, TableDefinition, TableError,
};

/// Version of the tables.
const FORMAT: u64 = 1;
/// Memory for the store's own pages.
const PAGES: usize = 8 << 20;
/// Bytes that an entry takes beside its path and its value, about.
const OVERHEAD: u64 = 160;

/// Numbers by name: format, bytes, next.
const NUMBERS: TableDefinition<'_, &str, u64> = TableDefinition::new("numbers");
/// Path to length, time and content.
const FILES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("files");
/// Kind and content to place in the order and value.
const VALUES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("values");
/// Place in the order to kind and content.
const ORDER: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("order");

type Tables<'t> = Table<'t, &'static [u8], &'static [u8]>;

/// Why the cache cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// Another process has it.
    #[error("another run uses the cache")]
    Busy,
    /// What is there is no store, or one of another version.
    #[error("the cache cannot be read: {0}")]
    Unreadable(String),
    /// The disk does not play along.
    #[error("the cache cannot be used: {0}")]
    Broken(String),
}

/// Length in bytes and time of the last change in nanoseconds since 1970.
pub type Stamp = (u64, i128);

/// Something to keep.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The file, absolute, as bytes.
    pub path: Vec<u8>,
    /// Its length and time.
    pub stamp: Stamp,
    /// The hash of its content.
    pub content: [u8; 32],
    /// What was computed of it.
    pub value: Arc<[u8]>,
}

/// The open store.
pub struct Store {
    database: Database,
    limit: Bytes,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("limit", &self.limit).finish_non_exhaustive()
    }
}

/// The store as it was at one moment; can be used by several threads.
pub struct Reader {
    kind: u32,
    files: ReadOnlyTable<&'static [u8], &'static [u8]>,
    values: ReadOnlyTable<&'static [u8], &'static [u8]>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("kind", &self.kind).finish_non_exhaustive()
    }
}

fn broken(error: impl std::fmt::Display) -> CacheError {
    CacheError::Broken(error.to_string())
}

fn opened(error: DatabaseError) -> CacheError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => CacheError::Busy,
        DatabaseError::Storage(StorageError::Io(error))
            if error.kind() != std::io::ErrorKind::InvalidData
                && error.kind() != std::io::ErrorKind::UnexpectedEof =>
        {
            broken(error)
        }
        error => CacheError::Unreadable(error.to_string()),
    }
}

impl Store {
    pub(super) fn open(path: &Path, limit: Bytes) -> Result<Self, CacheError> {
        let database = Builder::new().set_cache_size(PAGES).create(path).map_err(opened)?;
        let store = Self { database, limit };
        match store.prepare() {
            Ok(Some(FORMAT)) => Ok(store),
            Ok(format) => Err(CacheError::Unreadable(format!("its format is {format:?}"))),
            Err(error) => Err(CacheError::Unreadable(error.to_string())),
        }
    }

    /// Makes the tables where they are missing; returns the format.
    fn prepare(&self) -> Result<Option<u64>, redb::Error> {
        match self.database.begin_read()?.open_table(NUMBERS) {
            Ok(numbers) => return Ok(numbers.get("format")?.map(|value| value.value())),
            Err(TableError::TableDoesNotExist(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let write = self.database.begin_write()?;
        write.open_table(NUMBERS)?.insert("format", FORMAT)?;
        write.open_table(FILES)?;
        write.open_table(VALUES)?;
        write.open_table(ORDER)?;
        write.commit()?;
        Ok(Some(FORMAT))
    }

    /// Files and contents.
    ///
    /// # Errors
    /// `Broken` if the store cannot be read.
    pub fn counts(&self) -> Result<(u64, u64), CacheError> {
        let count = || -> Result<(u64, u64), redb::Error> {
            let read = self.database.begin_read()?;
            Ok((read.open_table(FILES)?.len()?, read.open_table(VALUES)?.len()?))
        };
        count().map_err(broken)
    }

    /// What is known about results of one `kind` (which includes its version).
    ///
    /// # Errors
    /// `Broken` if the store cannot be read.
    pub fn reader(&self, kind: u32) -> Result<Reader, CacheError> {
        let tables = || -> Result<_, redb::Error> {
            let read = self.database.begin_read()?;
            Ok((read.open_table(FILES)?, read.open_table(VALUES)?))
        };
        let (files, values) = tables().map_err(broken)?;
        Ok(Reader { kind, files, values })
    }

    /// Keeps results of one `kind`, all or none of them; drops the oldest beyond the limit.
    ///
    /// # Errors
    /// `Broken` if they cannot be written; the store is as before then.
    pub fn add(&self, kind: u32, entries: &[Entry]) -> Result<(), CacheError> {
        self.write(kind, entries).map_err(broken)
    }

    /// Keeps results of one `kind` that belong to no file, by any hash, in place of those that are
    /// there; drops the oldest beyond the limit.
    ///
    /// # Errors
    /// `Broken` if they cannot be written; the store is as before then.
    pub fn put(&self, kind: u32, entries: &[([u8; 32], Vec<u8>)]) -> Result<(), CacheError> {
        self.change(|tables| {
            entries.iter().try_for_each(|(name, value)| {
                let key = key(kind, name);
                tables.remove(&key)?;
                tables.insert(&key, value)
            })
        })
        .map_err(broken)
    }

    fn write(&self, kind: u32, entries: &[Entry]) -> Result<(), redb::Error> {
        self.change(|tables| {
            for entry in entries {
                tables.bytes += remember_file(&mut tables.files, entry)?;
                let key = key(kind, &entry.content);
                if tables.values.get(&key[..])?.is_none() {
                    tables.insert(&key, &entry.value)?;
                }
            }
            Ok(())
        })
    }

    /// Changes the tables in one go and keeps them within the limit.
    fn change(
        &self,
        change: impl FnOnce(&mut Writing<'_>) -> Result<(), redb::Error>,
    ) -> Result<(), redb::Error> {
        let mut write = self.database.begin_write()?;
        write.set_quick_repair(true);
        {
            let mut numbers = write.open_table(NUMBERS)?;
            let number = |value: Option<redb::AccessGuard<'_, u64>>| value.map_or(0, |v| v.value());
            let mut tables = Writing {
                files: write.open_table(FILES)?,
                values: write.open_table(VALUES)?,
                order: write.open_table(ORDER)?,
                bytes: number(numbers.get("bytes")?),
                next: number(numbers.get("next")?),
            };
            change(&mut tables)?;
            if tables.bytes > self.limit.0 {
                tables.make_room(self.limit.0)?;
            }
            numbers.insert("bytes", tables.bytes)?;
            numbers.insert("next", tables.next)?;
        }
        write.commit()?;
        Ok(())
    }
}

/// The tables while they are changed.
struct Writing<'t> {
    files: Tables<'t>,
    values: Tables<'t>,
    order: Table<'t, u64, &'static [u8]>,
    bytes: u64,
    next: u64,
}

impl Writing<'_> {
    fn insert(&mut self, key: &[u8; 36], value: &[u8]) -> Result<(), redb::Error> {
        let value = [&self.next.to_le_bytes()[..], value].concat();
        self.values.insert(&key[..], &value[..])?;
        self.order.insert(self.next, &key[..])?;
        self.bytes += value.len() as u64 + OVERHEAD;
        self.next += 1;
        Ok(())
    }

    fn remove(&mut self, key: &[u8; 36]) -> Result<(), redb::Error> {
        let Some((place, size)) = self.values.remove(&key[..])?.map(|value| {
            let value = value.value();
            let place = value.first_chunk::<8>().map_or(0, |place| u64::from_le_bytes(*place));
            (place, value.len() as u64)
        }) else {
            return Ok(());
        };
        self.order.remove(place)?;
        self.bytes = self.bytes.saturating_sub(size + OVERHEAD);
        Ok(())
    }

    /// Drops the oldest values until a quarter of the limit is free, then the files that were
    /// known by them.
    fn make_room(&mut self, limit: u64) -> Result<(), redb::Error> {
        let goal = limit / 4 * 3;
        let mut dropped = std::collections::BTreeSet::new();
        while self.bytes > goal {
            let Some((_, key)) = self.order.pop_first()? else { break };
            let key = key.value().to_vec();
            let size = self.values.remove(&key[..])?.map_or(0, |value| value.value().len() as u64);
            self.bytes = self.bytes.saturating_sub(size + OVERHEAD);
            dropped.insert(key.get(4..).unwrap_or_default().to_vec());
        }
        let all = self.order.is_empty()?;
        let mut freed = 0;
        self.files.retain(|path, value| {
            let gone = all || dropped.contains(value.get(24..).unwrap_or_default());
            freed += if gone { path.len() as u64 + OVERHEAD } else { 0 };
            !gone
        })?;
        self.bytes = self.bytes.saturating_sub(freed);
        Ok(())
    }
}

/// Returns by how many bytes the table grew.
fn remember_file(files: &mut Tables<'_>, entry: &Entry) -> Result<u64, redb::Error> {
    let mut value = Vec::with_capacity(56);
    value.extend(entry.stamp.0.to_le_bytes());
    value.extend(entry.stamp.1.to_le_bytes());
    value.extend(entry.content);
    let replaced = files.insert(&entry.path[..], &value[..])?.is_some();
    Ok(if replaced { 0 } else { entry.path.len() as u64 + OVERHEAD })
}

fn key(kind: u32, content: &[u8; 32]) -> [u8; 36] {
    let mut key = [0; 36];
    key[..4].copy_from_slice(&kind.to_be_bytes());
    key[4..].copy_from_slice(content);
    key
}

impl Reader {
    /// The content of the file, if its length and time are as they were.
    pub fn by_stamp(&self, path: &[u8], stamp: Stamp) -> Option<[u8; 32]> {
        let found = self.files.get(path).ok()??;
        let row = found.value();
        let (length, time) = (row.get(..8)?, row.get(8..24)?);
        if length != stamp.0.to_le_bytes() || time != stamp.1.to_le_bytes() {
            return None;
        }
        row.get(24..56)?.try_into().ok()
    }

    /// What is known of files with that content.
    pub fn by_content(&self, content: &[u8; 32]) -> Option<Vec<u8>> {
        self.look(content, |value| Some(value.to_vec()))
    }

    /// Looks at what is known of files with that content without a copy.
    pub fn look<R>(&self, content: &[u8; 32], take: impl FnOnce(&[u8]) -> Option<R>) -> Option<R> {
        let found = self.values.get(&key(self.kind, content)[..]).ok()??;
        take(found.value().get(8..)?)
    }
}
