//! What can be wrong with a settings file or a variable.
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::Origin;
use crate::params::ParamError;

/// Settings that cannot be read; nothing was done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file cannot be read or written.
    #[error("cannot use the settings file {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not TOML.
    #[error("{message}")]
    Syntax {
        /// What is wrong.
        message: String,
        /// Where.
        place: Box<Place>,
    },
    /// A setting that does not exist, or a value that it does not take.
    #[error("{error}")]
    Wrong {
        /// What is wrong.
        error: Box<ParamError>,
        /// The file or the variable.
        origin: Origin,
        /// Where in the file.
        place: Option<Box<Place>>,
    },
    /// There is no folder for the user's settings.
    #[error("there is no home folder; set PIXLOOM_CONFIG_DIR")]
    NoHome,
}

/// A place in a settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The text of the line.
    pub text: String,
    /// The characters of the line that are wrong, from 0.
    pub marked: Range<usize>,
}

impl Place {
    /// The place of the bytes `span` in the content of a file.
    pub(super) fn new(path: &Path, content: &str, span: Range<usize>) -> Self {
        let start = floor(content, span.start);
        let line_start = content[..start].rfind('\n').map_or(0, |at| at + 1);
        let rest = &content[line_start..];
        let text = rest.lines().next().unwrap_or_default();
        let end = floor(content, span.end.min(line_start + text.len())).max(start);
        let before = content[line_start..start].chars().count();
        let width = content[start..end].chars().count().max(1);
        Self {
            path: path.to_owned(),
            line: content[..line_start].matches('\n').count() + 1,
            text: text.to_owned(),
            marked: before..before + width,
        }
    }

    /// The line with a row of `^` under what is wrong.
    pub fn picture(&self) -> String {
        let marks = "^".repeat(self.marked.len());
        format!("{}\n{}{marks}", self.text, " ".repeat(self.marked.start))
    }
}

/// The largest character boundary up to `at`.
fn floor(content: &str, at: usize) -> usize {
    let mut at = at.min(content.len());
    while !content.is_char_boundary(at) {
        at -= 1;
    }
    at
}
