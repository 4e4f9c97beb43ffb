//! The `pairs` job: whether HQ and LQ pictures belong together.
mod compare;
mod content;
mod fix;
mod folders;
mod names;
mod report;
mod scale;
mod source;
mod stage;

pub(in crate::jobs) use compare::{Comparison, Matched};
pub use content::Content;
pub use fix::Fix;
pub(in crate::jobs) use report::{Item, Tally};
pub use scale::Scale;
pub use stage::{PairRecord, SideFacts};

pub(crate) use names::Naming;
pub(crate) use source::{PairSource, Together, about};

use std::path::{Path, PathBuf};

use pixloom_engine::Fingerprint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings, Start};
use crate::params::{ParamError, Params};
use crate::run::{InputSettings, RunSettings, Session};
use crate::source::{Inputs, LeftAlone, tell_left_alone};
use names::Pattern;
use stage::PairStage;

/// Check that the pictures of two folders belong together.
///
/// Files are matched by their path without extension and without the usual endings (`x4`, `_lr`,
/// `_lq`, `_hr`). Sizes are read from the headers; then each LQ picture is compared with its HQ
/// picture, reduced to the same size: shifts, flips, turns, crops, wrong partners, other colours
/// or contrast. Nothing is changed; `fix` prints what would help.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Pairs {
    /// Folder of the high-quality pictures.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    hq: PathBuf,
    /// Folder of the low-quality pictures.
    #[schemars(extend("x-positional" = 2, "x-required" = true))]
    lq: PathBuf,
    /// The scale that every pair must have, such as 4. Without it, the most common one.
    #[schemars(range(min = 1, max = 64))]
    expect: Option<f64>,
    /// Compare the pixels, not only names and sizes.
    content: bool,
    /// What the names of LQ files have at the end (before the extension), such as `x4`.
    lq_suffix: Option<String>,
    /// What the names of LQ files have at the beginning.
    lq_prefix: Option<String>,
    /// What the names of HQ files have at the end (before the extension), such as `_hr`.
    hq_suffix: Option<String>,
    /// What the names of HQ files have at the beginning.
    hq_prefix: Option<String>,
    /// Print what would make the pairs usable: crops and files to drop. Nothing is done to them.
    fix: bool,
}

impl Default for Pairs {
    fn default() -> Self {
        Self {
            hq: PathBuf::new(),
            lq: PathBuf::new(),
            expect: None,
            content: true,
            lq_suffix: None,
            lq_prefix: None,
            hq_suffix: None,
            hq_prefix: None,
            fix: false,
        }
    }
}

impl Params for Pairs {}

impl Job for Pairs {
    const NAME: &'static str = "pairs";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Check a training set for ×4, its pixels included",
            line: "pixloom pairs DIV2K/HR DIV2K/LR_x4 --expect 4",
        },
        Example {
            does: "Only names and sizes, with proposals, for a program",
            line: "pixloom pairs hq/ lq/ --content=false --fix --json",
        },
    ];
    const GROUPS: &'static [Group] =
        &[Group::of::<InputSettings>("Input"), Group::of::<RunSettings>("Run")];

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let input: InputSettings = settings.get()?;
        let run: RunSettings = settings.get()?;
        refuse_what_is_not_offered(&input, &run)?;
        let comparison = own.comparison(&input)?;
        let mut left = (LeftAlone::new(), LeftAlone::new());
        let mut tally = Tally::new(own.expect);
        let mut session = Session::inspect(Self::NAME, settings, cx, own.identity())?;
        let how = (input.limits(), run.shard()?);
        let items = comparison.source(&mut left, how)?.count();
        let left_alone = tell_left_alone(&[left.0, left.1], cx.face.as_ref());
        let start = session.start();
        session.announce(&Start { items, ..start });
        let mut again = <(LeftAlone, LeftAlone)>::default();
        let mut source = comparison.source(&mut again, how)?;
        let observer = &mut |delivery: &_| tally.add(delivery);
        let report = session.observe(&mut source, &comparison.stage, observer)?;
        drop(source);
        Ok(tally.finish(report, &left_alone, own.fix.then_some(cx.face.as_ref())))
    }
}

/// Settings of the shared groups that mean nothing here.
fn refuse_what_is_not_offered(input: &InputSettings, run: &RunSettings) -> Result<(), ParamError> {
    if input.files_from.is_some() {
        let problem = "names the files of one folder, but there are two; use `glob`";
        return Err(ParamError::new("files_from", problem));
    }
    if run.dry_run {
        return Err(ParamError::new("dry_run", "changes nothing here: `pairs` only looks"));
    }
    if run.resume {
        return Err(ParamError::new("resume", "is not kept by `pairs`, which only looks"));
    }
    Ok(())
}

impl Pairs {
    /// The settings of a comparison for another job.
    pub(in crate::jobs) fn between(hq: &Path, lq: &Path) -> Self {
        Self { hq: hq.to_owned(), lq: lq.to_owned(), ..Self::default() }
    }

    /// The same with the scale that is expected.
    pub(in crate::jobs) fn expecting(self, expect: Option<f64>) -> Self {
        Self { expect, ..self }
    }

    /// The same with or without a look at the pixels.
    pub(in crate::jobs) fn with_content(self, content: bool) -> Self {
        Self { content, ..self }
    }

    /// The same with what the names of LQ files end in.
    pub(in crate::jobs) fn with_lq_suffix(self, lq_suffix: Option<String>) -> Self {
        Self { lq_suffix, ..self }
    }

    /// Opens both folders.
    pub(in crate::jobs) fn comparison(
        &self,
        input: &InputSettings,
    ) -> Result<Comparison, JobError> {
        let (hq, lq) = self.open(input)?;
        let limits = input.limits();
        let stage = PairStage { limits, tolerant: input.tolerant, content: self.content };
        Ok(Comparison { hq, lq, naming: self.naming(), stage })
    }

    fn open(&self, input: &InputSettings) -> Result<(Inputs, Inputs), JobError> {
        let same = |path: &Path| path.canonicalize().ok();
        if same(&self.hq).is_some() && same(&self.hq) == same(&self.lq) {
            return Err(ParamError::new("lq", "is the same folder as `hq`").into());
        }
        let open = |name: &str, path: &Path, other: &Path| {
            if path.is_file() {
                return Err(ParamError::new(name, "must be a folder, not a file"));
            }
            Inputs::open(path, input, &[other.to_owned()]).map_err(|error| {
                if error.name == "input" { ParamError::new(name, error.problem) } else { error }
            })
        };
        Ok((open("hq", &self.hq, &self.lq)?, open("lq", &self.lq, &self.hq)?))
    }

    fn naming(&self) -> Naming {
        Naming {
            hq: Pattern { prefix: self.hq_prefix.clone(), suffix: self.hq_suffix.clone() },
            lq: Pattern { prefix: self.lq_prefix.clone(), suffix: self.lq_suffix.clone() },
        }
    }

    fn identity(&self) -> Fingerprint {
        let settings = serde_json::to_vec(self).unwrap_or_default();
        Fingerprint::builder("pairs")
            .field("version", env!("CARGO_PKG_VERSION"))
            .field("settings", settings)
            .finish()
    }
}
