//! What can go wrong with one picture, told apart by who must act.
use std::borrow::Cow;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The classes of failure, by what the user can do about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImageErrorKind {
    /// The file ends before the picture does.
    Truncated,
    /// The file breaks the rules of its format.
    Corrupt,
    /// The picture is larger than the [`Limits`](crate::Limits) allow.
    Limit,
    /// The file is valid as far as can be told, but uses a feature that is not built in.
    Unsupported,
    /// As `Unsupported`, with a coding that other programs do not read either.
    RareCoding,
    /// The content is of no known image format.
    UnknownFormat,
    /// The picture cannot be represented in the chosen format.
    Encode,
    /// A setting makes no sense for this picture.
    Settings,
    /// Reading or writing failed.
    Io,
}

impl ImageErrorKind {
    /// Stable kebab-case name, used in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::Corrupt => "corrupt",
            Self::Limit => "limit",
            Self::Unsupported | Self::RareCoding => "unsupported",
            Self::UnknownFormat => "unknown-format",
            Self::Encode => "encode",
            Self::Settings => "bad-settings",
            Self::Io => "io",
        }
    }
}

/// Why a picture could not be read, changed or written.
///
/// The message is a lower-case sentence without the file name; the record adds that.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ImageError {
    kind: ImageErrorKind,
    message: Cow<'static, str>,
    hint: Option<Cow<'static, str>>,
    #[source]
    source: Option<BoxError>,
}

impl ImageError {
    /// Creates an error without an underlying one.
    pub fn new(kind: ImageErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), hint: None, source: None }
    }

    /// The file ends too early.
    pub fn truncated(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ImageErrorKind::Truncated, message)
    }

    /// The file breaks the rules of its format.
    pub fn corrupt(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ImageErrorKind::Corrupt, message)
    }

    /// The picture exceeds a limit.
    pub fn limit(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ImageErrorKind::Limit, message)
    }

    /// A feature of the format that is not built in.
    pub fn unsupported(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ImageErrorKind::Unsupported, message)
    }

    /// A coding that is not built in, nor in other programs.
    pub fn rare_coding(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ImageErrorKind::RareCoding, message)
    }

    /// The picture cannot be represented in the chosen format.
    pub fn encode(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ImageErrorKind::Encode, message)
    }

    /// A setting makes no sense for this picture.
    pub fn settings(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ImageErrorKind::Settings, message)
    }

    /// Adds what the user can do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the underlying error.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The class of failure.
    pub const fn kind(&self) -> ImageErrorKind {
        self.kind
    }

    /// What the user can do, if known.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl From<std::io::Error> for ImageError {
    fn from(error: std::io::Error) -> Self {
        Self::new(ImageErrorKind::Io, "reading or writing failed").with_source(error)
    }
}
