//! What can be wrong with a file, or worth knowing about it.
use std::collections::BTreeMap;
use std::path::Path;

use pixloom_image::{ImageError, ImageErrorKind};
use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Info,
    /// Wrong, but programs commonly read the file all the same.
    Warning,
    /// The file cannot be used as it is.
    Error,
}

/// Defines the kinds: name in the code, stable name, severity, meaning.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $severity:ident;)*) => {
        /// The kinds of findings. Names are stable; `docs/findings.md` lists them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Kind {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $name,)*
        }

        impl Kind {
            /// Every kind, cheapest check first.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable kebab-case name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// How much it matters unless the settings say otherwise.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }
        }
    };
}

kinds! {
    /// The file cannot be opened or read.
    Unreadable = "unreadable", Error;
    /// The check did not come to its end: out of time, out of memory, stopped.
    NotChecked = "not-checked", Error;
    /// A folder, pipe or device under the name of a picture.
    NotAFile = "not-a-file", Error;
    /// A file without a single byte.
    Empty = "empty", Error;
    /// The content is of no known image format.
    UnknownFormat = "unknown-format", Error;
    /// The format, or a feature of it, is not built in: nothing more was checked.
    Unsupported = "unsupported", Warning;
    /// Coded in a way that neither this build nor other programs read.
    RareCoding = "rare-coding", Error;
    /// The name says another image format than the content.
    WrongExtension = "wrong-extension", Warning;
    /// The name says no image format.
    UnknownExtension = "unknown-extension", Info;
    /// Larger than the limits allow.
    Limit = "limit", Error;
    /// The file ends before the picture does.
    Truncated = "truncated", Error;
    /// The file breaks the rules of its format so that it cannot be read.
    Corrupt = "corrupt", Error;
    /// A block that is not needed for the pixels has a wrong check sum.
    BadChecksum = "bad-checksum", Warning;
    /// Only the mark at the end is missing; the picture is complete.
    MissingEnd = "missing-end", Warning;
    /// Bytes behind the end of the picture that mean nothing.
    TrailingData = "trailing-data", Warning;
    /// Another picture, a film or an archive behind the end of the picture.
    AppendedData = "appended-data", Info;
    /// The pixels are damaged in a way that programs commonly conceal.
    Damaged = "damaged", Warning;
    /// The colour profile cannot be read.
    BadProfile = "bad-profile", Warning;
    /// The colour profile is for other channels than the picture has.
    ProfileMismatch = "profile-mismatch", Warning;
    /// The EXIF block breaks its rules.
    BadExif = "bad-exif", Warning;
    /// Something that the decoder left out or had to assume.
    DecoderNote = "decoder-note", Info;
    /// All pixels are the same.
    Constant = "constant", Warning;
    /// Nearly all pixels are black or nearly so.
    NearlyBlack = "nearly-black", Warning;
    /// The last rows are an even mid-grey, as decoders fill in for missing data.
    GreyTail = "grey-tail", Warning;
    /// A side is shorter than `--min-side`.
    TooSmall = "too-small", Error;
    /// An animation, or several pages.
    SeveralFrames = "several-frames", Info;
    /// Four printing inks instead of red, green, blue.
    Cmyk = "cmyk", Info;
    /// More than 8 bits a sample.
    HighBitDepth = "high-bit-depth", Info;
    /// Transparency.
    Alpha = "alpha", Info;
}

/// Where in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Offset from the beginning of the file.
    Byte(u64),
    /// Row of pixels from the top, from 0.
    Row(u32),
    /// Frame or page, from 0.
    Frame(u32),
}

/// What `--repair` can do about a finding without any loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repair {
    /// Leave out what lies behind the end.
    CutTrailing,
    /// Leave out the colour profile.
    DropProfile,
    /// Leave out the EXIF block.
    DropExif,
    /// Give the file the extension of its content.
    Rename,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// How much it matters.
    pub severity: Severity,
    /// A lower-case sentence.
    pub message: String,
    /// Where in the file, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What `--repair` can do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repair: Option<Repair>,
}

impl Finding {
    /// A finding with the usual severity of its kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        let (severity, message) = (kind.severity(), message.into());
        Self { kind, severity, message, place: None, hint: None, repair: None }
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Says where, as an offset.
    #[must_use]
    pub fn at_byte(self, offset: usize) -> Self {
        self.at(Place::Byte(offset as u64))
    }

