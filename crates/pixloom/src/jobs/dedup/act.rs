//! Carries out a plan: each file is looked at again before anything happens to it.
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pixloom_engine::files::hash_file;
use pixloom_engine::{Fingerprint, RunError};
use serde_json::json;

use super::Dedup;
use super::plan::{Deed, LED_TO, Left, Step, leads_to};
use crate::job::{Job, JobCx, JobError, Report};
use crate::run::Timestamp;
use crate::undo::{Actions, point_to, revert};

/// Prints the plan.
pub(super) fn propose((steps, left): (&[Step], &Left), report: &mut Report, cx: &JobCx) {
    for step in steps {
        cx.face.action(&step.describe());
    }
    tell_left(left, report);
    report.lines.push(match steps.len() {
        0 => "nothing to do".to_owned(),
        count => format!("{count} actions planned, nothing was changed; --apply carries them out"),
    });
    report.summary["planned"] = json!(steps.len());
}

fn tell_left(left: &Left, report: &mut Report) {
    report.summary["left_alone"] = json!(
        left.iter().map(|(path, why)| json!({"path": path, "reason": why})).collect::<Vec<_>>()
    );
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, why) in left {
        *reasons.entry(why).or_default() += 1;
    }
    for (why, count) in reasons {
        let files = if count == 1 { "file stays" } else { "files stay" };
        report.lines.push(format!("{count} {files}: {why}"));
    }
}

/// Does what the plan says, and writes it down so that it can be taken back.
///
/// # Errors
/// `Run` if the journal cannot be written.
pub(super) fn apply(
    (steps, left): (&[Step], &Left),
    root: &Path,
    report: &mut Report,
    cx: &JobCx,
) -> Result<(), JobError> {
    tell_left(left, report);
    if steps.is_empty() {
        report.summary["applied"] = json!(0);
        report.lines.push("nothing to do".to_owned());
        return Ok(());
    }
    let failed = |error: io::Error| JobError::from(RunError::Output(error.into()));
    let actions = Actions::begin(root, &report.run, Dedup::NAME).map_err(failed)?;
    let folder = actions.folder().to_owned();
    if let Some(record_dir) = &report.record_dir {
        point_to(record_dir, &folder).map_err(failed)?;
    }
    let mut hands = Hands { actions, keepers: BTreeMap::new(), trash: trash_folder() };
    let (mut done, mut refused) = (0u64, Vec::new());
    for step in steps {
        if cx.cancel.is_draining() {
            let rest = steps.len() as u64 - done - refused.len() as u64;
            report.cancelled = true;
            report.lines.push(format!(
                "stopped on request: {rest} of {} actions were left; the same command plans them anew",
                steps.len()
            ));
            break;
        }
        match hands.carry_out(step) {
            Ok(()) => done += 1,
            Err(error) => refused.push(format!("{} was left: {error}", step.file.display())),
        }
    }
    report.summary["applied"] = json!(done);
    report.summary["left"] = json!(refused);
    report.ok &= refused.is_empty() && !report.cancelled;
    report.lines.extend(refused);
    if done == 0 {
        // A journal of nothing would only stand in the way of one that can be taken back.
        drop(hands);
        let undone = revert(&folder).map_err(failed)?;
        for kept in &undone.kept {
            report.lines.push(format!("{} was left: {}", kept.path.display(), kept.why));
        }
        report.lines.push("nothing was done".to_owned());
        return Ok(());
    }
    report.lines.push(format!("{done} actions done; their journal is in {}", folder.display()));
    report.lines.push(format!("`pixloom undo {}` takes everything back", report.run));
    Ok(())
}

struct Hands {
    actions: Actions,
    /// Whether the pictures that stay are as they were.
    keepers: BTreeMap<PathBuf, bool>,
    trash: Option<PathBuf>,
}

