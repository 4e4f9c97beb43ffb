//! File formats: one [`Codec`] per format, one list of them.
//!
//! To add a format: write its file, implement [`Codec`], add its line to [`CODECS`].
use std::io::Write;

#[cfg(feature = "heif")]
mod avif;
mod bmp;
pub mod facts;
mod gif;
#[cfg(feature = "heif")]
mod heif;
pub mod jpeg;
mod jxl;
mod known;
pub mod metadata;
mod png;
mod pnm;
mod qoi;
mod shared;
mod tiff;
mod webp;

use crate::buffer::ColorSpace;
use crate::{
    Exec, Image, ImageError, ImageErrorKind, Limits, Metadata, PixelFormat, Samples, Size,
};

/// Every format that is built in, in the order in which content is matched.
pub static CODECS: &[&dyn Codec] = &[
    &jpeg::Jpeg,
    &png::Png,
    &webp::WebP,
    &gif::Gif,
    &qoi::Qoi,
    &bmp::Bmp,
    &pnm::Pnm,
    &tiff::Tiff,
    &jxl::Jxl,
    #[cfg(feature = "heif")]
    &avif::Avif,
    #[cfg(not(feature = "heif"))]
    &known::AVIF,
    #[cfg(feature = "heif")]
    &heif::Heif,
    #[cfg(not(feature = "heif"))]
    &known::HEIF,
    &known::JPEG2000,
    &known::PSD,
    &known::ICO,
    &known::CUR,
    &known::DDS,
    &known::EXR,
    &known::HDR,
    &known::FARBFELD,
    &known::CAMERA_RAW,
    &known::SVG,
    &known::PDF,
    &known::KTX,
    &known::FLIF,
    &known::PCX,
    &known::SGI,
];

/// What the header of a file says, read without decoding pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Size as stored, before the EXIF orientation is applied.
    pub size: Size,
    /// The format that [`Codec::decode`] yields.
    pub format: PixelFormat,
    /// Bits per sample in the file, 1 to 32.
    pub bit_depth: u8,
    /// Frames or pages; 1 for a still picture. Counting stops at [`Limits::max_frames`].
    pub frames: u32,
    /// How the stored picture must be turned.
    pub orientation: crate::Orientation,
    /// Whether an ICC profile is embedded.
    pub has_icc: bool,
    /// The file's own colour model, such as `YCbCr 4:2:0`, `CMYK`, `palette`, for reports.
    pub color_model: String,
    /// Whether the picture is stored in several passes (progressive, interlaced).
    pub progressive: bool,
}

impl Header {
    /// Bytes that a full decode of one frame takes.
    pub const fn decoded_bytes(&self) -> u64 {
        self.size.pixels().saturating_mul(self.format.bytes_per_pixel() as u64)
    }

    /// The size after the orientation is applied.
    pub const fn upright_size(&self) -> Size {
        if self.orientation.swaps_sides() { self.size.transposed() } else { self.size }
    }
}

/// What a decode may assume and must respect.
#[derive(Debug, Clone, Copy, Default)]
pub struct DecodeOptions {
    /// A smaller decode is welcome as long as both stored sides stay at least this big
    /// (JPEG at 1/2, 1/4, 1/8). `None`: full size.
    pub at_least: Option<Size>,
    /// Conceal damage as far as possible (reported in [`Decoded::concealed`]) instead of failing.
    pub tolerant: bool,
    /// Frame or page, from 0.
    pub frame: u32,
    /// Only the luma (BT.601) is wanted: a codec that stores it apart (YCbCr of JPEG) leaves the
    /// colours out and gives a gray picture, which keeps the profile of its colours; others give
    /// what they have.
    pub luma: bool,
}

/// A decoded picture and how it came about.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// The picture as stored: [`Metadata::orientation`] is not yet applied.
    pub image: Image,
    /// By how much each side was divided: 1, 2, 4 or 8.
    pub shrink: u8,
    /// What damage was concealed; only with [`DecodeOptions::tolerant`].
    pub concealed: Option<String>,
    /// Warnings that do not change the pixels (dropped metadata, trailing bytes).
    pub notes: Vec<String>,
}

