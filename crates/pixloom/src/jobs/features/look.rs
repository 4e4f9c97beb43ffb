//! The look at one file: from the cache, or one reduced decode.
use std::fs;
use std::num::{NonZeroU8, NonZeroU64};
use std::sync::{Arc, Mutex};

use pixloom_engine::{Bytes, ErrorKind, Fingerprint, ItemCx, ItemError, Stage};
use pixloom_image::codec::{DecodeOptions, facts::facts};
use pixloom_image::{
    ColorSpace, Depth, Image, ImageError, Limits, PixelFormat, Serial, Size, convert,
};
use pixloom_match::{Code, CodeBits, Features, Grid, HashKind, Input, Quality};

use super::facts::{Facts, FormatName, Known, Looked, Rare, VERSION};
use super::planes::{
    HASH_SIDE, Planes, SHORT_SIDE, digest_of_jpeg, digest_of_pixels, plane, reduced_rgb,
};
use crate::cache::Reader;
use crate::picture::{ItemExec, decode, item_error};
use crate::source::{InputFile, Peeked};

/// What pictures are matched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::jobs) enum Mode {
    /// Everything there is.
    Features,
    /// One hash in its eight orientations.
    Hash(HashKind, CodeBits),
    /// The bytes of the file alone.
    Bytes,
}

impl Mode {
    /// The name of its results in the cache, versions included.
    pub(super) fn kind(self) -> u32 {
        let (number, version) = match self {
            Self::Features => (0, Features::VERSION),
            Self::Hash(kind, bits) => {
                let kind = match kind {
                    HashKind::Phash => 0,
                    HashKind::Dhash => 1,
                    HashKind::Ahash => 2,
                    HashKind::Whash => 3,
                    HashKind::Color => 4,
                };
                (16 + 2 * kind + u32::from(bits == CodeBits::B256), Features::VERSION)
            }
            Self::Bytes => (1, 0),
        };
        VERSION << 24 | number << 16 | version & 0xFFFF
    }

    /// Whether colours do not matter, unless a picture has but one.
    fn is_of_luma(self) -> bool {
        matches!(self, Self::Hash(kind, _) if kind != HashKind::Color)
    }

    /// The sides that a decode must keep.
    fn at_least(self) -> Size {
        let side = if self == Self::Features { SHORT_SIDE } else { HASH_SIDE };
        Size::new(side, side)
    }
}

/// A file to look at.
#[derive(Debug)]
pub(in crate::jobs) enum Candidate {
    /// The cache knows it.
    Known(Box<Looked>),
    /// It must be read, and decoded unless its content is known.
    File(InputFile, Option<Peeked>, u16),
}

/// Results of contents that were met just now: the same picture many times is decoded once.
#[derive(Debug, Default)]
pub(super) struct Memo(Mutex<Vec<Looked>>);

impl Memo {
    /// How many contents are kept.
    const KEPT: usize = 64;

    fn get(&self, content: &Fingerprint) -> Option<Looked> {
        let mut kept = self.0.lock().ok()?;
        let at = kept.iter().position(|looked| looked.facts.content == *content)?;
        // The latest stand last.
        let looked = kept.remove(at);
        kept.push(looked.clone());
        Some(looked)
    }

    fn put(&self, looked: &Looked) {
        if let Ok(mut kept) = self.0.lock() {
            if kept.len() >= Self::KEPT {
                kept.remove(0);
            }
            kept.push(looked.clone());
        }
    }
}

/// Looks at files.
#[derive(Debug)]
pub(in crate::jobs) struct Look {
    pub(in crate::jobs) mode: Mode,
    pub(in crate::jobs) limits: Limits,
    /// What is known from before.
    pub(in crate::jobs) readers: Vec<Arc<Reader>>,
    /// What this run met.
    pub(super) memo: Memo,
}

impl Stage for Look {
    type In = Candidate;
    type Out = Looked;
    type Scratch = ();

