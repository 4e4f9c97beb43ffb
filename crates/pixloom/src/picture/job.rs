//! Runs any job that turns pictures into pictures.
use std::path::{Path, PathBuf};

use pixloom_engine::{Bytes, Fingerprint, Seed};
use serde_json::{Value, json};

use super::{EncodeSettings, Naming, OnCollision, PictureSource, PictureStage, Planner};
use crate::job::{JobCx, JobError, Report, Settings, Start};
use crate::pipeline::Pipeline;
use crate::run::{InputSettings, RunSettings, Session};
use crate::source::{Inputs, LeftAlone, tell_left_alone};

/// A job that reads a folder of pictures and writes another.
#[derive(Debug)]
pub struct PictureJob<'a> {
    /// The job's name.
    pub name: &'static str,
    /// What is read.
    pub input: &'a Path,
    /// What is written.
    pub output: &'a Path,
    /// The operations.
    pub pipeline: Pipeline,
}

impl PictureJob<'_> {
    /// Plans, then runs or prints the plan.
    ///
    /// # Errors
    /// As [`crate::job::Job::run`].
    pub fn run(self, settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let input_settings: InputSettings = settings.get()?;
        let run: RunSettings = settings.get()?;
        let encode: EncodeSettings = settings.get()?;
        refuse_overlap(self.input, self.output)?;
        let leave_out = [self.output.to_owned()];
        let inputs = Inputs::open(self.input, &input_settings, &leave_out)?;
        let output = self.output.to_owned();
        let name = self.name;
        let stage = self.stage(encode, &input_settings, &run)?;
        let planner = Planner { inputs: &inputs, output: &output, stage: &stage, run: &run };
        let plan = planner.plan(cx.face.as_ref())?;
        let left_alone = tell_left_alone(std::slice::from_ref(&plan.left_alone), cx.face.as_ref());
        if run.dry_run {
            let summary = json!({"planned": plan.items, "left_alone": left_alone});
            return Ok(Report::of_plan(plan.items, summary));
        }
        let mut session =
            Session::open((name, &output), settings, cx, whole(&stage, &input_settings))?;
        let start = session.start();
        session.announce(&Start { input_bytes: Bytes(plan.bytes), items: plan.items, ..start });
        let mut second_listing = LeftAlone::default();
        let total = (run.shard()?, plan.items);
        let limits = input_settings.limits();
        let mut source =
            PictureSource::new(&inputs, &mut second_listing, limits, total).map_err(|error| {
                JobError::refused(format!("cannot list the input: {error}"), vec![])
            })?;
        session.run(
            &mut source,
            &stage,
            json!({"left_alone": left_alone, "output": output.display().to_string()}),
        )
    }

    fn stage(
        self,
        encode: EncodeSettings,
        input: &InputSettings,
        run: &RunSettings,
    ) -> Result<PictureStage, JobError> {
        let naming = Naming { format: encode.format()?, on_collision: encode.on_collision };
        let identity = identity(&self.pipeline.identity(), &encode, input, run.seed);
        Ok(PictureStage {
            name: self.name,
            pipeline: self.pipeline,
            encode,
            naming,
            limits: input.limits(),
            tolerant: input.tolerant,
            identity,
            seed: Seed::root(run.seed),
        })
    }
}

/// Everything beside the input file that decides a result.
fn identity(
    pipeline: &Value,
    encode: &EncodeSettings,
    input: &InputSettings,
    seed: u64,
) -> Fingerprint {
    // Format and name are part of each item's own fingerprint, so that only items whose
    // result they change are done again.
    let (to, on_collision) = (None, OnCollision::default());
    let encode = EncodeSettings { to, on_collision, ..encode.clone() };
    let encode = serde_json::to_vec(&encode).unwrap_or_default();
    let limits = [input.max_pixels, u32::from(input.tolerant)].map(u32::to_le_bytes).concat();
    Fingerprint::builder("picture-job")
        .field("version", env!("CARGO_PKG_VERSION").as_bytes())
        .field("pipeline", pipeline.to_string().as_bytes())
        .field("encode", &encode)
        .field("limits", &limits)
        .field("seed", seed.to_le_bytes())
        .finish()
}

/// What all parts of a split run must have in common: also which inputs, and their results' names.
fn whole(stage: &PictureStage, input: &InputSettings) -> Fingerprint {
    let EncodeSettings { to, on_collision, .. } = &stage.encode;
    let InputSettings { glob, recursive, .. } = input;
    Fingerprint::builder("picture-run")
        .field("items", stage.identity)
        .field("names", json!([to, on_collision, glob, recursive]).to_string().as_bytes())
        .finish()
}

/// An output that is the input, or contains it, could replace originals.
fn refuse_overlap(input: &Path, output: &Path) -> Result<(), JobError> {
    if output.is_file() {
        let message = format!("the output {} is a file; name a folder", output.display());
        return Err(JobError::refused(message, vec![]));
    }
    let Ok(input) = input.canonicalize() else { return Ok(()) };
    let folder = if input.is_dir() { input.as_path() } else { input.parent().unwrap_or(&input) };
    let output = canonical_target(output);
    if folder.starts_with(&output) {
        let message = format!(
            "the output folder {} holds the input; originals could be replaced",
            output.display()
        );
        return Err(JobError::refused(message, vec!["choose another output folder".to_owned()]));
    }
    Ok(())
}

/// The canonical form of a folder that may not exist yet.
pub(super) fn canonical_target(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut rest = Vec::new();
    for ancestor in absolute.ancestors() {
        if let Ok(found) = ancestor.canonicalize() {
            return rest.iter().rev().fold(found, |path, name| path.join(name));
        }
        rest.extend(ancestor.file_name());
    }
    absolute
}
