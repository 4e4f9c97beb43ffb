//! The settings that every job has: which inputs, how much of the machine, what to do about trouble.
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use pixloom_engine::{Bytes, OnError, Shard};
use pixloom_image::Limits;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::params::{ParamError, Params};

/// Which files are read.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InputSettings {
    /// Read only pictures whose path below the input folder matches, in any case, such as
    /// `*.jpg` or `train/**`. Can be given several times; one that begins with `!` leaves files
    /// out.
    ///
    /// Files without an image's extension are left alone, unless a pattern names their
    /// extension, such as `*.dat`.
    pub glob: Vec<String>,
    /// Read the paths to work on from this file, one a line, relative to the input folder
    /// (`-`: standard input).
    pub files_from: Option<PathBuf>,
    /// Look into subfolders.
    pub recursive: bool,
    /// Follow links to folders too; links to files are always followed.
    pub follow_links: bool,
    /// Most megapixels of one picture; larger ones fail with kind `limit`.
    #[schemars(range(min = 1, max = 100_000))]
    pub max_pixels: u32,
    /// Take what can be decoded of damaged files, with a note, instead of failing them.
    pub tolerant: bool,
}

impl Default for InputSettings {
    fn default() -> Self {
        Self {
            glob: Vec::new(),
            files_from: None,
            recursive: true,
            follow_links: false,
            max_pixels: 200,
            tolerant: false,
        }
    }
}

impl Params for InputSettings {}

impl InputSettings {
    /// The decoders' limits.
    pub fn limits(&self) -> Limits {
        let pixels = u64::from(self.max_pixels) * 1_000_000;
        let defaults = Limits::default();
        // 1 GiB holds the default 200 MP at 5 bytes a pixel; a raised limit keeps that ratio.
        let bytes = defaults.max_decoded_bytes.max(pixels.saturating_mul(8));
        let max_decoded_bytes =
            if self.max_pixels > 200 { bytes } else { defaults.max_decoded_bytes };
        Limits { max_pixels: pixels, max_decoded_bytes, ..defaults }
    }
}

/// More threads than this are a typing error.
const MOST_WORKERS: usize = 1024;

/// Less memory than this is a typing error, such as `512` for `512M`.
const LEAST_MEMORY: Bytes = Bytes(1_000_000);

/// How the run uses the machine, what it keeps and what it does about trouble.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct RunSettings {
    /// Workers that decode and compute: a number or `auto` (the cores that this process may use).
    #[schemars(extend("x-alias" = ["threads"]))]
    pub workers: Auto,
    /// Use one worker and one writer.
    pub sequential: bool,
    /// Workers that write files: a number or `auto`.
    pub io_workers: Auto,
    /// Items handed to a worker at once: a number or `auto`. Does not change results.
    pub chunk_size: Auto,
    /// Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free).
    pub max_memory: Memory,
    /// Seed of everything that is drawn at random.
    pub seed: u64,
    /// Continue an earlier run of the same command: what is finished is not done again.
    pub resume: bool,
    /// Replace outputs that exist.
    pub overwrite: bool,
    /// Print what would be done and do nothing.
    pub dry_run: bool,
    /// Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts.
    pub shard: Option<String>,
    /// What a failed item means: `continue`, `stop` at the first, or the number of failures
    /// that are allowed.
    pub on_error: OnErrorSetting,
    /// Give up on an item after this many seconds.
    #[schemars(range(min = 0.001, max = 1e9))]
    pub timeout: Option<f64>,
    /// Which messages go to the log: `error`, `warn`, `info` or `debug`.
    pub log_level: LogLevel,
}

impl Default for RunSettings {
    fn default() -> Self {
        Self {
            workers: Auto::default(),
            sequential: false,
            io_workers: Auto::default(),
            chunk_size: Auto::default(),
            max_memory: Memory::default(),
            seed: 0,
            resume: false,
            overwrite: false,
            dry_run: false,
            shard: None,
            on_error: OnErrorSetting::default(),
            timeout: None,
            log_level: LogLevel::Info,
        }
    }
}

impl Params for RunSettings {
    fn validate(&self) -> Result<(), ParamError> {
        self.shard()?;
        if self.resume && self.overwrite {
            let problem = "continues an earlier run, `overwrite` starts anew; choose one of them";
            return Err(ParamError::new("resume", problem));
        }
        for (name, count) in [("workers", self.workers), ("io_workers", self.io_workers)] {
            if count.fixed().is_some_and(|count| count.get() > MOST_WORKERS) {
                return Err(ParamError::new(name, format!("must be at most {MOST_WORKERS}")));
            }
        }
        if let Some(memory) = self.max_memory.fixed().filter(|memory| *memory < LEAST_MEMORY) {
            let problem =
                format!("{memory} is too little, say at least {LEAST_MEMORY}, such as 512M");
            return Err(ParamError::new("max_memory", problem));
        }
        if self.sequential && self.workers.fixed().is_some_and(|n| n.get() > 1) {
            return Err(ParamError::new("sequential", "means one worker, but `workers` says more"));
        }
        Ok(())
    }
}

impl RunSettings {
    /// The part of the items that this process does.
    pub fn shard(&self) -> Result<Option<Shard>, ParamError> {
        let parse = |text: &str| {
            text.parse().map_err(|_error| {
                ParamError::new(
                    "shard",
                    format!("`{text}` is not of the form 3/16, with 1 as the first"),
                )
            })
        };
        self.shard.as_deref().map(parse).transpose()
    }

    /// Refuses settings that a job of one piece has no use for: `problem` says why.
    ///
    /// # Errors
    /// If `resume`, `dry_run` or `shard` is set.
    pub fn only_whole(&self, problem: &str) -> Result<(), ParamError> {
        let set =
            [("resume", self.resume), ("dry_run", self.dry_run), ("shard", self.shard.is_some())];
        match set.into_iter().find(|(_, set)| *set) {
            Some((name, _)) => Err(ParamError::new(name, problem)),
            None => Ok(()),
        }
    }

