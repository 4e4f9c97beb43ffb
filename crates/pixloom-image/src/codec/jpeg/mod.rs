//! JPEG (ITU-T T.81, JFIF): our own decoder at full and reduced scale, and our own encoder.
#![expect(
    clippy::inline_always,
    reason = "inner loops keep their state in registers and are compiled once more for AVX2"
)]
mod bits;
mod coefs;
mod decode;
mod encode;
mod fdct;
mod huffman;
mod idct;
mod markers;
mod metadata;
mod passes;
mod plan;
mod progressive;
mod quality;
mod render;
mod rows;
mod scan;
mod sequential;
mod simd;
mod tables;

use std::io::Write;

use self::markers::{Event, Parser};
use self::plan::{ColorModel, shrink_for};
use super::{
    Codec, DecodeOptions, Decoded, EncodeHeader, EncodeOptions, FormatInfo, Header, RowSink,
};
use crate::{Channels, Depth, Exec, ImageError, Limits, PixelFormat, Size};

pub use self::decode::decode_cost;
pub(super) use self::quality::quality_of_luma;

/// The JPEG codec.
#[derive(Debug, Clone, Copy)]
pub struct Jpeg;

static INFO: FormatInfo = FormatInfo {
    name: "jpeg",
    extensions: &["jpg", "jpeg", "jpe", "jfif", "mpo"],
    encodes: true,
    carries_icc: true,
    carries_exif: true,
    lossy: true,
};

impl Codec for Jpeg {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn matches(&self, head: &[u8]) -> bool {
        head.starts_with(&[0xFF, 0xD8, 0xFF])
    }

    fn header(&self, bytes: &[u8], _limits: &Limits) -> Result<Header, ImageError> {
        let mut parser = Parser::new(bytes)?;
        let event = parser.next_event()?;
        let (Event::Scan(_), Some(frame)) = (event, &parser.frame) else {
            return Err(ImageError::corrupt("the file has no picture"));
        };
        let color = ColorModel::of(frame, &parser.app);
        Ok(Header {
            size: frame.size,
            format: PixelFormat::new(color.channels(), Depth::U8),
            bit_depth: frame.precision,
            frames: 1,
            orientation: parser.app.orientation(),
            has_icc: parser.app.has_icc(),
            color_model: color.describe(frame),
            progressive: frame.progressive,
        })
    }

    fn decoded_size(&self, header: &Header, options: &DecodeOptions) -> Size {
        let shrink = shrink_for(header.size, options.at_least) as u32;
        Size::new(header.size.width.div_ceil(shrink), header.size.height.div_ceil(shrink))
    }

    fn decode_memory(&self, header: &Header, options: &DecodeOptions) -> u64 {
        decode_cost(header, shrink_for(header.size, options.at_least) as u8)
    }

    fn decode(
        &self,
        bytes: &[u8],
        options: &DecodeOptions,
        limits: &Limits,
        exec: &dyn Exec,
    ) -> Result<Decoded, ImageError> {
        decode::decode(bytes, options, limits, exec)
    }

    fn accepts(&self, format: PixelFormat) -> PixelFormat {
        let gray = format.channels.is_gray();
        PixelFormat::new(if gray { Channels::Gray } else { Channels::Rgb }, Depth::U8)
    }

    fn row_memory(&self, header: &EncodeHeader, options: &EncodeOptions) -> Option<u64> {
        encode::streams(*options).then(|| {
            // A strip of rows and its blocks, both in 16 bit at most.
            (64 * header.row_bytes()).saturating_add(2 * header.metadata_bytes() + (1 << 20))
        })
    }

    fn encoder<'w>(
        &self,
        header: &EncodeHeader,
        options: &EncodeOptions,
        out: &'w mut dyn Write,
    ) -> Result<Box<dyn RowSink + 'w>, ImageError> {
        Ok(Box::new(encode::Encoder::new(header, *options, out)?))
    }
}
