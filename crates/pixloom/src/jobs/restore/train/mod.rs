//! The `train restore` job: models that predict parameters from how a picture looks.
mod ends;
mod fit;
mod sheet;

use std::path::PathBuf;

use pixloom_engine::{Fingerprint, RunError, files};
use pixloom_restore::learn::Kind;
use pixloom_restore::{features, traits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::ends::Files;
use self::fit::{Fit, Trained};
use self::sheet::Sheet;
use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings};
use crate::jobs::analyze::refuse_existing;
use crate::params::{ParamError, Params};
use crate::run::{RunSettings, Session};

/// Learn to predict the best parameters of a picture from its features.
///
/// Trains a random forest, gradient boosting, ridge regression and the mean on one part of the
/// table that `restore search` wrote, and tests them on the rest. With the two folders of
/// pictures it restores the held-out ones by prediction, and says what that gains beside doing
/// nothing, the best fixed parameters and the search itself: the figure that counts.
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
}

impl Features {
    fn names(self) -> Vec<&'static str> {
        let more: &[&str] = if self == Self::All { &traits::NAMES } else { &[] };
        features::NAMES.iter().chain(more).copied().collect()
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
        let (sheet, left_out) = own.sheet()?;
        if run.dry_run {
            return Ok(Report::of_plan(sheet.len() as u64, json!({"pairs": sheet.len()})));
        }
        own.train(&sheet, left_out, (settings, run.seed), cx)
    }
}

impl TrainRestore {
    /// The pairs that can be learned from: those with a finite score.
    fn sheet(&self) -> Result<(Sheet, usize), JobError> {
        let mut sheet = Sheet::read(&self.table)?;
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
        let identity = Fingerprint::builder("train restore").finish();
        let mut session = Session::inspect(Self::NAME, settings, cx, identity)?;
        session.announce(&session.start());
        let (trained, mut figures) = fit.run(session.engine(), &targets);
        let mut report = session
            .close(Ok(pixloom_engine::Counts::default()), pixloom_engine::Counts::default())?;
        let model = self.model(&trained, &names, &figures, seed);
        let text = serde_json::to_string(&model).unwrap_or_default();
        files::write_atomic(&self.output, text.as_bytes())
            .map_err(|error| RunError::Output(error.into()))?;
        figures["left_out"] = json!(left_out);
        figures["output"] = json!(self.output.display().to_string());
        report.lines = lines(&figures, &trained);
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

    /// What is written: all that `restore apply` would need, and how good it was.
    fn model(&self, trained: &Trained, names: &[&str], figures: &Value, seed: u64) -> Value {
        json!({
            "schema": 1,
            "program": env!("CARGO_PKG_VERSION"),
            "features": names,
            "targets": ["white_balance", "sigma", "strength", "gain"],
            "seed": seed,
            "least_gain": trained.least_gain,
            "figures": figures,
            "model": trained.model,
        })
    }
}

fn identity(sheet: &Sheet) -> Result<Vec<pixloom_restore::Quality>, ParamError> {
    let (psnr, ssim) = (sheet.numbers("identity_psnr")?, sheet.numbers("identity_ssim")?);
    let qualities = psnr.into_iter().zip(ssim);
    Ok(qualities.map(|(psnr, ssim)| pixloom_restore::Quality { psnr, ssim }).collect())
}

fn lines(figures: &Value, trained: &Trained) -> Vec<String> {
    let (train, test) = (&figures["train"], &figures["test"]);
    let mut lines = vec![format!("{train} pairs learned from, {test} held out")];
    for kind in Kind::ALL {
        let own = &figures["models"][fit::name(kind)];
        let mark = if kind == trained.kind { "*" } else { " " };
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
    if let Some(share) = figures["share_of_oracle_gain"].as_f64() {
        lines.push(format!("  the model gains {:.0} % of what the search gains", share * 100.0));
    }
    lines
}
