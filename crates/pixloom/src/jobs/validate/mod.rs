//! The `validate` job: what is broken in a folder, and what to do about it.
mod checks;
mod dataset;
mod findings;
mod layout;
mod plan;
mod repair;
mod report;
mod run;
mod source;
mod stage;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::checks::Level;
pub use self::findings::{FileRecord, FileReport};

use self::findings::Rules;
use crate::finding::Kind;
use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings};
use crate::jobs::analyze::refuse_unwritable;
use crate::params::{ParamError, Params};
use crate::run::{InputSettings, RunSettings};
use crate::schema;

/// Find broken, mislabelled and implausible pictures in a folder.
///
/// Checks go from cheap to costly and end at the first error in a file: name, header, blocks
/// and check sums, every pixel, whether the picture can be what was meant. Nothing is changed;
/// `--move-to` and `--repair` print a plan until `--apply` is given, and `pixloom undo` takes
/// back what they did.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Validate {
    /// Folders or pictures to check.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    pub(super) input: Vec<PathBuf>,
    /// Folder of low-quality pictures that belong to those of the input folder: checks the data
    /// set as a whole (names, files of both folders, scale and contents, sizes, formats).
    pub(super) lq: Option<PathBuf>,
    /// With `lq`: the scale that every pair must have, such as 4.
    #[schemars(range(min = 1, max = 64))]
    pub(super) expect: Option<f64>,
    /// With `lq`: what the names of LQ files have at the end, such as `_small`.
    pub(super) lq_suffix: Option<String>,
    /// How far to check.
    pub(super) checks: Level,
    /// Count warnings, such as damage that viewers conceal, as errors.
    pub(super) strict: bool,
    /// Kinds of findings that count as errors, such as `damaged,constant`.
    pub(super) fail_on: Vec<String>,
    /// Kinds of findings to leave out, such as `alpha`.
    pub(super) ignore: Vec<String>,
    /// Shortest side that a picture may have, in pixels.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub(super) min_side: u32,
    /// Write all findings to this file: `.csv` one finding a line, `.jsonl` one file a line.
    pub(super) report: Option<PathBuf>,
    /// Move files with errors to this folder, each under its path below the input folder.
    pub(super) move_to: Option<PathBuf>,
    /// Repair what can be repaired without loss: wrong extensions, bytes behind the end,
    /// metadata that cannot be read.
    pub(super) repair: bool,
    /// Carry out the plan of `move_to` and `repair` instead of printing it.
    pub(super) apply: bool,
}

impl Params for Validate {
    fn validate(&self) -> Result<(), ParamError> {
        kinds("fail_on", &self.fail_on)?;
        kinds("ignore", &self.ignore)?;
        report::Form::of(self.report.as_deref())?;
        self.check_pairs()?;
        if self.apply && !self.repair && self.move_to.is_none() {
            let problem = "carries out `repair` or `move_to`; give one of them";
            return Err(ParamError::new("apply", problem));
        }
        if self.repair && self.checks < Level::Decode {
            let problem = "needs every pixel decoded, to see that a repair changes none; \
                           give `checks` as decode or plausible";
            return Err(ParamError::new("repair", problem));
        }
        Ok(())
    }
}

impl Validate {
    /// Settings that go with `lq` only, or not with it.
    fn check_pairs(&self) -> Result<(), ParamError> {
        let several = self.input.len() > 1;
        let acting = [("repair", self.repair), ("move_to", self.move_to.is_some())];
        let alone = acting.into_iter().chain([("lq", self.lq.is_some())]);
        if let Some((name, _)) = alone.into_iter().find(|(_, set)| several && *set) {
            return Err(ParamError::new(name, "works on one folder; run it on each"));
        }
        if self.lq.is_none() {
            let alone =
                [("expect", self.expect.is_some()), ("lq_suffix", self.lq_suffix.is_some())];
            return match alone.into_iter().find(|(_, set)| *set) {
                Some((name, _)) => Err(ParamError::new(name, "is about pairs; it needs `lq`")),
                None => Ok(()),
            };
        }
        match acting.into_iter().find(|(_, set)| *set) {
            Some((name, _)) => {
                let problem = "works on one folder; run it on each, without `lq`";
                Err(ParamError::new(name, problem))
            }
            None => Ok(()),
        }
    }

    /// Settings of the shared groups that mean nothing here, and a report in the way.
    fn refuse_what_is_not_offered(
        &self,
        input: &InputSettings,
        run: &RunSettings,
    ) -> Result<(), JobError> {
        if input.tolerant {
            let problem = "is about jobs that read on; here damage that viewers conceal is a \
                           warning already, and `ignore` leaves kinds of findings out";
            return Err(ParamError::new("tolerant", problem).into());
        }
        if run.resume {
            return Err(ParamError::new("resume", "is not kept by `validate`, which looks").into());
        }
        self.report.as_deref().map_or(Ok(()), |path| refuse_unwritable(path, run.overwrite))
    }

    /// Which severities are changed.
    fn rules(&self) -> Result<Rules, ParamError> {
        let fail_on = kinds("fail_on", &self.fail_on)?;
        let ignore = kinds("ignore", &self.ignore)?;
        Ok(Rules { strict: self.strict, fail_on, ignore })
    }
}

/// Kinds by name.
fn kinds(setting: &str, names: &[String]) -> Result<Vec<Kind>, ParamError> {
    let kind = |name: &String| {
        let found = Kind::named(name);
        found.ok_or_else(|| {
            let error = ParamError::new(setting, format!("there is no finding `{name}`"));
            match schema::nearest(name, Kind::ALL.iter().map(|kind| kind.as_str())) {
                Some(near) => error.with_meant(near),
                None => error,
            }
        })
    };
    names.iter().map(kind).collect()
}

impl Job for Validate {
    const NAME: &'static str = "validate";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Check every pixel of two folders and keep the findings as a table",
            line: "pixloom validate photos/ scans/ --report findings.csv",
        },
        Example {
            does: "Check a training set: both folders, and that they belong together",
            line: "pixloom validate DIV2K/HR --lq DIV2K/LR_x4 --expect 4",
        },
        Example {
            does: "Repair what can be repaired without loss, set the rest aside",
            line: "pixloom validate photos/ --repair --move-to broken/ --apply",
        },
    ];
    const GROUPS: &'static [Group] =
        &[Group::of::<InputSettings>("Input"), Group::of::<RunSettings>("Run")];

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        match &own.lq {
            Some(lq) => dataset::run((&own, lq), settings, cx),
            None => run::run(&own, settings, cx),
        }
    }
}
