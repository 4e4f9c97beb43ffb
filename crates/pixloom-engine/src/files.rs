//! Files that are whole or not there.
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Fingerprint;

static NEXT: AtomicU64 = AtomicU64::new(0);

/// Writes a file so that a crash or a power loss leaves the old one or the new one, whole:
/// temporary file beside it, fsync, rename. Creates missing folders.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    with_temporary(path, |file| {
        file.write_all(bytes)?;
        file.sync_all()
    })
}

/// Creates a hidden file beside `path`, lets `fill` write it, and renames it into place; the
/// hidden file is removed if anything fails.
pub fn with_temporary(
    path: &Path,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let temporary = temporary_beside(path)?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&temporary)
        .and_then(|mut file| fill(&mut file))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Renames a file to a name that nothing has yet; `AlreadyExists` if something has.
pub(crate) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match try_rename_new(from, to) {
        // File systems that cannot do it in one step, as some clusters have.
        Err(error)
            if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) =>
        {
            refuse_existing(to)?;
            fs::rename(from, to)
        }
        other => other,
    }
}

#[cfg(target_os = "linux")]
fn try_rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

#[cfg(not(target_os = "linux"))]
fn try_rename_new(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// `AlreadyExists` if there is anything at the path, be it a dangling link.
pub(crate) fn refuse_existing(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if is_absent(&error) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether a relative path names a file below the folder that it is relative to.
pub fn is_inside(path: &Path) -> bool {
    path.file_name().is_some()
        && path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

fn temporary_beside(path: &Path) -> io::Result<PathBuf> {
    if path.file_name().is_none() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"));
    }
    // A short name of its own: the target's may already be as long as names can be.
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Ok(path.with_file_name(format!(".pixloom-{}-{number}.tmp", std::process::id())))
}

/// Length and hash of a file's content.
pub fn hash_file(path: &Path) -> io::Result<(u64, Fingerprint)> {
    let mut file = File::open(path)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok((hasher.count(), Fingerprint(*hasher.finalize().as_bytes()))),
            Ok(length) => hasher.update(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
    }
}

/// Removes a file if it still has this length and content. `Ok(false)`: it is gone, it is not
/// a plain file, or someone changed it, and it was left alone.
pub fn remove_if_unchanged(path: &Path, bytes: u64, hash: &Fingerprint) -> io::Result<bool> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if is_absent(&error) => return Ok(false),
        Err(error) => return Err(error),
    };
    if !metadata.is_file() || metadata.len() != bytes || hash_file(path)? != (bytes, *hash) {
        return Ok(false);
    }
    fs::remove_file(path).map(|()| true)
}

/// Whether the error says that there is nothing at the path.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_whole_files_into_new_folders() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b.txt");
        write_atomic(&path, b"one").unwrap();
        write_atomic(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_write_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("taken");
        fs::create_dir(&target).unwrap();
        assert!(write_atomic(&target, b"x").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn removes_only_what_is_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        let hash = Fingerprint::of(b"mine");
        assert!(!remove_if_unchanged(&path, 4, &hash).unwrap());
        write_atomic(&path, b"ours").unwrap();
        assert!(!remove_if_unchanged(&path, 4, &hash).unwrap());
        write_atomic(&path, b"mine").unwrap();
        assert!(remove_if_unchanged(&path, 4, &hash).unwrap());
        assert!(!path.exists());
    }

    #[test]
    fn new_names_replace_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        write_atomic(&from, b"mine").unwrap();
        std::os::unix::fs::symlink("nowhere", &to).unwrap();
        assert_eq!(rename_new(&from, &to).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert!(refuse_existing(&to).is_err() && from.exists());
        fs::remove_file(&to).unwrap();
        rename_new(&from, &to).unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"mine");
    }

    #[test]
    fn leaves_links_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("f"), folder.path().join("l"));
        write_atomic(&file, b"mine").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert!(!remove_if_unchanged(&link, 4, &Fingerprint::of(b"mine")).unwrap());
    }
}
