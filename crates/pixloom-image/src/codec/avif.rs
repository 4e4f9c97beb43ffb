//! AVIF (AV1 Image File Format 1.1): read and, with the feature `avif`, written through libheif.
use std::io::Write;

use super::heif;
#[cfg(feature = "avif")]
use super::metadata::exif_to_write;
#[cfg(feature = "avif")]
use super::shared::{WholePicture, require_format, upright};
use super::{
    Codec, DecodeOptions, Decoded, EncodeHeader, EncodeOptions, FormatInfo, Header, RowSink,
    Support,
};
#[cfg(feature = "avif")]
use crate::{Channels, Depth, Image};
use crate::{Exec, ImageError, Limits, PixelFormat};

/// The longest side that libheif reads again.
#[cfg(feature = "avif")]
const MAX_SIDE: u32 = 32768;
#[cfg(feature = "avif")]
const DEFAULT_QUALITY: u8 = 65;

/// Reads AVIF; writes it where that is built in.
pub(super) struct Avif;

static INFO: FormatInfo = FormatInfo {
    name: "avif",
    extensions: &["avif", "avifs"],
    encodes: cfg!(feature = "avif"),
    carries_icc: true,
    carries_exif: true,
    lossy: true,
};

impl Codec for Avif {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn support(&self) -> Support {
        let write_feature = if INFO.encodes { None } else { Some("avif") };
        Support { reads: true, writes: INFO.encodes, read_feature: None, write_feature }
    }

    fn matches(&self, head: &[u8]) -> bool {
        super::known::AVIF.matches(head)
    }

    fn header(&self, bytes: &[u8], _limits: &Limits) -> Result<Header, ImageError> {
        heif::header(bytes)
    }

    fn decode(
        &self,
        bytes: &[u8],
        options: &DecodeOptions,
        limits: &Limits,
        _exec: &dyn Exec,
    ) -> Result<Decoded, ImageError> {
        heif::decode(bytes, options, limits)
    }

    fn decode_memory(&self, header: &Header, _options: &DecodeOptions) -> u64 {
        heif::decode_memory(header)
    }

    #[cfg(not(feature = "avif"))]
    fn accepts(&self, format: PixelFormat) -> PixelFormat {
        format
    }

    #[cfg(feature = "avif")]
    fn accepts(&self, format: PixelFormat) -> PixelFormat {
        let channels = match format.channels {
            Channels::GrayAlpha => Channels::Rgba, // libheif takes no alpha with gray
            channels => channels,
        };
        // libheif 1.15 fails, or ends the program, on 10 bit: only 8 bit is written.
        PixelFormat::new(channels, Depth::U8)
    }

    #[cfg(not(feature = "avif"))]
    fn encoder<'w>(
        &self,
        _header: &EncodeHeader,
        _options: &EncodeOptions,
        _out: &'w mut dyn Write,
    ) -> Result<Box<dyn RowSink + 'w>, ImageError> {
        Err(super::known::AVIF.write_refusal())
    }

    #[cfg(feature = "avif")]
    fn encoder<'w>(
        &self,
        header: &EncodeHeader,
        options: &EncodeOptions,
        out: &'w mut dyn Write,
    ) -> Result<Box<dyn RowSink + 'w>, ImageError> {
        check_encodable(header)?;
        let options = *options;
        Ok(Box::new(WholePicture::new(header, move |image| encode(image, options, out))?))
    }

    #[cfg(feature = "avif")]
    fn encode(
        &self,
        image: &Image,
        options: &EncodeOptions,
        _exec: &dyn Exec,
        out: &mut dyn Write,
    ) -> Result<(), ImageError> {
        check_encodable(&EncodeHeader::of(image))?;
        encode(image, *options, out)
    }

    #[cfg(feature = "avif")]
    fn encode_memory(&self, header: &EncodeHeader, _options: &EncodeOptions) -> u64 {
        let working = header.size.pixels().saturating_mul(ENCODE_BYTES);
        header.raw_bytes().saturating_mul(3).saturating_add(working)
            + 3 * header.metadata_bytes()
            + (96 << 20)
    }
}

/// The encoder's working memory in bytes a pixel.
#[cfg(feature = "avif")]
const ENCODE_BYTES: u64 = 160;

#[cfg(feature = "avif")]
fn check_encodable(header: &EncodeHeader) -> Result<(), ImageError> {
    require_format(header, Avif.accepts(header.format), "AVIF")?;
    if header.size.is_empty() || header.size.long_edge() > MAX_SIDE {
        return Err(ImageError::encode(format!(
            "AVIF is written with sides of 1 to {MAX_SIDE} pixels, not {}",
            header.size
        ))
        .with_hint("choose another format or make the picture smaller"));
    }
    Ok(())
}

#[cfg(feature = "avif")]
fn encode(image: &Image, options: EncodeOptions, out: &mut dyn Write) -> Result<(), ImageError> {
    // Readers turn by the boxes of the container, not by EXIF: the pixels are turned instead.
    let turned = upright(image)?;
    let image = turned.as_ref().unwrap_or(image);
    let exif = exif_to_write(&image.metadata);
    let settings = heif::ffi::Settings {
        quality: options.quality.unwrap_or(DEFAULT_QUALITY).clamp(1, 100),
        speed: 9 - options.effort.min(9),
        lossless: options.lossless,
        chroma: match options.subsampling {
            _ if options.lossless => c"444",
            super::Subsampling::S444 => c"444",
            super::Subsampling::S422 => c"422",
            super::Subsampling::S420 => c"420",
        },
    };
    let file = heif::ffi::encode(image, exif.as_deref(), settings)?;
    Ok(out.write_all(&file)?)
}
