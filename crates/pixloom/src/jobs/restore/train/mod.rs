//! The `train restore` job: models that predict parameters from how a picture looks.
mod ends;
mod fit;
mod guard;
mod policy;
mod sheet;

use std::path::PathBuf;

use pixloom_engine::{Counts, Fingerprint, RunError, files};
use pixloom_restore::learn::Kind;
use pixloom_restore::{features, traits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::ends::Files;
use self::fit::Fit;
use self::policy::{Choices, is_wide};
use self::sheet::Sheet;
use super::model::{ModelFile, Predicts};
use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings, Start};
use crate::jobs::analyze::refuse_existing;
use crate::params::{ParamError, Params};
use crate::run::{RunSettings, Session};

/// Learn to predict the best parameters of a picture from its features.
///
/// Trains a random forest, gradient boosting, ridge regression and the mean on one part of the
/// table that `restore search` wrote, and tests them on the rest. With the two folders of
/// pictures it restores the held-out ones by prediction, and says what that gains beside doing
/// nothing, the best fixed parameters and the search itself: the figure that counts. From the
/// table of a wide search it learns what each operation gains, and `restore apply` takes the best.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TrainRestore {
    /// The table of `restore search`.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    table: PathBuf,
    /// Model to write, as JSON.
    #[schemars(extend("x-alias" = ["o"]))]
    output: PathBuf,
    /// Folder of the damaged pictures, to test predictions on pictures.
    damaged: Option<PathBuf>,
    /// Folder of the undamaged pictures, to test predictions on pictures.
    undamaged: Option<PathBuf>,
    /// What is predicted: the best of the 40, or the refined parameters.
    targets: Targets,
    /// What it is predicted from.
    features: Features,
    /// What pairs of a wide search must share to be on one side of every split.
    scene: Scene,
    /// Share of the pairs that are held out.
    #[schemars(range(min = 0.05, max = 0.9))]
    test_share: f64,
    /// Folds of the cross-validation on the other pairs.
    #[schemars(range(min = 2, max = 20))]
    folds: usize,
}

/// What is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Targets {
    /// The best of the 40.
    Grid,
    /// The best after refinement, doing nothing included.
    #[default]
    Refined,
}

impl Targets {
    const fn columns(self) -> [&'static str; 3] {
        match self {
            Self::Grid => ["apply_color_correction", "sharpen_sigma", "sharpen_strength"],
            Self::Refined => [
                "refined_apply_color_correction",
                "refined_sharpen_sigma",
                "refined_sharpen_strength",
            ],
        }
    }
}

/// What is predicted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Features {
    /// The fourteen features.
    Spectrum,
    /// The measures of noise, blur, blocks, casts and contrast too.
    #[default]
    All,
    /// Those of both that do not depend on the size of the picture: for models that are to restore
    /// pictures of other sizes than those that they learned from.
    Portable,
}

/// What pairs must share to be on one side of every split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Scene {
    /// The undamaged pixels.
    #[default]
    Pixels,
    /// The name before its last underscore: parts of one photograph, say.
    Name,
}

/// Features that depend on the size of the picture.
const SIZED: [&str; 10] = [
    "mean",
    "low_freq_energy",
    "high_freq_energy",
    "energy_ratio",
    "radial_center",
    "radial_25",
    "radial_50",
    "radial_75",
    "radial_edge",
    "sharpening_need",
];

impl Features {
    fn names(self) -> Vec<&'static str> {
        let more: &[&str] = if self == Self::Spectrum { &[] } else { &traits::NAMES };
        let all = features::NAMES.iter().chain(more).copied();
        all.filter(|name| self != Self::Portable || !SIZED.contains(name)).collect()
    }
}

impl Default for TrainRestore {
    fn default() -> Self {
        Self {
            table: PathBuf::new(),
            output: PathBuf::from("restore_model.json"),
            damaged: None,
            undamaged: None,
            targets: Targets::Refined,
            features: Features::All,
            scene: Scene::Pixels,
            test_share: 0.2,
            folds: 5,
        }
    }
}

