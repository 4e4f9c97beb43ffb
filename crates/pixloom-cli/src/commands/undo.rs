//! `pixloom undo`: takes back what a run did to originals.
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command};
use pixloom::run::{find_run, history};
use pixloom::undo::{Reverted, latest, lost, pointed_to, revert};
use serde_json::json;

use crate::context::Context;
use crate::errors::{FAILED, Problem};
use crate::words::counted;

const EXAMPLES: &str = "\
Examples:
  # Take back the last run that changed originals
  pixloom undo
  # Take back the last one on this folder
  pixloom undo photos/";

pub(super) fn command() -> Command {
    Command::new("undo")
        .about("Take back what a run did to originals")
        .long_about(
            "Take back what a run did to originals.\n\nFiles that were repaired, renamed or moved \
             with --apply are again as and where they were, byte for byte, even if the run was \
             killed half-way. A file that was changed since is left alone.",
        )
        .arg(
            Arg::new("what")
                .value_name("RUN|FOLDER")
                .help("Run, or the folder it worked on; without it the last run"),
        )
        .after_help(EXAMPLES)
}

pub(super) fn run(matches: &ArgMatches, cx: &Context) -> Result<u8, Problem> {
    let what = matches.get_one::<String>("what").map(String::as_str);
    let folder = find(what, cx)?;
    let done = revert(&folder)
        .map_err(|error| Problem::io("cannot take back the actions in", &folder, &error))?;
    let ok = done.kept.is_empty();
    cx.answer("undo", json!({"ok": ok, "summary": done}), &text(&done, cx));
    Ok(if ok { 0 } else { FAILED })
}

/// The folder with the actions.
fn find(what: Option<&str>, cx: &Context) -> Result<PathBuf, Problem> {
    if let Some(folder) = what.map(Path::new).filter(|path| path.is_dir()) {
        let found = latest(folder)
            .map_err(|error| Problem::io("cannot read the actions in", folder, &error))?;
        return found.ok_or_else(|| nothing(&format!("in {}", folder.display())));
    }
    let state = cx.state_dir()?;
    let unreadable = |error| Problem::io("cannot read the list of runs in", &state, &error);
    let Some(id) = what else {
        let runs = history(&state).map_err(unreadable)?;
        let last = runs.iter().rev().find_map(|(record_dir, _)| pointed_to(record_dir));
        let gone = || runs.iter().rev().find_map(|(record_dir, _)| lost(record_dir));
        return last.ok_or_else(|| moved_away(gone(), "on the list of runs"));
    };
    let found = find_run(&state, id).map_err(unreadable)?;
    let (record_dir, run) = found.ok_or_else(|| {
        Problem::usage(format!("there is no run or folder `{id}`"))
            .with_hint("`pixloom runs` lists the runs")
    })?;
    let place = format!("in run {}", run.id);
    pointed_to(&record_dir).ok_or_else(|| moved_away(lost(&record_dir), &place))
}

/// Says which folder is not where it was, if that is why.
fn moved_away(gone: Option<PathBuf>, place: &str) -> Problem {
    let Some(folder) = gone else { return nothing(place) };
    let hint = "if it was renamed, name it by its new name: `pixloom undo FOLDER`";
    Problem::usage(format!("the folder {} is no longer there", folder.display())).with_hint(hint)
}

fn nothing(place: &str) -> Problem {
    Problem::usage(format!("there is nothing to take back {place}"))
        .with_hint("only runs with --apply change originals, and each can be taken back once")
}

fn text(done: &Reverted, cx: &Context) -> String {
    let mut what = Vec::new();
    if done.restored > 0 || done.removed == 0 {
        what.push(format!("{} restored", counted(done.restored, "file")));
    }
    if done.removed > 0 {
        what.push(format!("{} that the run had made removed", counted(done.removed, "file")));
    }
    let what = what.join(", ");
    let mut text = format!("{} {what}, run {}\n", cx.style.good(), done.run);
    if !done.kept.is_empty() {
        let left = counted(done.kept.len() as u64, "file");
        text.extend([format!("{} {left} left as now\n", cx.style.bad())]);
    }
    for kept in &done.kept {
        text.extend([format!("    {}  {}\n", kept.path.display(), kept.why)]);
    }
    text
}
