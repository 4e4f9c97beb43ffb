//! The `restore search` job: the best parameters of every pair.
use std::io::Write;
use std::path::{Path, PathBuf};

use pixloom_engine::{Fingerprint, RunError, files};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::keep::Keep;
use super::pair::SearchStage;
use super::tally::{Findings, Tally};
use super::wide::Wide;
use super::wide::space::Space;
use super::{page, same_place};
use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings, Start};
use crate::jobs::analyze::refuse_unwritable;
use crate::jobs::pairs::{Naming, PairSource};
use crate::params::{ParamError, Params};
use crate::run::{InputSettings, RunSettings, Session};
use crate::source::{Inputs, LeftAlone};

/// The space of document 003.
const GRID: &str = "grid";
/// Candidates beyond it.
const REFINE: u32 = 24;
/// Candidates of a pair in another space.
const BUDGET: u32 = 1500;

/// Find for every damaged picture the parameters that bring it nearest to the undamaged one.
///
/// Tries white balance or none, four sigmas and five strengths of sharpening, and scores each by
/// PSNR and SSIM. The table has the 22 columns of a training set for regression; further columns
/// say how near the picture is without any change, what white balance alone does, and what a
/// search beyond the grid finds. Files match by their path, whatever the extension. What is
/// finished is kept beside the table, in TABLE.journal, until all of it is: a search that was
/// stopped or killed goes on with `--resume`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RestoreSearch {
    /// Folder of the damaged pictures.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    damaged: PathBuf,
    /// Folder of the same pictures undamaged.
    #[schemars(extend("x-positional" = 2, "x-required" = true))]
    undamaged: PathBuf,
    /// Table to write, one line per pair.
    #[schemars(extend("x-alias" = ["o"]))]
    output: PathBuf,
    /// Write a page with charts of what was found here.
    html: Option<PathBuf>,
    /// Candidates to try beyond the grid, around the best of it; 0 leaves that out. Not with
    /// `space`, which refines by itself.
    #[schemars(range(min = 0, max = 1000))]
    refine: u32,
    /// What is tried: `grid` (the 40), `wide` (about 100 operations, several in a row), or a YAML
    /// file with operations and values of your own.
    space: String,
    /// Most candidates to try for each pair, with another space than the grid; at least those of
    /// the space and 16 more.
    #[schemars(range(min = 1, max = 100_000))]
    budget: u32,
}

impl Default for RestoreSearch {
    fn default() -> Self {
        Self {
            damaged: PathBuf::new(),
            undamaged: PathBuf::new(),
            output: PathBuf::from("regression_training_data.csv"),
            html: None,
            refine: REFINE,
            space: GRID.to_owned(),
            budget: BUDGET,
        }
    }
}

impl Params for RestoreSearch {}

impl Job for RestoreSearch {
    const NAME: &'static str = "restore search";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Make the table that models of restoration learn from",
            line: "pixloom restore search damaged/ undamaged/ -o regression_training_data.csv",
        },
        Example {
            does: "The grid alone, with a page of charts",
            line: "pixloom restore search damaged/ undamaged/ --refine 0 --html search.html",
        },
        Example {
            does: "Search over denoising, deblurring, levels and more, several in a row",
            line: "pixloom restore search damaged/ undamaged/ --space wide -o wide.csv",
        },
    ];
    const GROUPS: &'static [Group] =
        &[Group::of::<InputSettings>("Input"), Group::of::<RunSettings>("Run")];
    const UNIT: &'static str = "pair";

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let input: InputSettings = settings.get()?;
        let run: RunSettings = settings.get()?;
        refuse_what_is_not_offered(&input, &run)?;
        let keep = Keep::beside(&own.output);
        own.refuse_places(&run, &keep)?;
        let sides = own.open(&input)?;
        let space = if own.space == GRID { None } else { Some(Space::open(&own.space)?) };
        own.refuse_idle(space.as_ref())?;
        if run.dry_run {
            let pairs = Self::count((&sides.0, &sides.1), &input, &run)?;
            return Ok(Report::of_plan(pairs, json!({"planned": pairs})));
        }
        keep.check(&run, cx.face.as_ref())?;
        let (sides, all) = ((&sides.0, &sides.1), (settings, &input, &run));
        if let Some(space) = space {
            return own.search_wide(sides, (&space, &keep), all, cx);
        }
        let (report, findings) = own.search(sides, &keep, all, cx)?;
        own.report(report, findings)
    }
}

