//! The `analyze` job: what is in a folder of pictures.
mod csv;
mod deep;
mod facts;
mod gather;
pub(crate) mod html;
mod measure;
mod stage;
mod summary;
mod tally;
pub(crate) mod text;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use pixloom_engine::{Fingerprint, RunError, files};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::gather::Gathered;
use self::stage::{Candidates, Look};
pub(crate) use self::stage::{refuse_existing, refuse_unwritable};
use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings, Start};
use crate::params::{ParamError, Params};
use crate::run::{InputSettings, RunSettings, Session};
use crate::source::{Roots, Share, tell_left_alone};

/// Say what is in a folder of pictures: sizes, formats, colours, cameras, oddities.
///
/// Reads no more of each file than its header, unless `--deep` asks for the pixels. Nothing is
/// written but the reports that you name.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Analyze {
    /// Folders or pictures to look at.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    input: Vec<PathBuf>,
    /// Decode every picture, too: finds unused alpha, grey stored as colour, pictures of one
    /// colour, black ones and those whose file was cut.
    deep: bool,
    /// Write a table with one line per file here.
    csv: Option<PathBuf>,
    /// Write a page with charts, samples and a table here; it needs nothing else and works
    /// offline.
    html: Option<PathBuf>,
}

impl Params for Analyze {}

impl Job for Analyze {
    const NAME: &'static str = "analyze";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Look at a download from its headers and leave a page to browse",
            line: "pixloom analyze photos/ --html photos.html",
        },
        Example {
            does: "Decode two folders completely and keep one line per file",
            line: "pixloom analyze train/ valid/ --deep --csv files.csv",
        },
    ];
    const GROUPS: &'static [Group] =
        &[Group::of::<InputSettings>("Input"), Group::of::<RunSettings>("Run")];

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let input: InputSettings = settings.get()?;
        let run: RunSettings = settings.get()?;
        if run.resume {
            return Err(ParamError::new("resume", "has nothing to go on from here").into());
        }
        for path in own.csv.iter().chain(&own.html) {
            refuse_unwritable(path, run.overwrite)?;
        }
        let roots = Roots::open(&own.input, &input, &[])?;
        let look = Look { deep: own.deep, limits: input.limits(), tolerant: input.tolerant };
        own.analyze(&roots, &look, (settings, &run), cx)
    }
}

/// What the engine reports and what was gathered.
type Observed = (Report, gather::Finished);

fn unlistable(error: io::Error) -> JobError {
    RunError::Source(error.into()).into()
}

fn unwritable(error: io::Error) -> JobError {
    RunError::Output(error.into()).into()
}

impl Analyze {
    fn analyze(
        &self,
        roots: &Roots,
        look: &Look,
        (settings, run): (&Settings, &RunSettings),
        cx: &JobCx,
    ) -> Result<Report, JobError> {
        let mut left_alone = roots.left_alone();
        let shard = run.shard()?;
        let all = roots.list(&mut left_alone).map_err(unlistable)?;
        let total = Share::of(all, (shard, 0)).count() as u64;
        let left_alone = tell_left_alone(&left_alone, cx.face.as_ref());
        if run.dry_run {
            let summary = json!({"planned": total, "left_alone": left_alone});
            return Ok(Report::of_plan(total, summary));
        }
        let identity = Fingerprint::builder("analyze").field("deep", [u8::from(look.deep)]);
        let mut session = Session::inspect(Self::NAME, settings, cx, identity.finish())?;
        let start = session.start();
        session.announce(&Start { items: total, ..start });
        let mut second = roots.left_alone();
        let listing = roots.list(&mut second).map_err(unlistable)?;
        let mut source = Candidates { files: Share::of(listing, (shard, total)), look };
        let observe = |csv: Option<&mut dyn Write>| -> Result<Observed, JobError> {
            let mut gathered = Gathered::new(csv, (cx.items, self.html.is_some()));
            let report =
                session.observe(&mut source, look, &mut |delivery| gathered.take(delivery))?;
            let gathered = gathered.finish().map_err(unwritable)?;
            Ok((report, gathered))
        };
        let (mut report, gathered) = match &self.csv {
            Some(path) => with_csv(path, |file| observe(Some(file)))?,
            None => observe(None)?,
        };
        report.summary["left_alone"] = left_alone;
        self.report(report, gathered, (roots, run), cx)
    }

    /// Fills in what was found and writes the page.
    fn report(
        &self,
        mut report: Report,
        gathered: gather::Finished,
        (roots, run): (&Roots, &RunSettings),
        cx: &JobCx,
    ) -> Result<Report, JobError> {
        if let (Value::Object(all), Value::Object(own)) =
            (&mut report.summary, gathered.summary.json())
        {
            all.extend(own);
        }
        report.lines = text::lines(&gathered.summary);
        report.items = gathered.items;
        let Some((path, page)) = self.html.as_ref().zip(gathered.page) else { return Ok(report) };
        if report.cancelled {
            return Ok(report);
        }
        let title = self.input.iter().map(|path| path.display().to_string());
        let title = title.collect::<Vec<_>>().join(", ");
        let thumbnails = page.thumbnails(roots, run, cx)?;
        let html = html::page(&title, &gathered.summary, &page, &thumbnails);
        files::write_atomic(path, html.as_bytes()).map_err(unwritable)?;
        report.lines.push(format!("page         {}", path.display()));
        Ok(report)
    }
}

/// Lets `run` fill a file that appears only if it ran to its end.
pub(crate) fn with_csv<T>(
    path: &Path,
    run: impl FnOnce(&mut dyn Write) -> Result<(Report, T), JobError>,
) -> Result<(Report, T), JobError> {
    let mut result = None;
    let written = files::with_temporary(path, |file| {
        let mut out = io::BufWriter::new(&*file);
        result = Some(run(&mut out));
        out.flush()?;
        drop(out);
        let complete = matches!(&result, Some(Ok((report, _))) if !report.cancelled);
        if complete { file.sync_all() } else { Err(io::ErrorKind::Interrupted.into()) }
    });
    match (result, written) {
        (Some(Ok((report, more))), Err(_)) if report.cancelled => Ok((report, more)),
        (Some(Err(error)), _) => Err(error),
        (_, Err(error)) => Err(unwritable(error)),
        (Some(done), Ok(())) => done,
        (None, Ok(())) => Err(unwritable(io::Error::other("nothing was written"))),
    }
}
