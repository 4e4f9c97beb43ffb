//! What `--action` is going to do, file by file.
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Component, Path, PathBuf};

use pixloom_engine::{Fingerprint, key_path};
use pixloom_image::codec;

use super::best::{Group, Member, Status};
use super::found::Found;
use super::settings::{Acting, Action};
use crate::jobs::features::{Folders, Picture};

/// What is done to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    /// A copy of it is made.
    Copy(PathBuf),
    /// It is moved.
    Move(PathBuf),
    /// It becomes a hard link to the file of the same content.
    Hardlink(PathBuf),
    /// It becomes a symbolic link to the file of the same content.
    Symlink(PathBuf),
    /// It goes to the trash.
    Trash,
}

/// One step of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// The file, absolute.
    pub(super) file: PathBuf,
    /// What its content must still be; companions are taken as they are.
    pub(super) content: Option<Fingerprint>,
    /// The picture that stays in its place, and what it must still be.
    pub(super) keeper: (PathBuf, Fingerprint),
    pub(super) deed: Deed,
}

impl Step {
    /// The step in words.
    pub(super) fn describe(&self) -> String {
        let file = self.file.display();
        match &self.deed {
            Deed::Copy(to) => format!("copy {file} to {}", to.display()),
            Deed::Move(to) => format!("move {file} to {}", to.display()),
            Deed::Hardlink(to) => format!("replace {file} by a hard link to {}", to.display()),
            Deed::Symlink(to) => format!("replace {file} by a link to {}", to.display()),
            Deed::Trash => format!("move {file} to the trash"),
        }
    }
}

/// Files that stay although they are duplicates, with the reason.
pub(super) type Left = Vec<(String, &'static str)>;

/// Makes the plan.
pub(super) struct Planner<'a> {
    pub(super) found: &'a Found<'a>,
    pub(super) folders: &'a Folders,
    pub(super) acting: &'a Acting,
    /// Absolute.
    pub(super) output: Option<PathBuf>,
    pub(super) partner: Option<PathBuf>,
    taken: BTreeSet<PathBuf>,
    /// The files of each folder by their names without extension.
    names: BTreeMap<PathBuf, BTreeMap<OsString, Vec<PathBuf>>>,
    going: BTreeSet<PathBuf>,
    left: Left,
}

impl<'a> Planner<'a> {
    /// Starts a plan; paths are made absolute.
    pub(super) fn new(
        found: &'a Found<'a>,
        folders: &'a Folders,
        acting: &'a Acting,
    ) -> std::io::Result<Self> {
        let absolute = |path: &Option<PathBuf>| path.as_ref().map(std::path::absolute).transpose();
        let (output, partner) = (absolute(&acting.output)?, absolute(&acting.partner)?);
        Ok(Self {
            found,
            folders,
            acting,
            output,
            partner,
            taken: BTreeSet::new(),
            names: BTreeMap::new(),
            going: BTreeSet::new(),
            left: Vec::new(),
        })
    }

    /// The steps for all groups, in order, and what is left alone.
    pub(super) fn plan(mut self) -> (Vec<Step>, Left) {
        let found = self.found;
        self.going = found.duplicates().map(|member| self.path(member)).collect();
        let mut steps = Vec::new();
        for group in &found.groups {
            let has_duplicates = group.members.iter().any(|m| m.status == Status::Duplicate);
            if has_duplicates {
                self.group(group, &mut steps);
            }
        }
        (steps, self.left)
    }

