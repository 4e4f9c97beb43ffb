//! Taking back the actions of a run.
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pixloom_engine::key_path;
use serde::Serialize;

use super::actions::half;
use super::files::{
    Content, exists, is_one_entry, is_one_file, put_over, relocate, remove_if_there, sync_folder_of,
};
use super::journal::{Journal, Line, path as path_in};

/// Why a file stays changed whose original someone removed.
const LOST: &str = "its original is no longer beside the journal";

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
/// someone changed since is left alone; one that cannot be brought back is named with the reason,
/// and the others are. Can be repeated after an interruption, or when the reason is gone.
///
/// # Errors
/// If the journal cannot be read or another process has it.
pub fn revert(folder: &Path) -> io::Result<Reverted> {
    let (mut journal, lines) = Journal::open(folder)?;
    let root = folder.ancestors().nth(3).unwrap_or(folder);
    let run = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut undo = Undo { root, folder, done: Reverted { run, ..Reverted::default() } };
    let mut refused = false;
    for line in lines.iter().rev() {
        match line {
            Line::Refused => refused = true,
            line if !refused => undo.try_back(line),
            _ => refused = false,
        }
    }
    // What is left of new content harms nothing.
    let _gone = remove_staged(folder);
    if undo.done.kept.is_empty() {
        match journal.append(&Line::Undone) {
            Ok(()) => drop(remove_empty(&folder.join("originals"))),
            Err(error) => {
                let why = format!("all was taken back, but this cannot be written down: {error}");
                undo.leave(path_in(folder), &why);
            }
        }
    }
    Ok(undo.done)
}

struct Undo<'a> {
    root: &'a Path,
    folder: &'a Path,
    done: Reverted,
}

impl Undo<'_> {
    /// What cannot be taken back is named.
    fn try_back(&mut self, line: &Line) {
        if let Err(error) = self.take_back(line) {
            let file = match line {
                Line::Folder { path }
                | Line::Replace { path, .. }
                | Line::Create { path, .. }
                | Line::Link { path, .. } => self.root.join(key_path(path)),
                Line::Move { to, .. } => self.root.join(key_path(to)),
                _ => path_in(self.folder),
            };
            self.leave(file, &format!("it could not be taken back: {error}"));
        }
    }

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
            Line::Create { path, temporary, content, source } => {
                let [path, temporary] =
                    [path, temporary].map(|path| self.root.join(key_path(path)));
                remove_if_there(&temporary)?;
                let source = source.as_ref().map(|source| self.root.join(key_path(source)));
                self.remove_made(path, content, source.as_deref())
            }
            Line::Link { path, original, temporary, content, target } => {
                let temporary = self.root.join(key_path(temporary));
                remove_if_there(&temporary)?;
                let names = [self.root.join(key_path(path)), self.folder.join(key_path(original))];
                self.unlink(names, &temporary, (content, target.as_deref().map(key_path)))
            }
            Line::Unreadable(line) => {
                Err(io::Error::other(format!("line {line} of the journal cannot be read")))
            }
            Line::Refused | Line::Undone => Ok(()),
        }
    }

    /// Removes a file that was made, unless someone changed it since, or it is the copy of a file
    /// that is gone.
    fn remove_made(
        &mut self,
        path: PathBuf,
        content: &Content,
        source: Option<&Path>,
    ) -> io::Result<()> {
        let is_last = |source: &Path| -> io::Result<bool> {
            Ok(Content::read(source)?.as_ref() != Some(content) || is_one_entry(source, &path))
        };
        match Content::read(&path)? {
            Some(now) if now == *content => {
                if source.map(is_last).transpose()? == Some(true) {
                    self.leave(path, "what it is a copy of is gone or changed");
                    return Ok(());
                }
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

    /// Puts the original in the place of the link; both names are given. Without a kept original
    /// nothing was linked.
    fn unlink(
        &mut self,
        [path, kept]: [PathBuf; 2],
        temporary: &Path,
        (content, target): (&Content, Option<PathBuf>),
    ) -> io::Result<()> {
        remove_if_there(&half(&kept))?;
        let now = Content::read(&path)?;
        let is_same = now.as_ref() == Some(content);
        let leads = fs::read_link(&path).ok();
        let is_ours = match &target {
            Some(_) => leads.is_some() && leads == target,
            None => is_same,
        };
        if Content::read(&kept)?.as_ref() != Some(content) {
            if is_ours && target.is_some() {
                self.leave(path, LOST);
            }
            return Ok(());
        }
        if is_one_file(&path, &kept) || is_same && target.is_some() {
            // It was not replaced yet, or is back; a rename over another name of the file would do
            // nothing.
            return fs::remove_file(&kept);
        }
        if !is_ours && exists(&path) {
            self.leave(path, "it was changed since; the original is kept beside the journal");
            return Ok(());
        }
        put_over(&kept, &path, temporary)?;
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
        remove_if_there(&half(kept))?;
        let now = Content::read(&path)?;
        if Content::read(kept)?.as_ref() != Some(old) {
            if now.as_ref() == Some(new) && new != old {
                self.leave(path, LOST);
            }
            return Ok(());
        }
        if now.as_ref() == Some(old) {
            // A rename over another name of the same file would do nothing.
            return fs::remove_file(kept);
        }
        if exists(&path) && now.as_ref() != Some(new) {
            self.leave(path, "it was changed since; the original is kept beside the journal");
            return Ok(());
        }
        put_over(kept, &path, &path.with_file_name(".pixloom-undo.tmp"))?;
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
        remove_if_there(temporary)?;
        let (here, there) = (Content::read(&from)?, Content::read(&to)?);
        match (here, there) {
            // Nothing was moved yet, or a copy was not finished.
            (Some(here), Some(there)) if here == *content && there == *content => {
                if is_one_entry(&from, &to) {
                    self.leave(to, "its old place leads to it");
                    return Ok(());
                }
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
