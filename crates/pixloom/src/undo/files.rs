//! Files by content: what they hold, and moving them without replacing any.
use std::fs::{self, File};
use std::io;
use std::path::Path;

use pixloom_engine::Fingerprint;
use pixloom_engine::files::hash_file;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    /// Its length.
    pub(super) bytes: u64,
    /// The BLAKE3 hash of its content.
    pub(super) blake3: String,
}

impl Content {
    /// Of bytes in memory.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len() as u64, blake3: Fingerprint::of(bytes).to_string() }
    }

    /// Of a plain file; `None` if there is none.
    pub(super) fn read(path: &Path) -> io::Result<Option<Self>> {
        match fs::symlink_metadata(path) {
            Ok(meta) if meta.is_file() => {
                let (bytes, hash) = hash_file(path)?;
                Ok(Some(Self { bytes, blake3: hash.to_string() }))
            }
            Ok(_) => Ok(None),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether the error says that there is nothing at the path.
pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Whether there is anything at the path.
pub(super) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether both names lead to one file.
pub(super) fn is_one_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity =
        |path: &Path| fs::symlink_metadata(path).ok().map(|meta| (meta.dev(), meta.ino()));
    identity(one).is_some_and(|one| identity(other) == Some(one))
}

/// Whether two paths lead to one and the same entry of a folder, so that removing one of them
/// removes both: over a symbolic link to a folder, or a folder mounted twice.
pub(super) fn is_one_entry(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    if !is_one_file(one, other) {
        return false;
    }
    let place =
        |path: &Path| Some((path.parent()?.canonicalize().ok()?, path.file_name()?.to_owned()));
    let has_one_name = fs::symlink_metadata(one).is_ok_and(|meta| meta.nlink() == 1);
    has_one_name || place(one) == place(other)
}

/// Renames without replacing; across file systems copies under the name `temporary` first.
pub(super) fn relocate(from: &Path, to: &Path, temporary: &Path) -> io::Result<()> {
    match rename_new(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            copy_whole(from, temporary)?;
            rename_new(temporary, to)?;
            sync_folder_of(to)?;
            let gone = fs::remove_file(from);
            if gone.is_err() && exists(from) {
                // It stays where it is, then there must not be two; the error says why.
                let _copy = fs::remove_file(to);
            }
            gone
        }
        result => result,
    }
}

/// Puts the file `from` in the place of whatever is at `to`; across file systems by a copy under
/// the name `temporary`, beside `to`. A folder that is gone is made again.
pub(super) fn put_over(from: &Path, to: &Path, temporary: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            let copied = copy_whole(from, temporary).and_then(|()| fs::rename(temporary, to));
            if copied.is_err() {
                // What is left of a copy; the error to report is the first.
                let _gone = fs::remove_file(temporary);
                return copied;
            }
            sync_folder_of(to)?;
            fs::remove_file(from)
        }
        Err(error) => Err(error),
        Ok(()) => sync_folder_of(to),
    }
}

/// Removes a file, if there is one.
pub(super) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if !is_absent(&error) => Err(error),
        _ => Ok(()),
    }
}

/// Renames, and fails if the target exists.
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Some file systems cannot refuse to replace; then this must do.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) if exists(to) => {
            Err(io::ErrorKind::AlreadyExists.into())
        }
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => fs::rename(from, to),
        other => Ok(other?),
    }
}

/// Copies content, permissions and times, and waits until the copy is on the disk.
pub(super) fn copy_whole(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    let meta = fs::metadata(from)?;
    // For reading: the copy of a read-only file is read-only, and times need no more.
    let copy = File::open(to)?;
    if let Ok(modified) = meta.modified() {
        copy.set_modified(modified)?;
    }
    copy.sync_all()
}

/// Makes the names in the folder of `path` survive a power loss.
pub(super) fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