impl Params for TrainRestore {
    fn validate(&self) -> Result<(), ParamError> {
        if self.damaged.is_some() != self.undamaged.is_some() {
            let problem = "goes with `damaged`: give both folders or none";
            return Err(ParamError::new("undamaged", problem));
        }
        Ok(())
    }
}

impl Job for TrainRestore {
    const NAME: &'static str = "train restore";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Learn from a table and test on the pictures it was made of",
            line: "pixloom train restore search.csv -o model.json --damaged damaged/ --undamaged clean/",
        },
        Example {
            does: "The targets and features of the original method, with its figures",
            line: "pixloom train restore search.csv --targets grid --features spectrum --seed 42",
        },
    ];
    const GROUPS: &'static [Group] = &[Group::of::<RunSettings>("Run")];

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let run: RunSettings = settings.get()?;
        for (name, given) in [("resume", run.resume), ("shard", run.shard.is_some())] {
            if given {
                return Err(ParamError::new(name, "means nothing for a training").into());
            }
        }
        refuse_existing(&own.output, run.overwrite)?;
        let sheet = Sheet::read(&own.table)?;
        if is_wide(&sheet) {
            return own.train_choices(&sheet, (settings, &run), cx);
        }
        let (sheet, left_out) = Self::usable(sheet)?;
        if run.dry_run {
            return Ok(Report::of_plan(sheet.len() as u64, json!({"pairs": sheet.len()})));
        }
        own.train(&sheet, left_out, (settings, run.seed), cx)
    }
}

impl TrainRestore {
    /// The pairs that can be learned from: those with a finite score.
    fn usable(mut sheet: Sheet) -> Result<(Sheet, usize), JobError> {
        let before = sheet.len();
        let mut keep = vec![true; before];
        for name in ["similarity_score", "refined_score", "identity_score"] {
            let numbers = sheet.numbers(name)?;
            keep.iter_mut().zip(numbers).for_each(|(keep, n)| *keep = *keep && n.is_finite());
        }
        sheet.retain(&keep);
        if sheet.len() < 2 {
            let problem = format!("has {} usable pairs, at least 2 are needed", sheet.len());
            return Err(ParamError::new("table", problem).into());
        }
        let left_out = before - sheet.len();
        Ok((sheet, left_out))
    }

    fn train(
        &self,
        sheet: &Sheet,
        left_out: usize,
        (settings, seed): (&Settings, u64),
        cx: &JobCx,
    ) -> Result<Report, JobError> {
        let names = self.features.names();
        let targets = self.targets.columns();
        let mut all = targets.to_vec();
        all.push("gain");
        let fit = Fit {
            x: sheet.table(&names)?,
            y: sheet.table(&all)?,
            oracle: sheet.numbers("refined_score")?,
            identity: identity(sheet)?,
            files: self.files(sheet)?,
            test_share: self.test_share,
            folds: self.folds,
            seed,
        };
        let mut session = self.session(settings, cx)?;
        session.announce(&Start { items: sheet.len() as u64, ..session.start() });
        let (trained, mut figures) = fit.run(session.engine(), &targets);
        figures["left_out"] = json!(left_out);
        let names = names.into_iter().map(ToOwned::to_owned).collect();
        let mut file = ModelFile::new(Predicts::Parameters, names, trained.model.clone());
        (file.least_gain, file.seed) = (trained.least_gain.clamp(0.0, 1.0), seed);
        let own = lines(&figures, trained.kind);
        self.finish((session, sheet.len() as u64), (file, figures), own)
    }

    /// Learns which operation gains most.
    fn train_choices(
        &self,
        sheet: &Sheet,
        (settings, run): (&Settings, &RunSettings),
        cx: &JobCx,
    ) -> Result<Report, JobError> {
        let folders = self.damaged.as_deref().zip(self.undamaged.as_deref());
        let by_name = self.scene == Scene::Name;
        let mut choices = Choices::read(sheet, &self.features.names(), (folders, by_name))?;
        (choices.test_share, choices.folds, choices.seed) = (self.test_share, self.folds, run.seed);
        let pairs = choices.pairs() as u64;
        if run.dry_run {
            return Ok(Report::of_plan(pairs, json!({"pairs": pairs})));
        }
        let mut session = self.session(settings, cx)?;
        session.announce(&Start { items: pairs, ..session.start() });
        let (file, figures) = choices.run(session.engine());
        let own = policy::lines(&figures);
        self.finish((session, pairs), (file, figures), own)
    }

