//! The folders of a run, each with its role.
use std::path::{Path, PathBuf};

use pixloom_engine::{ItemKey, RunError, key_path, path_key};

use crate::job::JobError;
use crate::params::ParamError;
use crate::run::InputSettings;
use crate::source::{Inputs, LeftAlone, Listed};

/// What a folder is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::jobs) enum Role {
    /// Its pictures are compared, and may be acted upon.
    Own,
    /// Its pictures are compared, preferred, and never touched.
    Reference,
    /// Its pictures are compared with those of the other folders only, and never touched.
    Against,
}

/// One or several folders, listed one after the other.
#[derive(Debug)]
pub(in crate::jobs) struct Folders {
    folders: Vec<Folder>,
    /// Folders inside the others whose pictures are never touched.
    kept: Vec<PathBuf>,
}

#[derive(Debug)]
struct Folder {
    inputs: Inputs,
    role: Role,
    /// What stands before the names of its files, where there are several folders.
    prefix: PathBuf,
    /// The folder, absolute.
    root: PathBuf,
}

impl Folders {
    /// Opens folders by role. A folder of `reference` that lies in another one is not listed
    /// twice; other overlaps are refused.
    pub(in crate::jobs) fn open(
        given: &[(&str, Role, &[PathBuf])],
        settings: &InputSettings,
        leave_out: &[PathBuf],
    ) -> Result<Self, JobError> {
        let mut all: Vec<(&str, Role, &PathBuf, PathBuf)> = Vec::new();
        for (name, role, paths) in given {
            for path in *paths {
                let whole = path.canonicalize().map_err(|error| {
                    ParamError::new(name, format!("cannot read `{}`: {error}", path.display()))
                })?;
                all.push((name, *role, path, whole));
            }
        }
        let inside = |whole: &Path, other: &Path| whole != other && whole.starts_with(other);
        let mut kept = Vec::new();
        let mut listed: Vec<&(&str, Role, &PathBuf, PathBuf)> = Vec::new();
        for entry in &all {
            let (name, role, path, whole) = entry;
            let within = all.iter().find(|(_, _, _, other)| inside(whole, other));
            let twin = listed.iter().find(|(_, _, _, other)| other == whole);
            match (within, twin) {
                (None, None) => listed.push(entry),
                _ if *role == Role::Reference => kept.push(whole.clone()),
                (Some((_, _, outer, _)), _) | (None, Some((_, _, outer, _))) => {
                    let (inner, outer) = (path.display(), outer.display());
                    let problem =
                        format!("`{inner}` lies in `{outer}`, its pictures would count twice");
                    return Err(ParamError::new(name, problem).into());
                }
            }
        }
        if listed.len() > 1 && settings.files_from.is_some() {
            let problem = "takes paths below one folder, but several are given";
            return Err(ParamError::new("files_from", problem).into());
        }
        let several = listed.len() > 1;
        let open = |(name, role, path, whole): &&(&str, Role, &PathBuf, PathBuf)| {
            Folder::open((name, *role), path, (settings, leave_out), several.then_some(whole))
        };
        let folders = listed.iter().map(open).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { folders, kept })
    }

    /// The files of all folders in order, each with the number of its folder.
    pub(in crate::jobs) fn list<'a>(
        &'a self,
        left_alone: &'a mut [LeftAlone],
    ) -> Result<Box<dyn Iterator<Item = (u16, Listed)> + Send + 'a>, JobError> {
        let mut listings = Vec::new();
        for (number, (folder, left_alone)) in self.folders.iter().zip(left_alone).enumerate() {
            let listing = folder
                .inputs
                .list(left_alone)
                .map_err(|error| JobError::from(RunError::Source(error.into())))?;
            listings.push(listing.map(move |listed| (number as u16, folder.named(listed))));
        }
        Ok(Box::new(listings.into_iter().flatten()))
    }

    /// An empty count for each folder.
    pub(in crate::jobs) fn left_alone(&self) -> Vec<LeftAlone> {
        vec![LeftAlone::default(); self.folders.len()]
    }

    /// What a picture of that folder is there for.
    pub(in crate::jobs) fn role(&self, folder: u16, key: &str) -> Role {
        let role = self.folders.get(usize::from(folder)).map_or(Role::Own, |folder| folder.role);
        let is_kept = || {
            let path = self.locate(folder, key);
            self.kept.iter().any(|kept| path.starts_with(kept))
        };
        if role == Role::Own && !self.kept.is_empty() && is_kept() { Role::Reference } else { role }
    }

    /// Where the picture of that name lies, absolute.
    pub(in crate::jobs) fn locate(&self, folder: u16, key: &str) -> PathBuf {
        let folder = &self.folders[usize::from(folder).min(self.folders.len() - 1)];
        folder.root.join(folder.below(key))
    }

    /// The path of a picture below its own folder.
    pub(in crate::jobs) fn below(&self, folder: u16, key: &str) -> PathBuf {
        self.folders[usize::from(folder).min(self.folders.len() - 1)].below(key)
    }

    /// The first folder, absolute: where records of what was done to originals lie.
    pub(in crate::jobs) fn first(&self) -> &Path {
        &self.folders[0].root
    }
}

