//! What is wrong with a configuration, and where.
use serde::Serialize;

/// One problem of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Problem {
    /// The line of the file, from 1; 0 if it is not known.
    pub line: u64,
    /// The number of the specification, from 0; none for the file itself.
    pub specification: Option<usize>,
    /// The key.
    pub key: String,
    /// What is wrong: a lower-case sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem of a key.
    pub(super) fn new(key: &str, message: String) -> Self {
        Self { line: 0, specification: None, key: key.to_owned(), message, hint: None }
    }

    /// A problem of a key of the file itself.
    pub(super) fn top(key: &str, message: &str) -> Self {
        Self::new(key, message.to_owned())
    }

    /// A key that means nothing.
    pub(super) fn unknown(key: &str, meant: Option<&str>) -> Self {
        let hint = meant.map(|meant| format!("did you mean `{meant}`?"));
        Self { hint, ..Self::new(key, "there is no such key".to_owned()) }
    }

    /// The same in a specification.
    #[must_use]
    pub(super) fn in_spec(self, specification: usize) -> Self {
        Self { specification: Some(specification), ..self }
    }

    /// The same with advice.
    #[must_use]
    pub(super) fn with_hint(self, hint: String) -> Self {
        Self { hint: Some(hint), ..self }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        write!(f, "`{}`: {}", self.key, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}
