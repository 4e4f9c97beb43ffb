//! The `restore apply` job: every picture restored as a model thinks best.
use std::path::PathBuf;

use pixloom_engine::{
    Bytes, Delivery, Fingerprint, ItemCx, ItemError, Outcome, RunError, Seed, Stage,
};
use pixloom_image::geometry::Geometry;
use pixloom_image::{Image, ImageError, Limits, PixelFormat, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::model::{Plan, Restorer};
use super::{pixels, read_cost};
use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings, Start};
use crate::op::{Applied, DynOp, OpCx, Tile};
use crate::params::{ParamError, Params};
use crate::picture::{
    EncodeSettings, ItemExec, PictureInput, PictureJob, PictureSource, item_error, load,
};
use crate::pipeline::Pipeline;
use crate::run::{ErrorRow, InputSettings, RunSettings, Session};
use crate::source::{Inputs, LeftAlone};

/// Restore every picture of a folder as a model thinks best.
///
/// The model looks at features of the picture and predicts what each of its operations would
/// gain; the best is applied, and it looks again. A picture for which it promises too little
/// stays as it is, byte for byte, and so does a file with several frames (an animation, pages),
/// which fails where another format or coding is asked for. Depths of 8 and 16 bit, alpha, colour
/// profile and metadata are kept; palettes and CMYK become RGB where a picture changes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RestoreApply {
    /// Folder or picture to read.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    input: PathBuf,
    /// Folder to write; not needed with `explain`.
    #[schemars(extend("x-positional" = 2))]
    output: Option<PathBuf>,
    /// Model of `train restore`; without it, or with `built-in`, the one in the program. That acts
    /// on most damaged pictures, and leaves nearly all undamaged ones as they are.
    model: Option<PathBuf>,
    /// Act on every prediction, however little it promises.
    unguarded: bool,
    /// Say what would be done to each picture and why, and write nothing.
    explain: bool,
}

impl Params for RestoreApply {
    fn validate(&self) -> Result<(), ParamError> {
        if self.output.is_none() && !self.explain {
            return Err(ParamError::new("output", "must be given: the folder to write"));
        }
        Ok(())
    }
}

impl Job for RestoreApply {
    const NAME: &'static str = "restore apply";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Restore what is damaged, with the built-in model",
            line: "pixloom restore apply scans/ restored/",
        },
        Example {
            does: "Restore a folder of scans with a model of your own",
            line: "pixloom restore apply scans/ restored/ --model model.json",
        },
        Example {
            does: "Say what the built-in model would do, and why",
            line: "pixloom restore apply scans/ --explain",
        },
    ];
    const GROUPS: &'static [Group] = &[
        Group::of::<EncodeSettings>("Output"),
        Group::of::<InputSettings>("Input"),
        Group::of::<RunSettings>("Run"),
    ];

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let restorer = Restorer::open(own.model.as_deref())?;
        let guarded = !own.unguarded;
        match &own.output {
            Some(output) if !own.explain => {
                let restore = Restore { restorer, guarded };
                let pipeline = Pipeline::new(vec![Box::new(restore)])?;
                PictureJob { name: Self::NAME, input: &own.input, output, pipeline }
                    .run(settings, cx)
            }
            _ => own.explain(&ExplainStage::new((restorer, guarded), settings)?, settings, cx),
        }
    }
}

/// A model as an operation.
#[derive(Debug)]
struct Restore {
    restorer: Restorer,
    guarded: bool,
}

impl DynOp for Restore {
    fn name(&self) -> &'static str {
        "restore"
    }

    fn version(&self) -> u32 {
        3
    }

    fn settings(&self) -> Value {
        let model = self.restorer.identity().to_string();
        let model = Fingerprint::builder("model").field("json", model.as_bytes()).finish();
        json!({"model": model.to_string(), "guarded": self.guarded})
    }

    fn draw(&self, _: Seed) -> Result<Value, ImageError> {
        Ok(Value::Null)
    }

    fn shape(&self, input: Size, _: &Value) -> Result<Size, ImageError> {
        Ok(input)
    }

    fn geometry(&self, _: Size, _: &Value) -> Result<Geometry, ImageError> {
        Ok(Geometry::Identity)
    }

    fn cost(&self, input: Size, format: PixelFormat, _: &Value) -> Bytes {
        Bytes(cost(&self.restorer, input, format))
    }

    fn needs(&self, _: Size, _: &Value) -> Option<Size> {
        None
    }

    fn tiles(&self, _: Size) -> Option<Vec<Tile>> {
        None
    }

    fn may_keep(&self) -> bool {
        true
    }

    fn apply(&self, image: Image, _: &Value, cx: &OpCx<'_>) -> Result<Applied, ImageError> {
        let (image, plan) = self.restorer.restore(image, self.guarded, cx.exec)?;
        let reason = match plan.kept {
            None if !plan.acts.is_empty() => return Ok(Applied::Changed(image)),
            None => "no operation promises enough".to_owned(),
            Some(reason) => reason,
        };
        (cx.note)("unchanged", reason);
        Ok(Applied::Kept(image))
    }
}

/// Upper bound of the bytes that restoring takes beside the picture: the dearest operation, or
/// the features (8-bit planes and a spectrum).
fn cost(restorer: &Restorer, input: Size, format: PixelFormat) -> u64 {
    let of = |pipeline: &Pipeline| {
        let drawn = pipeline.draw(Seed::root(0)).unwrap_or_default();
        pipeline.cost(input, (input, format), &drawn).0.0
    };
    let most = restorer.pipelines().iter().map(of).max().unwrap_or(0);
    let sharpened = pixloom_image::filter::blur_cost(input, format, 6.0).saturating_mul(2);
    let measured = format.bytes_of(input).saturating_add(input.pixels().saturating_mul(40));
    most.max(sharpened).max(measured).saturating_add(format.bytes_of(input))
}

