//! Taking back the actions of a run.
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pixloom_engine::key_path;
use serde::Serialize;

use super::files::{Content, exists, is_absent, is_one_file, relocate, sync_folder_of};
use super::journal::{Journal, Line};

/// What an undo did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Reverted {
    /// The run whose actions were taken back.
    pub run: String,
    /// Its job.
    pub job: String,
    /// Files that are again as and where they were.
    pub restored: u64,
    /// Files that the run had made and that are gone again.
    pub removed: u64,
    /// Files that were left as they are now, each with the reason.
    pub kept: Vec<Kept>,
}

/// A file that an undo left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// The file.
    pub path: PathBuf,
    /// Why: a lower-case sentence.
    pub why: String,
}

/// Takes back all actions in `folder` (see [`latest`](super::latest)), last first. A file that
/// someone changed since is left alone. Can be repeated after an interruption.
///
/// # Errors
/// If the journal cannot be read or another process has it, or if a file cannot be moved.
pub fn revert(folder: &Path) -> io::Result<Reverted> {
    let (mut journal, lines) = Journal::open(folder)?;
    let root = folder.ancestors().nth(3).unwrap_or(folder);
    let mut undo = Undo { root, folder, done: Reverted::default() };
    let mut refused = false;
    for line in lines.iter().rev() {
        match line {
            Line::Refused => refused = true,
            line if !refused => undo.take_back(line)?,
            _ => refused = false,
        }
    }
    remove_staged(folder)?;
    if undo.done.kept.is_empty() {
        journal.append(&Line::Undone)?;
        let _gone = remove_empty(&folder.join("originals"));
    }
    Ok(undo.done)
}

struct Undo<'a> {
    root: &'a Path,
    folder: &'a Path,
    done: Reverted,
}

impl Undo<'_> {
    fn take_back(&mut self, line: &Line) -> io::Result<()> {
        match line {
            Line::Begin { run, job, .. } => {
                (self.done.run, self.done.job) = (run.clone(), job.clone());
                Ok(())
            }
            Line::Folder { path } => {
                // Not empty: something else was put there since.
                let _stays = fs::remove_dir(self.root.join(key_path(path)));
                Ok(())
            }
            Line::Replace { path, original, old, new } => {
                let kept = self.folder.join(key_path(original));
                self.put_back(self.root.join(key_path(path)), &kept, (old, new))
            }
            Line::Move { from, to, temporary, content } => {
                let [from, to] = [from, to].map(|path| self.root.join(key_path(path)));
                let temporary = self.root.join(key_path(temporary));
                self.move_back(from, to, &temporary, content)
            }
            Line::Create { path, temporary, content } => {
                let [path, temporary] =
                    [path, temporary].map(|path| self.root.join(key_path(path)));
                self.remove_made(path, &temporary, content)
            }
            Line::Link { path, original, temporary, content, target } => {
                match fs::remove_file(self.root.join(key_path(temporary))) {
                    Err(error) if !is_absent(&error) => return Err(error),
                    _ => {}
                }
                let kept = self.folder.join(key_path(original));
                let target = target.as_deref().map(key_path);
                self.unlink(self.root.join(key_path(path)), &kept, (content, target))
            }
            Line::Refused | Line::Undone => Ok(()),
        }
    }

    /// Removes a file that was made, unless someone changed it since.
    fn remove_made(
        &mut self,
        path: PathBuf,
        temporary: &Path,
        content: &Content,
    ) -> io::Result<()> {
        match fs::remove_file(temporary) {
            Err(error) if !is_absent(&error) => return Err(error),
            _ => {}
        }
        match Content::read(&path)? {
            Some(now) if now == *content => {
                fs::remove_file(&path)?;
                self.done.removed += 1;
                sync_folder_of(&path)
            }
            Some(_) => {
                self.leave(path, "it was changed since it was made");
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Puts the original in the place of the link. Without a kept original nothing was linked.
    fn unlink(
        &mut self,
        path: PathBuf,
        kept: &Path,
        (content, target): (&Content, Option<PathBuf>),
    ) -> io::Result<()> {
        if Content::read(kept)?.as_ref() != Some(content) {
            return Ok(());
        }
        if is_one_file(&path, kept) {
            // It was not replaced yet; a rename over another name of the file would do nothing.
            return fs::remove_file(kept);
        }
        let is_ours = match target {
            Some(target) => fs::read_link(&path).is_ok_and(|now| now == target),
            None => Content::read(&path)?.as_ref() == Some(content),
        };
        if !is_ours && exists(&path) {
            self.leave(path, "it was changed since; the original is kept beside the journal");
            return Ok(());
        }
        fs::rename(kept, &path)?;
        sync_folder_of(&path)?;
        self.done.restored += 1;
        Ok(())
    }

    /// The original is kept from before the replacement on; without it nothing was replaced.
    fn put_back(
        &mut self,
        path: PathBuf,
        kept: &Path,
        (old, new): (&Content, &Content),
    ) -> io::Result<()> {
        if Content::read(kept)?.as_ref() != Some(old) {
            return Ok(());
        }
        let now = Content::read(&path)?;
        if now.as_ref() == Some(old) {
            // A rename over another name of the same file would do nothing.
            return fs::remove_file(kept);
        }
        if now.is_some() && now.as_ref() != Some(new) {
            self.leave(path, "it was changed since; the original is kept beside the journal");
            return Ok(());
        }
        fs::rename(kept, &path)?;
        sync_folder_of(&path)?;
        self.done.restored += 1;
        Ok(())
    }

    fn move_back(
        &mut self,
        from: PathBuf,
        to: PathBuf,
        temporary: &Path,
        content: &Content,
    ) -> io::Result<()> {
        match fs::remove_file(temporary) {
            Err(error) if !is_absent(&error) => return Err(error),
            _ => {}
        }
        let (here, there) = (Content::read(&from)?, Content::read(&to)?);
        match (here, there) {
            // Nothing was moved yet, or a copy was not finished.
            (Some(here), Some(there)) if here == *content && there == *content => {
                fs::remove_file(&to)
            }
            (Some(here), _) if here == *content => Ok(()),
            (None, Some(there)) if there == *content => {
                if let Some(parent) = from.parent() {
                    fs::create_dir_all(parent)?;
                }
                let temporary = from.with_file_name(
                    temporary.file_name().unwrap_or_else(|| ".pixloom-undo.tmp".as_ref()),
                );
                relocate(&to, &from, &temporary)?;
                sync_folder_of(&from)?;
                self.done.restored += 1;
                Ok(())
            }
            (Some(_), _) => {
                self.leave(from, "another file is in its place now");
                Ok(())
            }
            (None, Some(_)) => {
                self.leave(to, "it was changed since it was moved here");
                Ok(())
            }
            (None, None) => {
                self.leave(to, "it is no longer where it was moved to");
                Ok(())
            }
        }
    }

    fn leave(&mut self, path: PathBuf, why: &str) {
        self.done.kept.push(Kept { path, why: why.to_owned() });
    }
}

/// Removes content that was never put in its place.
fn remove_staged(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "new") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Removes a folder of folders, unless there is a file in it.
fn remove_empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        remove_empty(&entry?.path())?;
    }
    fs::remove_dir(folder)
}