    fn session(&self, settings: &Settings, cx: &JobCx) -> Result<Session, JobError> {
        let table = std::fs::read(&self.table).unwrap_or_default();
        let identity = Fingerprint::builder("train restore").field("table", &table).finish();
        Session::inspect(Self::NAME, settings, cx, identity)
    }

    /// Writes the model and the report.
    fn finish(
        &self,
        (session, pairs): (Session, u64),
        (mut file, mut figures): (ModelFile, Value),
        lines: Vec<String>,
    ) -> Result<Report, JobError> {
        let counts = Counts { done: pairs, ..Counts::default() };
        let mut report = session.close(Ok(counts), counts)?;
        file.figures = figures.clone();
        let text = serde_json::to_string(&file).unwrap_or_default();
        files::write_atomic(&self.output, text.as_bytes())
            .map_err(|error| RunError::Output(error.into()))?;
        figures["output"] = json!(self.output.display().to_string());
        report.lines = lines;
        if let (Value::Object(all), Value::Object(own)) = (&mut report.summary, figures) {
            all.extend(own);
        }
        report.lines.push(format!("model        {}", self.output.display()));
        Ok(report)
    }

    fn files(&self, sheet: &Sheet) -> Result<Option<Vec<Files>>, ParamError> {
        let (Some(damaged), Some(undamaged)) = (&self.damaged, &self.undamaged) else {
            return Ok(None);
        };
        let names = sheet.texts("filename")?.into_iter().zip(sheet.texts("undamaged")?);
        let files =
            names.map(|(a, b)| Files { damaged: damaged.join(a), undamaged: undamaged.join(b) });
        Ok(Some(files.collect()))
    }
}

fn identity(sheet: &Sheet) -> Result<Vec<pixloom_restore::Quality>, ParamError> {
    let (psnr, ssim) = (sheet.numbers("identity_psnr")?, sheet.numbers("identity_ssim")?);
    let qualities = psnr.into_iter().zip(ssim);
    Ok(qualities.map(|(psnr, ssim)| pixloom_restore::Quality { psnr, ssim }).collect())
}

fn lines(figures: &Value, chosen: Kind) -> Vec<String> {
    let (train, test) = (&figures["train"], &figures["test"]);
    let mut lines = vec![format!("{train} pairs learned from, {test} held out")];
    for kind in Kind::ALL {
        let own = &figures["models"][fit::name(kind)];
        let mark = if kind == chosen { "*" } else { " " };
        let mean = |name: &str| own[name].as_f64().unwrap_or(0.0);
        lines.push(format!(
            "{mark} {:<18} R² {:>6.3} held out, {:>6.3} in cross-validation",
            fit::name(kind),
            mean("r2_test_mean"),
            mean("r2_folds_mean"),
        ));
    }
    for (name, target) in figures["constant_targets"].as_array().into_iter().flatten().enumerate() {
        let target = target.as_str().unwrap_or_default();
        lines.push(format!(
            "warning {}: the target {target} is constant, there is nothing to learn",
            name + 1
        ));
    }
    lines.extend(held_out(figures));
    lines
}

/// What predictions are worth on held-out pairs.
fn held_out(figures: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(held) = figures["held_out"].as_object() {
        for (name, means) in held {
            if let (Some(psnr), Some(ssim), Some(score)) =
                (means["psnr"].as_f64(), means["ssim"].as_f64(), means["score"].as_f64())
            {
                lines
                    .push(format!("  {name:<18} {psnr:>6.2} dB  SSIM {ssim:.4}  score {score:.4}"));
            }
        }
    }
    if let Some(score) = figures["oracle_score"].as_f64() {
        lines.push(format!("  {:<18} {:>24} score {score:.4}", "search (oracle)", ""));
    }
    if let Some(share) = figures["share_of_oracle_gain"].as_f64() {
        lines.push(format!("  the model gains {:.0} % of what the search gains", share * 100.0));
    }
    lines
}
