//! What pictures are matched by, in memory as long as it is little, then in a file.
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::facts::payload_of;
use crate::cache::Reader;

/// Bytes that are kept in memory.
const IN_MEMORY: u64 = 32 << 20;

/// The payloads of all pictures of a run, by number.
#[derive(Debug)]
pub(in crate::jobs) struct Bank {
    memory: Vec<u8>,
    /// Where the payload of each picture ends, those in the file after those in memory.
    ends: Vec<u64>,
    /// Which pictures have theirs in the cache, by their contents.
    stored: BTreeMap<u32, [u8; 32]>,
    readers: Vec<Arc<Reader>>,
    spill: Option<File>,
    folder: std::path::PathBuf,
}

impl Bank {
    /// Nothing in it yet; a file, if one is needed, lies in `folder` without a name.
    pub(in crate::jobs) fn new(folder: &Path, readers: Vec<Arc<Reader>>) -> Self {
        let (memory, ends, stored) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { memory, ends, stored, readers, spill: None, folder: folder.to_owned() }
    }

    /// Adds the payload of the next picture.
    pub(in crate::jobs) fn push(&mut self, payload: &[u8]) -> io::Result<()> {
        let end = self.ends.last().copied().unwrap_or(0) + payload.len() as u64;
        if self.spill.is_none() && end <= IN_MEMORY {
            self.memory.extend(payload);
        } else if !payload.is_empty() {
            if self.spill.is_none() {
                self.spill = Some(nameless(&self.folder)?);
            }
            if let Some(file) = &mut self.spill {
                file.write_all(payload)?;
            }
        }
        self.ends.push(end);
        Ok(())
    }

    /// Adds the next picture, whose payload the cache has.
    pub(super) fn push_stored(&mut self, content: [u8; 32]) {
        self.stored.insert(self.ends.len() as u32, content);
        self.ends.push(self.ends.last().copied().unwrap_or(0));
    }

    /// The payload of a picture; empty where there is none.
    pub(in crate::jobs) fn get(&self, picture: usize) -> io::Result<Vec<u8>> {
        if let Some(content) = self.stored.get(&(picture as u32)) {
            let payload = self.readers.iter().find_map(|reader| reader.look(content, payload_of));
            return payload.ok_or_else(|| io::Error::other("the cache lost what it had"));
        }
        let Some(end) = self.ends.get(picture) else { return Ok(Vec::new()) };
        let start = if picture == 0 { 0 } else { self.ends[picture - 1] };
        let memory = self.memory.len() as u64;
        if *end <= memory {
            return Ok(self.memory[start as usize..*end as usize].to_vec());
        }
        let mut payload = vec![0; (*end - start) as usize];
        if let Some(file) = &self.spill {
            file.read_exact_at(&mut payload, start - memory)?;
        }
        Ok(payload)
    }
}

/// A file that is gone when it is closed, however the process ends.
fn nameless(folder: &Path) -> io::Result<File> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!(".pixloom-features-{}-{number}.tmp", std::process::id()));
    let file = File::options().read(true).write(true).create_new(true).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_come_back_from_memory_and_from_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut bank = Bank::new(folder.path(), Vec::new());
        let payload = |number: usize| vec![number as u8; 5 << 20];
        for number in 0..9 {
            bank.push(&payload(number)).unwrap();
        }
        bank.push(&[1, 2]).unwrap();
        assert!(bank.spill.is_some() && bank.memory.len() == 6 * (5 << 20));
        for number in 0..9 {
            assert!(bank.get(number).unwrap() == payload(number));
        }
        assert_eq!(bank.get(9).unwrap(), [1, 2]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
