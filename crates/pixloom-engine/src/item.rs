//! What goes in and what comes out: items, outcomes, products, notes.
use std::borrow::Cow;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{Fingerprint, ItemError, ItemKey, PendingFile};

/// What a source yields.
#[derive(Debug)]
pub struct SourceItem<V> {
    /// Stable name; no two items of a run share one.
    pub key: ItemKey,
    /// Position in the whole data set where that differs from the position in this source
    /// (shards); `None`: the position in this source.
    pub index: Option<u64>,
    /// The input, or why there is none, such as an unreadable header.
    pub value: Result<V, ItemError>,
}

impl<V> SourceItem<V> {
    /// An item to work on.
    pub fn new(key: ItemKey, value: V) -> Self {
        Self { key, index: None, value: Ok(value) }
    }

    /// An item that failed before any work.
    pub fn failed(key: ItemKey, error: ItemError) -> Self {
        Self { key, index: None, value: Err(error) }
    }

    /// Sets the position in the whole data set.
    #[must_use]
    pub fn with_index(mut self, index: u64) -> Self {
        self.index = Some(index);
        self
    }
}

/// What happened to one item.
#[derive(Debug)]
pub enum Outcome<T> {
    /// The stage finished.
    Done(T),
    /// There was nothing to do, for the reason given.
    Skipped(String),
    /// The stage failed; the run goes on.
    Failed(ItemError),
    /// An earlier run had finished it; the record is the one of that run.
    Resumed(T),
}

/// The kinds of [`Outcome`], without what they carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeKind {
    /// Finished now.
    Done,
    /// Nothing to do.
    Skipped,
    /// Failed.
    Failed,
    /// Finished by an earlier run.
    Resumed,
}

impl<T> Outcome<T> {
    /// The kind alone.
    pub const fn kind(&self) -> OutcomeKind {
        match self {
            Self::Done(_) => OutcomeKind::Done,
            Self::Skipped(_) => OutcomeKind::Skipped,
            Self::Failed(_) => OutcomeKind::Failed,
            Self::Resumed(_) => OutcomeKind::Resumed,
        }
    }

    /// The record, whether it was made now or read back.
    pub fn record(&self) -> Option<&T> {
        match self {
            Self::Done(record) | Self::Resumed(record) => Some(record),
            Self::Skipped(_) | Self::Failed(_) => None,
        }
    }
}

/// A warning that does not fail an item, such as a bad colour profile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Note {
    /// Stable kebab-case name.
    pub code: Cow<'static, str>,
    /// One lower-case sentence without a full stop.
    pub message: String,
}

/// One file to write.
#[derive(Debug)]
pub struct Product {
    /// What it is, such as `hq` or `label`.
    pub role: &'static str,
    /// Where it goes, relative to the output root; without `..`.
    pub path: PathBuf,
    /// What is in it.
    pub payload: Payload,
}

/// The content of a [`Product`].
#[derive(Debug)]
pub enum Payload {
    /// In memory: counted against the budget until written.
    Bytes(Vec<u8>),
    /// On disk already, only to be renamed.
    File(PendingFile),
}

impl Product {
    /// A file with this content.
    pub fn bytes(role: &'static str, path: impl Into<PathBuf>, bytes: Vec<u8>) -> Self {
        Self { role, path: path.into(), payload: Payload::Bytes(bytes) }
    }

    /// A file that was written row by row, see [`ItemCx::pending_file`](crate::ItemCx::pending_file).
    pub fn file(role: &'static str, path: impl Into<PathBuf>, file: PendingFile) -> Self {
        Self { role, path: path.into(), payload: Payload::File(file) }
    }

    /// How much memory the content takes.
    pub(crate) fn retained(&self) -> u64 {
        match &self.payload {
            Payload::Bytes(bytes) => bytes.capacity() as u64,
            Payload::File(_) => 0,
        }
    }
}

/// One file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// What it is, such as `hq` or `label`.
    pub role: Cow<'static, str>,
    /// Where it is, relative to the output root.
    #[serde(with = "path_text")]
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// The hash of its content.
    pub hash: Fingerprint,
}

/// Paths in records are [`path_key`](crate::path_key) text.
mod path_text {
    use std::path::{Path, PathBuf};

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&crate::path_key(path))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(de: D) -> Result<PathBuf, D::Error> {
        Ok(crate::key_path(&String::deserialize(de)?))
    }
}

/// One outcome on its way to the sink.
#[derive(Debug)]
pub struct Delivery<T> {
    /// Position in the whole data set, from 0.
    pub index: u64,
    /// Stable name.
    pub key: ItemKey,
    /// What happened.
    pub outcome: Outcome<T>,
    /// The files that were written, in the order the stage added them.
    pub products: Vec<Written>,
    /// Warnings.
    pub notes: Vec<Note>,
    /// How many bytes the stage read, as far as it counted them.
    pub input_bytes: u64,
}
