//! Formats that are recognised by content so that their name can be told, but not read; those
//! that a Cargo feature would add name it.
use std::io::Write;

use super::{
    Codec, DecodeOptions, Decoded, EncodeHeader, EncodeOptions, FormatInfo, Header, RowSink,
    Support,
};
use crate::{Exec, ImageError, Limits, PixelFormat};

/// A format that is not built in.
pub(super) struct Known {
    info: &'static FormatInfo,
    /// The name as people write it.
    title: &'static str,
    matches: fn(&[u8]) -> bool,
    hint: &'static str,
    /// The features that would add reading and writing.
    features: (Option<&'static str>, Option<&'static str>),
}

impl Known {
    fn refusal(&self) -> ImageError {
        self.refuse(self.features.0)
    }

    /// Why the format cannot be written.
    pub(super) fn write_refusal(&self) -> ImageError {
        self.refuse(self.features.1)
    }

    fn refuse(&self, feature: Option<&str>) -> ImageError {
        let error = ImageError::unsupported(format!("{} is not built in", self.title));
        match feature {
            Some(feature) => error.with_hint(format!("build pixloom with `--features {feature}`")),
            None => error.with_hint(self.hint),
        }
    }
}

/// The features that would add reading and writing of the format called `name`.
const fn features(name: &str) -> (Option<&'static str>, Option<&'static str>) {
    match name.as_bytes() {
        b"avif" => (Some("heif"), Some("avif")),
        b"heic" => (Some("heif"), None),
        _ => (None, None),
    }
}

const CONVERT: &str = "convert the file to PNG, TIFF or JPEG with another program first";

/// Brand of an ISO base media file (ISO/IEC 14496-12), main or compatible.
fn has_brand(head: &[u8], brands: &[&[u8; 4]]) -> bool {
    if head.get(4..8) != Some(b"ftyp") {
        return false;
    }
    let len = head.first_chunk::<4>().map_or(0, |raw| u32::from_be_bytes(*raw) as usize);
    let boxed = &head[..len.min(head.len())];
    let stated = boxed.get(8..12).into_iter().chain(boxed.get(16..).unwrap_or(&[]).chunks_exact(4));
    stated.into_iter().any(|brand| brands.iter().any(|known| brand == *known))
}

/// Defines the formats: name, title, extensions, test of the content, hint.
macro_rules! known {
    ($($name:ident: $title:literal, $extensions:expr, $matches:expr, $hint:expr;)*) => {$(
        pub(super) static $name: Known = Known {
            info: &FormatInfo {
                name: $extensions[0],
                extensions: $extensions,
                encodes: false,
                carries_icc: false,
                carries_exif: false,
                lossy: false,
            },
            title: $title,
            matches: $matches,
            hint: $hint,
            features: features($extensions[0]),
        };
    )*};
}

known! {
    AVIF: "AVIF", &["avif", "avifs"], |head| has_brand(head, &[b"avif", b"avis"]), CONVERT;
    HEIF: "HEIF", &["heic", "heif", "hif"],
        |head| has_brand(head, &[b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"]),
        CONVERT;
    JPEG2000: "JPEG 2000", &["jp2", "j2k", "jpx", "jpf", "j2c", "jpc", "jph"],
        |head| head.starts_with(b"\0\0\0\x0cjP  ") || head.starts_with(b"\xff\x4f\xff\x51"),
        CONVERT;
    PSD: "Photoshop PSD", &["psd", "psb"],
        |head| head.starts_with(b"8BPS\0\x01") || head.starts_with(b"8BPS\0\x02"),
        "export the layers you need as PNG or TIFF";
    ICO: "ICO", &["ico"], |head| is_icon(head, 1), CONVERT;
    CUR: "CUR", &["cur"], |head| is_icon(head, 2), CONVERT;
    DDS: "DDS", &["dds"], |head| head.starts_with(b"DDS \x7c\0\0\0"), CONVERT;
    EXR: "OpenEXR", &["exr"],
        |head| head.starts_with(b"\x76\x2f\x31\x01"),
        "convert the file to TIFF or PFM with 32-bit floats first";
    HDR: "Radiance HDR", &["hdr", "pic"],
        |head| head.starts_with(b"#?RADIANCE") || head.starts_with(b"#?RGBE"),
        "convert the file to TIFF or PFM with 32-bit floats first";
    FARBFELD: "farbfeld", &["ff", "farbfeld"], |head| head.starts_with(b"farbfeld"), CONVERT;
    CAMERA_RAW: "camera raw", &["cr2", "cr3", "raf", "rw2", "orf", "x3f", "mrw"],
        is_camera_raw,
        "develop the picture with a raw converter first";
    SVG: "SVG", &["svg"], is_svg, "render the drawing to PNG at the size you need";
    PDF: "PDF", &["pdf"], |head| head.starts_with(b"%PDF-"), "render the pages to PNG first";
    KTX: "KTX", &["ktx", "ktx2"], |head| head.starts_with(b"\xabKTX "), CONVERT;
    FLIF: "FLIF", &["flif"], |head| head.starts_with(b"FLIF"), CONVERT;
    PCX: "PCX", &["pcx"], |head| matches!(head, [10, 0..=5, 0..=1, 1 | 2 | 4 | 8, ..]), CONVERT;
    SGI: "SGI", &["sgi", "rgb", "bw"],
        |head| matches!(head, [1, 0xda, 0..=1, 1..=2, 0, 1..=3, ..]),
        CONVERT;
}

fn is_icon(head: &[u8], kind: u8) -> bool {
    // Reserved 0, type, number of pictures, and the reserved byte of the first entry.
    matches!(head, [0, 0, this, 0, count, 0, _, _, _, 0, ..] if *this == kind && *count > 0)
}

fn is_camera_raw(head: &[u8]) -> bool {
    let cr2 = head.starts_with(b"II\x2a\0") && head.get(8..10) == Some(b"CR");
    let marks: [&[u8]; 6] = [b"FUJIFILMCCD-RAW", b"IIU\0", b"IIRO", b"MMOR", b"FOVb", b"\0MRM"];
    cr2 || has_brand(head, &[b"crx "]) || marks.iter().any(|mark| head.starts_with(mark))
}

fn is_svg(head: &[u8]) -> bool {
    let text = head.trim_ascii_start();
    text.starts_with(b"<svg")
        || (text.starts_with(b"<?xml") && memchr::memmem::find(head, b"<svg").is_some())
}

impl Codec for Known {
    fn info(&self) -> &'static FormatInfo {
        self.info
    }

    fn support(&self) -> Support {
        let (read_feature, write_feature) = self.features;
        Support { reads: false, writes: false, read_feature, write_feature }
    }

    fn matches(&self, head: &[u8]) -> bool {
        (self.matches)(head)
    }

    fn header(&self, _bytes: &[u8], _limits: &Limits) -> Result<Header, ImageError> {
        Err(self.refusal())
    }

    fn decode(
        &self,
        _bytes: &[u8],
        _options: &DecodeOptions,
        _limits: &Limits,
        _exec: &dyn Exec,
    ) -> Result<Decoded, ImageError> {
        Err(self.refusal())
    }

    fn accepts(&self, format: PixelFormat) -> PixelFormat {
        format
    }

    fn encoder<'w>(
        &self,
        _header: &EncodeHeader,
        _options: &EncodeOptions,
        _out: &'w mut dyn Write,
    ) -> Result<Box<dyn RowSink + 'w>, ImageError> {
        Err(self.write_refusal())
    }
}
