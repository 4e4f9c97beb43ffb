//! Trained models: what they are in a file, and what they do to a picture.
use std::path::Path;

use pixloom_engine::Fingerprint;
use pixloom_image::filter::{UnsharpMask, unsharp_mask};
use pixloom_image::{Depth, Exec, Image, ImageError, PixelFormat, Samples, convert};
use pixloom_restore::learn::Model;
use pixloom_restore::{features, traits};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::planes;
use super::wide::rungs::applied;
use crate::params::ParamError;
use crate::pipeline::Pipeline;

/// The model that `restore apply` uses if none is named.
const BUILT_IN: &str = include_str!("../../../models/restore.json");
/// Before the name of a feature: its value before anything was done to the picture.
pub(super) const START: &str = "start: ";
/// What this program reads and writes.
const SCHEMA: u32 = 1;

/// A model as it is in a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ModelFile {
    pub(super) schema: u32,
    /// The version that wrote it.
    pub(super) program: String,
    pub(super) predicts: Predicts,
    /// What it predicts from, by name; with [`START`] before it, its value before anything was done.
    pub(super) features: Vec<String>,
    /// Below this predicted gain the picture stays as it is.
    pub(super) least_gain: f64,
    /// The same for each operation by itself, if the model predicts gains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) least_gains: Vec<f64>,
    pub(super) seed: u64,
    /// How good it was on pairs that it had not seen.
    pub(super) figures: Value,
    pub(super) model: Model,
}

/// What a model predicts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Predicts {
    /// White balance, sigma, strength and gain.
    Parameters,
    /// What each of these operations gains, as pipeline text; asked again after each, `steps`
    /// times at most.
    Gains {
        /// Pipeline texts.
        operations: Vec<String>,
        /// Most operations in a row.
        steps: usize,
    },
}

/// A model that is ready for pictures.
#[derive(Debug)]
pub(super) struct Restorer {
    pub(super) file: ModelFile,
    pipelines: Vec<Pipeline>,
    /// Places of its features among all that are measured; whether before anything was done.
    places: Vec<(usize, bool)>,
}

/// One thing that was done to a picture, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Act {
    /// As pipeline text.
    pub(super) operation: String,
    /// How much the score is expected to rise.
    pub(super) expected_gain: f64,
}

/// What is done to one picture.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Plan {
    /// The picture's features by name, before anything was done.
    pub(super) features: Vec<(String, f64)>,
    pub(super) acts: Vec<Act>,
    /// What would have come next, but promised too little.
    pub(super) declined: Option<Act>,
    /// Why the picture stays as it is, whatever was promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) kept: Option<String>,
}

/// What a model of parameters predicts: white balance, sigma, strength and gain.
const PARAMETERS: usize = 4;

/// Reads an operation of a model or of a search: one that leaves the size of a picture, and the
/// place of everything in it, as they are.
pub(super) fn operation(text: &str) -> Result<Pipeline, ParamError> {
    let wrong = |problem: String| ParamError::new("ops", problem);
    let pipeline = Pipeline::parse(text).map_err(|error| wrong(error.to_string()))?;
    if pipeline.is_empty() {
        return Err(wrong("there is no operation".to_owned()));
    }
    keeping(text, pipeline)
}

/// The same, if it leaves the geometry of a picture as it is.
pub(super) fn keeping(text: &str, pipeline: Pipeline) -> Result<Pipeline, ParamError> {
    let wrong = |problem: String| ParamError::new("ops", problem);
    if !pipeline.keeps_geometry() {
        let problem = "changes the size of a picture or the place of what is in it";
        return Err(wrong(format!("`{text}` {problem}, which a restoration keeps")));
    }
    Ok(pipeline)
}

/// Smaller pictures are left alone: no search measures them, so that no model has learned of them.
const LEAST_SIDE: u32 = 7;

/// The samples of a picture, in short.
fn digest(image: &Image) -> (PixelFormat, Fingerprint) {
    let mut all = Fingerprint::builder("samples");
    match image.samples() {
        Samples::U8(samples) => all = all.field("bytes", samples),
        Samples::U16(samples) => {
            for part in samples.chunks(1 << 15) {
                let bytes: Vec<u8> = part.iter().flat_map(|value| value.to_ne_bytes()).collect();
                all = all.field("bytes", &bytes);
            }
        }
        Samples::F32(samples) => {
            for part in samples.chunks(1 << 15) {
                let bytes: Vec<u8> = part.iter().flat_map(|value| value.to_ne_bytes()).collect();
                all = all.field("bytes", &bytes);
            }
        }
    }
    (image.format(), all.finish())
}

