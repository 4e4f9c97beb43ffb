//! The `train upscale` job: a super-resolution net from a folder of pictures.
mod checkpoint;
mod data;
mod steps;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use pixloom_engine::{Fingerprint, RunError, Seed, files};
use pixloom_nn::train::{Loss, Shape};
use pixloom_nn::write;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings, Start};
use crate::jobs::analyze::refuse_unwritable;
use crate::params::{ParamError, Params};
use crate::picture::PictureSource;
use crate::pipeline::Pipeline;
use crate::run::{InputSettings, RunSettings, Session};
use crate::source::{Inputs, LeftAlone};
use checkpoint::Checkpoint;
use data::{Data, PairStage};
use steps::{Outcome, Trainer};

/// Train a net for `upscale` on a folder of pictures.
///
/// The net is of the family `SRVGGNetCompact`. Each picture is shrunk as the super-resolution
/// papers do (MATLAB's bicubic); the net learns the way back on random patches. Some pictures are
/// held out to measure how good it is. The same seed gives the same model at any number of
/// workers. A run that was stopped goes on with `--resume`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TrainUpscale {
    /// Folder of pictures to learn from: sharp, without traces of compression.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    input: PathBuf,
    /// Model file to write, such as `mine_x4.safetensors`.
    #[schemars(extend("x-positional" = 2, "x-required" = true))]
    output: PathBuf,
    /// How many times larger the net makes pictures.
    #[schemars(range(min = 1, max = 8))]
    scale: u32,
    /// Channels of the layers; twice as many take four times as long.
    #[schemars(range(min = 4, max = 256))]
    features: u32,
    /// Layers between the first and the last.
    #[schemars(range(min = 0, max = 64))]
    convs: u32,
    /// Steps to train.
    #[schemars(range(min = 1, max = 10_000_000))]
    steps: u32,
    /// Patches of a step.
    #[schemars(range(min = 1, max = 1024))]
    batch: u32,
    /// Side of a patch in pixels of the small picture.
    #[schemars(range(min = 8, max = 512))]
    patch: u32,
    /// How far a step moves at the beginning; it falls along a cosine.
    #[schemars(range(min = 1e-7, max = 0.1))]
    rate: f64,
    /// How a difference counts.
    loss: LossSetting,
    /// Operations that make the small patches worse, such as `noise:sigma=0.02`; they must keep
    /// the size. What they draw is drawn anew for each patch.
    degrade: Option<String>,
    /// Pictures that are held out to measure the net, at most a fifth of all.
    #[schemars(range(min = 1, max = 1000))]
    validation: u32,
    /// Steps between two measurements, after which a checkpoint is written too.
    #[schemars(range(min = 1, max = 1_000_000))]
    every: u32,
    /// Megabytes of pictures that are kept in memory; larger pictures are cut so that all fit.
    #[schemars(range(min = 1, max = 1_000_000))]
    keep: u32,
}

/// How a difference counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum LossSetting {
    /// Its absolute value.
    #[default]
    L1,
    /// Nearly its absolute value, but smooth at 0.
    Charbonnier,
}

impl Default for TrainUpscale {
    fn default() -> Self {
        Self {
            input: PathBuf::new(),
            output: PathBuf::new(),
            scale: 4,
            features: 32,
            convs: 4,
            steps: 20_000,
            batch: 16,
            patch: 40,
            rate: 2e-3,
            loss: LossSetting::L1,
            degrade: None,
            validation: 6,
            every: 500,
            keep: 1024,
        }
    }
}

impl Params for TrainUpscale {
    fn validate(&self) -> Result<(), ParamError> {
        self.degradation().map(|_| ())
    }
}

