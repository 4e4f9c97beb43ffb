//! The `score` job: quality of pictures without a reference.
mod act;
mod condition;
mod report;
mod stage;

pub use condition::Preset;
pub use stage::ScoreRecord;

use std::path::{Path, PathBuf};

use pixloom_engine::Fingerprint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings, Start};
use crate::jobs::analyze::refuse_unwritable;
use crate::params::{ParamError, Params};
use crate::picture::PictureSource;
use crate::run::{InputSettings, RunSettings, Session};
use crate::source::{Roots, Share, tell_left_alone};
use condition::Rule;
use report::Table;
use stage::ScoreStage;

/// Score the quality of pictures, without anything to compare them with.
///
/// Sharpness, JPEG blocks, noise, exposure, complexity, banding, and how much of the resolution
/// is used (enlarged pictures use less). With conditions or a preset, pictures are sorted into
/// those to keep and those to drop. `list` writes down the ones to keep; `move_to` and `copy_to`
/// print a plan until `apply` is given, and `pixloom undo` moves everything back.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Score {
    /// Folders or pictures to read.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    input: Vec<PathBuf>,
    /// File for a table of all scores.
    csv: Option<PathBuf>,
    /// Keep only pictures for which this holds, such as `sharpness>0.4`. Several, here or by
    /// repetition, must all hold.
    keep: Vec<String>,
    /// Drop pictures for which this holds, such as `noise>12`. Of several, one is enough.
    drop: Vec<String>,
    /// Ready-made conditions for dropping.
    preset: Option<Preset>,
    /// File for the paths of the pictures to keep, one a line, as `files-from` takes them.
    list: Option<PathBuf>,
    /// Move the pictures to drop to this folder, each under its path below the input folder.
    move_to: Option<PathBuf>,
    /// Copy the pictures to keep to this folder, each under its path below the input folder.
    copy_to: Option<PathBuf>,
    /// Carry out the plan of `move_to` and `copy_to` instead of printing it.
    apply: bool,
}

impl Params for Score {}

impl Job for Score {
    const NAME: &'static str = "score";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Write a table of all scores",
            line: "pixloom score photos/ --csv scores.csv",
        },
        Example {
            does: "List what is good enough to train on",
            line: "pixloom score photos/ --preset moderate --drop 'noise>12' --list good.txt",
        },
        Example {
            does: "Set aside what is blurred or was enlarged",
            line: "pixloom score photos/ --drop 'native_scale<0.75' --move-to soft/ --apply",
        },
    ];
    const GROUPS: &'static [Group] =
        &[Group::of::<InputSettings>("Input"), Group::of::<RunSettings>("Run")];

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let input: InputSettings = settings.get()?;
        let run: RunSettings = settings.get()?;
        for path in own.csv.iter().chain(&own.list) {
            refuse_unwritable(path, run.overwrite)?;
        }
        let rule = own.rule(&run)?;
        let (move_to, copy_to) = (
            target("move_to", own.move_to.as_deref())?,
            target("copy_to", own.copy_to.as_deref())?,
        );
        let leave_out: Vec<PathBuf> = move_to.iter().chain(&copy_to).cloned().collect();
        let inputs = Roots::open(&own.input, &input, &leave_out)?;
        let stage = ScoreStage { limits: input.limits(), tolerant: input.tolerant };
        let shard = run.shard()?;
        let refused =
            |error| JobError::refused(format!("cannot list the input: {error}"), Vec::new());
        let mut left_alone = inputs.left_alone();
        let all = inputs.list(&mut left_alone).map_err(refused)?;
        let items = Share::of(all, (shard, 0)).count() as u64;
        let left_alone = tell_left_alone(&left_alone, cx.face.as_ref());
        let mut session = Session::inspect(Self::NAME, settings, cx, own.identity())?;
        let start = session.start();
        session.announce(&Start { items, ..start });
        let mut again = inputs.left_alone();
        let listing = inputs.list(&mut again).map_err(refused)?;
        let mut source = PictureSource::of(listing, input.limits(), (shard, items));
        let mut table = Table::new(rule);
        let report = session.observe(&mut source, &stage, &mut |delivery| table.add(delivery))?;
        own.write(&table)?;
        let actions = table.actions(move_to.as_deref(), copy_to.as_deref());
        let mut report = table.finish(report, &left_alone);
        if own.apply && !report.cancelled {
            act::apply(&actions, inputs.root(), &mut report, Self::NAME)?;
        } else if own.move_to.is_some() || own.copy_to.is_some() {
            act::propose(&actions, &mut report, cx.face.as_ref());
        }
        Ok(report)
    }
}

impl Score {
    fn rule(&self, run: &RunSettings) -> Result<Rule, ParamError> {
        let rule = Rule::new(&self.keep, &self.drop, self.preset)?;
        let needing = [
            ("list", self.list.is_some()),
            ("move_to", self.move_to.is_some()),
            ("copy_to", self.copy_to.is_some()),
        ];
        if let Some((name, _)) = needing.into_iter().find(|(_, set)| *set && rule.is_empty()) {
            let problem = "needs `keep`, `drop` or `preset`, which say what to keep";
            return Err(ParamError::new(name, problem));
        }
        if self.apply && self.move_to.is_none() && self.copy_to.is_none() {
            let problem = "carries out `move_to` or `copy_to`; give one of them";
            return Err(ParamError::new("apply", problem));
        }
        let acting = [("move_to", self.move_to.is_some()), ("copy_to", self.copy_to.is_some())];
        if let Some((name, _)) = acting.into_iter().find(|(_, set)| *set && self.input.len() > 1) {
            return Err(ParamError::new(name, "works on one folder; run it on each"));
        }
        if run.dry_run {
            return Err(ParamError::new(
                "dry_run",
                "is what `score` does anyway; `apply` carries out its plan",
            ));
        }
        if run.resume {
            return Err(ParamError::new("resume", "is not kept by `score`, which only looks"));
        }
        Ok(rule)
    }

    fn write(&self, table: &Table) -> Result<(), JobError> {
        let write = |name: &str, path: &Path, bytes: &[u8]| {
            pixloom_engine::files::write_atomic(path, bytes).map_err(|error| {
                JobError::from(ParamError::new(
                    name,
                    format!("cannot write `{}`: {error}", path.display()),
                ))
            })
        };
        if let Some(path) = &self.csv {
            write("csv", path, table.csv().as_bytes())?;
        }
        if let Some(path) = &self.list {
            write("list", path, &table.kept())?;
        }
        Ok(())
    }

    fn identity(&self) -> Fingerprint {
        let settings = serde_json::to_vec(self).unwrap_or_default();
        Fingerprint::builder("score")
            .field("version", env!("CARGO_PKG_VERSION"))
            .field("settings", settings)
            .finish()
    }
}

/// A folder of a plan, absolute.
fn target(name: &str, folder: Option<&Path>) -> Result<Option<PathBuf>, ParamError> {
    let absolute = folder.map(std::path::absolute).transpose();
    absolute.map_err(|error| ParamError::new(name, error.to_string()))
}
