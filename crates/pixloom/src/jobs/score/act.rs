//! Moves what is dropped out of the way, copies what is kept.
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pixloom_engine::{RunError, files::write_atomic};
use serde_json::json;

use crate::job::{Face, JobError, Report};
use crate::undo::{Actions, point_to};

/// What is done with a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    /// Move it away; can be taken back.
    Move {
        /// Below the input folder.
        path: PathBuf,
        to: PathBuf,
    },
    /// Copy it; the original stays as it is.
    Copy {
        /// Below the input folder.
        path: PathBuf,
        to: PathBuf,
    },
}

impl Action {
    fn describe(&self) -> String {
        match self {
            Self::Move { path, to } => format!("move   {} to {}", path.display(), to.display()),
            Self::Copy { path, to } => format!("copy   {} to {}", path.display(), to.display()),
        }
    }
}

/// Prints the plan.
pub(super) fn propose(actions: &[Action], report: &mut Report, face: &dyn Face) {
    for action in actions {
        face.action(&action.describe());
    }
    report.summary["planned"] = json!(actions.len());
    report.lines.push(match actions.len() {
        0 => "nothing to move or copy".to_owned(),
        count => format!("{count} actions planned, nothing was done; --apply carries them out"),
    });
}

/// Carries the plan out; what cannot be done is left and said.
pub(super) fn apply(
    actions: &[Action],
    root: &Path,
    report: &mut Report,
    job: &str,
) -> Result<(), JobError> {
    let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
    let failed = |error: io::Error| JobError::from(RunError::Output(error.into()));
    let mut journal = None;
    if actions.iter().any(|action| matches!(action, Action::Move { .. })) {
        let begun = Actions::begin(root, &report.run, job).map_err(failed)?;
        if let Some(record_dir) = &report.record_dir {
            point_to(record_dir, begun.folder()).map_err(failed)?;
        }
        journal = Some(begun);
    }
    let mut left = Vec::new();
    for action in actions {
        let done = match (action, &mut journal) {
            (Action::Copy { path, to }, _) => copy(&root.join(path), to),
            (Action::Move { path, to }, Some(journal)) => journal.relocate(path, to),
            (Action::Move { .. }, None) => Ok(()),
        };
        if let Err(error) = done {
            left.push(format!("{} was left: {error}", action.describe()));
        }
    }
    report.summary["applied"] = json!(actions.len() - left.len());
    report.summary["left"] = json!(left);
    report.ok &= left.is_empty();
    report.lines.push(format!("{} actions done", actions.len() - left.len()));
    report.lines.extend(left);
    if journal.is_some() {
        report.lines.push(format!("`pixloom undo {}` moves everything back", report.run));
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    write_atomic(to, &fs::read(from)?)
}
