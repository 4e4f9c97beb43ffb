//! An index over the entries that were there when the journal was opened.
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};

use super::line::{Glance, JournalEntry, Status, VERSION};
use crate::{Fingerprint, ItemKey};

/// Records are small; a file with such a line is something else.
const LONGEST_LINE: u64 = 256 << 20;

fn not_a_journal() -> io::Error {
    let message = "the file is not a journal of this version; move it away";
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// Where the entries are, by hash of phase and key.
#[derive(Debug)]
pub(super) struct History {
    file: File,
    /// Hash and offset, sorted; of one key the last counts.
    slots: Vec<(u64, u64)>,
    claimed: Vec<AtomicBool>,
    /// Offsets of entries whose files may have been lost with the power.
    doubtful: Vec<Range<u64>>,
}

/// The state of reading through a journal once.
#[derive(Debug, Default)]
struct Scan {
    slots: Vec<(u64, u64)>,
    doubtful: Vec<Range<u64>>,
    session: Option<Session>,
    end: u64,
}

/// One process's part of the journal.
#[derive(Debug)]
struct Session {
    same_boot: bool,
    synced: u64,
}

impl History {
    /// Reads the file through. Returns the index and the end of the last whole line.
    pub(super) fn load(file: &File) -> io::Result<(Self, u64)> {
        let mut reader = BufReader::with_capacity(256 << 10, file.try_clone()?);
        reader.seek(SeekFrom::Start(0))?;
        let boot = boot_id();
        let mut scan = Scan::default();
        let mut line = Vec::new();
        while reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? > 0 {
            if line.len() as u64 == LONGEST_LINE {
                return Err(not_a_journal());
            }
            if !line.ends_with(b"\n") {
                break;
            }
            scan.line(&line, &boot)?;
            line.clear();
        }
        scan.end_session();
        let Scan { mut slots, doubtful, end, .. } = scan;
        slots.sort_unstable();
        slots.shrink_to_fit();
        let claimed = slots.iter().map(|_| AtomicBool::new(false)).collect();
        Ok((Self { file: file.try_clone()?, slots, claimed, doubtful }, end))
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The last entry of this item, which is claimed by asking. `None` if it was forgotten.
    pub(super) fn find(&self, phase: &str, key: &ItemKey) -> io::Result<Option<JournalEntry>> {
        let hash = entry_hash(phase, key.as_str());
        let start = self.slots.partition_point(|slot| slot.0 < hash);
        let end = self.slots.partition_point(|slot| slot.0 <= hash);
        let mut latest = None;
        for place in (start..end).rev() {
            let Some(entry) = self.read(place)? else { continue };
            if entry.phase == phase && entry.key == *key {
                self.claimed[place].store(true, Ordering::Relaxed);
                latest = latest.or(Some(entry));
            }
        }
        Ok(latest.filter(|entry| entry.status != Status::Forgotten))
    }

    pub(super) fn unclaimed(&self, phase: &str) -> io::Result<Vec<JournalEntry>> {
        let mut found: Vec<JournalEntry> = Vec::new();
        for place in (0..self.slots.len()).rev() {
            if self.claimed[place].load(Ordering::Relaxed) {
                continue;
            }
            let Some(entry) = self.read(place)?.filter(|entry| entry.phase == phase) else {
                continue;
            };
            found.push(entry);
        }
        // Sorting is stable and later lines come first: of one key, the last line stays.
        found.sort_by(|a, b| a.key.cmp(&b.key));
        found.dedup_by(|later, kept| later.key == kept.key);
        found.retain(|entry| entry.status != Status::Forgotten);
        Ok(found)
    }

    /// The entry at this place of the index; `None` if the line cannot be read as one.
    fn read(&self, place: usize) -> io::Result<Option<JournalEntry>> {
        let offset = self.slots[place].1;
        let line = read_line(&self.file, offset)?;
        let Ok(mut entry) = serde_json::from_slice::<JournalEntry>(&line) else {
            return Ok(None);
        };
        entry.doubtful = self.doubtful.iter().any(|range| range.contains(&offset));
        Ok(Some(entry))
    }
}

impl Scan {
    /// Lines that are no JSON, as a power loss may leave them, are passed over.
    fn line(&mut self, line: &[u8], boot: &str) -> io::Result<()> {
        let offset = self.end;
        let glance: Glance = serde_json::from_slice(line).unwrap_or_default();
        if offset == 0 && glance.pixloom_journal != Some(VERSION) {
            return Err(not_a_journal());
        }
        self.end += line.len() as u64;
        if let (Some(phase), Some(key)) = (&glance.phase, &glance.key) {
            self.slots.push((entry_hash(phase, key), offset));
        }
        if let Some(theirs) = glance.boot {
            self.end_session_at(offset);
            self.session = Some(Session { same_boot: theirs == boot, synced: offset });
        }
        if let (Some(session), Some(synced)) = (&mut self.session, glance.synced) {
            session.synced = synced;
        }
        Ok(())
    }

    fn end_session(&mut self) {
        self.end_session_at(self.end);
    }

    fn end_session_at(&mut self, end: u64) {
        if let Some(session) = self.session.take()
            && !session.same_boot
        {
            self.doubtful.push(session.synced..end);
        }
    }
}

/// Reads from `offset` to the end of the line.
fn read_line(file: &File, offset: u64) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut chunk = [0; 2048];
    loop {
        let length = file.read_at(&mut chunk, offset + line.len() as u64)?;
        match chunk[..length].iter().position(|byte| *byte == b'\n') {
            Some(end) => {
                line.extend_from_slice(&chunk[..end]);
                return Ok(line);
            }
            None if length == 0 => return Ok(line),
            None => line.extend_from_slice(&chunk[..length]),
        }
    }
}

fn entry_hash(phase: &str, key: &str) -> u64 {
    Fingerprint::builder(phase).field("key", key).finish().short()
}

/// Changes when the machine restarts; empty where the system does not say.
pub(super) fn boot_id() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    id.trim().to_owned()
}