    fn name(&self) -> &'static str {
        "features"
    }

    fn scratch(&self) {}

    fn cost(&self, input: &Candidate) -> Bytes {
        match input {
            Candidate::Known(looked) => Bytes(looked.payload.len() as u64 + 1024),
            Candidate::File(file, None, _) => Bytes(file.bytes + (64 << 10)),
            Candidate::File(file, Some(peeked), _) => {
                let options = self.options();
                let size = peeked.codec.decoded_size(&peeked.header, &options);
                let decode = peeked.codec.decode_memory(&peeked.header, &options);
                let planes = size.pixels() * (peeked.header.format.bytes_per_pixel() as u64 + 4);
                Bytes(file.bytes + decode + planes + (4 << 20))
            }
        }
    }

    fn fingerprint(&self, _: &Candidate) -> Option<Fingerprint> {
        None
    }

    fn run(&self, input: Candidate, (): &mut (), cx: &ItemCx<'_>) -> Result<Looked, ItemError> {
        match input {
            Candidate::Known(looked) => Ok(*looked),
            Candidate::File(file, peeked, folder) => {
                let looked = self.read(&file, peeked.as_ref(), cx)?;
                Ok(Looked { folder, ..looked })
            }
        }
    }
}

/// What the decode gave beside the planes.
struct Decoded {
    planes: Planes,
    peeked: Peeked,
    pixels: NonZeroU64,
    metadata_bytes: u32,
    quality: Option<u8>,
}

impl Look {
    fn options(&self) -> DecodeOptions {
        tolerant(Some(self.mode.at_least()), self.mode.is_of_luma())
    }

    fn read(
        &self,
        file: &InputFile,
        peeked: Option<&Peeked>,
        cx: &ItemCx<'_>,
    ) -> Result<Looked, ItemError> {
        let bytes = read_unchanged(file)?;
        cx.add_input_bytes(bytes.len() as u64);
        let content = Fingerprint::of(&bytes);
        let stamp = (file.bytes, file.modified_ns);
        let known = self.readers.iter().find_map(|reader| {
            reader.look(&content.0, |value| Looked::from_bytes(value, Known::Content, stamp))
        });
        if let Some(looked) = known {
            return Ok(looked);
        }
        if peeked.is_none() {
            return Ok(bare(content, stamp));
        }
        if let Some(looked) = self.memo.get(&content) {
            return Ok(Looked { stamp, ..looked });
        }
        self.fresh(bytes, (content, stamp), cx)
    }

