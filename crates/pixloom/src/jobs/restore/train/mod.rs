//! The `train restore` job: models that predict parameters from how a picture looks.
mod ends;
mod fit;
mod guard;
mod lines;
mod look;
mod looked;
mod policy;
mod read;
mod scenes;
mod sheet;

use std::path::PathBuf;

use pixloom_engine::{Counts, Fingerprint, RunError, files};
use pixloom_restore::{Quality, features, traits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::fit::Fit;
use self::look::{Folders, Said};
use self::looked::look;
use self::read::{Read, is_wide, read};
use self::scenes::{count, numbered, scene};
use self::sheet::Sheet;
use super::model::{ModelFile, Predicts, Restorer};
use super::same_place;
use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings, Start};
use crate::jobs::analyze::refuse_unwritable;
use crate::params::{ParamError, Params};
use crate::run::{RunSettings, Session};

/// Learn to predict the best parameters of a picture from its features.
///
/// Trains a random forest, gradient boosting, ridge regression and the mean (with the table of a
/// wide search: small networks, extremely randomised trees, ridge regression and the mean) on one
/// part of the table that `restore search` wrote, and tests them on the rest. With the two folders of
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
    /// What pairs must share to be on one side of every split.
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
    const UNIT: &'static str = "pair";
    const RESUMES: bool = false;

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let run: RunSettings = settings.get()?;
        for (name, given) in [("resume", run.resume), ("shard", run.shard.is_some())] {
            if given {
                return Err(ParamError::new(name, "means nothing for a training").into());
            }
        }
        refuse_unwritable(&own.output, run.overwrite)?;
        if same_place(&own.output, &own.table) {
            return Err(ParamError::new("output", "is the table itself").into());
        }
        if let Some(folders) = own.folders() {
            folders.check()?;
        }
        let sheet = Sheet::read(&own.table)?;
        if is_wide(&sheet) {
            return own.train_choices(&sheet, (settings, &run), cx);
        }
        own.train(sheet, (settings, &run), cx)
    }
}

/// Groups of pairs without which nothing can be compared and tested.
const LEAST_GROUPS: usize = 3;

/// What is worth a warning, whatever is learned.
#[derive(Debug, Default)]
struct Warnings(Vec<String>);

impl Warnings {
    fn of(sheet: &Sheet, left_out: usize) -> Self {
        let mut own = Self::default();
        own.add(sheet.repeated(), "lines of the table are there more than once, and count once");
        own.add(left_out, "pairs are left out: their pictures are equal, or nothing was tried");
        own
    }

    fn add(&mut self, count: usize, what: &str) {
        if count > 0 {
            self.0.push(format!("{count} {what}"));
        }
    }
}

