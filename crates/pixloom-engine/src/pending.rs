//! A file that is being written and has no name in the output yet.
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{Fingerprint, Output};

/// Small writes are gathered up to this many bytes.
const BUFFER: usize = 64 << 10;

/// A temporary file in the output folder; removed on drop unless it became a product.
///
/// Holds one file descriptor and at most 64 KiB of memory. Length and hash are kept while
/// writing, so the file is not read again.
#[derive(Debug)]
pub struct PendingFile {
    file: File,
    path: PathBuf,
    buffer: Vec<u8>,
    /// Boxed: two kilobytes that would travel with every product.
    hasher: Box<blake3::Hasher>,
    output: Arc<Output>,
    placed: bool,
    failed: bool,
}

impl PendingFile {
    pub(crate) fn create(path: PathBuf, output: Arc<Output>) -> io::Result<Self> {
        let opened = OpenOptions::new().read(true).write(true).create_new(true).open(&path);
        let file = opened.map_err(|error| output.remember(error))?;
        let (buffer, hasher) = (Vec::new(), Box::new(blake3::Hasher::new()));
        Ok(Self { file, path, buffer, hasher, output, placed: false, failed: false })
    }

    /// How many bytes were written.
    pub fn written(&self) -> u64 {
        self.hasher.count() + self.buffer.len() as u64
    }

    /// Writes out the buffer; returns length and hash.
    pub(crate) fn finish(&mut self) -> io::Result<(u64, Fingerprint)> {
        self.flush()?;
        if self.failed {
            return Err(io::Error::other("an earlier write failed"));
        }
        Ok((self.hasher.count(), Fingerprint(*self.hasher.finalize().as_bytes())))
    }

    /// Renames the file to its place; with `keep` only if nothing is there.
    pub(crate) fn place(mut self, target: &Path, keep: bool) -> io::Result<()> {
        let renamed = if keep {
            crate::files::rename_new(&self.path, target)
        } else {
            fs::rename(&self.path, target)
        };
        match renamed {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                if keep {
                    crate::files::refuse_existing(target)?;
                }
                self.copy(target)?;
            }
            // Someone cleared the folder for temporary files.
            Err(error) if !self.path.exists() => return Err(self.output.remember(error)),
            other => {
                other?;
                self.placed = true;
            }
        }
        Ok(())
    }

    /// For a target on another file system, such as a linked folder.
    fn copy(&self, target: &Path) -> io::Result<()> {
        crate::files::with_temporary(target, |file| {
            io::copy(&mut File::open(&self.path)?, file)?;
            file.sync_all()
        })
    }

    fn write_out(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all(bytes) {
            self.failed = true;
            return Err(self.output.remember(error));
        }
        self.hasher.update(bytes);
        Ok(())
    }
}

impl Write for PendingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + bytes.len() <= BUFFER {
            self.buffer.extend_from_slice(bytes);
        } else {
            self.flush()?;
            self.write_out(bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        self.write_out(&buffer)?;
        buffer.clear();
        self.buffer = buffer;
        Ok(())
    }
}

impl Drop for PendingFile {
    fn drop(&mut self) {
        if !self.placed {
            // Whatever cannot be removed now goes with the session's folder.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::*;

    /// Writes to a device that is always full; `swallow` ignores the error.
    struct Full {
        swallow: bool,
    }

    impl Stage for Full {
        type In = u64;
        type Out = u64;
        type Scratch = ();

        fn name(&self) -> &'static str {
            "full"
        }

        fn scratch(&self) {}

        fn cost(&self, _number: &u64) -> Bytes {
            Bytes(1)
        }

        fn fingerprint(&self, _number: &u64) -> Option<Fingerprint> {
            None
        }

        fn run(&self, number: u64, (): &mut (), cx: &ItemCx<'_>) -> Result<u64, ItemError> {
            let mut file = cx.pending_file()?;
            if number == 5 {
                file.file = OpenOptions::new().write(true).open("/dev/full")?;
            }
            let written = file.write_all(&vec![7; 100_000]);
            if !self.swallow {
                written?;
            }
            cx.add_product(Product::file("f", number.to_string(), file));
            Ok(number)
        }
    }

    #[test]
    fn a_full_disk_ends_the_run_and_leaves_no_half_file() {
        for swallow in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let output = Output::open(folder.path(), &folder.path().join(".r")).unwrap();
            let workers = std::num::NonZeroUsize::new(2).unwrap();
            let engine = Engine::new(workers, Bytes(100)).with_output(output);
            let items = (0..20).map(|number| SourceItem::new(ItemKey::from_index(number), number));
            let mut got = 0;
            let mut sink = FnSink::new(|delivery: Delivery<u64>| {
                assert_eq!((delivery.index, delivery.outcome.kind()), (got, OutcomeKind::Done));
                got += 1;
                Ok(())
            });
            let result = engine.run(&mut IterSource::new(items), &Full { swallow }, &mut sink);
            assert!(matches!(result, Err(RunError::Output(_))), "{result:?}");
            assert!(got <= 5);
            drop(engine);
            for entry in fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
                assert!(entry.path().is_dir() || entry.metadata().unwrap().len() == 100_000);
            }
            assert_eq!(fs::read_dir(folder.path().join(".r/tmp")).unwrap().count(), 0);
        }
    }

    #[test]
    fn a_file_that_failed_once_cannot_become_a_product() {
        let folder = tempfile::tempdir().unwrap();
        let output = Output::open(folder.path(), &folder.path().join(".r")).unwrap();
        let mut file = output.pending_file().unwrap();
        let good = std::mem::replace(
            &mut file.file,
            OpenOptions::new().write(true).open("/dev/full").unwrap(),
        );
        assert!(file.write_all(&vec![7; 100_000]).is_err());
        file.file = good;
        assert!(file.finish().is_err());
    }
}
