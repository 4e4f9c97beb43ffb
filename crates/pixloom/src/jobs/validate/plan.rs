//! What `--repair` and `--move-to` are going to do.
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pixloom_engine::key_path;
use pixloom_image::codec;

use super::Validate;
use super::findings::FileReport;
use crate::finding::{Kind, Repair};

/// One action on one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    /// Rewrite the file without some of its parts.
    Rewrite {
        /// The file, below the input folder.
        path: PathBuf,
        /// The format of its content.
        format: String,
        /// What to leave out.
        repairs: Vec<Repair>,
    },
    /// Give the file another name in its folder.
    Rename {
        /// The file, below the input folder.
        path: PathBuf,
        /// Its new path, below the input folder.
        to: PathBuf,
    },
    /// Move the file out of the way.
    Move {
        /// The file, below the input folder.
        path: PathBuf,
        /// Its new path, absolute.
        to: PathBuf,
    },
}

impl Action {
    /// The plan in words.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Rewrite { path, repairs, .. } => {
                let what: Vec<&str> = repairs.iter().map(|repair| does(*repair)).collect();
                format!("repair {}: {}", path.display(), what.join(", "))
            }
            Self::Rename { path, to } => format!("rename {} to {}", path.display(), to.display()),
            Self::Move { path, to } => format!("move {} to {}", path.display(), to.display()),
        }
    }
}

const fn does(repair: Repair) -> &'static str {
    match repair {
        Repair::CutTrailing => "cut off what lies behind the end",
        Repair::DropProfile => "leave out the colour profile",
        Repair::DropExif => "leave out the EXIF block",
        Repair::Rename => "give it the extension of its content",
    }
}

/// The actions for all files, in source order. `move_to` is absolute.
pub(super) fn plan(
    settings: &Validate,
    move_to: Option<&Path>,
    (root, files): (&Path, &[FileReport]),
) -> Vec<Action> {
    let mut taken = BTreeSet::new();
    let mut actions = Vec::new();
    for file in files {
        let path = key_path(&file.path);
        let cured = settings.repair && file.is_repairable();
        if cured && (file.record.ok || !is_damaged(file)) {
            actions.extend(repairs(file, &path, (root, &mut taken)));
        } else if let Some(folder) = move_to.filter(|_| is_to_move(file)) {
            actions.push(Action::Move { to: folder.join(&path), path });
        }
    }
    actions
}

/// A damaged file may say where it ends at the wrong place, and what cannot be decoded cannot be
/// compared: nothing is cut from such files.
fn is_damaged(file: &FileReport) -> bool {
    let damage = [Kind::Damaged, Kind::Corrupt, Kind::Unsupported, Kind::RareCoding];
    file.record.findings.iter().any(|finding| damage.contains(&finding.kind))
}

/// What could not be read cannot be moved either, and a folder is not a file.
fn is_to_move(file: &FileReport) -> bool {
    let stays = [Kind::Unreadable, Kind::NotChecked, Kind::NotAFile];
    !file.record.ok && !file.record.findings.iter().any(|f| stays.contains(&f.kind))
}

fn repairs(
    file: &FileReport,
    path: &Path,
    (root, taken): (&Path, &mut BTreeSet<PathBuf>),
) -> Vec<Action> {
    let Some(format) = &file.record.format else { return Vec::new() };
    let mut repairs = file.repairs();
    let rename = repairs.contains(&Repair::Rename);
    repairs.retain(|repair| *repair != Repair::Rename);
    let mut actions = Vec::new();
    if !repairs.is_empty() && !is_damaged(file) {
        let (path, format) = (path.to_owned(), format.clone());
        actions.push(Action::Rewrite { path, format, repairs });
    }
    if rename && let Some(to) = new_name(path, format, (root, taken)) {
        actions.push(Action::Rename { path: path.to_owned(), to });
    }
    actions
}

/// The path with the usual extension of its format; numbered where that name is taken.
fn new_name(
    path: &Path,
    format: &str,
    (root, taken): (&Path, &mut BTreeSet<PathBuf>),
) -> Option<PathBuf> {
    let extension = codec::by_name(format)?.info().extensions.first()?;
    let stem = path.file_stem()?.to_os_string();
    let named = |number: u32| {
        let mut name = stem.clone();
        if number > 0 {
            name.push(format!("-{number}"));
        }
        name.push(format!(".{extension}"));
        path.with_file_name(name)
    };
    let is_free =
        |path: &PathBuf| !taken.contains(path) && fs::symlink_metadata(root.join(path)).is_err();
    let to = (0..1000).map(named).find(is_free)?;
    taken.insert(to.clone());
    Some(to)
}
