//! The `restore features` job: how damaged pictures look, as numbers.
use std::io::{self, Write};
use std::path::PathBuf;

use pixloom_engine::{Bytes, Delivery, Fingerprint, ItemCx, ItemError, Outcome, RunError, Stage};
use pixloom_image::Limits;
use pixloom_restore::{features, traits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{pixels, read, read_cost, table};
use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings, Start};
use crate::jobs::analyze::{refuse_unwritable, with_csv};
use crate::params::{ParamError, Params};
use crate::picture::{PictureInput, PictureSource};
use crate::run::{ErrorRow, InputSettings, RunSettings, Session};
use crate::source::{Inputs, LeftAlone};

/// Measure every picture of a folder: fourteen features of its spectrum and its colours, and 54
/// measures of noise, blur, blocks, casts, contrast, scratches and gradients.
///
/// These are what models of `restore` predict parameters from. Every size is measured, down to
/// one pixel.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RestoreFeatures {
    /// Folder or picture to measure.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    input: PathBuf,
    /// Table to write, one line per picture.
    #[schemars(extend("x-alias" = ["o"]))]
    output: PathBuf,
}

impl Default for RestoreFeatures {
    fn default() -> Self {
        Self { input: PathBuf::new(), output: PathBuf::from("features.csv") }
    }
}

impl Params for RestoreFeatures {}

impl Job for RestoreFeatures {
    const NAME: &'static str = "restore features";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Measure a folder of scans",
            line: "pixloom restore features scans/ -o features.csv",
        },
        Example {
            does: "Measure one picture, for a program",
            line: "pixloom restore features scan.png -o scan.csv --json",
        },
    ];
    const GROUPS: &'static [Group] =
        &[Group::of::<InputSettings>("Input"), Group::of::<RunSettings>("Run")];
    const RESUMES: bool = false;

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let input: InputSettings = settings.get()?;
        let run: RunSettings = settings.get()?;
        if run.resume {
            return Err(ParamError::new("resume", "has nothing to go on from here").into());
        }
        refuse_unwritable(&own.output, run.overwrite)?;
        let inputs = Inputs::open(&own.input, &input, &[])?;
        own.measure(&inputs, (settings, &input, &run), cx)
    }
}

fn unlistable(error: io::Error) -> JobError {
    RunError::Source(error.into()).into()
}

impl RestoreFeatures {
    fn measure(
        &self,
        inputs: &Inputs,
        (settings, input, run): (&Settings, &InputSettings, &RunSettings),
        cx: &JobCx,
    ) -> Result<Report, JobError> {
        let mut left_alone = LeftAlone::new();
        let total = inputs.list(&mut left_alone).map_err(unlistable)?.count() as u64;
        if run.dry_run {
            return Ok(Report::of_plan(total, json!({"planned": total})));
        }
        let stage = FeaturesStage { limits: input.limits(), tolerant: input.tolerant };
        let identity = Fingerprint::builder("restore features").finish();
        let mut session = Session::inspect(Self::NAME, settings, cx, identity)?;
        let start = session.start();
        session.announce(&Start { items: total, ..start });
        let (mut second, shard) = (LeftAlone::new(), run.shard()?);
        let mut source = PictureSource::new(inputs, &mut second, input.limits(), (shard, total))
            .map_err(unlistable)?;
        let observe = |csv: &mut dyn Write| {
            let mut tally = Tally::new(csv, cx.items);
            let report =
                session.observe(&mut source, &stage, &mut |delivery| tally.take(delivery))?;
            tally.written.map_err(|error| JobError::from(RunError::Output(error.into())))?;
            Ok((report, tally.items))
        };
        let (mut report, items) = with_csv(&self.output, observe)?;
        report.items = items;
        report.summary["left_alone"] = json!(left_alone);
        report.summary["output"] = Value::from(self.output.display().to_string());
        let done = report.counts.done;
        report.lines = vec![
            format!("{done} pictures measured, {} failed", report.counts.failed),
            format!("table        {}", self.output.display()),
        ];
        Ok(report)
    }
}

/// The fourteen features, then the measures of damage.
type Values = Vec<f64>;

struct Tally<'a> {
    csv: &'a mut dyn Write,
    written: io::Result<()>,
    wants_items: bool,
    items: Vec<Value>,
}

impl<'a> Tally<'a> {
    fn new(csv: &'a mut dyn Write, wants_items: bool) -> Self {
        let written = table::features_header(csv);
        Self { csv, written, wants_items, items: Vec::new() }
    }

    fn take(&mut self, delivery: &Delivery<Values>) {
        let path = delivery.key.as_str();
        match &delivery.outcome {
            Outcome::Done(values) | Outcome::Resumed(values) => {
                if self.written.is_ok() {
                    self.written = table::features_row(self.csv, path, values);
                }
                if self.wants_items {
                    let names = features::NAMES.iter().chain(&traits::NAMES);
                    let named: serde_json::Map<String, Value> =
                        names.zip(values).map(|(n, v)| ((*n).to_owned(), json!(v))).collect();
                    self.items.push(json!({"path": path, "ok": true, "features": named}));
                }
            }
            Outcome::Failed(error) if self.wants_items => {
                let row = ErrorRow::new(delivery.index, path, error);
                let finding =
                    json!({"kind": row.kind, "message": row.sentence(), "hint": row.hint});
                self.items.push(json!({"path": path, "ok": false, "findings": [finding]}));
            }
            Outcome::Failed(_) | Outcome::Skipped(_) => {}
        }
    }
}

/// Measures pictures.
#[derive(Debug)]
struct FeaturesStage {
    limits: Limits,
    tolerant: bool,
}

impl Stage for FeaturesStage {
    type In = PictureInput;
    type Out = Values;
    type Scratch = ();

    fn name(&self) -> &'static str {
        "restore features"
    }

    fn scratch(&self) {}

    fn cost(&self, input: &PictureInput) -> Bytes {
        let spectrum = pixels(input).saturating_mul(32);
        Bytes(read_cost(input, self.tolerant).saturating_add(spectrum).saturating_add(1 << 20))
    }

    fn fingerprint(&self, _: &PictureInput) -> Option<Fingerprint> {
        None
    }

    fn run(&self, input: PictureInput, (): &mut (), cx: &ItemCx<'_>) -> Result<Values, ItemError> {
        let note = |code: &'static str, message: String| cx.note(code, message);
        let picture = read(&input, (&self.limits, self.tolerant), cx, &note)?;
        cx.check()?;
        let measured = features::features(&picture);
        let mut values = measured.to_vec();
        values.extend(traits::traits(&picture, &measured));
        Ok(values)
    }
}
