//! Runs any job that turns pictures into pictures.
use std::path::{Path, PathBuf};

use pixloom_engine::{Bytes, Delivery, Fingerprint, Outcome, Seed};
use pixloom_image::codec;
use serde_json::{Value, json};

use super::{
    EncodeSettings, Naming, OnCollision, PictureRecord, PictureSource, PictureStage, Planner,
};
use crate::job::{JobCx, JobError, Report, Settings, Start};
use crate::params::ParamError;
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
        let place = self.place();
        place.refuse_overlap(self.input)?;
        let leave_out = [self.output.to_owned()];
        let inputs = Inputs::open(self.input, &input_settings, &leave_out)?;
        let name = self.name;
        let stage = self.stage(&place, encode, &input_settings, &run)?;
        let planner = Planner { inputs: &inputs, output: &place.root, stage: &stage, run: &run };
        let plan = planner.plan(cx.face.as_ref())?;
        let left_alone = tell_left_alone(std::slice::from_ref(&plan.left_alone), cx.face.as_ref());
        if run.dry_run {
            let summary = json!({"planned": plan.items, "left_alone": left_alone});
            return Ok(Report::of_plan(plan.items, summary));
        }
        let mut session = place.session(name, settings, cx, whole(&stage, &input_settings))?;
        let start = session.start();
        session.announce(&Start { input_bytes: Bytes(plan.bytes), items: plan.items, ..start });
        let mut second_listing = LeftAlone::default();
        let total = (run.shard()?, plan.items);
        let limits = input_settings.limits();
        let mut source =
            PictureSource::new(&inputs, &mut second_listing, limits, total).map_err(|error| {
                JobError::refused(format!("cannot list the input: {error}"), vec![])
            })?;
        let output = place.root.join(place.file.as_deref().unwrap_or(Path::new("")));
        let mut kept = 0;
        let mut count = |delivery: &Delivery<PictureRecord>| kept += kept_of(delivery);
        let report = session.observe(&mut source, &stage, &mut count);
        place.clear();
        let mut report = report?;
        report.summary["left_alone"] = json!(left_alone);
        report.summary["output"] = json!(output.display().to_string());
        if stage.pipeline.may_keep() {
            report.summary["kept"] = json!(kept);
            let line = || format!("{kept} kept as they are, byte for byte");
            report.lines.extend((kept > 0).then(line));
        }
        Ok(report)
    }

    /// A picture to a name with the extension of a picture is a file to write, all else a folder.
    fn place(&self) -> Place {
        let folder = Place { root: self.output.to_owned(), file: None };
        let extension = self.output.extension().and_then(|extension| extension.to_str());
        let is_picture = extension.is_some_and(|name| codec::by_name(name).is_some());
        let one = self.input.is_file() && !self.pipeline.is_split();
        match (self.output.parent(), self.output.file_name()) {
            (Some(root), Some(name)) if is_picture && one && !self.output.is_dir() => {
                let here = root.as_os_str().is_empty();
                let root = if here { PathBuf::from(".") } else { root.to_owned() };
                Place { root, file: Some(PathBuf::from(name)) }
            }
            _ => folder,
        }
    }

    fn stage(
        self,
        place: &Place,
        encode: EncodeSettings,
        input: &InputSettings,
        run: &RunSettings,
    ) -> Result<PictureStage, JobError> {
        let (format, on_collision) = (encode.format()?, encode.on_collision);
        let naming = Naming { format, on_collision, file: place.file.clone() };
        let named = place.file.as_ref().and_then(|file| file.extension()?.to_str());
        if let (Some(format), Some(named)) = (format, named)
            && codec::by_name(named).is_none_or(|codec| codec.info().name != format.info().name)
        {
            let problem = format!("says {}, but the output is a .{named}", format.info().name);
            return Err(ParamError::new("to", problem).into());
        }
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

/// How many files of an input are the input's own.
fn kept_of(delivery: &Delivery<PictureRecord>) -> u64 {
    match &delivery.outcome {
        Outcome::Done(record) | Outcome::Resumed(record) => {
            record.outputs.iter().filter(|output| output.kept).count() as u64
        }
        Outcome::Failed(_) | Outcome::Skipped(_) => 0,
    }
}

/// Where results go.
struct Place {
    /// The folder of the results.
    root: PathBuf,
    /// The name of the only result, if the user said it: then the folder is the user's, and
    /// nothing else may stay in it.
    file: Option<PathBuf>,
}

impl Place {
    fn refuse_overlap(&self, input: &Path) -> Result<(), JobError> {
        let Some(file) = &self.file else { return refuse_overlap(input, &self.root) };
        let output = self.root.join(file);
        if canonical_target(&output) == canonical_target(input) {
            return Err(JobError::refused("the output is the input itself", vec![]));
        }
        Ok(())
    }

    fn session(
        &self,
        name: &'static str,
        settings: &Settings,
        cx: &JobCx,
        identity: Fingerprint,
    ) -> Result<Session, JobError> {
        match self.scratch() {
            None => Session::open((name, &self.root), settings, cx, identity),
            Some(scratch) => {
                Session::open_bare((name, &self.root, &scratch), settings, cx, identity)
            }
        }
    }

    /// The folder for temporary files beside a single result.
    fn scratch(&self) -> Option<PathBuf> {
        let name = self.file.as_ref()?.to_string_lossy();
        Some(self.root.join(format!(".{name}.pixloom")))
    }

    /// Removes that folder; one that another process uses is not empty and stays.
    fn clear(&self) {
        if let Some(scratch) = self.scratch() {
            let _unless_in_use = std::fs::remove_dir(scratch.join("tmp"));
            let _unless_in_use = std::fs::remove_dir(scratch);
        }
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
