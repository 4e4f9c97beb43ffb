//! Checks all files, reports, and carries out the plan.
use std::path::{Path, PathBuf};

use pixloom_engine::{Bytes, Fingerprint, RunError};
use serde_json::json;

use super::Validate;
use super::findings::FileReport;
use super::plan::{Action, plan};
use super::repair::{CarriedOut, Workshop};
use super::report::{Findings, Form};
use super::source::Candidates;
use super::stage::Checks;
use crate::job::{Job, JobCx, JobError, Report, Settings, Start};
use crate::params::ParamError;
use crate::run::{InputSettings, RunSettings, Session};
use crate::source::{Roots, Share, tell_left_alone};
use crate::undo::{Actions, point_to};

pub(super) fn run(own: &Validate, settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
    let input: InputSettings = settings.get()?;
    let run: RunSettings = settings.get()?;
    own.refuse_what_is_not_offered(&input, &run)?;
    let form = Form::of(own.report.as_deref())?;
    let move_to = own.move_to.as_deref().map(std::path::absolute).transpose();
    let move_to = move_to.map_err(|error| ParamError::new("move_to", error.to_string()))?;
    let leave_out: Vec<PathBuf> = move_to.iter().cloned().collect();
    let inputs = Roots::open(&own.input, &input, &leave_out)?;
    let (mut report, found) = check(own, (&inputs, &input), settings, cx)?;
    report.ok &= found.ok();
    report.summary = found.summary();
    report.lines = found.lines();
    if let (Some(path), Some(form)) = (&own.report, form) {
        found.write(path, form)?;
        report.lines.push(format!("all findings are in {}", path.display()));
    }
    let actions = plan(own, move_to.as_deref(), (inputs.root(), &found.files));
    if own.apply && !run.dry_run && !report.cancelled {
        let done = apply(&actions, (inputs.root(), &input), &report, cx)?;
        tell(&done, &mut report);
    } else {
        propose(own, &actions, &mut report, cx);
    }
    report.items = items(&found.files)?;
    Ok(report)
}

fn items(files: &[FileReport]) -> Result<Vec<serde_json::Value>, JobError> {
    let items = files.iter().map(serde_json::to_value).collect::<Result<_, _>>();
    items.map_err(|error| RunError::Sink(error.into()).into())
}

/// Lists the inputs twice: once to count them, once to check them.
fn check(
    own: &Validate,
    (inputs, input): (&Roots, &InputSettings),
    settings: &Settings,
    cx: &JobCx,
) -> Result<(Report, Findings), JobError> {
    let run: RunSettings = settings.get()?;
    let shard = run.shard()?;
    let listing = |error: std::io::Error| JobError::from(RunError::Source(error.into()));
    let (mut items, mut bytes) = (0, 0);
    let mut left_alone = inputs.left_alone();
    for (_, listed) in Share::of(inputs.list(&mut left_alone).map_err(listing)?, (shard, 0)) {
        items += 1;
        bytes += listed.file.map_or(0, |file| file.bytes);
    }
    let left_alone = tell_left_alone(&left_alone, cx.face.as_ref());
    let mut session = Session::inspect(Validate::NAME, settings, cx, identity(own))?;
    let start = session.start();
    session.announce(&Start { items, input_bytes: Bytes(bytes), ..start });
    let limits = input.limits();
    let stage = Checks { level: own.checks, limits, min_side: own.min_side, rules: own.rules()? };
    let mut again = inputs.left_alone();
    let mut source = Candidates {
        files: Share::of(inputs.list(&mut again).map_err(listing)?, (shard, items)),
        limits,
        level: own.checks,
    };
    let mut found = Findings::default();
    found.left_alone = left_alone;
    let report = session.observe(&mut source, &stage, &mut |delivery| found.take(delivery))?;
    Ok((report, found))
}

pub(super) fn identity(own: &Validate) -> Fingerprint {
    Fingerprint::builder("validate")
        .field("version", env!("CARGO_PKG_VERSION"))
        .field("settings", serde_json::to_vec(own).unwrap_or_default())
        .finish()
}

/// Prints the plan.
fn propose(own: &Validate, actions: &[Action], report: &mut Report, cx: &JobCx) {
    for action in actions {
        cx.face.action(&action.describe());
    }
    if own.repair || own.move_to.is_some() {
        let count = actions.len();
        report.lines.push(match count {
            0 => "nothing to repair or move".to_owned(),
            _ => format!("{count} actions planned, nothing was changed; --apply carries them out"),
        });
        report.summary["planned"] = json!(count);
    }
}

fn apply(
    actions: &[Action],
    (root, input): (&Path, &InputSettings),
    report: &Report,
    cx: &JobCx,
) -> Result<CarriedOut, JobError> {
    if actions.is_empty() {
        return Ok(CarriedOut::default());
    }
    let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
    let failed = |error: std::io::Error| JobError::from(RunError::Output(error.into()));
    let journal = Actions::begin(root, &report.run, Validate::NAME).map_err(failed)?;
    let folder = journal.folder().to_owned();
    let mut done = CarriedOut { folder, ..CarriedOut::default() };
    if let Some(record_dir) = &report.record_dir {
        point_to(record_dir, &done.folder).map_err(failed)?;
    }
    let mut workshop = Workshop { root, actions: journal, limits: &input.limits() };
    for action in actions {
        if cx.cancel.is_draining() {
            done.left.push("stopped on request; the rest of the plan was left".to_owned());
            break;
        }
        match workshop.carry_out(action) {
            Ok(()) => done.done += 1,
            Err(error) => done.left.push(format!("{} was left: {error}", action.describe())),
        }
    }
    Ok(done)
}

fn tell(done: &CarriedOut, report: &mut Report) {
    report.summary["applied"] = json!(done.done);
    report.summary["left"] = json!(done.left);
    report.ok &= done.left.is_empty();
    report.lines.extend(done.left.iter().cloned());
    if done.folder.as_os_str().is_empty() {
        report.lines.push("nothing to repair or move".to_owned());
        return;
    }
    report.lines.push(format!("{} actions done", done.done));
    report.lines.push(format!("`pixloom undo {}` takes everything back", report.run));
}