    fn picture(&self, member: &Member) -> &'a Picture {
        self.found.picture(member.picture)
    }

    fn path(&self, member: &Member) -> PathBuf {
        let picture = self.picture(member);
        self.folders.locate(picture.folder, &picture.key)
    }

    fn group(&mut self, group: &Group, steps: &mut Vec<Step>) {
        let best = &group.members[0];
        let kept = |member: &Member| (self.path(member), self.picture(member).facts.content);
        let keeper = kept(best);
        let links = matches!(self.acting.action, Action::Hardlink | Action::Symlink);
        // Links join equal files, whether or not one of them is the best.
        let mut firsts: BTreeMap<Fingerprint, &Member> = BTreeMap::new();
        for member in group.members.iter().filter(|_| links) {
            firsts.entry(self.picture(member).facts.content).or_insert(member);
        }
        let twin = |member: &Member| {
            let first = firsts.get(&self.picture(member).facts.content);
            let first = first.filter(|first| first.picture != member.picture);
            first.map_or_else(|| keeper.clone(), |first| kept(first))
        };
        let duplicates = group.members.iter().filter(|m| m.status == Status::Duplicate);
        let pairs: Vec<_> = duplicates.map(|member| (member, twin(member))).collect();
        for (member, keeper) in pairs {
            self.member(member, (&keeper, "duplicates"), steps);
        }
        // The best moves last: until then the others are compared with it where it is.
        let best_goes =
            self.acting.action == Action::Copy || self.acting.move_best && self.is_own(best);
        if best_goes {
            self.member(best, (&keeper, "best"), steps);
        }
    }

    fn is_own(&self, member: &Member) -> bool {
        let picture = self.picture(member);
        self.folders.role(picture.folder, &picture.key) == crate::jobs::features::Role::Own
    }

    fn member(
        &mut self,
        member: &Member,
        (keeper, tree): (&(PathBuf, Fingerprint), &str),
        steps: &mut Vec<Step>,
    ) {
        let picture = self.picture(member);
        let file = self.path(member);
        let same = picture.facts.content == keeper.1;
        let below = tree_path(picture);
        let is_link = fs::symlink_metadata(&file).is_ok_and(|meta| meta.is_symlink());
        let refused = if is_link {
            Some("a link is left as it is")
        } else if keeper.0 != file && leads_to(&keeper.0, &file) {
            Some(LED_TO)
        } else {
            None
        };
        let deed = refused.is_none().then(|| Path::new(tree).join(&below));
        let Some(deed) = deed.and_then(|place| self.deed(&keeper.0, same, &place)) else {
            let reason = "links are for equal files, and no other is equal to it";
            self.left.push((picture.key.to_string(), refused.unwrap_or(reason)));
            return;
        };
        let step =
            |file: PathBuf, content, deed| Step { file, content, keeper: keeper.clone(), deed };
        steps.push(step(file.clone(), Some(picture.facts.content), deed));
        let mut companions = Vec::new();
        if self.acting.sidecars {
            companions.extend(self.sidecars(&file).into_iter().map(|path| (path, String::new())));
        }
        companions
            .extend(self.partners(picture).into_iter().map(|path| (path, "-partner".to_owned())));
        for (path, suffix) in companions {
            let name = path.file_name().unwrap_or_default();
            let below = Path::new(&format!("{tree}{suffix}")).join(below.with_file_name(name));
            if let Some(deed) = self.deed(Path::new(""), false, &below) {
                steps.push(step(path, None, deed));
            }
        }
    }

    /// What the action means for one file; nothing where it cannot be done.
    fn deed(&mut self, keeper: &Path, same: bool, below: &Path) -> Option<Deed> {
        match self.acting.action {
            Action::Copy => Some(Deed::Copy(self.free(below)?)),
            Action::Move => Some(Deed::Move(self.free(below)?)),
            Action::Hardlink => same.then(|| Deed::Hardlink(keeper.to_owned())),
            Action::Symlink => same.then(|| Deed::Symlink(keeper.to_owned())),
            Action::Trash => Some(Deed::Trash),
            Action::Report => None,
        }
    }

    /// A place in the output folder that is not taken.
    fn free(&mut self, below: &Path) -> Option<PathBuf> {
        let place = self.output.as_ref()?.join(below);
        let stem = place.file_stem()?.to_os_string();
        let named = |number: u32| {
            let mut name = stem.clone();
            if number > 0 {
                name.push(format!("-{number}"));
            }
            if let Some(extension) = place.extension() {
                name.push(".");
                name.push(extension);
            }
            place.with_file_name(name)
        };
        let is_free =
            |path: &PathBuf| !self.taken.contains(path) && fs::symlink_metadata(path).is_err();
        let free = (0..10_000).map(named).find(is_free)?;
        self.taken.insert(free.clone());
        Some(free)
    }

    /// Files of the same name with an extension that no picture has, unless a picture of that
    /// name stays.
    fn sidecars(&mut self, file: &Path) -> Vec<PathBuf> {
        let (Some(stem), Some(name)) = (file.file_stem(), file.file_name()) else {
            return Vec::new();
        };
        let folder = file.parent().unwrap_or(Path::new(""));
        let same = self.named(folder, stem);
        let stays =
            |twin: &&PathBuf| is_picture(twin) && *twin != file && !self.going.contains(*twin);
        if same.iter().any(|twin| stays(&twin)) {
            return Vec::new();
        }
        let longer = if name == stem { Vec::new() } else { self.named(folder, name) };
        // Of two duplicates of one name the first takes the sidecar along.
        let belongs = |path: &PathBuf| !is_picture(path) && !self.taken.contains(path);
        let mut fresh: Vec<PathBuf> = same.into_iter().chain(longer).filter(belongs).collect();
        fresh.sort_unstable();
        self.taken.extend(fresh.iter().cloned());
        fresh
    }

    /// The pictures of the partner folder under the same path without extension.
    fn partners(&mut self, picture: &Picture) -> Vec<PathBuf> {
        let Some(partner) = self.partner.clone() else { return Vec::new() };
        let wanted = partner.join(self.folders.below(picture.folder, &picture.key));
        let Some(stem) = wanted.file_stem() else { return Vec::new() };
        let mut found = self.named(wanted.parent().unwrap_or(&partner), stem);
        found.retain(|path| is_picture(path));
        found
    }

    /// The files of a folder with a name without extension, sorted; each folder is listed once.
    fn named(&mut self, folder: &Path, stem: &OsStr) -> Vec<PathBuf> {
        let listed = || {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            let plain = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
            let mut names: BTreeMap<OsString, Vec<PathBuf>> = BTreeMap::new();
            for path in entries.filter(plain).map(|entry| entry.path()) {
                let stem = path.file_stem().unwrap_or_default().to_owned();
                names.entry(stem).or_default().push(path);
            }
            for paths in names.values_mut() {
                paths.sort_unstable();
            }
            names
        };
        let names = self.names.entry(folder.to_owned()).or_insert_with(listed);
        names.get(stem).cloned().unwrap_or_default()
    }
}

/// Why a file stays that the best of its group leads to.
pub(super) const LED_TO: &str = "the best of its group is a link to this very file";

/// Whether both names end at one file: without it, nothing would be left of the picture.
pub(super) fn leads_to(keeper: &Path, file: &Path) -> bool {
    let [keeper, file] = [keeper, file].map(|path| path.canonicalize().ok());
    keeper.is_some() && keeper == file
}

/// Where a picture lies in the trees of the output folder.
fn tree_path(picture: &Picture) -> PathBuf {
    let normal = |part: Component<'_>| match part {
        Component::Normal(name) => Some(name.to_owned()),
        _ => None,
    };
    key_path(&picture.key).components().filter_map(normal).collect()
}

fn is_picture(path: &Path) -> bool {
    path.extension().and_then(OsStr::to_str).is_some_and(|name| codec::by_name(name).is_some())
}
