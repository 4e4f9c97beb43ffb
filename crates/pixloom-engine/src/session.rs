//! A folder for the temporary files of one process, cleaned up by the next if it dies.
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{FlockOperation, flock};

use crate::files::is_absent;

static NEXT: AtomicU64 = AtomicU64::new(0);

/// `TMP/NAME/` with its lock file `TMP/NAME.lock`. The lock file is made and locked before the
/// folder, and removed after it, so a folder whose lock nobody holds belongs to a dead process.
#[derive(Debug)]
pub(crate) struct Session {
    folder: PathBuf,
    lock: PathBuf,
    /// Holds the lock for as long as the session lives.
    _locked: File,
}

impl Session {
    /// Makes a session folder in `tmp` after removing those of dead processes.
    pub(crate) fn open(tmp: &Path) -> io::Result<Self> {
        fs::create_dir_all(tmp)?;
        remove_dead(tmp)?;
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!("{}-{number}", std::process::id());
            let (folder, lock) = (tmp.join(&name), tmp.join(format!("{name}.lock")));
            match OpenOptions::new().write(true).create_new(true).open(&lock) {
                Ok(file) if is_ours(&file, &lock)? => {
                    fs::create_dir(&folder)?;
                    return Ok(Self { folder, lock, _locked: file });
                }
                // Another process took it for dead in between, or uses the same number.
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Nothing to do about failures: the next session cleans up.
        let _ = fs::remove_dir_all(&self.folder);
        let _ = fs::remove_file(&self.lock);
    }
}

/// Locks a new lock file. `false` if it was removed before it could be locked. A file system
/// without locks gives a session too; others then leave it alone.
fn is_ours(file: &File, path: &Path) -> io::Result<bool> {
    let locked = flock(file, FlockOperation::NonBlockingLockExclusive);
    if locked == Err(rustix::io::Errno::WOULDBLOCK) {
        return Ok(false);
    }
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.ino() == file.metadata()?.ino()),
        Err(error) if is_absent(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes the folders of sessions whose lock can be taken.
fn remove_dead(tmp: &Path) -> io::Result<()> {
    for entry in fs::read_dir(tmp)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "lock") && is_dead(&path) {
            // Two processes may clean up at once; whoever comes second finds nothing.
            let _ = fs::remove_dir_all(path.with_extension(""));
            let _ = fs::remove_file(&path);
        }
    }
    Ok(())
}

fn is_dead(lock: &Path) -> bool {
    File::open(lock)
        .is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_living_are_left_alone_and_the_dead_removed() {
        let tmp = tempfile::tempdir().unwrap();
        let living = Session::open(tmp.path()).unwrap();
        File::create(living.folder().join("part")).unwrap();
        fs::create_dir(tmp.path().join("999-1")).unwrap();
        File::create(tmp.path().join("999-1/part")).unwrap();
        File::create(tmp.path().join("999-1.lock")).unwrap();
        let second = Session::open(tmp.path()).unwrap();
        assert!(living.folder().join("part").exists());
        assert!(!tmp.path().join("999-1").exists() && !tmp.path().join("999-1.lock").exists());
        drop((living, second));
        assert_eq!(fs::read_dir(tmp.path()).unwrap().count(), 0);
    }
}
