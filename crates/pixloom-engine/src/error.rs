//! The two kinds of error: one fails an item, the other ends the run.
use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

/// Any error that can be passed between threads.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// The classes of item failure; stable names, used in records, exit codes and bindings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// Reading or writing failed.
    Io,
    /// The input is damaged or not what it claims to be.
    BadInput,
    /// The settings cannot be applied to this item.
    BadSettings,
    /// Larger than the limits or the memory budget allow.
    Limit,
    /// Valid, but not supported.
    Unsupported,
    /// A defect of the program, such as a caught panic.
    Internal,
    /// The item's time limit passed.
    Timeout,
    /// The run was asked to stop while the item was being worked on.
    Cancelled,
}

impl ErrorKind {
    /// The stable kebab-case name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Io => "io",
            Self::BadInput => "bad-input",
            Self::BadSettings => "bad-settings",
            Self::Limit => "limit",
            Self::Unsupported => "unsupported",
            Self::Internal => "internal",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why one item failed (or was skipped, see [`ItemError::skip`]); the run goes on.
///
/// ```
/// use pixloom_engine::{ErrorKind, ItemError};
/// let error = ItemError::new(ErrorKind::BadInput, "3 of 5 scans present")
///     .with_code("truncated")
///     .with_step("decode")
///     .with_hint("--tolerant keeps what can be decoded");
/// assert_eq!(error.code, "truncated");
/// ```
#[derive(Debug)]
pub struct ItemError {
    /// The class of failure.
    pub kind: ErrorKind,
    /// A finer stable kebab-case name, such as `truncated`; the kind's name if there is none.
    pub code: Cow<'static, str>,
    /// The part of the work that failed, such as `decode`; may be empty.
    pub step: &'static str,
    /// One lower-case sentence without a full stop and without the item's name.
    pub message: String,
    /// What the user can do about it.
    pub hint: Option<String>,
    /// The underlying error.
    pub source: Option<BoxError>,
    skip: bool,
}

impl ItemError {
    /// An error of this kind, with the kind's name as its code.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: Cow::Borrowed(kind.as_str()),
            step: "",
            message: message.into(),
            hint: None,
            source: None,
            skip: false,
        }
    }

    /// Not a failure: ends the item early as [`Outcome::Skipped`](crate::Outcome::Skipped),
    /// for the reason given. Products added so far are dropped, notes are kept.
    ///
    /// The reason is a lower-case phrase, such as `filtered by size`.
    pub fn skip(reason: impl Into<String>) -> Self {
        Self { skip: true, ..Self::new(ErrorKind::Cancelled, reason) }.with_code("skipped")
    }

    /// Whether this is a skip rather than a failure.
    pub const fn is_skip(&self) -> bool {
        self.skip
    }

    /// Sets the finer name.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.code = code.into();
        self
    }

    /// Sets the advice.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets the part of the work that failed.
    #[must_use]
    pub fn with_step(mut self, step: &'static str) -> Self {
        self.step = step;
        self
    }

    /// Sets the underlying error.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// A caught panic: kind `internal`, code `panic`.
    pub(crate) fn panic(payload: &(dyn std::any::Any + Send)) -> Self {
        let message = format!("internal error: {}", panic_message(payload));
        Self::new(ErrorKind::Internal, message)
            .with_code("panic")
            .with_hint("this is a defect, please report it with the input that triggers it")
    }
}

/// The text of a panic, if it has one.
pub(crate) fn panic_message(payload: &(dyn std::any::Any + Send)) -> &str {
    let text = payload.downcast_ref::<&'static str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("panic")
}

impl fmt::Display for ItemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for ItemError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<std::io::Error> for ItemError {
    fn from(error: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, error.to_string()).with_source(error)
    }
}

/// As in records: `kind`, `code`, `step`, `message`, `hint` and the chain of causes.
impl Serialize for ItemError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut causes = Vec::new();
        let mut next = self.source();
        while let Some(cause) = next {
            let text = cause.to_string();
            if causes.last().unwrap_or(&self.message) != &text {
                causes.push(text);
            }
            next = cause.source();
        }
        let mut fields = serializer.serialize_struct("ItemError", 6)?;
        fields.serialize_field("kind", &self.kind)?;
        fields.serialize_field("code", &self.code)?;
        fields.serialize_field("step", self.step)?;
        fields.serialize_field("message", &self.message)?;
        fields.serialize_field("hint", &self.hint)?;
        fields.serialize_field("causes", &causes)?;
        fields.end()
    }
}

/// Why a whole run ended early. What was finished is in the journal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The run was asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// The inputs could not be listed.
    #[error("cannot list the inputs")]
    Source(#[source] BoxError),
    /// A result could not be recorded.
    #[error("cannot record a result")]
    Sink(#[source] BoxError),
    /// The journal could not be read or written.
    #[error("cannot keep the journal")]
    Journal(#[source] BoxError),
    /// The output folder cannot take more: full, read-only or gone.
    #[error("cannot write to the output folder")]
    Output(#[source] BoxError),
    /// The system gave no threads, or one of the engine's own ended unexpectedly.
    #[error("cannot keep the threads running")]
    Threads(#[source] BoxError),
    /// More items failed than the options allow.
    #[error("stopped after {failed} failed ({allowed} allowed)")]
    TooManyFailures {
        /// How many failed.
        failed: u64,
        /// How many were allowed.
        allowed: u64,
    },
}

impl From<crate::Cancelled> for RunError {
    fn from(_cancelled: crate::Cancelled) -> Self {
        Self::Cancelled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_one_name_everywhere() {
        for kind in [ErrorKind::Io, ErrorKind::BadInput, ErrorKind::BadSettings, ErrorKind::Limit] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert_eq!(serde_json::to_value(ErrorKind::Timeout).unwrap(), "timeout");
    }

    #[test]
    fn records_name_the_causes_once() {
        let io = std::io::Error::other("device on fire");
        let error = ItemError::from(io).with_step("read").with_hint("fetch water");
        let json = serde_json::to_value(&error).unwrap();
        assert_eq!(json["code"], "io");
        assert_eq!(json["message"], "device on fire");
        assert_eq!(json["causes"], serde_json::json!([]));
        let outer = ItemError::new(ErrorKind::Io, "cannot read").with_source(error);
        assert_eq!(serde_json::to_value(&outer).unwrap()["causes"][0], "device on fire");
    }
}