/// What a picture to be written looks like.
#[derive(Debug, Clone)]
pub struct EncodeHeader {
    /// Width and height of the result.
    pub size: Size,
    /// Format of the rows that will be handed over; see [`Codec::accepts`].
    pub format: PixelFormat,
    /// Colour space to embed (an ICC profile where the format can carry one).
    pub color_space: ColorSpace,
    /// EXIF and XMP to embed where the format can carry them.
    pub metadata: Metadata,
}

/// How to write a file. Formats ignore what does not concern them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncodeOptions {
    /// Lossy quality, 1 to 100. `None`: the format's default.
    pub quality: Option<u8>,
    /// Lossless where the format has both (WebP, AVIF, JPEG XL).
    pub lossless: bool,
    /// 0 (fastest) to 9 (smallest). Pixels of lossless formats do not depend on it.
    pub effort: u8,
    /// Chroma subsampling of JPEG and AVIF.
    pub subsampling: Subsampling,
    /// JPEG: several passes, coarse to fine.
    pub progressive: bool,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self {
            quality: None,
            lossless: false,
            effort: 2,
            subsampling: Subsampling::S420,
            progressive: false,
        }
    }
}

/// Chroma resolution of JPEG and AVIF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Subsampling {
    /// Full chroma resolution.
    S444,
    /// Half the columns.
    S422,
    /// Half the columns and rows.
    #[default]
    S420,
}

/// Takes the rows of a picture from top to bottom.
pub trait RowSink {
    /// Takes one or more whole rows in the announced format.
    fn rows(&mut self, samples: &Samples) -> Result<(), ImageError>;
    /// As [`RowSink::rows`]; formats that can split the work use `exec`. The bytes are the same.
    fn rows_with(&mut self, samples: &Samples, exec: &dyn Exec) -> Result<(), ImageError> {
        let _ = exec;
        self.rows(samples)
    }
    /// Writes what is left. Fails if rows are missing.
    fn finish(self: Box<Self>) -> Result<(), ImageError>;
}

/// What a format can do, for help texts and for planning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent abilities, only ever read")]
pub struct FormatInfo {
    /// Lower-case name as in `--to NAME`.
    pub name: &'static str,
    /// File name extensions in lower case, the usual one first.
    pub extensions: &'static [&'static str],
    /// Whether pictures can be written.
    pub encodes: bool,
    /// Whether the format can carry an ICC profile.
    pub carries_icc: bool,
    /// Whether the format can carry EXIF.
    pub carries_exif: bool,
    /// Whether writing can lose information at the default options.
    pub lossy: bool,
}

/// What this build can do with a format, and which Cargo features would add to that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Support {
    /// Whether pictures are read.
    pub reads: bool,
    /// Whether pictures are written.
    pub writes: bool,
    /// The feature that would add reading, or more of it.
    pub read_feature: Option<&'static str>,
    /// The feature that would add writing, or more of it.
    pub write_feature: Option<&'static str>,
}

/// One file format. All methods are pure functions of their arguments.
pub trait Codec: Sync {
    /// Name, extensions and abilities.
    fn info(&self) -> &'static FormatInfo;

    /// What is built in, and what features would add.
    fn support(&self) -> Support {
        Support {
            reads: true,
            writes: self.info().encodes,
            read_feature: None,
            write_feature: None,
        }
    }

    /// Whether a file that begins with `head` (at least 32 bytes where the file is that long)
    /// is of this format.
    fn matches(&self, head: &[u8]) -> bool;

    /// Reads the header. `bytes` may be only the beginning of the file: if it does not reach far
    /// enough the error is `Truncated` and the caller tries again with more.
    fn header(&self, bytes: &[u8], limits: &Limits) -> Result<Header, ImageError>;

    /// The size of what [`Codec::decode`] yields, before the orientation is applied: smaller
    /// than the stored size where the options allow that.
    fn decoded_size(&self, header: &Header, options: &DecodeOptions) -> Size {
        let _ = options;
        header.size
    }

    /// Decodes one frame.
    fn decode(
        &self,
        bytes: &[u8],
        options: &DecodeOptions,
        limits: &Limits,
        exec: &dyn Exec,
    ) -> Result<Decoded, ImageError>;

