//! Doing things to originals, each of them written down first.
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use pixloom_engine::path_key;

use super::files::{Content, copy_whole, exists, relocate, sync_folder_of};
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
        let (from, to) = (self.root.join(relative), self.root.join(target));
        plain(&from)?;
        if exists(&to) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let content = Content::read(&from)?.ok_or(io::ErrorKind::NotFound)?;
        self.make_folders(&to)?;
        self.count += 1;
        let run = self.folder.file_name().unwrap_or_default().to_string_lossy();
        let temporary = to.with_file_name(format!(".pixloom-{run}-{}.tmp", self.count));
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

/// The metadata of a plain file: what a link leads to may be shared by others.
fn plain(path: &Path) -> io::Result<fs::Metadata> {
    let meta = fs::symlink_metadata(path)?;
    if meta.is_file() {
        Ok(meta)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "a link is left as it is"))
    }
}

/// Gives the original a second name; where that is not possible, copies it.
fn keep(path: &Path, kept: &Path) -> io::Result<()> {
    if fs::hard_link(path, kept).is_ok() {
        return Ok(());
    }
    // Hidden files are never inputs, so no original has this name.
    let half = kept.with_file_name(".half");
    copy_whole(path, &half)?;
    fs::rename(half, kept)
}