/// Settings of the shared groups that mean nothing here.
fn refuse_what_is_not_offered(input: &InputSettings, run: &RunSettings) -> Result<(), ParamError> {
    if input.files_from.is_some() {
        let problem = "names the files of one folder, but there are two; use `glob`";
        return Err(ParamError::new("files_from", problem));
    }
    if run.shard.is_some() {
        let problem = "is not for a table, whose parts `pixloom merge` does not join; search parts \
                       with `glob`, and put their tables one under the other: `train restore` \
                       reads that";
        return Err(ParamError::new("shard", problem));
    }
    Ok(())
}

/// What the two folders are called in messages and keys.
const SIDES: [&str; 2] = ["undamaged", "damaged"];

fn unlistable(error: std::io::Error) -> JobError {
    RunError::Source(error.into()).into()
}

pub(super) fn unwritable(error: std::io::Error) -> JobError {
    RunError::Output(error.into()).into()
}

impl RestoreSearch {
    /// Files that may not be written, or that are one and the same.
    fn refuse_places(&self, run: &RunSettings, keep: &Keep) -> Result<(), JobError> {
        let goes_on = run.overwrite || run.resume && keep.is_begun();
        refuse_unwritable(&self.output, goes_on)?;
        if let Some(html) = &self.html {
            // The page is written at the end only: no search that goes on has one yet.
            refuse_unwritable(html, run.overwrite)?;
        }
        let is_file = self.space != GRID && Path::new(&self.space).is_file();
        let space = is_file.then(|| PathBuf::from(&self.space));
        let (output, html) = (Some(&self.output), self.html.as_ref());
        for (name, path, other, lost) in [
            ("html", html, output, "output"),
            ("space", space.as_ref(), output, "output"),
            ("html", html, space.as_ref(), "space"),
        ] {
            if path.zip(other).is_some_and(|(path, other)| same_place(path, other)) {
                let problem = format!("names the same file as `{lost}`, which would be lost");
                return Err(ParamError::new(name, problem).into());
            }
        }
        Ok(())
    }

    /// Settings that would change nothing, or leave nothing to do.
    fn refuse_idle(&self, space: Option<&Space>) -> Result<(), ParamError> {
        let Some(space) = space else {
            if self.budget == BUDGET {
                return Ok(());
            }
            let problem = "is for another `space`; the grid has 40, and `refine` more";
            return Err(ParamError::new("budget", problem));
        };
        if self.refine != REFINE {
            let problem = "is for the grid; another `space` refines by itself, within `budget`";
            return Err(ParamError::new("refine", problem));
        }
        let least = space.least_budget();
        if (self.budget as usize) < least {
            let problem = format!(
                "must be at least {least}: the space has {} candidates, and the best are tried on \
                 more of the picture",
                space.len()
            );
            return Err(ParamError::new("budget", problem));
        }
        Ok(())
    }

    /// The undamaged and the damaged folder.
    fn open(&self, input: &InputSettings) -> Result<(Inputs, Inputs), JobError> {
        let same = |path: &Path| path.canonicalize().ok();
        if same(&self.damaged).is_some() && same(&self.damaged) == same(&self.undamaged) {
            return Err(ParamError::new("undamaged", "is the same folder as `damaged`").into());
        }
        let open = |name: &str, path: &Path, other: &Path| {
            if path.is_file() {
                return Err(ParamError::new(name, "must be a folder, not a file"));
            }
            Inputs::open(path, input, &[other.to_owned()]).map_err(|error| {
                if error.name == "input" { ParamError::new(name, error.problem) } else { error }
            })
        };
        let undamaged = open("undamaged", &self.undamaged, &self.damaged)?;
        Ok((undamaged, open("damaged", &self.damaged, &self.undamaged)?))
    }

    fn count(
        sides: (&Inputs, &Inputs),
        input: &InputSettings,
        run: &RunSettings,
    ) -> Result<u64, JobError> {
        let (mut left, naming) = ((LeftAlone::new(), LeftAlone::new()), Naming::default());
        let how = (input.limits(), run.shard()?);
        let source = PairSource::new(sides, (&mut left.0, &mut left.1), &naming, how)
            .map_err(unlistable)?
            .with_sides(SIDES);
        Ok(source.count())
    }

