//! Settings that the `ocr` jobs share.
use std::path::PathBuf;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::config::Config;
use super::problem::Problem;
use super::studio::{Places, Studio};
use super::{file, samples};
use crate::job::{JobCx, JobError, Settings};
use crate::params::{ParamError, Params};
use crate::run::{Auto, Memory, OnErrorSetting};

/// What images are made from.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Materials {
    /// Configuration, as YAML or JSON; without it, lines in several languages.
    #[schemars(extend("x-alias" = ["config"]))]
    pub batch_config: Option<PathBuf>,
    /// Number of images, instead of the configuration's.
    #[schemars(range(min = 1), extend("x-alias" = ["n"]))]
    pub images: Option<u64>,
    /// Folder of fonts (ttf, otf, ttc, otc), with its subfolders; without it, the font that comes
    /// with the program.
    pub font_dir: Option<PathBuf>,
    /// Folder of pictures to write on; without it, generated paper.
    pub background_dir: Option<PathBuf>,
    /// Folder of text files; without it, texts that come with the program.
    pub corpus_dir: Option<PathBuf>,
}

impl Params for Materials {}

/// What is made when nothing says how much.
const DEFAULT_IMAGES: u64 = 100;

impl Materials {
    /// The configuration.
    ///
    /// # Errors
    /// Its problems.
    pub(super) fn config(&self) -> Result<Config, Vec<Problem>> {
        let mut config = match &self.batch_config {
            None => samples::config(DEFAULT_IMAGES),
            Some(path) => {
                let (config, problems) = file::read(path);
                match config {
                    Some(config) if problems.is_empty() => config,
                    _ => return Err(problems),
                }
            }
        };
        if let Some(images) = self.images {
            config.total_images = images;
        }
        Ok(config)
    }

    /// Where everything lies.
    pub(super) fn places(&self) -> Places {
        Places {
            fonts: self.font_dir.clone(),
            corpora: self.corpus_dir.clone(),
            backgrounds: self.background_dir.clone(),
        }
    }

    /// Opens everything; `seed` of the command line comes before the configuration's.
    ///
    /// # Errors
    /// `Refused` with all problems.
    pub(super) fn studio(&self, seed: Option<u64>, cx: &JobCx) -> Result<Studio, JobError> {
        let refused = |problems: Vec<Problem>| {
            let count = problems.len();
            let what = self
                .batch_config
                .as_ref()
                .map_or_else(|| "the settings".to_owned(), |path| path.display().to_string());
            let problem = if count == 1 {
                "has a problem".to_owned()
            } else {
                format!("has {count} problems")
            };
            let details = problems.iter().map(ToString::to_string).collect();
            JobError::refused(format!("{what} {problem}; nothing was done"), details)
        };
        let config = self.config().map_err(refused)?;
        let seed = seed.or(config.seed).unwrap_or(0);
        let studio = Studio::open(config, &self.places(), seed).map_err(refused)?;
        for broken in &studio.library.broken {
            cx.face.remark(&format!("font left out: {} {}", broken.file, broken.problem));
        }
        Ok(studio)
    }
}

/// Seed of previews and plans.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SeedSetting {
    /// Seed of everything that is drawn at random, instead of the configuration's.
    pub seed: Option<u64>,
}

impl Params for SeedSetting {}

/// Some images of a run that is looked at without being made.
pub(super) struct Excerpt {
    /// The materials.
    pub studio: Studio,
    /// The images.
    pub indexes: std::ops::Range<u64>,
}

impl Excerpt {
    /// Opens everything for `first` images from image `from` on.
    ///
    /// # Errors
    /// `Refused` with all problems, or if the run has no such image.
    pub(super) fn open(
        settings: &Settings,
        cx: &JobCx,
        (from, first): (u64, u64),
    ) -> Result<Self, JobError> {
        let (materials, seed): (Materials, SeedSetting) = (settings.get()?, settings.get()?);
        let studio = materials.studio(seed.seed, cx)?;
        let total = studio.config.total_images;
        if from >= total {
            let problem = format!("is {from}, but the images are 0 to {}", total.saturating_sub(1));
            return Err(ParamError::new("from", problem).into());
        }
        Ok(Self { studio, indexes: from..total.min(from.saturating_add(first)) })
    }
}

/// How the run uses the machine: the names are those of document 001, where `workers` write.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct GenerateRun {
    /// Workers that make images; 0 and 1 mean one. Without it, the cores that this process may
    /// use.
    #[schemars(range(min = 0, max = 1024))]
    pub generation_workers: Option<u32>,
    /// Workers that write files; 0 and 1 mean one.
    #[schemars(range(min = 0, max = 1024))]
    pub workers: Option<u32>,
    /// Accepted and without effect: files are written as soon as they are ready.
    #[schemars(range(min = 1))]
    pub io_batch_size: Option<u32>,
    /// Images handed to a worker at once: a number or `auto`. Does not change results.
    pub chunk_size: Auto,
    /// Memory for the images in flight, such as `512M` or `2G`, or `auto` (half of what is free).
    pub max_memory: Memory,
    /// Seed of everything that is drawn at random, instead of the configuration's.
    pub seed: Option<u64>,
    /// Continue an earlier run of the same command: what is finished is not done again.
    pub resume: bool,
    /// Replace outputs that exist.
    pub overwrite: bool,
    /// Check everything, print what would be done and do nothing.
    pub dry_run: bool,
    /// Do only part I of N of the images, such as `3/16`; `pixloom merge` joins the parts.
    pub shard: Option<String>,
    /// What a failed image means: `continue`, `stop` at the first, or the number of failures
    /// that are allowed.
    pub on_error: OnErrorSetting,
    /// Give up on an image after this many seconds.
    #[schemars(range(min = 0.001, max = 1e9))]
    pub timeout: Option<f64>,
    /// Which messages go to the log: `error`, `warn`, `info` or `debug`, also in capitals, or
    /// `WARNING` or `CRITICAL`.
    pub log_level: Level,
}

impl Params for GenerateRun {}

impl GenerateRun {
    /// The settings as the rest of the program names them, where `workers` compute.
    pub(super) fn translate(&self, settings: &Settings, seed: u64) -> Settings {
        let workers = |count: Option<u32>| {
            count.map_or_else(|| Value::from("auto"), |count| Value::from(count.max(1)))
        };
        settings
            .with("workers", workers(self.generation_workers))
            .with("io_workers", workers(self.workers))
            .with("log_level", Value::from(String::from(self.log_level)))
            .with("seed", Value::from(seed))
    }
}

/// A level of the log, in document 001's spelling or ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Level {
    /// Failed items only.
    Error,
    /// Notes too.
    Warn,
    /// Start, end and every failure.
    #[default]
    Info,
    /// Every item.
    Debug,
}

impl FromStr for Level {
    type Err = ParamError;

    fn from_str(text: &str) -> Result<Self, ParamError> {
        match text.to_ascii_lowercase().as_str() {
            "debug" => Ok(Self::Debug),
            "info" => Ok(Self::Info),
            "warn" | "warning" => Ok(Self::Warn),
            "error" | "critical" => Ok(Self::Error),
            _ => Err(ParamError::new(
                "log_level",
                format!("`{text}` is none of debug, info, warn and error"),
            )),
        }
    }
}

impl TryFrom<String> for Level {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map_err(|error: ParamError| error.problem)
    }
}

impl From<Level> for String {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => "error",
            Level::Warn => "warn",
            Level::Info => "info",
            Level::Debug => "debug",
        }
        .to_owned()
    }
}

impl JsonSchema for Level {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Level".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string"})
    }

    fn inline_schema() -> bool {
        true
    }
}