/// The names of all features, in the order in which [`measured`] gives them.
pub(super) fn names() -> Vec<&'static str> {
    features::NAMES.iter().chain(&traits::NAMES).copied().collect()
}

/// All features of a picture.
pub(super) fn measured(image: &Image) -> Result<Vec<f64>, ImageError> {
    let planes = planes(image.clone())?;
    let features = features::features(&planes);
    let mut values = features.to_vec();
    values.extend(traits::traits(&planes, &features));
    Ok(values)
}

impl Restorer {
    /// The model of a file; the built-in one for `built-in` and without a name.
    pub(super) fn open(path: Option<&Path>) -> Result<Self, ParamError> {
        let Some(path) = path.filter(|path| path.as_os_str() != "built-in") else {
            return Self::new(ModelFile::read(BUILT_IN)?);
        };
        let named =
            |problem: String| ParamError::new("model", format!("{} {problem}", path.display()));
        let text = match std::fs::metadata(path) {
            Ok(found) if !found.is_file() => return Err(named("is no regular file".to_owned())),
            _ => std::fs::read_to_string(path),
        };
        let text = text.map_err(|error| named(format!("cannot be read: {error}")))?;
        ModelFile::read(&text).and_then(Self::new).map_err(|error| named(error.problem))
    }

    /// # Errors
    /// If the parts of the model do not fit together, or it asks for what there is not.
    pub(super) fn new(file: ModelFile) -> Result<Self, ParamError> {
        let wrong = |problem: String| ParamError::new("model", problem);
        let names = names();
        let place = |name: &String| {
            let (own, start) =
                name.strip_prefix(START).map_or((name.as_str(), false), |own| (own, true));
            let place = names.iter().position(|known| *known == own).map(|place| (place, start));
            place.ok_or_else(|| wrong(format!("asks for a feature `{name}`, which is not known")))
        };
        let places = file.features.iter().map(place).collect::<Result<_, _>>()?;
        let operations = match &file.predicts {
            Predicts::Gains { operations, .. } => operations.as_slice(),
            Predicts::Parameters => &[],
        };
        let parse = |text: &String| {
            let unusable = |error: ParamError| {
                wrong(format!("has an operation that cannot be used: {}", error.problem))
            };
            operation(text).map_err(unusable)
        };
        let pipelines = operations.iter().map(parse).collect::<Result<_, _>>()?;
        file.check()?;
        Ok(Self { file, pipelines, places })
    }

    pub(super) fn pipelines(&self) -> &[Pipeline] {
        &self.pipelines
    }

    /// Restores a picture; `guarded` leaves it where the model promises too little.
    pub(super) fn restore(
        &self,
        image: Image,
        guarded: bool,
        exec: &dyn Exec,
    ) -> Result<(Image, Plan), ImageError> {
        self.watched(image, guarded, exec, &mut |_| {})
    }

    /// As [`Restorer::restore`]; `seen` gets the picture after each act.
    pub(super) fn watched(
        &self,
        image: Image,
        guarded: bool,
        exec: &dyn Exec,
        seen: &mut dyn FnMut(&Image),
    ) -> Result<(Image, Plan), ImageError> {
        let all = measured(&image)?;
        let named = names().into_iter().map(ToOwned::to_owned).zip(all.iter().copied());
        let mut plan = Plan { features: named.collect(), ..Plan::default() };
        let size = image.size();
        if size.width.min(size.height) < LEAST_SIDE {
            plan.kept = Some(format!("{size} pixels, at least {LEAST_SIDE} a side are needed"));
            return Ok((image, plan));
        }
        let before = digest(&image);
        let (image, mut plan) = self.acted((image, all), (plan, guarded), exec, seen)?;
        if !plan.acts.is_empty() && digest(&image) == before {
            plan.kept = Some("what is promised changes nothing".to_owned());
        }
        Ok((image, plan))
    }