    fn search(
        &self,
        sides: (&Inputs, &Inputs),
        keep: &Keep,
        (settings, input, run): (&Settings, &InputSettings, &RunSettings),
        cx: &JobCx,
    ) -> Result<(Report, Findings), JobError> {
        let identity = self.identity(input);
        let stage = SearchStage {
            limits: input.limits(),
            tolerant: input.tolerant,
            steps: self.refine,
            identity,
        };
        let (mut left, naming) = ((LeftAlone::new(), LeftAlone::new()), Naming::default());
        let how = (input.limits(), run.shard()?);
        let session = Session::inspect(Self::NAME, settings, cx, identity)?;
        let mut session = session.with_journal(keep.journal(), run.resume)?;
        let start = session.start();
        session.announce(&Start { items: Self::count(sides, input, run)?, ..start });
        let mut source = PairSource::new(sides, (&mut left.0, &mut left.1), &naming, how)
            .map_err(unlistable)?
            .with_sides(SIDES);
        let observe = |csv: &mut dyn Write| {
            let mut tally = Tally::new(csv, cx.items);
            let report =
                session.observe(&mut source, &stage, &mut |delivery| tally.take(delivery))?;
            Ok((report, tally.finish().map_err(unwritable)?))
        };
        let (mut report, findings) = keep.write(observe)?;
        drop(source);
        report.summary["left_alone"] = json!({"undamaged": left.0, "damaged": left.1});
        report.summary["output"] = Value::from(self.output.display().to_string());
        Ok((report, findings))
    }

    fn search_wide(
        &self,
        sides: (&Inputs, &Inputs),
        (space, keep): (&Space, &Keep),
        (settings, input, run): (&Settings, &InputSettings, &RunSettings),
        cx: &JobCx,
    ) -> Result<Report, JobError> {
        let identity = Fingerprint::builder("restore search wide")
            .field("version", env!("CARGO_PKG_VERSION"))
            .field("space", &space.text)
            .field("budget", self.budget.to_le_bytes())
            .field("limits", limits(input))
            .finish();
        let wide = Wide {
            space,
            identity,
            budget: self.budget,
            limits: input.limits(),
            tolerant: input.tolerant,
            items: cx.items,
            title: self.html.is_some().then(|| self.damaged.display().to_string()),
        };
        let (mut left, naming) = ((LeftAlone::new(), LeftAlone::new()), Naming::default());
        let how = (input.limits(), run.shard()?);
        let session = Session::inspect(Self::NAME, settings, cx, identity)?;
        let mut session = session.with_journal(keep.journal(), run.resume)?;
        let start = session.start();
        session.announce(&Start { items: Self::count(sides, input, run)?, ..start });
        let mut source = PairSource::new(sides, (&mut left.0, &mut left.1), &naming, how)
            .map_err(unlistable)?
            .with_sides(SIDES);
        let search = |csv: &mut dyn Write| wide.run(session, &mut source, csv);
        let (mut report, html) = keep.write(search)?;
        drop(source);
        report.summary["left_alone"] = json!({"undamaged": left.0, "damaged": left.1});
        report.summary["output"] = Value::from(self.output.display().to_string());
        report.lines.push(format!("table        {}", self.output.display()));
        self.with_page(report, html)
    }

    /// Writes the page, if one is wanted and there is one.
    fn with_page(&self, mut report: Report, html: Option<String>) -> Result<Report, JobError> {
        let path = self.html.as_ref().filter(|_| !report.cancelled);
        if let Some((path, html)) = path.zip(html) {
            files::write_atomic(path, html.as_bytes()).map_err(unwritable)?;
            report.lines.push(format!("page         {}", path.display()));
        }
        Ok(report)
    }

    fn report(&self, report: Report, findings: Findings) -> Result<Report, JobError> {
        let (mut report, findings) = findings.report(report);
        report.lines.push(format!("table        {}", self.output.display()));
        let title = self.html.as_ref().map(|_| self.damaged.display().to_string());
        let html = title.map(|title| page::page(&title, &findings));
        self.with_page(report, html)
    }

    fn identity(&self, input: &InputSettings) -> Fingerprint {
        Fingerprint::builder("restore search")
            .field("version", env!("CARGO_PKG_VERSION"))
            .field("refine", self.refine.to_le_bytes())
            .field("limits", limits(input))
            .finish()
    }
}

/// What decides which pictures are read, and how.
fn limits(input: &InputSettings) -> Vec<u8> {
    [input.max_pixels, u32::from(input.tolerant)].map(u32::to_le_bytes).concat()
}