impl TrainRestore {
    fn folders(&self) -> Option<Folders<'_>> {
        let (damaged, undamaged) = self.damaged.as_deref().zip(self.undamaged.as_deref())?;
        Some(Folders { damaged, undamaged })
    }

    /// The pairs that can be learned from: those with a finite score.
    fn usable(mut sheet: Sheet) -> Result<(Sheet, usize), JobError> {
        let before = sheet.len();
        let mut keep = vec![true; before];
        for name in ["similarity_score", "refined_score", "identity_score", "identity_psnr"] {
            let numbers = sheet.numbers(name)?;
            keep.iter_mut().zip(numbers).for_each(|(keep, n)| *keep = *keep && n.is_finite());
        }
        sheet.retain(&keep);
        let left_out = before - sheet.len();
        Ok((sheet, left_out))
    }

    fn train(
        &self,
        sheet: Sheet,
        (settings, run): (&Settings, &RunSettings),
        cx: &JobCx,
    ) -> Result<Report, JobError> {
        let (mut sheet, left_out) = Self::usable(sheet)?;
        let mut warnings = Warnings::of(&sheet, left_out);
        let said = said(&sheet)?;
        self.fit(&sheet, run.seed)?.checked(&sheet)?;
        if run.dry_run {
            return Ok(Report::of_plan(sheet.len() as u64, json!({"pairs": sheet.len()})));
        }
        let session = Self::session((settings, &sheet), sheet.len(), cx)?;
        let (session, looked) = match look(session, (&said, self.folders()), false) {
            Ok(looked) => looked,
            Err(end) => return *end,
        };
        let (kept, failed) = looked.kept(said.len());
        warnings.add(failed, "pairs are left out: their pictures cannot be read");
        sheet.retain(&kept);
        let mut fit = self.fit(&sheet, run.seed)?;
        if let Some(groups) = looked.groups().filter(|_| self.scene == Scene::Pixels) {
            fit.groups = groups;
        }
        let fit = fit.checked(&sheet)?;
        let Some((trained, mut figures)) = fit.run(session.engine(), &self.targets.columns())
        else {
            return session.close(Err(RunError::Cancelled), looked.counts);
        };
        if self.folders().is_none() {
            let text = "without --damaged and --undamaged the model has no guard: it changes every \
                        picture that it promises a gain for";
            warnings.0.push(text.to_owned());
        }
        for target in figures["constant_targets"].as_array().into_iter().flatten() {
            let target = target.as_str().unwrap_or_default();
            let text = format!("the target {target} is constant, there is nothing to learn");
            warnings.0.push(text);
        }
        (figures["left_out"], figures["warnings"]) = (json!(left_out), json!(warnings.0));
        let names = self.features.names().into_iter().map(ToOwned::to_owned).collect();
        let mut file = ModelFile::new(Predicts::Parameters, names, trained.model.clone());
        (file.least_gain, file.seed) = (trained.least_gain, run.seed);
        let own = lines::of_parameters(&figures, trained.kind);
        self.finish((session, looked.counts), (file, figures), own)
    }

    /// Everything that a training on the table of the forty needs.
    fn fit(&self, sheet: &Sheet, seed: u64) -> Result<Fit, JobError> {
        let targets = self.targets.columns();
        let all: Vec<&str> = targets.iter().copied().chain(["gain"]).collect();
        let said = said(sheet)?;
        let files = self.folders().map(|folders| {
            let files = |said: &Said| folders.files((&said.damaged, &said.undamaged));
            said.iter().map(files).collect()
        });
        Ok(Fit {
            x: sheet.table(&self.features.names())?,
            y: sheet.table(&all)?,
            oracle: sheet.numbers("refined_score")?,
            identity: said.iter().map(|said| said.identity).collect(),
            groups: self.groups(sheet)?,
            files,
            test_share: self.test_share,
            folds: self.folds,
            seed,
        })
    }

    /// Equal for pairs that must be on one side of every split.
    fn groups(&self, sheet: &Sheet) -> Result<Vec<usize>, ParamError> {
        if self.scene == Scene::Name {
            return Ok(numbered(sheet.texts("filename")?.into_iter().map(scene)));
        }
        if sheet.has("group") {
            return Ok(numbered(sheet.texts("group")?));
        }
        // A table of an older version: the same damaged picture at least has the same features.
        let columns: Vec<Vec<&str>> =
            features::NAMES.iter().map(|name| sheet.texts(name)).collect::<Result<_, _>>()?;
        let name = |row: usize| -> String {
            columns.iter().map(|column| column[row]).collect::<Vec<_>>().join(",")
        };
        let names: Vec<String> = (0..sheet.len()).map(name).collect();
        Ok(numbered(names.iter().map(String::as_str)))
    }

    /// Learns which operation gains most.
    fn train_choices(
        &self,
        sheet: &Sheet,
        (settings, run): (&Settings, &RunSettings),
        cx: &JobCx,
    ) -> Result<Report, JobError> {
        let by_name = self.scene == Scene::Name;
        let from = (self.folders(), by_name);
        let Read { mut choices, said, left_out } = read(sheet, &self.features.names(), from)?;
        enough(sheet, choices.groups)?;
        let mut warnings = Warnings::of(sheet, left_out);
        (choices.test_share, choices.folds, choices.seed) = (self.test_share, self.folds, run.seed);
        if run.dry_run {
            return Ok(Report::of_plan(said.len() as u64, json!({"pairs": said.len()})));
        }
        let session = Self::session((settings, sheet), said.len(), cx)?;
        let (session, looked) = match look(session, (&said, self.folders()), true) {
            Ok(looked) => looked,
            Err(end) => return *end,
        };
        let (kept, failed) = looked.kept(said.len());
        warnings.add(failed, "pairs are left out: their pictures cannot be read");
        let choices = choices.keep(&kept);
        enough(sheet, choices.groups)?;
        let Some((file, mut figures)) = choices.run(session.engine()) else {
            return session.close(Err(RunError::Cancelled), looked.counts);
        };
        (figures["left_out"], figures["warnings"]) = (json!(left_out), json!(warnings.0));
        let own = lines::of_choices(&figures);
        self.finish((session, looked.counts), (file, figures), own)
    }

    fn session(
        (settings, sheet): (&Settings, &Sheet),
        pairs: usize,
        cx: &JobCx,
    ) -> Result<Session, JobError> {
        let identity =
            Fingerprint::builder("train restore").field("table", sheet.fingerprint()).finish();
        let mut session = Session::inspect(Self::NAME, settings, cx, identity)?;
        session.announce(&Start { items: pairs as u64, ..session.start() });
        Ok(session)
    }

    /// Writes the model and the report.
    fn finish(
        &self,
        (session, counts): (Session, Counts),
        (mut file, mut figures): (ModelFile, Value),
        lines: Vec<String>,
    ) -> Result<Report, JobError> {
        let mut report = session.close(Ok(counts), counts)?;
        file.figures = figures.clone();
        figures["features"] = json!(file.features);
        // What is written must be readable.
        Restorer::new(file.clone()).map_err(|error| {
            let problem = format!("leads to a model that cannot be used: {}", error.problem);
            ParamError::new("table", problem)
        })?;
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
}

/// What the table of the forty says of each pair.
fn said(sheet: &Sheet) -> Result<Vec<Said>, ParamError> {
    let (psnr, ssim) = (sheet.numbers("identity_psnr")?, sheet.finite("identity_ssim")?);
    let names = sheet.texts("filename")?.into_iter().zip(sheet.texts("undamaged")?);
    let features = sheet.table(&features::NAMES)?;
    let one = |(row, (damaged, undamaged)): (usize, (&str, &str))| Said {
        damaged: damaged.to_owned(),
        undamaged: undamaged.to_owned(),
        identity: Quality { psnr: psnr[row], ssim: ssim[row] },
        features: features.row(row).to_vec(),
    };
    Ok(names.enumerate().map(one).collect())
}

impl Fit {
    /// The same, if there is enough to learn from.
    fn checked(self, sheet: &Sheet) -> Result<Self, ParamError> {
        enough(sheet, count(&self.groups))?;
        Ok(self)
    }
}

/// Models are compared on two groups at least, and tested on another.
fn enough(sheet: &Sheet, groups: usize) -> Result<(), ParamError> {
    if groups >= LEAST_GROUPS {
        return Ok(());
    }
    let problem = format!(
        "has too few groups of usable pairs (those with the same undamaged picture are one): \
         {groups}, at least {LEAST_GROUPS} are needed"
    );
    Err(sheet.wrong_table(&problem))
}