impl Hands {
    fn carry_out(&mut self, step: &Step) -> io::Result<()> {
        self.check_keeper(&step.keeper)?;
        if step.keeper.0 != step.file && leads_to(&step.keeper.0, &step.file) {
            return Err(io::Error::other(LED_TO));
        }
        let expected = step.content.as_ref();
        match &step.deed {
            Deed::Copy(to) => self.actions.copy(&step.file, to, expected),
            Deed::Move(to) => self.actions.relocate_if(&step.file, to, expected),
            Deed::Hardlink(to) => self.link(step, (to, false)),
            Deed::Symlink(to) => self.link(step, (to, true)),
            Deed::Trash => self.discard(&step.file, expected),
        }
    }

    /// Nothing happens to a duplicate whose best is gone or another one.
    fn check_keeper(&mut self, (path, content): &(PathBuf, Fingerprint)) -> io::Result<()> {
        let same = self
            .keepers
            .entry(path.clone())
            .or_insert_with(|| hash_file(path).is_ok_and(|(_, hash)| hash == *content));
        if *same {
            return Ok(());
        }
        Err(io::Error::other(format!(
            "the best of its group, {}, changed meanwhile",
            path.display()
        )))
    }

    fn link(&mut self, step: &Step, to: (&Path, bool)) -> io::Result<()> {
        let expected = step.content.as_ref().ok_or(io::ErrorKind::InvalidInput)?;
        self.actions.link(&step.file, to, expected)
    }

    /// Into the trash of the desktop (freedesktop.org Trash specification 1.0).
    fn discard(&mut self, file: &Path, expected: Option<&Fingerprint>) -> io::Result<()> {
        let trash =
            self.trash.clone().ok_or_else(|| io::Error::other("there is no trash folder"))?;
        let name = free_name(&trash, file).ok_or(io::ErrorKind::AlreadyExists)?;
        let date = Timestamp::now().to_string();
        let text = format!(
            "[Trash Info]\nPath={}\nDeletionDate={}\n",
            percent_encoded(file),
            date.trim_end_matches('Z')
        );
        let mut info = name.clone();
        info.push(".trashinfo");
        let info = trash.join("info").join(info);
        self.actions.create(&info, text.as_bytes())?;
        let moved = self.actions.relocate_if(file, &trash.join("files").join(name), expected);
        if moved.is_err() {
            // Of a file that is not there; the error to report is the first.
            let _gone = fs::remove_file(&info);
        }
        moved
    }
}

/// The user's trash.
fn trash_folder() -> Option<PathBuf> {
    let base = directories::BaseDirs::new()?;
    Some(base.data_local_dir().join("Trash"))
}

/// The file's name, numbered where the trash has it already.
fn free_name(trash: &Path, file: &Path) -> Option<std::ffi::OsString> {
    let (stem, extension) = (file.file_stem()?, file.extension());
    let named = |number: u32| {
        let mut name = stem.to_os_string();
        if number > 0 {
            name.push(format!(".{number}"));
        }
        if let Some(extension) = extension {
            name.push(".");
            name.push(extension);
        }
        name
    };
    let is_free = |name: &std::ffi::OsString| {
        let mut info = name.clone();
        info.push(".trashinfo");
        fs::symlink_metadata(trash.join("files").join(name)).is_err()
            && fs::symlink_metadata(trash.join("info").join(info)).is_err()
    };
    (0..100_000).map(named).find(is_free)
}

/// As in URLs (RFC 2396), slashes kept.
fn percent_encoded(path: &Path) -> String {
    use std::fmt::Write as _;
    use std::os::unix::ffi::OsStrExt;
    let mut text = String::new();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                text.push(char::from(*byte));
            }
            // Writing to a string cannot fail.
            _ => drop(write!(text, "%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_the_trash_are_as_in_urls() {
        assert_eq!(percent_encoded(Path::new("/a b/ü%.png")), "/a%20b/%C3%BC%25.png");
    }

    #[test]
    fn names_in_the_trash_are_numbered() {
        let trash = tempfile::tempdir().unwrap();
        let name = || free_name(trash.path(), Path::new("/x/a.png")).unwrap();
        assert_eq!(name(), "a.png");
        pixloom_testkit::write_file(trash.path().join("files/a.png"), b"");
        assert_eq!(name(), "a.1.png");
        pixloom_testkit::write_file(trash.path().join("info/a.1.png.trashinfo"), b"");
        assert_eq!(name(), "a.2.png");
    }
}