    /// Decodes a file whose content is new.
    fn fresh(
        &self,
        bytes: Vec<u8>,
        (content, stamp): (Fingerprint, crate::cache::Stamp),
        cx: &ItemCx<'_>,
    ) -> Result<Looked, ItemError> {
        let noted = std::cell::Cell::new(false);
        let damage = std::cell::RefCell::new(None);
        let note = |code: &'static str, message: String| {
            if code == "concealed" {
                damage.replace(Some(message.clone()));
            }
            noted.set(true);
            cx.note(code, message);
        };
        let exec = ItemExec(cx);
        let decoded = self.decode(bytes, &exec, &note).map_err(|error| {
            // A stop inside a decoder looks like a broken file.
            cx.check().err().unwrap_or(error)
        })?;
        let size = decoded.peeked.header.upright_size();
        let info = decoded.peeked.codec.info();
        let facts = Facts {
            format: FormatName::of(info.name),
            size: [size.width, size.height],
            bytes: stamp.0,
            content,
            pixels: Some(decoded.pixels),
            lossless: !info.lossy,
            quality: decoded.quality.and_then(NonZeroU8::new),
            metadata_bytes: decoded.metadata_bytes,
            rare: Rare::of(
                damage.take(),
                (self.mode == Mode::Features).then(|| decoded.planes.measures(size, &exec)),
            ),
        };
        let payload = self.payload(&decoded.planes, &facts).into();
        let looked = Looked { facts, payload, known: Known::New, stamp, folder: 0, stored: false };
        // Notes belong to each file, so what has some is looked at again.
        if !noted.get() {
            self.memo.put(&looked);
        }
        Ok(looked)
    }

    fn decode(
        &self,
        bytes: Vec<u8>,
        exec: &ItemExec<'_, '_>,
        note: &dyn Fn(&'static str, String),
    ) -> Result<Decoded, ItemError> {
        let head = bytes.len().min(256 << 10);
        let quality = facts("jpeg", &bytes[..head]).quality;
        let copy = bytes.starts_with(&[0xFF, 0xD8]).then(|| bytes.clone());
        let options = self.options();
        let (loaded, peeked) = decode(bytes, options, &self.limits, exec, note)?;
        let image = loaded.image;
        let is_whole = image.size() == peeked.header.upright_size()
            && image.channels().is_gray() == peeked.header.format.channels.is_gray();
        let pixels = match &copy {
            Some(bytes) if !is_whole => digest_of_jpeg(bytes, peeked.header.orientation),
            _ => digest_of_pixels(&image),
        };
        let metadata_bytes = metadata_bytes(&image);
        let side = self.mode.at_least().width;
        let planes_of = |image: Image| {
            let planes = if options.luma { Planes::of_luma } else { Planes::of };
            planes(image, side, exec).map_err(|error| item_error(error, "features"))
        };
        let mut planes = planes_of(image)?;
        if let Some(bytes) = copy.filter(|_| options.luma && planes.is_flat()) {
            // Its colour counts, which was left out.
            let options = DecodeOptions { luma: false, ..options };
            let (loaded, _) = decode(bytes, options, &self.limits, exec, &|_, _| {})?;
            planes = planes_of(loaded.image)?;
        }
        Ok(Decoded { planes, peeked, pixels, metadata_bytes, quality })
    }

    fn payload(&self, planes: &Planes, facts: &Facts) -> Vec<u8> {
        let Some(gray) = planes.plane() else { return Vec::new() };
        match self.mode {
            Mode::Bytes => Vec::new(),
            Mode::Features => {
                let rgb = planes.rgb_plane();
                let pixel_digest = facts.pixels.map(NonZeroU64::get);
                let input = Input { gray, rgb, full_size: facts.size, pixel_digest };
                pixloom_match::extract(&input).to_bytes()
            }
            Mode::Hash(kind, bits) => {
                if let Some(colour) = planes.only_colour() {
                    return colour.to_vec();
                }
                let grid = match kind {
                    HashKind::Color => Grid::new(gray, planes.rgb_plane()),
                    _ => Grid::of_luma(gray),
                };
                let codes = grid.dihedral(kind, bits);
                codes.iter().flat_map(|code| code_bytes(code, bits)).collect()
            }
        }
    }
}

/// Damage is concealed as far as possible.
fn tolerant(at_least: Option<Size>, luma: bool) -> DecodeOptions {
    DecodeOptions { at_least, tolerant: true, luma, ..DecodeOptions::default() }
}

