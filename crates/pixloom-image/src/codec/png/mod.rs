//! PNG (W3C PNG specification, third edition), 8 and 16 bit.
mod chunks;
mod decode;
mod deflate;
mod encode;
mod filter;

use std::io::Write;

use chunks::{Chunks, ImageHeader, SIGNATURE};

use super::metadata::exif_orientation;
use super::shared::require_format;
use super::{
    Codec, DecodeOptions, Decoded, EncodeHeader, EncodeOptions, FormatInfo, Header, RowSink,
};
use crate::{Depth, Exec, Image, ImageError, Limits, Orientation, PixelFormat};

/// Reads and writes PNG; of an animated PNG the default picture is read.
pub(super) struct Png;

static INFO: FormatInfo = FormatInfo {
    name: "png",
    extensions: &["png", "apng"],
    encodes: true,
    carries_icc: true,
    carries_exif: true,
    lossy: false,
};

impl Codec for Png {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn matches(&self, head: &[u8]) -> bool {
        head.starts_with(&SIGNATURE)
    }

    fn header(&self, bytes: &[u8], limits: &Limits) -> Result<Header, ImageError> {
        refuse_apple_variant(bytes)?;
        let first = ImageHeader::read(bytes)?;
        let (mut has_icc, mut frames) = (false, 1);
        let mut orientation = Orientation::UPRIGHT;
        let mut chunks = Chunks::new(bytes);
        while chunks.peek() != Some(*b"IDAT") {
            let Some(chunk) = chunks.next() else {
                return Err(ImageError::truncated(
                    "the data ends before the pixels of the PNG file",
                ));
            };
            match &chunk.kind {
                b"iCCP" => has_icc = true,
                b"eXIf" => orientation = exif_orientation(chunk.data),
                b"acTL" => {
                    let count = chunk.data.first_chunk().map_or(1, |raw| u32::from_be_bytes(*raw));
                    frames = count.clamp(1, limits.max_frames.max(1));
                }
                b"IEND" => return Err(ImageError::corrupt("the PNG file has no pixels")),
                _ => {}
            }
        }
        Ok(Header {
            size: first.size,
            format: first.format(first.is_transparent(bytes)),
            bit_depth: first.bit_depth,
            frames,
            orientation,
            has_icc,
            color_model: first.color_model().into(),
            progressive: first.interlaced,
        })
    }

    fn decode(
        &self,
        bytes: &[u8],
        options: &DecodeOptions,
        limits: &Limits,
        _exec: &dyn Exec,
    ) -> Result<Decoded, ImageError> {
        refuse_apple_variant(bytes)?;
        if options.frame > 0 {
            return Err(ImageError::unsupported("only the first frame of a PNG file can be read"));
        }
        decode::decode(bytes, options, limits)
    }

    fn accepts(&self, format: PixelFormat) -> PixelFormat {
        let depth = if format.depth == Depth::U8 { Depth::U8 } else { Depth::U16 };
        PixelFormat::new(format.channels, depth)
    }

    fn encoder<'w>(
        &self,
        header: &EncodeHeader,
        options: &EncodeOptions,
        out: &'w mut dyn Write,
    ) -> Result<Box<dyn RowSink + 'w>, ImageError> {
        require_format(header, self.accepts(header.format), "PNG")?;
        Ok(Box::new(encode::Sink::new(header, *options, out)?))
    }

    fn encode(
        &self,
        image: &Image,
        options: &EncodeOptions,
        exec: &dyn Exec,
        out: &mut dyn Write,
    ) -> Result<(), ImageError> {
        require_format(&EncodeHeader::of(image), self.accepts(image.format()), "PNG")?;
        encode::encode(image, *options, exec, out)
    }

    fn decode_memory(&self, header: &Header, _options: &DecodeOptions) -> u64 {
        let row = u64::from(header.size.width) * header.format.bytes_per_pixel() as u64;
        header.decoded_bytes().saturating_add(4 * row + (1 << 20))
    }

    fn row_memory(&self, header: &EncodeHeader, _options: &EncodeOptions) -> Option<u64> {
        // Rows wait for a group of bands; each has a filtered and a compressed copy.
        let group = encode::GROUP as u64 * header.row_bytes().max(encode::BAND_BYTES as u64);
        Some((3 * group).saturating_add(2 * header.metadata_bytes() + (1 << 20)))
    }

    fn encode_memory(&self, header: &EncodeHeader, _options: &EncodeOptions) -> u64 {
        // The encoded bytes, and up to 32 bands of 1 MiB (or one row) with their filtered copy.
        let row = u64::from(header.size.width) * header.format.bytes_per_pixel() as u64;
        let raw = header.raw_bytes();
        let bands = (32 * row.max(1 << 20)).min(raw) * 3;
        raw.saturating_add(raw / 8 + bands + 2 * header.metadata_bytes() + (1 << 20))
    }
}

/// Apple's build tools write a PNG-like format that no other program reads.
fn refuse_apple_variant(bytes: &[u8]) -> Result<(), ImageError> {
    if bytes.get(12..16) == Some(b"CgBI") {
        return Err(ImageError::unsupported("the PNG file is in Apple's CgBI variant")
            .with_hint("restore it with: xcrun pngcrush -revert-iphone-optimizations"));
    }
    Ok(())
}
