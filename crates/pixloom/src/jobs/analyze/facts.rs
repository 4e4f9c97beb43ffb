//! What is told of one picture.
use std::borrow::Cow;
use std::fs::File;
use std::io::Read;

use pixloom_engine::{ErrorKind, ItemError};
use pixloom_image::codec::{self, Codec, Header, facts};
use pixloom_image::{Channels, Image, ImageError, ImageErrorKind, Limits};
use serde::{Deserialize, Serialize};

use super::deep::Deep;
use crate::picture::item_error;
use crate::source::InputFile;

/// Enough for the header of a file without metadata.
const FIRST_READ: u64 = 4 << 10;
/// How much more is read each time that was not enough.
const GROWTH: u64 = 8;
/// The most that is read of a file in search of its header.
pub(super) const HEAD_LIMIT: u64 = 256 << 20;

/// One picture, as its header tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Facts {
    pub(super) format: Cow<'static, str>,
    /// Extension of the name in lower case.
    pub(super) extension: String,
    /// Upright size in pixels.
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) megapixels: f64,
    /// Upright width by height.
    pub(super) aspect_ratio: f64,
    /// The channels after decoding.
    pub(super) mode: Channels,
    /// The file's own colour model.
    pub(super) color_model: String,
    pub(super) bit_depth: u8,
    pub(super) alpha: bool,
    /// Description of the embedded profile.
    pub(super) icc: Option<String>,
    /// EXIF orientation, 1 to 8.
    pub(super) orientation: u8,
    pub(super) camera: Option<String>,
    /// Frames or pages.
    pub(super) frames: u32,
    pub(super) animated: bool,
    pub(super) progressive: bool,
    pub(super) subsampling: Option<String>,
    /// Estimated IJG quality.
    pub(super) quality: Option<u8>,
    pub(super) bytes: u64,
    pub(super) bits_per_pixel: f64,
    /// What a full decode adds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deep: Option<Deep>,
    /// What is worth a look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) findings: Vec<Finding>,
}

/// Something about a picture that is worth a look and does not make it unreadable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Finding {
    /// Stable kebab-case name.
    pub(super) kind: Cow<'static, str>,
    /// A lower-case sentence.
    pub(super) message: String,
}

impl Finding {
    pub(super) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind: Cow::Borrowed(kind), message: message.into() }
    }
}

impl Facts {
    /// Reads as much of the file as its header takes. `head` is a buffer to be reused.
    pub(super) fn read(
        file: &InputFile,
        head: &mut Vec<u8>,
        limits: &Limits,
    ) -> Result<Self, ItemError> {
        let (codec, header) =
            read_head(file, head, limits).map_err(|error| item_error(error, "header"))?;
        Ok(Self::new(file, codec, &header, head))
    }

    fn new(file: &InputFile, codec: &dyn Codec, header: &Header, head: &[u8]) -> Self {
        let info = codec.info();
        let more = facts::facts(info.name, head);
        let size = header.upright_size();
        let (pixels, bits) = (size.pixels().max(1) as f64, file.bytes as f64 * 8.0);
        let icc = header.has_icc.then(|| more.profile.unwrap_or_else(|| "unnamed".to_owned()));
        let mut facts = Self {
            format: Cow::Borrowed(info.name),
            extension: extension(file),
            width: size.width,
            height: size.height,
            megapixels: rounded(pixels / 1e6),
            aspect_ratio: rounded(f64::from(size.width) / f64::from(size.height.max(1))),
            mode: header.format.channels,
            color_model: header.color_model.clone(),
            bit_depth: header.bit_depth,
            alpha: header.format.channels.has_alpha(),
            icc,
            orientation: header.orientation.exif(),
            camera: more.camera,
            frames: header.frames,
            animated: header.frames > 1 && info.name != "tiff",
            progressive: header.progressive,
            subsampling: header.color_model.strip_prefix("YCbCr ").map(str::to_owned),
            quality: more.quality,
            bytes: file.bytes,
            bits_per_pixel: rounded(bits / pixels),
            deep: None,
            findings: Vec::new(),
        };
        if !info.extensions.contains(&facts.extension.as_str()) {
            let message =
                format!("the content is {}, the name ends in `{}`", info.name, facts.extension);
            facts.findings.push(Finding::new("wrong-extension", message));
        }
        facts
    }

    /// Adds what only the pixels show.
    pub(super) fn add_pixels(&mut self, image: &Image) {
        let deep = Deep::of(image);
        self.findings.extend(deep.findings());
        self.deep = Some(deep);
    }
}

/// Six digits behind the point are more than anyone needs and the same everywhere.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn extension(file: &InputFile) -> String {
    let extension = file.relative.extension().unwrap_or_default();
    extension.to_string_lossy().to_lowercase()
}

fn read_head(
    input: &InputFile,
    head: &mut Vec<u8>,
    limits: &Limits,
) -> Result<(&'static dyn Codec, Header), ImageError> {
    let mut file = File::open(&input.path)?;
    let mut wanted = FIRST_READ.min(input.bytes);
    head.clear();
    loop {
        let missing = wanted - head.len() as u64;
        head.reserve(missing as usize);
        file.by_ref().take(missing).read_to_end(head)?;
        let is_whole = wanted >= input.bytes || (head.len() as u64) < wanted;
        let codec = codec::detect_or_error(head)?;
        match codec.header(head, limits) {
            Ok(header) => {
                limits.check(header.size, header.format.bytes_per_pixel() as u64)?;
                return Ok((codec, header));
            }
            Err(error) if is_whole || error.kind() != ImageErrorKind::Truncated => {
                return Err(error);
            }
            Err(_) if wanted >= HEAD_LIMIT => {
                return Err(ImageError::limit("the header does not end within 256 MiB"));
            }
            Err(_needs_more) => wanted = (wanted * GROWTH).min(input.bytes).min(HEAD_LIMIT),
        }
    }
}

/// A failed item, as the lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Trouble {
    pub(super) path: String,
    /// Stable kebab-case name.
    pub(super) kind: String,
    /// What is wrong, with its cause.
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Trouble {
    pub(super) fn new(path: &str, error: &ItemError) -> Self {
        let cause = std::error::Error::source(error).map(ToString::to_string);
        let io = error.kind == ErrorKind::Io;
        let message = match cause.filter(|cause| io && *cause != error.message) {
            Some(cause) => format!("{}: {cause}", error.message),
            None => error.message.clone(),
        };
        let (kind, hint) = (error.code.clone().into_owned(), error.hint.clone());
        Self { path: path.to_owned(), kind, message, hint }
    }
}