    /// Does what a plan's features promise to gain.
    fn acted(
        &self,
        (image, all): (Image, Vec<f64>),
        (mut plan, guarded): (Plan, bool),
        exec: &dyn Exec,
        seen: &mut dyn FnMut(&Image),
    ) -> Result<(Image, Plan), ImageError> {
        let least = if guarded { self.file.least_gain.max(0.0) } else { f64::MIN };
        match &self.file.predicts {
            Predicts::Parameters => self.once(image, (&all, least), plan, exec),
            Predicts::Gains { operations, steps } => {
                let (mut image, start) = (image, all);
                let mut now = start.clone();
                for step in 0..*steps {
                    if step > 0 {
                        now = measured(&image)?;
                    }
                    let promises = self.promises((&now, &start), &plan);
                    let Some(best) = promises.first() else { break };
                    let act = |(at, gain): (usize, f64)| Act {
                        operation: operations[at].clone(),
                        expected_gain: gain,
                    };
                    let pays = |(at, gain): &&(usize, f64)| *gain >= self.least(*at, guarded);
                    let Some((at, gain)) = promises.iter().find(pays).copied() else {
                        plan.declined = Some(act(*best));
                        break;
                    };
                    exec.check_stop()?;
                    image = applied(&self.pipelines[at], image, exec)?;
                    plan.acts.push(act((at, gain)));
                    seen(&image);
                }
                Ok((image, plan))
            }
        }
    }

    /// What the model asks for, of the features now and before anything was done.
    fn row(&self, now: &[f64], start: &[f64]) -> Vec<f64> {
        let value = |(at, first): &(usize, bool)| {
            let all = if *first { start } else { now };
            all.get(*at).copied().unwrap_or(0.0)
        };
        self.places.iter().map(value).collect()
    }

    /// What the operations promise that were not taken yet, the most first.
    fn promises(&self, (now, start): (&[f64], &[f64]), plan: &Plan) -> Vec<(usize, f64)> {
        let Predicts::Gains { operations, .. } = &self.file.predicts else { return Vec::new() };
        let gains = self.file.model.predict(&self.row(now, start));
        let is_taken = |at: usize| plan.acts.iter().any(|act| act.operation == operations[at]);
        let mut promises: Vec<(usize, f64)> = gains.into_iter().enumerate().collect();
        promises.truncate(operations.len());
        promises.retain(|(at, gain)| gain.is_finite() && !is_taken(*at));
        promises.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        promises
    }

    /// The least promise of an operation that is acted on.
    fn least(&self, operation: usize, guarded: bool) -> f64 {
        let own = self.file.least_gains.get(operation).copied().unwrap_or(0.0);
        let guard = if guarded { self.file.least_gain.max(own) } else { 0.0 };
        guard.max(1e-9)
    }

    /// White balance and sharpening with the predicted parameters.
    fn once(
        &self,
        image: Image,
        (all, least): (&[f64], f64),
        mut plan: Plan,
        exec: &dyn Exec,
    ) -> Result<(Image, Plan), ImageError> {
        let predicted = self.file.model.predict(&self.row(all, all));
        let at = |place: usize| predicted.get(place).copied().unwrap_or(0.0);
        let (balance, sigma, strength) =
            (at(0) >= 0.5, at(1).clamp(0.3, 6.0), at(2).clamp(-1.0, 4.0));
        let operation = format!(
            "white_balance={balance},sharpen_sigma={sigma:.3},sharpen_strength={strength:.3}"
        );
        let act = Act { operation, expected_gain: at(3) };
        if at(3) < least {
            plan.declined = Some(act);
            return Ok((image, plan));
        }
        let mut image = image;
        if balance {
            image = balanced(image);
        }
        if strength != 0.0 {
            let (sigma, amount) = (sigma as f32, strength as f32);
            image = unsharp_mask(&image, &UnsharpMask { sigma, amount, threshold: 0.0 }, exec)?;
        }
        plan.acts.push(act);
        Ok((image, plan))
    }

    /// Everything that decides a result.
    pub(super) fn identity(&self) -> Value {
        let ModelFile { schema, predicts, features, least_gain, least_gains, model, .. } =
            &self.file;
        json!({"schema": schema, "predicts": predicts, "features": features,
            "least_gain": least_gain, "least_gains": least_gains, "model": model})
    }
}

/// The white balance of document 003 at any depth: each colour times 128 / 255 over its mean.
fn balanced(image: Image) -> Image {
    let format = image.format();
    let mut image = convert::convert(image, PixelFormat::new(format.channels, Depth::F32));
    let channels = format.channels.count();
    let colors = channels - usize::from(format.channels.has_alpha());
    if let Samples::F32(samples) = image.samples_mut() {
        for color in 0..colors {
            let values = samples.iter().skip(color).step_by(channels);
            let sum: f64 = values.map(|value| f64::from(*value)).sum();
            let mean = sum / (samples.len() / channels).max(1) as f64;
            let gain = (128.0 / 255.0 / mean.max(1e-6)) as f32;
            let values = samples.iter_mut().skip(color).step_by(channels);
            values.for_each(|value| *value = (*value * gain).clamp(0.0, 1.0));
        }
    }
    convert::convert(image, format)
}

