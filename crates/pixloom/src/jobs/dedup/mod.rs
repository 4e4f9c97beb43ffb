//! The `dedup` job: which pictures are copies of which, and what to do about it.
mod act;
mod best;
mod calibrate;
mod candidates;
mod classes;
mod colours;
mod copies;
mod found;
mod groups;
mod html;
mod links;
mod memo;
mod networks;
mod pair;
mod plan;
mod quality;
mod run;
mod settings;
mod stages;
mod stars;
mod units;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::calibrate::DedupCalibrate;
pub(super) use self::copies::{Copies, copies};
pub use self::pair::DedupPair;

use self::networks::Networks;
use self::settings::{Acting, Bits, Matching, Method};
use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings};
use crate::jobs::features::CacheSettings;
use crate::params::{ParamError, Params};
use crate::run::{InputSettings, RunSettings};

/// Find copies of pictures: equal files, re-saved, resized, recoloured, cropped, turned, framed.
///
/// Each picture is looked at once, at reduced size, and remembered. Five stages: equal bytes and
/// pixels; near codes and shared local features; colour; the whole pictures laid over each other;
/// key points and blocks. Two photographs of one scene are not copies. Nothing is changed unless
/// `--action` and `--apply` are given; `pixloom undo` takes it back.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Dedup {
    /// Folders or pictures to compare.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    input: Vec<PathBuf>,
    /// How pictures are compared.
    method: Method,
    /// Length of the hash of the hash methods, in bits.
    bits: Bits,
    /// Most bits that two hashes may differ in. Of 64 bits: phash and dhash 8, ahash and whash 3,
    /// color 2; of 256 four times that.
    #[schemars(range(min = 0, max = 64))]
    threshold: Option<u32>,
    /// With a hash method, leave out turned and mirrored copies.
    upright: bool,
    /// Another set, such as the test pictures: only copies between it and the input count, and
    /// its files are never touched.
    against: Vec<PathBuf>,
    /// Folder for the parts of a large set: with `--shard`, a run only looks at its part of the
    /// files and keeps what it saw here; a run without it joins all parts and compares.
    parts: Option<PathBuf>,
    /// Show what went into each stage and what came out.
    stages: bool,
    /// End with exit code 1 if there are duplicates.
    fail_on_duplicates: bool,
    /// Write a table with one line per file here.
    csv: Option<PathBuf>,
    /// Write a page with the groups side by side here; it needs nothing else and works offline.
    html: Option<PathBuf>,
}

impl Params for Dedup {
    fn validate(&self) -> Result<(), ParamError> {
        let is_hash = !matches!(self.method, Method::Full | Method::Exact);
        if self.threshold.is_some() && !is_hash {
            let problem = "is for the hash methods; `full` has a threshold for each stage";
            return Err(ParamError::new("threshold", problem));
        }
        if self.upright && !is_hash {
            return Err(ParamError::new("upright", "is for the hash methods"));
        }
        Ok(())
    }
}

impl Job for Dedup {
    const NAME: &'static str = "dedup";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "List the copies in a folder, with a table and a page to look at",
            line: "pixloom dedup photos/ --csv copies.csv --html copies.html",
        },
        Example {
            does: "Move copies out of the way, keeping what lies in originals/",
            line: "pixloom dedup photos/ --reference photos/originals --action move --output \
                   sorted/ --apply",
        },
        Example {
            does: "Find test pictures that leaked into the training set",
            line: "pixloom dedup train/ --against test/ --fail-on-duplicates",
        },
    ];
    const GROUPS: &'static [Group] = &[
        Group::of::<Acting>("Acting"),
        Group::of::<Matching>("Matching"),
        Group::of::<Networks>("Networks"),
        Group::of::<CacheSettings>("Cache"),
        Group::of::<InputSettings>("Input"),
        Group::of::<RunSettings>("Run"),
    ];
    const RESUMES: bool = false;

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        run::run(settings, cx)
    }
}

impl Dedup {
    /// Bits that two hashes may differ in.
    fn max_distance(&self) -> u32 {
        self.threshold.unwrap_or(self.method.usual_threshold() * self.bits.count() / 64)
    }
}
