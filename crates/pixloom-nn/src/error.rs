//! What can be wrong with a model.

/// Why a model cannot be read or run: a lower-case sentence without the file's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NnError {
    /// The file is not a model, or is damaged.
    #[error("{0}")]
    Broken(String),
    /// The file may be right, but uses something that is not built in.
    #[error("{0}")]
    Unsupported(String),
    /// The file or the net asks for more than the limits allow.
    #[error("{0}")]
    Limit(String),
}

impl NnError {
    pub(crate) fn broken(message: impl Into<String>) -> Self {
        Self::Broken(message.into())
    }

    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::Unsupported(message.into())
    }

    pub(crate) fn limit(message: impl Into<String>) -> Self {
        Self::Limit(message.into())
    }
}
