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
    /// Something that is not read, and what it is.
    Passed(&'static str),
}

/// Walks a folder depth first, names sorted by their bytes, so that the order depends on
/// nothing but the names.
#[derive(Debug)]
pub(super) struct Walk {
    root: PathBuf,
    levels: Vec<Level>,
    how: How,
    leave_out: Vec<(u64, u64)>,
}

/// Which folders are entered.
#[derive(Debug, Clone, Copy)]
pub(super) struct How {
    /// Folders in folders.
    pub(super) recursive: bool,
    /// Links to folders.
    pub(super) follow_links: bool,
}

#[derive(Debug)]
struct Level {
    folder: PathBuf,
    identity: (u64, u64),
    /// Names still to be visited, last first.
    names: Vec<(OsString, Kind)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    LinkedFolder,
}

impl Walk {
    /// Starts at `root`. Folders in `leave_out` are passed over, wherever they are met.
    pub(super) fn new(root: &Path, how: How, leave_out: &[PathBuf]) -> io::Result<Self> {
        let first = Level::open(root, PathBuf::new())?;
        let leave_out = leave_out.iter().filter_map(|path| identity(path).ok()).collect();
        Ok(Self { root: root.to_owned(), levels: vec![first], how, leave_out })
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
            let Some((name, kind)) = level.names.pop() else {
                self.levels.pop();
                continue;
            };
            let relative = level.folder.join(&name);
            if name.as_encoded_bytes().starts_with(b".") {
                return Some(Met::Passed("hidden"));
            }
            match kind {
                Kind::File => return Some(Met::File(relative)),
                Kind::LinkedFolder if !self.how.follow_links => {
                    return Some(Met::Passed("linked folder"));
                }
                _ if !self.how.recursive => {}
                _ => {
                    if let Some(met) = self.enter(relative) {
                        return Some(met);
                    }
                }
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
            // A dangling link stands for a file and fails later, by name.
            let is_folder = || fs::metadata(entry.path()).is_ok_and(|meta| meta.is_dir());
            let kind = match kind {
                kind if kind.is_dir() => Kind::Folder,
                kind if kind.is_symlink() && is_folder() => Kind::LinkedFolder,
                _ => Kind::File,
            };
            names.push((entry.file_name(), kind));
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

    const ALL: How = How { recursive: true, follow_links: true };
    const FLAT: How = How { recursive: false, follow_links: false };

    fn files(walk: Walk) -> Vec<String> {
        walk.map(|met| match met {
            Met::File(path) => path.display().to_string(),
            Met::Trouble(path, _) => format!("trouble: {}", path.display()),
            Met::Passed(what) => what.to_owned(),
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
        let walk = Walk::new(folder.path(), ALL, &[folder.path().join("out")]).unwrap();
        assert_eq!(files(walk), ["hidden", "a.png", "b/10.png", "b/2.png", "b/c/x.png"]);
        let flat = Walk::new(folder.path(), FLAT, &[]).unwrap();
        assert_eq!(files(flat), ["hidden", "a.png"]);
    }

    #[test]
    fn loops_of_links_end_with_a_named_trouble() {
        let folder = tree();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("b/loop")).unwrap();
        std::os::unix::fs::symlink("nowhere.png", folder.path().join("dangling.png")).unwrap();
        let found = files(Walk::new(folder.path(), ALL, &[]).unwrap());
        assert!(found.contains(&"trouble: b/loop".to_owned()), "{found:?}");
        assert!(found.contains(&"dangling.png".to_owned()), "{found:?}");
        let how = How { recursive: true, follow_links: false };
        let found = files(Walk::new(folder.path(), how, &[]).unwrap());
        assert!(found.contains(&"linked folder".to_owned()), "{found:?}");
    }

    #[test]
    fn a_record_is_no_input_but_the_files_beside_it_are() {
        let folder = tree();
        fs::create_dir(folder.path().join("b/.pixloom")).unwrap();
        fs::File::create(folder.path().join("b/.pixloom/kept.png")).unwrap();
        let found = files(Walk::new(folder.path(), ALL, &[]).unwrap());
        let below = ["hidden", "b/10.png", "b/2.png", "b/c/x.png"];
        assert_eq!(found, [&["hidden", "a.png"][..], &below, &["out/z.png"]].concat());
    }
}