    /// The most faithful format that can be written for a picture of `format`: what the
    /// caller must convert to (see [`crate::convert`]) before it hands over rows.
    fn accepts(&self, format: PixelFormat) -> PixelFormat;

    /// Starts a file: rows in, bytes out, so that a huge result never exists as a whole where
    /// the format allows that.
    ///
    /// # Errors
    /// `Encode` if the size or format cannot be represented, `Unsupported` for read-only formats.
    fn encoder<'w>(
        &self,
        header: &EncodeHeader,
        options: &EncodeOptions,
        out: &'w mut dyn Write,
    ) -> Result<Box<dyn RowSink + 'w>, ImageError>;

    /// Writes a whole picture. Formats that can split the work override this to use `exec`;
    /// the bytes are the same as those of [`Codec::encoder`].
    fn encode(
        &self,
        image: &Image,
        options: &EncodeOptions,
        exec: &dyn Exec,
        out: &mut dyn Write,
    ) -> Result<(), ImageError> {
        let _ = exec;
        let mut sink = self.encoder(&EncodeHeader::of(image), options, out)?;
        sink.rows(image.samples())?;
        sink.finish()
    }

    /// Upper bound in bytes of what [`Codec::encoder`] holds at any time, however many rows came
    /// before; none where it must keep the whole picture, or all that was written of it.
    fn row_memory(&self, header: &EncodeHeader, options: &EncodeOptions) -> Option<u64> {
        let _ = (header, options);
        None
    }

    /// Upper bound in bytes of everything that [`Codec::decode`] allocates for a file with
    /// this header, the picture itself included.
    fn decode_memory(&self, header: &Header, options: &DecodeOptions) -> u64 {
        let _ = options;
        header.decoded_bytes().saturating_add(1 << 20)
    }

    /// Upper bound in bytes of everything that [`Codec::encode`] allocates beyond the picture
    /// itself, the encoded bytes (should `out` keep them in memory) included.
    fn encode_memory(&self, header: &EncodeHeader, options: &EncodeOptions) -> u64 {
        let _ = options;
        let raw = header.raw_bytes();
        raw.saturating_add(raw / 8).saturating_add(header.metadata_bytes()).saturating_add(1 << 20)
    }
}

impl EncodeHeader {
    /// The header of `image`.
    pub fn of(image: &Image) -> Self {
        Self {
            size: image.size(),
            format: image.format(),
            color_space: image.color_space.clone(),
            metadata: image.metadata.clone(),
        }
    }

    /// Bytes of one row of samples.
    pub const fn row_bytes(&self) -> u64 {
        self.size.width as u64 * self.format.bytes_per_pixel() as u64
    }

    /// Bytes of the picture's samples.
    pub const fn raw_bytes(&self) -> u64 {
        self.size.pixels().saturating_mul(self.format.bytes_per_pixel() as u64)
    }

    /// Bytes of the ICC, EXIF and XMP blocks.
    pub fn metadata_bytes(&self) -> u64 {
        let icc = if let ColorSpace::Icc(icc) = &self.color_space { icc.len() } else { 0 };
        let [exif, xmp] = [&self.metadata.exif, &self.metadata.xmp]
            .map(|block| block.as_ref().map_or(0, |block| block.len()));
        (icc + exif + xmp) as u64
    }
}

/// The format whose content begins with `head`.
pub fn detect(head: &[u8]) -> Option<&'static dyn Codec> {
    CODECS.iter().copied().find(|codec| codec.matches(head))
}

/// The format whose content begins with `head`, or an error that says what the bytes look like.
pub fn detect_or_error(head: &[u8]) -> Result<&'static dyn Codec, ImageError> {
    if head.is_empty() {
        return Err(ImageError::truncated("the file is empty"));
    }
    detect(head).ok_or_else(|| {
        ImageError::new(ImageErrorKind::UnknownFormat, "the content is of no known image format")
    })
}

/// The format of that name or extension, in any case.
pub fn by_name(name: &str) -> Option<&'static dyn Codec> {
    let name = name.trim_start_matches('.').to_ascii_lowercase();
    CODECS
        .iter()
        .copied()
        .find(|codec| codec.info().name == name || codec.info().extensions.contains(&name.as_str()))
}