impl Job for TrainUpscale {
    const NAME: &'static str = "train upscale";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "A net for ×4 from your own photographs",
            line: "pixloom train upscale photos/ mine_x4.safetensors --scale 4",
        },
        Example {
            does: "One for noisy pictures, longer",
            line: "pixloom train upscale photos/ noisy.safetensors --degrade noise:sigma=0.03 --steps 100000",
        },
    ];
    const GROUPS: &'static [Group] =
        &[Group::of::<InputSettings>("Input"), Group::of::<RunSettings>("Run")];

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let input: InputSettings = settings.get()?;
        let run: RunSettings = settings.get()?;
        if run.shard()?.is_some() {
            return Err(ParamError::new(
                "shard",
                "means nothing here: training is one step after another",
            )
            .into());
        }
        refuse_unwritable(&own.output, run.overwrite || run.resume)?;
        let inputs = Inputs::open(&own.input, &input, &[])?;
        let failed = |error: std::io::Error| JobError::Run {
            source: RunError::Source(error.into()),
            finished: 0,
            failures: vec![],
        };
        let total = inputs.list(&mut LeftAlone::new()).map_err(failed)?.count() as u64;
        if run.dry_run {
            return Ok(Report::of_plan(total, json!({"planned": total})));
        }
        let identity = own.identity(&input, run.seed);
        let before = own.earlier(&run, identity, cx)?;
        let mut session = Session::inspect(Self::NAME, settings, cx, identity)?;
        let start = session.start();
        session.announce(&Start { items: total, ..start });
        let stage = own.stage(&input, total);
        let mut left_alone = LeftAlone::new();
        let mut source =
            PictureSource::new(&inputs, &mut left_alone, input.limits(), (None, total))
                .map_err(failed)?;
        let engine = session.engine().clone();
        let read = session.phase(&engine, &mut source, &stage, &mut |_| {});
        let counts = match read {
            Ok(counts) => counts,
            Err(error) => return session.close(Err(error), pixloom_engine::Counts::default()),
        };
        let data = Data::new(stage.into_pairs(), own.validation as usize, Seed::root(run.seed));
        let data = match data {
            Ok(data) => data,
            Err(error) => return Err(with_failures(error, session.close(Ok(counts), counts)?)),
        };
        let trainer =
            Trainer { own: &own, data: &data, engine: &engine, cx, seed: Seed::root(run.seed) };
        let outcome = trainer.train(before, &own.checkpoint(), identity)?;
        own.finish(&outcome, session, counts)
    }
}

impl TrainUpscale {
    const fn shape(&self) -> Shape {
        Shape {
            features: self.features as usize,
            convs: self.convs as usize,
            scale: self.scale as usize,
        }
    }

    const fn loss(&self) -> Loss {
        match self.loss {
            LossSetting::L1 => Loss::L1,
            LossSetting::Charbonnier => Loss::Charbonnier(1e-3),
        }
    }

    fn degradation(&self) -> Result<Pipeline, ParamError> {
        let Some(text) = &self.degrade else { return Ok(Pipeline::default()) };
        let pipeline =
            Pipeline::parse(text).map_err(|error| ParamError::new("degrade", error.to_string()))?;
        if pipeline.is_split() {
            return Err(ParamError::new("degrade", "must not cut the picture"));
        }
        Ok(pipeline)
    }

    /// Where the state of an unfinished training lies.
    fn checkpoint(&self) -> PathBuf {
        let mut name = self.output.as_os_str().to_owned();
        name.push(".checkpoint");
        PathBuf::from(name)
    }

    fn stage(&self, input: &InputSettings, total: u64) -> PairStage {
        let bytes = u64::from(self.keep) * 1_000_000 / total.max(1);
        PairStage {
            limits: input.limits(),
            tolerant: input.tolerant,
            scale: self.scale,
            patch: self.patch,
            // Three samples a pixel, and the small picture beside it.
            most_pixels: bytes / 4,
            pairs: Mutex::default(),
        }
    }