/// Says what would be done.
#[derive(Debug)]
struct ExplainStage {
    restorer: Restorer,
    guarded: bool,
    limits: Limits,
    tolerant: bool,
}

impl ExplainStage {
    fn new((restorer, guarded): (Restorer, bool), settings: &Settings) -> Result<Self, ParamError> {
        let input: InputSettings = settings.get()?;
        let (limits, tolerant) = (input.limits(), input.tolerant);
        Ok(Self { restorer, guarded, limits, tolerant })
    }
}

impl Stage for ExplainStage {
    type In = PictureInput;
    type Out = Plan;
    type Scratch = ();

    fn name(&self) -> &'static str {
        "restore apply"
    }

    fn scratch(&self) {}

    fn cost(&self, input: &PictureInput) -> Bytes {
        let header = &input.peeked.header;
        let own = cost(&self.restorer, header.upright_size(), header.format);
        Bytes(read_cost(input, self.tolerant).saturating_add(own).saturating_add(pixels(input)))
    }

    fn fingerprint(&self, _: &PictureInput) -> Option<Fingerprint> {
        None
    }

    fn run(&self, input: PictureInput, (): &mut (), cx: &ItemCx<'_>) -> Result<Plan, ItemError> {
        cx.add_input_bytes(input.file.bytes);
        let frames = input.peeked.header.frames;
        if frames > 1 {
            return Ok(Plan { kept: Some(format!("{frames} frames")), ..Plan::default() });
        }
        let (exec, limits) = (ItemExec(cx), (&self.limits, self.tolerant));
        let note = |code: &'static str, message: String| cx.note(code, message);
        let stopped = |error| cx.check().err().unwrap_or(error);
        let (loaded, _) = load(&input.file, None, limits, &exec, &note).map_err(stopped)?;
        let restored = self.restorer.restore(loaded.image, self.guarded, &exec);
        Ok(restored.map_err(|error| stopped(item_error(error, "restore")))?.1)
    }
}

impl RestoreApply {
    fn explain(
        &self,
        stage: &ExplainStage,
        settings: &Settings,
        cx: &JobCx,
    ) -> Result<Report, JobError> {
        let (input, run): (InputSettings, RunSettings) = (settings.get()?, settings.get()?);
        if run.resume {
            return Err(ParamError::new("resume", "has nothing to go on from here").into());
        }
        let inputs = Inputs::open(&self.input, &input, &[])?;
        let unlistable = |error: std::io::Error| JobError::from(RunError::Source(error.into()));
        let mut left_alone = LeftAlone::new();
        let total = inputs.list(&mut left_alone).map_err(unlistable)?.count() as u64;
        if run.dry_run {
            return Ok(Report::of_plan(total, json!({"planned": total})));
        }
        let identity = Fingerprint::builder("restore apply explain").finish();
        let mut session = Session::inspect(Self::NAME, settings, cx, identity)?;
        let start = session.start();
        session.announce(&Start { items: total, ..start });
        let (mut second, shard) = (LeftAlone::new(), run.shard()?);
        let mut source = PictureSource::new(&inputs, &mut second, input.limits(), (shard, total))
            .map_err(unlistable)?;
        let mut told = Told::default();
        let mut take = |delivery: &Delivery<Plan>| told.take(delivery);
        let mut report = session.observe(&mut source, stage, &mut take)?;
        report.summary["left_alone"] = json!(left_alone);
        report.summary["figures"] = stage.restorer.file.figures.clone();
        (report.lines, report.items) = (told.lines, if cx.items { told.items } else { Vec::new() });
        Ok(report)
    }
}

/// What is said of all pictures, in source order.
#[derive(Debug, Default)]
struct Told {
    lines: Vec<String>,
    items: Vec<Value>,
}

impl Told {
    fn take(&mut self, delivery: &Delivery<Plan>) {
        let path = delivery.key.as_str();
        match &delivery.outcome {
            Outcome::Done(plan) | Outcome::Resumed(plan) => {
                self.lines.extend(described(path, plan));
                self.items.push(item(path, plan));
            }
            Outcome::Failed(error) => {
                let row = ErrorRow::new(delivery.index, path, error);
                let finding =
                    json!({"kind": row.kind, "message": row.sentence(), "hint": row.hint});
                self.items.push(json!({"path": path, "ok": false, "findings": [finding]}));
            }
            Outcome::Skipped(_) => {}
        }
    }
}

/// What is said of one picture.
fn described(path: &str, plan: &Plan) -> Vec<String> {
    let mut lines = vec![path.to_owned()];
    for act in &plan.acts {
        lines.push(format!("  {}  (expected gain {:.4})", act.operation, act.expected_gain));
    }
    if let Some(act) = &plan.declined {
        lines.push(format!("  not {}: promises {:.4} only", act.operation, act.expected_gain));
    }
    lines.extend(plan.kept.as_ref().map(|reason| format!("  stays as it is: {reason}")));
    if plan.features.is_empty() {
        return lines;
    }
    let features = plan.features.iter().map(|(name, value)| format!("{name} {value:.4}"));
    lines.push(format!("  features: {}", features.collect::<Vec<_>>().join(", ")));
    lines
}

fn item(path: &str, plan: &Plan) -> Value {
    let features: serde_json::Map<String, Value> =
        plan.features.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    json!({"path": path, "ok": true, "features": features, "operations": plan.acts,
        "declined": plan.declined, "kept": plan.kept})
}
