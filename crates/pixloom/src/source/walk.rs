//! A folder's files in sorted order, holding one listing per level.
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What the walk meets.
#[derive(Debug)]
pub(super) enum Met {
    /// A file, a dangling link or something else that is no folder; path below the root.
    File(PathBuf),
    /// A folder that cannot be listed, or a link back to a folder that contains it.
    Trouble(PathBuf, io::Error),
    /// Something hidden, which is not read.
    Hidden,
}

/// Walks a folder depth first, names sorted by their bytes, so that the order depends on
/// nothing but the names.
#[derive(Debug)]
pub(super) struct Walk {
    root: PathBuf,
    levels: Vec<Level>,
    recursive: bool,
    leave_out: Vec<(u64, u64)>,
}

#[derive(Debug)]
struct Level {
    folder: PathBuf,
    identity: (u64, u64),
    /// Names still to be visited, last first.
    names: Vec<(OsString, bool)>,
}

impl Walk {
    /// Starts at `root`. Folders in `leave_out` are passed over, wherever they are met.
    pub(super) fn new(root: &Path, recursive: bool, leave_out: &[PathBuf]) -> io::Result<Self> {
        let first = Level::open(root, PathBuf::new())?;
        let leave_out = leave_out.iter().filter_map(|path| identity(path).ok()).collect();
        Ok(Self { root: root.to_owned(), levels: vec![first], recursive, leave_out })
    }

    fn enter(&mut self, relative: PathBuf) -> Option<Met> {
        let path = self.root.join(&relative);
        let identity = match identity(&path) {
            Ok(identity) => identity,
            Err(error) => return Some(Met::Trouble(relative, error)),
        };
        if self.leave_out.contains(&identity) {
            return None;
        }
        if self.levels.iter().any(|level| level.identity == identity) {
            let error = io::Error::other("a link back to a folder that contains it");
            return Some(Met::Trouble(relative, error));
        }
        match Level::open(&path, relative.clone()) {
            Ok(level) => {
                self.levels.push(level);
                None
            }
            Err(error) => Some(Met::Trouble(relative, error)),
        }
    }
}

impl Iterator for Walk {
    type Item = Met;

    fn next(&mut self) -> Option<Met> {
        loop {
            let level = self.levels.last_mut()?;
            let Some((name, is_folder)) = level.names.pop() else {
                self.levels.pop();
                continue;
            };
            let relative = level.folder.join(&name);
            if name.as_encoded_bytes().starts_with(b".") {
                return Some(Met::Hidden);
            }
            if !is_folder {
                return Some(Met::File(relative));
            }
            if self.recursive
                && let Some(trouble) = self.enter(relative)
            {
                return Some(trouble);
            }
        }
    }
}

impl Level {
    fn open(path: &Path, relative: PathBuf) -> io::Result<Self> {
        let mut names = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            // Links are followed; a dangling one stands for a file and fails later, by name.
            let is_folder = kind.is_dir()
                || kind.is_symlink() && fs::metadata(entry.path()).is_ok_and(|meta| meta.is_dir());
            names.push((entry.file_name(), is_folder));
        }
        names.sort_unstable_by(|a, b| b.0.cmp(&a.0));
        Ok(Self { folder: relative, identity: identity(path)?, names })
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::metadata(path).map(|meta| (meta.dev(), meta.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(walk: Walk) -> Vec<String> {
        walk.map(|met| match met {
            Met::File(path) => path.display().to_string(),
            Met::Trouble(path, _) => format!("trouble: {}", path.display()),
            Met::Hidden => "hidden".to_owned(),
        })
        .collect()
    }

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b/2.png", "b/10.png", "a.png", "b/c/x.png", ".hidden/y.png", "out/z.png"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::File::create(path).unwrap();
        }
        folder
    }

    #[test]
    fn order_is_by_name_and_left_out_folders_stay_out() {
        let folder = tree();
        let walk = Walk::new(folder.path(), true, &[folder.path().join("out")]).unwrap();
        assert_eq!(files(walk), ["hidden", "a.png", "b/10.png", "b/2.png", "b/c/x.png"]);
        let flat = Walk::new(folder.path(), false, &[]).unwrap();
        assert_eq!(files(flat), ["hidden", "a.png"]);
    }

    #[test]
    fn loops_of_links_end_with_a_named_trouble() {
        let folder = tree();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("b/loop")).unwrap();
        std::os::unix::fs::symlink("nowhere.png", folder.path().join("dangling.png")).unwrap();
        let found = files(Walk::new(folder.path(), true, &[]).unwrap());
        assert!(found.contains(&"trouble: b/loop".to_owned()), "{found:?}");
        assert!(found.contains(&"dangling.png".to_owned()), "{found:?}");
    }
}