impl ModelFile {
    /// Reads a model; one of another schema is told as such, whatever else is in it.
    fn read(text: &str) -> Result<Self, ParamError> {
        #[derive(Deserialize)]
        struct Head {
            schema: u32,
        }
        let wrong = |problem: String| ParamError::new("model", problem);
        let none =
            |error: serde_json::Error| wrong(format!("is no model of `train restore`: {error}"));
        let Head { schema } = serde_json::from_str(text).map_err(none)?;
        if schema != SCHEMA {
            return Err(wrong(format!("has schema {schema}, this pixloom reads {SCHEMA}")));
        }
        serde_json::from_str(text).map_err(none)
    }

    /// Whether the numbers of features, operations and predictions fit together.
    fn check(&self) -> Result<(), ParamError> {
        let wrong = |problem: String| ParamError::new("model", problem);
        let targets = match &self.predicts {
            Predicts::Parameters => PARAMETERS,
            Predicts::Gains { operations, .. } => operations.len(),
        };
        if targets == 0 || self.features.is_empty() {
            return Err(wrong("has no operations or no features".to_owned()));
        }
        let guards = self.least_gains.len();
        if guards != 0 && (guards != targets || self.predicts == Predicts::Parameters) {
            return Err(wrong(format!("has {guards} guards for {targets} operations")));
        }
        let fits = self.model.check(self.features.len(), targets);
        fits.map_err(|error| wrong(format!("is broken: {error}")))
    }

    /// A model of this program.
    pub(super) fn new(predicts: Predicts, features: Vec<String>, model: Model) -> Self {
        Self {
            schema: SCHEMA,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            predicts,
            features,
            least_gain: 0.0,
            least_gains: Vec::new(),
            seed: 0,
            figures: Value::Null,
            model,
        }
    }
}

#[cfg(test)]
mod tests {
    use pixloom_restore::learn::{Kind, Table};

    use super::*;

    fn asking(features: &[&str]) -> Result<Restorer, ParamError> {
        let (mut x, mut y) = (Table::new(features.len()), Table::new(PARAMETERS));
        x.push(&vec![0.0; features.len()]);
        y.push(&[0.0; PARAMETERS]);
        let model = Model::train(Kind::Mean, &x, &y, 0);
        let features = features.iter().map(|name| (*name).to_owned()).collect();
        Restorer::new(ModelFile::new(Predicts::Parameters, features, model))
    }

    #[test]
    fn features_are_those_of_now_or_of_the_start() {
        let restorer = asking(&["contrast", "start: contrast", "mean"]).unwrap();
        let count = names().len();
        let (now, start): (Vec<f64>, Vec<f64>) =
            (0..count).map(|at| (at as f64, 100.0 + at as f64)).unzip();
        let place = names().iter().position(|name| *name == "contrast").unwrap() as f64;
        assert_eq!(restorer.row(&now, &start), [place, 100.0 + place, 0.0]);
        let problem = asking(&["start: nonsense"]).unwrap_err().to_string();
        assert!(problem.contains("start: nonsense"), "{problem}");
    }

    #[test]
    fn each_operation_may_have_its_own_guard() {
        let (mut x, mut y) = (Table::new(1), Table::new(2));
        x.push(&[0.0]);
        y.push(&[0.1, 0.05]);
        let operations = vec!["blur:sigma=1".to_owned(), "median".to_owned()];
        let predicts = Predicts::Gains { operations, steps: 2 };
        let model = Model::train(Kind::Mean, &x, &y, 0);
        let mut file = ModelFile::new(predicts, vec!["contrast".to_owned()], model);
        file.least_gains = vec![0.2, 0.01];
        let restorer = Restorer::new(file).unwrap();
        let image = Image::zeros(pixloom_image::Size::new(32, 32), PixelFormat::RGB8);
        let acts = |guarded: bool| {
            let (_, plan) =
                restorer.restore(image.clone(), guarded, &pixloom_image::Serial).unwrap();
            let acts = plan.acts.into_iter().map(|act| act.operation).collect::<Vec<_>>();
            (acts, plan.declined.map(|act| act.operation))
        };
        let blur = "blur:sigma=1".to_owned();
        assert_eq!(acts(true), (vec!["median".to_owned()], Some(blur.clone())));
        assert_eq!(acts(false), (vec![blur, "median".to_owned()], None));
    }
}
