//! What checks find: in a file, between two pictures of a pair.
use pixloom_engine::{ErrorKind, ItemError};
use pixloom_image::{ImageError, ImageErrorKind};
use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Info,
    /// Wrong or odd, but programs commonly read the file, and the pair can be used.
    Warning,
    /// The file, or the pair, cannot be used as it is.
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

            /// The kind of that name.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
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
    /// A file without partner in the folder of low-quality pictures.
    MissingLq = "missing-lq", Error;
    /// A file without partner in the folder of high-quality pictures.
    MissingHq = "missing-hq", Error;
    /// Several files of one folder could be the partner.
    Ambiguous = "ambiguous", Error;
    /// One picture of the pair stands, the other lies.
    Orientation = "orientation", Error;
    /// Width and height are scaled differently.
    ScaleAnisotropic = "scale-anisotropic", Error;
    /// LQ is the larger one.
    ScaleBelowOne = "scale-below-one", Error;
    /// Another scale than most pairs have.
    ScaleInconsistent = "scale-inconsistent", Error;
    /// Another scale than `--expect` says.
    ScaleUnexpected = "scale-unexpected", Error;
    /// The scale is not a whole number.
    ScaleFractional = "scale-fractional", Warning;
    /// HQ is not exactly the scale times LQ.
    NotAMultiple = "not-a-multiple", Warning;
    /// LQ is a flipped HQ.
    Mirrored = "mirrored", Error;
    /// LQ is a turned HQ.
    Rotated = "rotated", Error;
    /// LQ lies half an LQ pixel or more beside HQ.
    Shifted = "shifted", Error;
    /// The edges lie a pixel or more further off than the middle.
    Stretched = "stretched", Error;
    /// One shows only a part of the other.
    DifferentCrop = "different-crop", Error;
    /// LQ does not show what HQ shows.
    WrongPartner = "wrong-partner", Error;
    /// The channels differ by other amounts.
    ColorShift = "color-shift", Warning;
    /// The means differ.
    Brightness = "brightness", Warning;
    /// LQ has more or less contrast than HQ.
    Contrast = "contrast", Warning;
    /// A shift of a quarter to half an LQ pixel.
    SubpixelShift = "subpixel-shift", Info;
    /// Too little in the pictures to tell whether they match.
    LowConfidence = "low-confidence", Info;
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

    /// An item that failed: its record could not be made.
    pub fn of_failure(error: &ItemError) -> Self {
        let kind = Kind::named(&error.code).unwrap_or(match error.kind {
            ErrorKind::Io => Kind::Unreadable,
            ErrorKind::Limit => Kind::Limit,
            _ => Kind::NotChecked,
        });
        let mut message = error.to_string();
        if let Some(cause) = std::error::Error::source(error) {
            let cause = cause.to_string();
            if !message.contains(&cause) {
                message = format!("{message}: {cause}");
            }
        }
        Self { hint: error.hint.clone(), ..Self::new(kind, message) }
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