    /// The checkpoint to go on from, if that is asked for.
    fn earlier(
        &self,
        run: &RunSettings,
        identity: Fingerprint,
        cx: &JobCx,
    ) -> Result<Option<Checkpoint>, JobError> {
        let path = self.checkpoint();
        if !run.resume {
            return Ok(None);
        }
        if !path.exists() {
            cx.face.remark("there is no checkpoint; training begins anew");
            return Ok(None);
        }
        let checkpoint = Checkpoint::read(&path, self.shape().parameters())?;
        if checkpoint.identity != identity.to_string() {
            let message = format!("{} was made with other settings or pictures", path.display());
            let details =
                vec!["use the same settings, or leave out --resume to begin anew".to_owned()];
            return Err(JobError::refused(message, details));
        }
        cx.face.remark(&format!("goes on after step {}", checkpoint.adam.step));
        Ok(Some(checkpoint))
    }

    /// Writes the model, or says that the run was stopped.
    fn finish(
        &self,
        outcome: &Outcome,
        session: Session,
        counts: pixloom_engine::Counts,
    ) -> Result<Report, JobError> {
        let result = if outcome.stopped { Err(RunError::Cancelled) } else { Ok(counts) };
        if !outcome.stopped {
            let notes = [
                ("made_by", format!("pixloom {} train upscale", env!("CARGO_PKG_VERSION"))),
                ("steps", outcome.steps.to_string()),
                ("validation_psnr_y_db", format!("{:.3}", outcome.validation_db)),
            ];
            let bytes = write::safetensors(&self.shape().tensors(&outcome.mean), &notes);
            let failed = |error: std::io::Error| RunError::Output(error.into());
            files::write_atomic(&self.output, &bytes).map_err(failed)?;
            remove(&self.checkpoint());
        }
        let mut report = session.close(result, counts)?;
        let own = json!({
            "steps": outcome.steps,
            "parameters": self.shape().parameters(),
            "pictures": outcome.pictures,
            "validation_psnr_y_db": outcome.validation_db,
            "bicubic_psnr_y_db": outcome.bicubic_db,
            "loss": outcome.loss,
            "output": self.output.display().to_string(),
        });
        if let (Some(all), Some(own)) = (report.summary.as_object_mut(), own.as_object()) {
            all.extend(own.clone());
        }
        report.lines.push(format!(
            "{} steps: {:.2} dB on pictures that were held out, bicubic {:.2} dB",
            outcome.steps, outcome.validation_db, outcome.bicubic_db
        ));
        let next = if outcome.stopped { self.checkpoint() } else { self.output.clone() };
        let what = if outcome.stopped { "checkpoint" } else { "model" };
        report.lines.push(format!("{what}  {}", next.display()));
        Ok(report)
    }

    /// Everything that decides the model, the content of the pictures apart.
    fn identity(&self, input: &InputSettings, seed: u64) -> Fingerprint {
        // Where the model goes and how often it is measured do not change it.
        let (output, every) = (PathBuf::new(), 0);
        let own = Self { output, every, ..self.clone() };
        Fingerprint::builder("train upscale")
            .field("version", env!("CARGO_PKG_VERSION"))
            .field("settings", serde_json::to_vec(&own).unwrap_or_default())
            .field("input", serde_json::to_vec(input).unwrap_or_default())
            .field("seed", seed.to_le_bytes())
            .finish()
    }
}

/// Says which pictures could not be used, and why, where too few could.
fn with_failures(error: JobError, report: Report) -> JobError {
    let JobError::Refused { message, mut details } = error else { return error };
    details.extend(report.failures.into_iter().map(|f| format!("{}: {}", f.path, f.message)));
    let record = report.record_dir.filter(|_| report.counts.failed > 0);
    details.extend(record.map(|dir| format!("all are in {}", dir.join("errors.jsonl").display())));
    JobError::refused(message, details)
}

/// A checkpoint that stays does no harm.
fn remove(path: &Path) {
    let _stays = std::fs::remove_file(path);
}
