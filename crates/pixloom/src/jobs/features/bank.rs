//! What pictures are matched by, in memory as long as it is little, then in a file.
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that are kept in memory.
const IN_MEMORY: usize = 32 << 20;

/// The payloads of all pictures of a run, by number.
#[derive(Debug)]
pub(in crate::jobs) struct Bank {
    memory: Vec<Arc<[u8]>>,
    in_memory: usize,
    /// Ends of the payloads in the file, those of the first `memory.len()` left out.
    ends: Vec<u64>,
    spill: Option<File>,
    folder: std::path::PathBuf,
}

impl Bank {
    /// Nothing in it yet; a file, if one is needed, lies in `folder` without a name.
    pub(super) fn new(folder: &Path) -> Self {
        let folder = folder.to_owned();
        Self { memory: Vec::new(), in_memory: 0, ends: Vec::new(), spill: None, folder }
    }

    /// Adds the payload of the next picture.
    pub(super) fn push(&mut self, payload: &Arc<[u8]>) -> io::Result<()> {
        if self.spill.is_none() && self.in_memory + payload.len() <= IN_MEMORY {
            self.in_memory += payload.len();
            self.memory.push(Arc::clone(payload));
            return Ok(());
        }
        if self.spill.is_none() {
            self.spill = Some(nameless(&self.folder)?);
        }
        if let Some(file) = &mut self.spill {
            file.write_all(payload)?;
        }
        self.ends.push(self.ends.last().copied().unwrap_or(0) + payload.len() as u64);
        Ok(())
    }

    /// The payload of a picture; empty where there is none.
    pub(in crate::jobs) fn get(&self, picture: usize) -> io::Result<Arc<[u8]>> {
        if let Some(payload) = self.memory.get(picture) {
            return Ok(Arc::clone(payload));
        }
        let at = picture - self.memory.len();
        let (Some(file), Some(end)) = (&self.spill, self.ends.get(at)) else {
            return Ok(Arc::from([]));
        };
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        let mut payload = vec![0; (end - start) as usize];
        file.read_exact_at(&mut payload, start)?;
        Ok(payload.into())
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
        let mut bank = Bank::new(folder.path());
        let payload = |number: usize| -> Arc<[u8]> { vec![number as u8; 5 << 20].into() };
        for number in 0..9 {
            bank.push(&payload(number)).unwrap();
        }
        bank.push(&Arc::from([1, 2])).unwrap();
        assert!(bank.spill.is_some() && bank.memory.len() == 6);
        for number in 0..9 {
            assert!(bank.get(number).unwrap() == payload(number));
        }
        assert_eq!(&bank.get(9).unwrap()[..], [1, 2]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
