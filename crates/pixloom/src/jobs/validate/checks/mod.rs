//! The checks, cheapest first. To add one: write its file, add its line to [`CHECKS`].
mod decode;
mod features;
mod header;
mod metadata;
mod name;
mod plausible;
mod structure;

use std::path::Path;

use pixloom_image::codec::{Codec, Decoded, Header};
use pixloom_image::{Exec, ImageError, Limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::layout::Layout;
use crate::finding::{Finding, Kind, Severity};

/// How far a file is checked; each step includes those before.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Name against content; reads the beginning of the file.
    Name,
    /// Header and limits; reads the beginning of the file.
    Header,
    /// Blocks, check sums and metadata, without decoding.
    Structure,
    /// Every pixel decoded.
    Decode,
    /// Whether the decoded picture can be what was meant.
    #[default]
    Plausible,
}

/// One check.
struct Check {
    /// From which level on it is made.
    level: Level,
    run: fn(&mut Subject<'_>, &mut Vec<Finding>),
}

/// Every check, in the order in which they are made.
static CHECKS: &[Check] = &[
    Check { level: Level::Name, run: name::check },
    Check { level: Level::Header, run: header::check },
    Check { level: Level::Header, run: features::check },
    Check { level: Level::Structure, run: structure::check },
    Check { level: Level::Structure, run: metadata::check },
    Check { level: Level::Decode, run: decode::check },
    Check { level: Level::Plausible, run: plausible::check },
];

/// A file and what is known of it so far.
pub(super) struct Subject<'a> {
    /// Its path below the input folder.
    pub(super) relative: &'a Path,
    /// Its bytes; only the beginning where the level needs no more.
    pub(super) bytes: &'a [u8],
    /// The format of its content.
    pub(super) codec: Option<&'static dyn Codec>,
    /// What its header says, or why it cannot be read.
    pub(super) header: Option<Result<Header, ImageError>>,
    /// Where things lie in it, for formats that are walked through.
    pub(super) layout: Option<Layout<'a>>,
    /// The picture.
    pub(super) decoded: Option<Decoded>,
    /// The decoders' limits.
    pub(super) limits: &'a Limits,
    /// The least length of a side, in pixels.
    pub(super) min_side: u32,
    /// Splits the work on the pixels.
    pub(super) exec: &'a dyn Exec,
}

impl Subject<'_> {
    /// The header, if it could be read.
    fn header(&self) -> Option<&Header> {
        self.header.as_ref()?.as_ref().ok()
    }

    /// Makes the checks up to `level`; stops behind one that finds an error.
    pub(super) fn examine(&mut self, level: Level) -> Vec<Finding> {
        let mut found = Vec::new();
        for check in CHECKS.iter().filter(|check| check.level <= level) {
            (check.run)(self, &mut found);
            let ends = |f: &Finding| f.severity == Severity::Error || f.kind == Kind::Unsupported;
            if found.iter().any(ends) {
                break;
            }
        }
        found
    }
}