    /// Adds what to do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what `--repair` can do.
    #[must_use]
    pub fn with_repair(mut self, repair: Repair) -> Self {
        self.repair = Some(repair);
        self
    }

    /// What a decoder refused.
    pub fn of_error(error: &ImageError) -> Self {
        let kind = match error.kind() {
            ImageErrorKind::Truncated => Kind::Truncated,
            ImageErrorKind::Limit => Kind::Limit,
            ImageErrorKind::Unsupported => Kind::Unsupported,
            ImageErrorKind::RareCoding => Kind::RareCoding,
            ImageErrorKind::UnknownFormat => Kind::UnknownFormat,
            _ => Kind::Corrupt,
        };
        let hint = error.hint().or(match kind {
            Kind::Truncated => Some("fetch the file again, or keep what is there with --tolerant"),
            Kind::UnknownFormat => Some("it may be a web page or a text saved under this name"),
            _ => None,
        });
        Self { hint: hint.map(str::to_owned), ..Self::new(kind, with_causes(error)) }
    }
}

/// An error and its causes in one line, each said once.
fn with_causes(error: &ImageError) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

/// What is recorded of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Whether no finding is an error.
    pub ok: bool,
    /// Format of the content, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// What was found, in the order of the checks.
    pub findings: Vec<Finding>,
}

impl FileRecord {
    /// Whether a finding matters at least so much.
    pub fn has(&self, severity: Severity) -> bool {
        self.findings.iter().any(|finding| finding.severity >= severity)
    }
}

/// Which severities the user changed.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    /// Whether warnings are errors.
    pub(super) strict: bool,
    /// Kinds that are errors.
    pub(super) fail_on: Vec<Kind>,
    /// Kinds that are left out.
    pub(super) ignore: Vec<Kind>,
}

impl Rules {
    /// Makes a record of what was found.
    pub(super) fn judge(&self, format: Option<&str>, mut findings: Vec<Finding>) -> FileRecord {
        findings.retain(|finding| !self.ignore.contains(&finding.kind));
        for finding in &mut findings {
            let raised = self.strict && finding.severity == Severity::Warning;
            if raised || self.fail_on.contains(&finding.kind) {
                finding.severity = Severity::Error;
            }
        }
        let ok = findings.iter().all(|finding| finding.severity < Severity::Error);
        FileRecord { ok, format: format.map(str::to_owned), findings }
    }
}

/// How many files have which kind of finding.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    kinds: BTreeMap<Kind, (Severity, u64)>,
}

impl Tally {
    /// Counts a file once for each kind.
    pub(super) fn add(&mut self, record: &FileRecord) {
        let mut seen: Vec<Kind> = Vec::new();
        for finding in &record.findings {
            if !seen.contains(&finding.kind) {
                seen.push(finding.kind);
                self.kinds.entry(finding.kind).or_insert((finding.severity, 0)).1 += 1;
            }
        }
    }

    /// For programs: the number of files by kind.
    pub(super) fn json(&self) -> serde_json::Value {
        let all = self.kinds.iter().map(|(kind, (_, files))| (kind.as_str().to_owned(), *files));
        serde_json::Value::Object(all.map(|(kind, files)| (kind, files.into())).collect())
    }

    /// For people: `3 truncated, 1 damaged`, of the findings that matter so much.
    pub(super) fn line(&self, severity: Severity) -> Option<String> {
        let of = self.kinds.iter().filter(|(_, (this, _))| *this == severity);
        let parts: Vec<String> =
            of.map(|(kind, (_, files))| format!("{files} {}", kind.as_str())).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// One file of the report, as in `--json` and `--report`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// The file's path below the input folder.
    pub path: String,
    /// What is recorded of it.
    #[serde(flatten)]
    pub record: FileRecord,
}

impl FileReport {
    /// Whether every error can be repaired.
    pub fn is_repairable(&self) -> bool {
        let errors = self.record.findings.iter().filter(|f| f.severity == Severity::Error);
        errors.into_iter().all(|finding| finding.repair.is_some())
    }

    /// What can be repaired, each once.
    pub fn repairs(&self) -> Vec<Repair> {
        let mut repairs: Vec<Repair> =
            self.record.findings.iter().filter_map(|finding| finding.repair).collect();
        repairs.sort_unstable();
        repairs.dedup();
        repairs
    }
}

/// The extension of a file name in lower case.
pub(super) fn extension(path: &Path) -> Option<String> {
    path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase())
}
