//! Doing things to originals, each of them written down first.
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use pixloom_engine::{Fingerprint, path_key};

use super::files::{
    Content, copy_whole, exists, is_one_file, relocate, remove_if_there, rename_new, sync_folder_of,
};
use super::journal::{Journal, Line};

/// The actions of one run on the files below one folder.
#[derive(Debug)]
pub struct Actions {
    root: PathBuf,
    folder: PathBuf,
    journal: Journal,
    count: u64,
}

/// New content for a file, on the disk but not in its place yet.
#[derive(Debug)]
pub struct Staged {
    path: PathBuf,
    content: Content,
}

impl Staged {
    /// Where it can be looked at.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Content that was put in its place is no longer here; other content is not wanted.
        let _gone = fs::remove_file(&self.path);
    }
}

impl Actions {
    /// Starts the journal for actions of `run` on files below `root`.
    pub fn begin(root: &Path, run: &str, job: &str) -> io::Result<Self> {
        let folder = super::folder_of_run(root, run);
        let journal = Journal::create(&folder, run, job)?;
        Ok(Self { root: root.to_owned(), folder, journal, count: 0 })
    }

    /// The folder with the journal and the originals.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes new content to the disk, beside the journal.
    pub fn stage(&mut self, bytes: &[u8]) -> io::Result<Staged> {
        self.count += 1;
        let path = self.folder.join(format!("{}.new", self.count));
        let staged = Staged { content: Content::of(bytes), path };
        let mut file = File::create(&staged.path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(staged)
    }

    /// Puts staged content in the place of the file at `relative`, whose content is `old`. The
    /// original is kept; at no moment is there no file.
    ///
    /// # Errors
    /// `InvalidInput` for a link, `Other` if the file changed meanwhile; then nothing happened.
    pub fn replace(&mut self, relative: &Path, old: &[u8], staged: &Staged) -> io::Result<()> {
        let path = self.root.join(relative);
        let meta = plain(&path)?;
        let old = Content::of(old);
        if Content::read(&path)?.as_ref() != Some(&old) {
            return Err(io::Error::other("the file changed meanwhile"));
        }
        fs::set_permissions(&staged.path, meta.permissions())?;
        let original = Path::new("originals").join(relative);
        let kept = self.folder.join(&original);
        if let Some(parent) = kept.parent() {
            fs::create_dir_all(parent)?;
        }
        self.journal.append(&Line::Replace {
            path: path_key(relative),
            original: path_key(&original),
            old,
            new: staged.content.clone(),
        })?;
        keep(&path, &kept)?;
        sync_folder_of(&kept)?;
        fs::rename(&staged.path, &path)?;
        sync_folder_of(&path)
    }

    /// Moves the file at `relative` to `target`, absolute or below the root.
    ///
    /// # Errors
    /// `AlreadyExists` if something is there, `InvalidInput` for a link; then nothing happened.
    pub fn relocate(&mut self, relative: &Path, target: &Path) -> io::Result<()> {
        self.relocate_if(relative, target, None)
    }

    /// As [`Actions::relocate`], only if the file's content still has that hash.
    ///
    /// # Errors
    /// As [`Actions::relocate`]; `Other` if the file changed meanwhile.
    pub fn relocate_if(
        &mut self,
        relative: &Path,
        target: &Path,
        expected: Option<&Fingerprint>,
    ) -> io::Result<()> {
        let (from, to) = (self.root.join(relative), self.root.join(target));
        let content = checked(&from, &to, expected)?;
        self.make_folders(&to)?;
        let temporary = self.temporary(&to);
        self.journal.append(&Line::Move {
            from: path_key(relative),
            to: path_key(target),
            temporary: path_key(&temporary),
            content,
        })?;
        let moved = relocate(&from, &to, &temporary);
        if moved.is_err() {
            // What is left of a copy; the error to report is the first.
            let _gone = fs::remove_file(&temporary);
            self.journal.append(&Line::Refused)?;
        }
        moved
    }

    /// Copies the file at `source`, absolute or below the root, to `target`, where there is none.
    ///
    /// # Errors
    /// As [`Actions::relocate_if`].
    pub fn copy(
        &mut self,
        source: &Path,
        target: &Path,
        expected: Option<&Fingerprint>,
    ) -> io::Result<()> {
        let (from, to) = (self.root.join(source), self.root.join(target));
        let content = checked(&from, &to, expected)?;
        self.make((&to, Some(&from)), content, &|temporary| copy_whole(&from, temporary))
    }

    /// Writes a new file to `target`, where there is none.
    ///
    /// # Errors
    /// `AlreadyExists` if something is there.
    pub fn create(&mut self, target: &Path, bytes: &[u8]) -> io::Result<()> {
        let to = self.root.join(target);
        if exists(&to) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.make((&to, None), Content::of(bytes), &|temporary| {
            let mut file = File::create(temporary)?;
            file.write_all(bytes)?;
            file.sync_all()
        })
    }

    /// Makes a file, a copy of `source` if there is one.
    fn make(
        &mut self,
        (to, source): (&Path, Option<&Path>),
        content: Content,
        write: &dyn Fn(&Path) -> io::Result<()>,
    ) -> io::Result<()> {
        self.make_folders(to)?;
        let temporary = self.temporary(to);
        let (path, short) = (path_key(to), path_key(&temporary));
        let source = source.map(path_key);
        self.journal.append(&Line::Create { path, temporary: short, content, source })?;
        let made = write(&temporary).and_then(|()| rename_new(&temporary, to));
        if made.is_err() {
            // What is left of a copy; the error to report is the first.
            let _gone = fs::remove_file(&temporary);
            self.journal.append(&Line::Refused)?;
            return made;
        }
        sync_folder_of(to)
    }

    /// Replaces the file at `relative` by a link to `target`, a file of the same content: a
    /// symbolic one, or a hard one. The original is kept.
    ///
    /// # Errors
    /// `Other` if one of the files changed meanwhile or they differ, `CrossesDevices` for a hard link
    /// to another file system; then nothing happened.
    pub fn link(
        &mut self,
        relative: &Path,
        (target, symbolic): (&Path, bool),
        expected: &Fingerprint,
    ) -> io::Result<()> {
        let (path, target) = (self.root.join(relative), self.root.join(target));
        plain(&path)?;
        let content = unchanged(&path, Some(expected))?;
        if unchanged(&target, Some(expected))? != content || is_one_file(&path, &target) {
            return Err(io::Error::other("both are one file already"));
        }
        self.count += 1;
        let original = Path::new("originals").join(format!("{}", self.count));
        let kept = self.folder.join(&original);
        fs::create_dir_all(self.folder.join("originals"))?;
        let temporary = self.temporary(&path);
        self.journal.append(&Line::Link {
            path: path_key(&path),
            original: path_key(&original),
            temporary: path_key(&temporary),
            content: content.clone(),
            target: symbolic.then(|| path_key(&target)),
        })?;
        let linked = keep(&path, &kept)
            .and_then(|()| sync_folder_of(&kept))
            .and_then(|()| make_link(&target, &temporary, symbolic))
            .and_then(|()| fs::rename(&temporary, &path));
        if linked.is_err() {
            // The error to report is the first.
            let _gone = fs::remove_file(&temporary);
            if Content::read(&path).is_ok_and(|now| now.as_ref() == Some(&content)) {
                let _gone = fs::remove_file(&kept);
                self.journal.append(&Line::Refused)?;
            }
            return linked;
        }
        sync_folder_of(&path)
    }

    /// A hidden name beside `path` that no other action uses.
    fn temporary(&mut self, path: &Path) -> PathBuf {
        self.count += 1;
        let run = self.folder.file_name().unwrap_or_default().to_string_lossy();
        path.with_file_name(format!(".pixloom-{run}-{}.tmp", self.count))
    }

    /// Makes a folder, and those above it, where they are missing.
    pub fn make_folder(&mut self, path: &Path) -> io::Result<()> {
        self.make_folders(&self.root.join(path).join("x"))
    }

    /// Makes the missing folders above `path`, outermost first.
    fn make_folders(&mut self, path: &Path) -> io::Result<()> {
        let missing: Vec<&Path> = path.ancestors().skip(1).take_while(|at| !exists(at)).collect();
        for folder in missing.into_iter().rev().filter(|at| !at.as_os_str().is_empty()) {
            self.journal.append(&Line::Folder { path: path_key(folder) })?;
            fs::create_dir(folder)?;
        }
        Ok(())
    }
}

/// What a plain file holds that is about to go to a place where there is none.
fn checked(from: &Path, to: &Path, expected: Option<&Fingerprint>) -> io::Result<Content> {
    plain(from)?;
    if exists(to) {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    unchanged(from, expected)
}

fn unchanged(path: &Path, expected: Option<&Fingerprint>) -> io::Result<Content> {
    let content = Content::read(path)?.ok_or(io::ErrorKind::NotFound)?;
    if expected.is_some_and(|expected| expected.to_string() != content.blake3) {
        return Err(io::Error::other("the file changed meanwhile"));
    }
    Ok(content)
}

/// The metadata of a plain file: what a link leads to may be shared by others.
fn plain(path: &Path) -> io::Result<fs::Metadata> {
    let meta = fs::symlink_metadata(path)?;
    if meta.is_file() {
        Ok(meta)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "a link is left as it is"))
    }
}

fn make_link(target: &Path, name: &Path, symbolic: bool) -> io::Result<()> {
    if symbolic {
        return std::os::unix::fs::symlink(target, name);
    }
    fs::hard_link(target, name).map_err(|error| match error.kind() {
        io::ErrorKind::CrossesDevices => {
            let why = format!("{} lies on another file system", target.display());
            io::Error::new(io::ErrorKind::CrossesDevices, why)
        }
        _ => error,
    })
}

/// Where a copy of an original is written before it counts as kept. Hidden files are never inputs,
/// so no original has this name.
pub(super) fn half(kept: &Path) -> PathBuf {
    kept.with_file_name(".half")
}

/// Gives the original a second name; where that is not possible, copies it.
fn keep(path: &Path, kept: &Path) -> io::Result<()> {
    if fs::hard_link(path, kept).is_ok() {
        return Ok(());
    }
    let half = half(kept);
    remove_if_there(&half)?;
    let copied = copy_whole(path, &half);
    if copied.is_err() {
        // Nothing is to stand in the way of the next file; the error to report is the first.
        let _gone = remove_if_there(&half);
        return copied;
    }
    fs::rename(half, kept)
}
