//! TIFF 6.0 and `BigTIFF`: strips, tiles, planes, 1 to 64 bit, floats; several pages.
mod checks;
mod decode;
mod directory;
mod encode;
mod file;
mod page;

use std::io::Write;

use directory::Directory;
use file::File;
use page::Page;

use super::metadata::Blocks;
use super::shared::require_format;
use super::{
    Codec, DecodeOptions, Decoded, EncodeHeader, EncodeOptions, FormatInfo, Header, RowSink,
};
use crate::{Exec, ImageError, Limits, PixelFormat};

/// Reads and writes TIFF.
pub(super) struct Tiff;

static INFO: FormatInfo = FormatInfo {
    name: "tiff",
    extensions: &["tif", "tiff"],
    encodes: true,
    carries_icc: true,
    carries_exif: true,
    lossy: false,
};

impl Codec for Tiff {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn matches(&self, head: &[u8]) -> bool {
        // Canon's CR2 is a TIFF file with a mark of its own.
        let marks: [&[u8]; 4] = [b"II\x2a\0", b"MM\0\x2a", b"II\x2b\0", b"MM\0\x2b"];
        marks.iter().any(|mark| head.starts_with(mark)) && head.get(8..10) != Some(b"CR")
    }

    fn header(&self, bytes: &[u8], limits: &Limits) -> Result<Header, ImageError> {
        let file = File::open(bytes)?;
        let pages = file.pages(limits.max_frames)?;
        let page = Page::read(&file, pages[0])?;
        Ok(Header {
            size: page.size,
            format: page.format(),
            bit_depth: page.bits as u8,
            frames: pages.len() as u32,
            orientation: page.orientation,
            has_icc: file.field(page.at, 34675).is_some(),
            color_model: page.color_model().into(),
            progressive: false,
        })
    }

    fn decode(
        &self,
        bytes: &[u8],
        options: &DecodeOptions,
        limits: &Limits,
        _exec: &dyn Exec,
    ) -> Result<Decoded, ImageError> {
        let file = File::open(bytes)?;
        let pages = file.pages(options.frame.saturating_add(1).min(limits.max_frames))?;
        let Some(&at) = pages.get(options.frame as usize) else {
            return Err(ImageError::settings(format!(
                "the TIFF file has only {} pages",
                pages.len()
            )));
        };
        let page = Page::read(&file, at)?;
        let (mut image, concealed) = decode::decode(&file, &page, options, limits)?;
        let mut notes = Vec::new();
        if page.dropped() > 0 {
            notes.push(format!("{} extra samples a pixel dropped", page.dropped()));
        }
        let described = Directory::describing(&file, at);
        let block = |tag: u16| Some(file.field(at, tag)?.data.to_vec());
        let blocks = Blocks {
            icc: block(34675),
            exif: (!described.says_nothing()).then(|| described.to_block()),
            xmp: block(700),
        };
        blocks.attach(&mut image, limits, &mut notes);
        if !page.orientation.is_upright() {
            image.metadata.orientation = page.orientation;
        }
        Ok(Decoded { image, shrink: 1, concealed, notes })
    }

    fn accepts(&self, format: PixelFormat) -> PixelFormat {
        format
    }

    fn encoder<'w>(
        &self,
        header: &EncodeHeader,
        options: &EncodeOptions,
        out: &'w mut dyn Write,
    ) -> Result<Box<dyn RowSink + 'w>, ImageError> {
        require_format(header, self.accepts(header.format), "TIFF")?;
        Ok(Box::new(encode::Sink::new(header, *options, out)?))
    }

    fn encode_memory(&self, header: &EncodeHeader, _options: &EncodeOptions) -> u64 {
        // Compressed strips wait for the end; then they go out.
        let strips = header.raw_bytes().saturating_add(header.raw_bytes() / 8);
        strips.saturating_mul(2).saturating_add(2 * header.metadata_bytes() + (1 << 20))
    }

    fn decode_memory(&self, header: &Header, _options: &DecodeOptions) -> u64 {
        // The result and, where the file is one strip, that strip as stored (up to 64 bit a
        // sample), unpacked and in the picture's depth.
        let stored =
            header.size.pixels().saturating_mul(u64::from(header.bit_depth).div_ceil(8) * 5);
        let rest = 3 * decode::CHUNK_EXCESS + (4 << 20);
        let both = header.decoded_bytes().saturating_add(stored).saturating_mul(2);
        both.saturating_add(rest)
    }
}
