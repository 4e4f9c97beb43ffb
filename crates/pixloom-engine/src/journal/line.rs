//! The lines of a journal.
use std::io;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Fingerprint, ItemError, ItemKey, Note, Written};

/// The version of the format; other versions are refused.
pub(super) const VERSION: u32 = 1;

/// What an entry says about its item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Finished.
    Done,
    /// There was nothing to do.
    Skipped,
    /// Failed; it is tried again.
    Failed,
    /// The input has vanished and its files were removed.
    Forgotten,
}

/// One entry as it was read.
#[derive(Debug, Deserialize)]
#[non_exhaustive]
pub struct JournalEntry {
    /// The phase of the job.
    pub phase: String,
    /// The item.
    pub key: ItemKey,
    /// What decided the result; `None`: never taken over.
    #[serde(default)]
    pub fingerprint: Option<Fingerprint>,
    /// What happened.
    pub status: Status,
    /// The record, as JSON.
    #[serde(default)]
    pub record: Option<Box<RawValue>>,
    /// Why it was skipped.
    #[serde(default)]
    pub reason: String,
    /// The files.
    #[serde(default)]
    pub products: Vec<Written>,
    /// Warnings.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Bytes read.
    #[serde(default)]
    pub input_bytes: u64,
    /// The machine went down before the files were known to be on disk.
    #[serde(skip)]
    pub(crate) doubtful: bool,
}

/// One entry to write.
#[derive(Debug, Serialize)]
pub(crate) struct EntryLine<'a> {
    phase: &'a str,
    key: &'a ItemKey,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fingerprint: Option<Fingerprint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) record: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<&'a ItemError>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) products: &'a [Written],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) notes: &'a [Note],
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) input_bytes: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl<'a> EntryLine<'a> {
    pub(crate) fn new(phase: &'a str, key: &'a ItemKey, status: Status) -> Self {
        Self {
            phase,
            key,
            status,
            fingerprint: None,
            record: None,
            reason: "",
            error: None,
            products: &[],
            notes: &[],
            input_bytes: 0,
        }
    }

    /// Writes the line with its end into `buffer`, which is emptied first.
    pub(crate) fn write(&self, buffer: &mut Vec<u8>) -> io::Result<()> {
        buffer.clear();
        serde_json::to_writer(&mut *buffer, self)?;
        buffer.push(b'\n');
        Ok(())
    }
}

/// A line that is about the journal, not about an item.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Mark {
    #[serde(skip_serializing_if = "Option::is_none")]
    pixloom_journal: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    boot: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    synced: Option<u64>,
}

impl Mark {
    pub(crate) fn header() -> Self {
        Self { pixloom_journal: Some(VERSION), ..Self::default() }
    }

    /// A process opened the journal, on a machine that booted with this id.
    pub(crate) fn session(boot: String) -> Self {
        Self { boot: Some(boot), ..Self::default() }
    }

    /// The files of all lines before `end` are on disk.
    pub(crate) fn synced(end: u64) -> Self {
        Self { synced: Some(end), ..Self::default() }
    }
}

/// As much of any line as is needed to index it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Glance {
    pub(super) pixloom_journal: Option<u32>,
    pub(super) boot: Option<String>,
    pub(super) synced: Option<u64>,
    pub(super) phase: Option<String>,
    pub(super) key: Option<String>,
}
