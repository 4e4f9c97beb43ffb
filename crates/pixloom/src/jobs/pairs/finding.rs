//! What is wrong with a pair, and what could be done about it.
use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; the pair can be used.
    Info,
    /// The pair can be used, but something about it is odd.
    Warning,
    /// The two do not belong together as they are.
    Error,
}

/// One thing that a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable kebab-case name.
    pub kind: String,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong: a lower-case sentence without a full stop.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Finding {
    /// Worth knowing.
    pub fn info(kind: &str, message: impl Into<String>) -> Self {
        Self::new(kind, Severity::Info, message.into())
    }

    /// Odd.
    pub fn warning(kind: &str, message: impl Into<String>) -> Self {
        Self::new(kind, Severity::Warning, message.into())
    }

    /// Wrong.
    pub fn error(kind: &str, message: impl Into<String>) -> Self {
        Self::new(kind, Severity::Error, message.into())
    }

    fn new(kind: &str, severity: Severity, message: String) -> Self {
        Self { kind: kind.to_owned(), severity, message, hint: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A proposal: what would make a pair usable. Nothing is done to the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum Fix {
    /// Keep only the top left part of a picture.
    Crop {
        /// The picture.
        path: String,
        /// Width of what is kept, in pixels.
        width: u32,
        /// Height of what is kept, in pixels.
        height: u32,
    },
    /// Leave a file out of the dataset.
    Drop {
        /// The file.
        path: String,
    },
}

impl Fix {
    /// One line of a plan.
    pub fn line(&self) -> String {
        match self {
            Self::Crop { path, width, height } => {
                format!("crop   {path} to {width}x{height} at (0, 0)")
            }
            Self::Drop { path } => format!("drop   {path}"),
        }
    }
}