    /// The number of workers, if one was asked for.
    pub fn fixed_workers(&self) -> Option<NonZeroUsize> {
        if self.sequential { Some(NonZeroUsize::MIN) } else { self.workers.fixed() }
    }

    /// The number of writers, if one was asked for.
    pub fn fixed_io_workers(&self) -> Option<NonZeroUsize> {
        if self.sequential { Some(NonZeroUsize::MIN) } else { self.io_workers.fixed() }
    }

    /// The time that one item may take.
    pub fn item_timeout(&self) -> Option<Duration> {
        self.timeout.map(Duration::from_secs_f64)
    }
}

/// A number, or a choice left to the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "NumberOrText", into = "String")]
pub enum Auto {
    /// Chosen from the machine.
    #[default]
    Auto,
    /// Exactly this many.
    Fixed(NonZeroUsize),
}

impl Auto {
    /// The number, if one was given.
    pub const fn fixed(self) -> Option<NonZeroUsize> {
        match self {
            Self::Auto => None,
            Self::Fixed(count) => Some(count),
        }
    }
}

impl From<Auto> for String {
    fn from(value: Auto) -> Self {
        value.fixed().map_or_else(|| "auto".to_owned(), |count| count.to_string())
    }
}

impl FromStr for Auto {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            _ => text
                .parse()
                .map(Self::Fixed)
                .map_err(|_error| format!("`{text}` is neither `auto` nor a number from 1")),
        }
    }
}

/// A memory size, or half of what is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "NumberOrText", into = "String")]
pub enum Memory {
    /// Chosen from the machine.
    #[default]
    Auto,
    /// Exactly this much.
    Fixed(Bytes),
}

impl Memory {
    /// The size, if one was given.
    pub const fn fixed(self) -> Option<Bytes> {
        match self {
            Self::Auto => None,
            Self::Fixed(bytes) => Some(bytes),
        }
    }
}

impl From<Memory> for String {
    fn from(value: Memory) -> Self {
        value.fixed().map_or_else(|| "auto".to_owned(), |bytes| bytes.0.to_string())
    }
}

impl FromStr for Memory {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            _ => text.parse().map(Self::Fixed).map_err(|_error| {
                format!("`{text}` is neither `auto` nor a size such as 512M or 2G")
            }),
        }
    }
}

/// What a failed item means for the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "NumberOrText", into = "String")]
pub enum OnErrorSetting {
    /// Go on, whatever fails.
    #[default]
    Continue,
    /// End the run when more than this many items failed.
    Allow(u64),
}

impl OnErrorSetting {
    /// For the engine.
    pub const fn policy(self) -> OnError {
        match self {
            Self::Continue => OnError::Continue,
            Self::Allow(failures) => OnError::StopAfter(failures),
        }
    }
}

impl From<OnErrorSetting> for String {
    fn from(value: OnErrorSetting) -> Self {
        match value {
            OnErrorSetting::Continue => "continue".to_owned(),
            OnErrorSetting::Allow(0) => "stop".to_owned(),
            OnErrorSetting::Allow(failures) => failures.to_string(),
        }
    }
}

impl FromStr for OnErrorSetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "continue" => Ok(Self::Continue),
            "stop" => Ok(Self::Allow(0)),
            _ => text
                .parse()
                .map(Self::Allow)
                .map_err(|_error| format!("`{text}` is neither `continue`, `stop` nor a number")),
        }
    }
}

/// The forms in which a setting such as `workers` may stand in a file.
#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(u64),
    Text(String),
}

impl NumberOrText {
    fn into_text(self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}

/// A setting written as text: its schema is that of text, its checks are its own.
macro_rules! textual {
    ($($type:ty),*) => {$(
        impl TryFrom<NumberOrText> for $type {
            type Error = String;
            fn try_from(value: NumberOrText) -> Result<Self, String> {
                value.into_text().parse()
            }
        }
        impl JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": ["string", "integer"]})
            }
            fn inline_schema() -> bool {
                true
            }
        }
    )*};
}
textual!(Auto, Memory, OnErrorSetting);

/// Which messages are written to the log.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::params::from_json;

    fn build(value: Value) -> Result<RunSettings, ParamError> {
        let Value::Object(map) = value else { panic!("not an object") };
        from_json(map)
    }

    #[test]
    fn sizes_and_counts_are_read_from_text_and_numbers() {
        let run = build(json!({"workers": 3, "max_memory": "512M", "on_error": "stop"})).unwrap();
        assert_eq!(run.workers.fixed().map(NonZeroUsize::get), Some(3));
        assert!(run.max_memory.fixed().is_some());
        assert_eq!(run.on_error, OnErrorSetting::Allow(0));
        assert_eq!(build(json!({"workers": "auto"})).unwrap().workers, Auto::Auto);
    }

    #[test]
    fn wrong_values_name_their_setting() {
        for (settings, name) in [
            (json!({"workers": "many"}), "workers"),
            (json!({"workers": 0}), "workers"),
            (json!({"max_memory": "much"}), "max_memory"),
            (json!({"shard": "0/3"}), "shard"),
            (json!({"shard": "4/3"}), "shard"),
            (json!({"resume": true, "overwrite": true}), "resume"),
            (json!({"timeout": 0.0}), "timeout"),
        ] {
            assert_eq!(build(settings).unwrap_err().name, name);
        }
    }

    #[test]
    fn defaults_survive_a_round_trip() {
        let json = serde_json::to_value(RunSettings::default()).unwrap();
        assert!(build(json).is_ok());
    }
}