/// The used words of a code.
fn code_bytes(code: &Code, bits: CodeBits) -> Vec<u8> {
    let words = if bits == CodeBits::B64 { 1 } else { 4 };
    code.0[..words].iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The colour of a payload that was made by [`Mode::Hash`] of a picture of one colour, which has
/// no codes.
pub(in crate::jobs) fn only_colour(payload: &[u8]) -> Option<[u8; 3]> {
    payload.try_into().ok()
}

/// The codes of a payload that was made by [`Mode::Hash`].
pub(in crate::jobs) fn codes(payload: &[u8], bits: CodeBits) -> Vec<Code> {
    let words = if bits == CodeBits::B64 { 1 } else { 4 };
    let code = |bytes: &[u8]| {
        let mut code = Code::default();
        for (word, bytes) in code.0.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        code
    };
    payload.chunks_exact(8 * words).map(code).collect()
}

/// A file whose pixels are not looked at.
fn bare(content: Fingerprint, stamp: crate::cache::Stamp) -> Looked {
    let facts = Facts {
        format: FormatName::default(),
        size: [0; 2],
        bytes: stamp.0,
        content,
        pixels: None,
        lossless: false,
        quality: None,
        metadata_bytes: 0,
        rare: None,
    };
    Looked { facts, payload: [].into(), known: Known::New, stamp, folder: 0, stored: false }
}

/// Reads a file and makes sure that it is the one that was listed, all of it.
fn read_unchanged(file: &InputFile) -> Result<Vec<u8>, ItemError> {
    let failed = |error: std::io::Error| {
        ItemError::new(ErrorKind::Io, "the file cannot be read")
            .with_step("read")
            .with_source(error)
    };
    let bytes = fs::read(&file.path).map_err(failed)?;
    let meta = fs::metadata(&file.path).map_err(failed)?;
    let modified =
        meta.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let modified = modified.map_or(0, |since| since.as_nanos() as i128);
    if bytes.len() as u64 != file.bytes || meta.len() != file.bytes || modified != file.modified_ns
    {
        return Err(ItemError::new(ErrorKind::Io, "the file changed while it was read")
            .with_code("changed")
            .with_step("read"));
    }
    Ok(bytes)
}

fn metadata_bytes(image: &Image) -> u32 {
    let icc = if let ColorSpace::Icc(icc) = &image.color_space { icc.len() } else { 0 };
    let blocks = [&image.metadata.exif, &image.metadata.xmp];
    let blocks: usize = blocks.iter().filter_map(|block| block.as_ref()).map(|b| b.len()).sum();
    (icc + blocks).min(u32::MAX as usize) as u32
}

/// A picture at the size that features are taken at, or larger so that the shorter side keeps
/// `side` pixels, without alpha, 8 bit.
///
/// # Errors
/// As the decoders'.
pub(in crate::jobs) fn reduced_picture(
    file: &InputFile,
    side: u32,
    limits: &Limits,
    cx: &ItemCx<'_>,
) -> Result<Image, ItemError> {
    let exec = ItemExec(cx);
    let side = side.max(SHORT_SIDE);
    let at_least = Some(Size::new(side, side));
    let bytes = read_unchanged(file)?;
    let (loaded, _) = decode(bytes, tolerant(at_least, false), limits, &exec, &|_, _| {})?;
    reduced_rgb(loaded.image, side, &exec).map_err(|error| item_error(error, "features"))
}

/// The features of a small picture in memory.
///
/// # Errors
/// As the conversions'.
pub(in crate::jobs) fn features_of(image: Image) -> Result<Features, ImageError> {
    let full_size = [image.width(), image.height()];
    let planes = Planes::of(image, SHORT_SIDE, &Serial)?;
    let gray = planes.plane().ok_or_else(|| ImageError::settings("the picture has no pixels"))?;
    let input = Input { gray, rgb: planes.rgb_plane(), full_size, pixel_digest: None };
    Ok(pixloom_match::extract(&input))
}

/// Detail, compression and sharpness of a whole picture, measured at full size.
///
/// # Errors
/// As the decoders'.
pub(in crate::jobs) fn full_size_quality(
    file: &InputFile,
    limits: &Limits,
    cx: &ItemCx<'_>,
) -> Result<Quality, ItemError> {
    let bytes = read_unchanged(file)?;
    let exec = ItemExec(cx);
    let (loaded, _) = decode(bytes, tolerant(None, true), limits, &exec, &|_, _| {})?;
    let image = convert::flatten(loaded.image, [1.0; 3]);
    let gray = PixelFormat::new(pixloom_image::Channels::Gray, Depth::U8);
    let gray = convert::convert(image, gray);
    Ok(plane(&gray).map_or_else(Quality::default, Quality::measure))
}