impl Folder {
    fn open(
        (name, role): (&str, Role),
        path: &Path,
        (settings, leave_out): (&InputSettings, &[PathBuf]),
        prefixed: Option<&PathBuf>,
    ) -> Result<Self, JobError> {
        let inputs = Inputs::open(path, settings, leave_out).map_err(|error| {
            if error.name == "input" { ParamError::new(name, error.problem) } else { error }
        })?;
        let prefix = if prefixed.is_some() { inputs.root().to_owned() } else { PathBuf::new() };
        let root =
            if inputs.root().as_os_str().is_empty() { Path::new(".") } else { inputs.root() };
        let root = root.canonicalize().map_err(|error| ParamError::new(name, error.to_string()))?;
        Ok(Self { inputs, role, prefix, root })
    }

    fn named(&self, listed: Listed) -> Listed {
        if self.prefix.as_os_str().is_empty() {
            return listed;
        }
        Listed { key: ItemKey::new(&path_key(&self.prefix.join(&listed.relative))), ..listed }
    }

    fn below(&self, key: &str) -> PathBuf {
        let path = key_path(key);
        path.strip_prefix(&self.prefix).map(Path::to_owned).unwrap_or(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(given: &[(&str, Role, &[PathBuf])]) -> Result<Folders, JobError> {
        Folders::open(given, &InputSettings::default(), &[])
    }

    #[test]
    fn references_inside_are_marked_and_overlaps_refused() {
        let top = tempfile::tempdir().unwrap();
        let (outer, inner) = (top.path().join("a"), top.path().join("a/b"));
        let other = top.path().join("c");
        for folder in [&inner, &other] {
            std::fs::create_dir_all(folder).unwrap();
        }
        pixloom_testkit::write_file(inner.join("x.png"), b"x");
        pixloom_testkit::write_file(outer.join("y.png"), b"y");
        let (outer, inner, other) = ([outer], [inner], [other]);
        let folders = open(&[("input", Role::Own, &outer), ("reference", Role::Reference, &inner)]);
        let folders = folders.unwrap();
        assert_eq!(folders.role(0, "b/x.png"), Role::Reference);
        assert_eq!(folders.role(0, "y.png"), Role::Own);
        let mut left_alone = folders.left_alone();
        let names: Vec<String> =
            folders.list(&mut left_alone).unwrap().map(|(_, l)| l.key.to_string()).collect();
        assert_eq!(names, ["b/x.png", "y.png"]);
        assert!(open(&[("input", Role::Own, &outer), ("against", Role::Against, &inner)]).is_err());
        let two =
            open(&[("input", Role::Own, &outer), ("against", Role::Against, &other)]).unwrap();
        let key = path_key(&outer[0].join("y.png"));
        assert_eq!(two.below(0, &key), Path::new("y.png"));
        assert_eq!(two.locate(0, &key), outer[0].canonicalize().unwrap().join("y.png"));
    }
}
