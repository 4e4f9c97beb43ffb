//! TIFF pixels: strips and tiles through the `tiff` crate, colour models here.
use std::borrow::Cow;
use std::io::{Cursor, ErrorKind};

use tiff::decoder::{Decoder, DecodingResult};
use tiff::{ColorType, TiffError};

use super::checks::{check_fields, check_jpeg};
use super::file::File;
use super::page::{Model, Page};
use crate::codec::DecodeOptions;
use crate::codec::shared::tidy;
use crate::{Depth, Image, ImageError, Limits, Samples};

/// Bytes by which a strip or tile may be larger than the picture.
pub(super) const CHUNK_EXCESS: u64 = 8 << 20;

/// Samples of a strip or tile in the depth of the result.
type Chunk = Samples;

/// Decodes a page; the text says what damage was concealed.
pub(super) fn decode(
    file: &File<'_>,
    page: &Page,
    options: &DecodeOptions,
    limits: &Limits,
) -> Result<(Image, Option<String>), ImageError> {
    let format = page.format();
    // What is stored may be wider than what comes out: CMYK, palettes of 16 bit, 32-bit numbers.
    let stored = u64::from(page.samples) * u64::from(page.bits).div_ceil(8);
    limits.check(page.size, stored.max(format.bytes_per_pixel() as u64))?;
    let most = chunk_bytes(limits, page, stored);
    check_fields(file, page)?;
    check_jpeg(file, page, most)?;
    let bytes = readable(file, page);
    let mut decoder = Decoder::new(Cursor::new(bytes.as_ref()))
        .map_err(|error| describe(error, "the header"))?
        .with_limits(crate_limits(limits, most));
    decoder
        .seek_to_image(options.frame as usize)
        .map_err(|error| describe(error, "the directory"))?;
    let stored = stored_samples(&mut decoder, page)?;
    let image = Image::zeros(page.size, format);
    let mut canvas = Canvas { page, palette: Palette::read(file, page), stored, image };
    let (chunk_width, chunk_height) = decoder.chunk_dimensions();
    if chunk_width == 0 || chunk_height == 0 {
        return Err(ImageError::corrupt("the TIFF tiles are empty"));
    }
    let across = page.size.width.div_ceil(chunk_width);
    let chunks = across * page.size.height.div_ceil(chunk_height);
    for index in 0..chunks {
        let at = (index % across * chunk_width, index / across * chunk_height);
        let place = format!("row {} of {}", at.1, page.size.height);
        let result = read_chunk(&mut decoder, page, index, chunks)
            .map_err(|error| describe(error, &place))
            .and_then(|(width, chunk)| canvas.put(&chunk, width, at));
        if let Err(error) = result {
            if !options.tolerant || index == 0 {
                return Err(error);
            }
            return Ok((canvas.image, Some(error.to_string())));
        }
    }
    Ok((canvas.image, None))
}

/// Samples a pixel that the crate hands over: it drops extra samples of some colour models.
fn stored_samples(decoder: &mut Decoder<Cursor<&[u8]>>, page: &Page) -> Result<usize, ImageError> {
    let color = decoder.colortype().map_err(|error| describe(error, "the directory"))?;
    let stored = match color {
        _ if page.planar => page.samples,
        ColorType::Gray(_) | ColorType::Palette(_) => 1,
        ColorType::GrayA(_) => 2,
        ColorType::RGB(_) | ColorType::YCbCr(_) | ColorType::Lab(_) => 3,
        ColorType::RGBA(_) | ColorType::CMYK(_) => 4,
        ColorType::CMYKA(_) => 5,
        ColorType::Multiband { num_samples, .. } => num_samples,
        _ => 0,
    };
    if u32::from(stored) < page.used_samples() {
        return Err(ImageError::unsupported("this arrangement of TIFF samples is not built in"));
    }
    Ok(usize::from(stored))
}

/// Bytes that a strip or tile may take: it may be larger than the picture, but not much.
fn chunk_bytes(limits: &Limits, page: &Page, stored: u64) -> u64 {
    // The lists of strips take 32 bytes an entry in the crate.
    let lists = 32 * u64::from(page.size.height);
    let picture = page.size.pixels().saturating_mul(2 * stored);
    picture.saturating_add(CHUNK_EXCESS + lists).min(limits.max_decoded_bytes)
}

fn crate_limits(limits: &Limits, chunk_bytes: u64) -> tiff::decoder::Limits {
    let bytes = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    let mut settings = tiff::decoder::Limits::default();
    settings.decoding_buffer_size = bytes(chunk_bytes);
    settings.intermediate_buffer_size = bytes(chunk_bytes);
    settings.ifd_value_size = bytes(limits.max_metadata_bytes);
    settings
}

/// The file as the crate can unpack it: palettes called gray and YCbCr called RGB, which it
/// would refuse, and bytes stored with the lowest bit first turned round.
fn readable<'a>(file: &File<'a>, page: &Page) -> Cow<'a, [u8]> {
    const FILL_ORDER: u16 = 266;
    const PHOTOMETRIC: u16 = 262;
    const JPEG: u32 = 7;
    let stand_in: Option<u16> = match page.model {
        Model::Palette => Some(1),
        Model::YCbCr => Some(2),
        _ => None,
    };
    let number = |tag| file.number(page.at, tag);
    let reversed = number(FILL_ORDER) == Some(2) && number(259) != Some(JPEG);
    if stand_in.is_none() && !reversed {
        return Cow::Borrowed(file.bytes);
    }
    let mut bytes = file.bytes.to_vec();
    if let (Some(stand_in), Some(field)) = (stand_in, file.field(page.at, PHOTOMETRIC)) {
        let raw = if file.big_endian { stand_in.to_be_bytes() } else { stand_in.to_le_bytes() };
        let place = bytes.get_mut(field.value_at..).and_then(|rest| rest.get_mut(..2));
        if let Some(place) = place {
            place.copy_from_slice(&raw);
        }
    }
    if reversed {
        reverse_bits(file, page, &mut bytes);
    }
    Cow::Owned(bytes)
}

/// Reverses the bits of each byte of the strips or tiles.
fn reverse_bits(file: &File<'_>, page: &Page, bytes: &mut [u8]) {
    for (offsets, counts) in [(273, 279), (324, 325)] {
        let counts = file.numbers(page.at, counts);
        // Strips that overlap would be turned back, and cost without end.
        let mut budget = bytes.len() as u64;
        for (offset, count) in file.numbers(page.at, offsets).into_iter().zip(counts) {
            let end = offset.saturating_add(count).min(bytes.len() as u64);
            if count > budget || offset > end {
                return;
            }
            budget -= count;
            bytes[offset as usize..end as usize]
                .iter_mut()
                .for_each(|byte| *byte = byte.reverse_bits());
        }
    }
}

/// Reads a strip or tile of all planes: its width, and its samples interleaved.
fn read_chunk(
    decoder: &mut Decoder<Cursor<&[u8]>>,
    page: &Page,
    index: u32,
    chunks: u32,
) -> Result<(u32, Chunk), TiffError> {
    // The crate panics when asked for the size of a chunk that is not there: read it first.
    let first = decoder.read_chunk(index)?;
    let (width, _) = decoder.chunk_data_dimensions(index);
    if !page.planar {
        return Ok((width, normalize(first, page, width as usize * usize::from(page.samples))));
    }
    let mut planes = vec![normalize(first, page, width as usize)];
    for plane in 1..u32::from(page.samples) {
        let raw = decoder.read_chunk(plane * chunks + index)?;
        planes.push(normalize(raw, page, width as usize));
    }
    Ok((width, interleave(&planes)))
}

/// Numbers of any width as 8 or 16 bit or float; bits below 8 become one byte each, scaled to
/// the full range unless they are palette indices.
fn normalize(raw: DecodingResult, page: &Page, row_samples: usize) -> Chunk {
    match raw {
        DecodingResult::U8(bytes) if page.bits < 8 => {
            Samples::U8(unpack_bits(&bytes, page, row_samples))
        }
        DecodingResult::U8(bytes) => Samples::U8(bytes),
        DecodingResult::U16(words) => Samples::U16(words),
        DecodingResult::U32(words) => {
            Samples::U16(words.into_iter().map(|word| (word >> 16) as u16).collect())
        }
        DecodingResult::U64(words) => {
            Samples::U16(words.into_iter().map(|word| (word >> 48) as u16).collect())
        }
        DecodingResult::F32(floats) => Samples::F32(floats),
        DecodingResult::F64(floats) => {
            Samples::F32(floats.into_iter().map(|value| value as f32).collect())
        }
        DecodingResult::F16(floats) => Samples::F32(floats.into_iter().map(f32::from).collect()),
        // Refused by `Page::read`.
        DecodingResult::I8(_)
        | DecodingResult::I16(_)
        | DecodingResult::I32(_)
        | DecodingResult::I64(_) => Samples::U8(Vec::new()),
    }
}

fn unpack_bits(bytes: &[u8], page: &Page, row_samples: usize) -> Vec<u8> {
    let bits = usize::from(page.bits);
    let max = (1u16 << bits) - 1;
    let row_bytes = (row_samples * bits).div_ceil(8).max(1);
    let mut out = Vec::with_capacity(bytes.len() * 8 / bits);
    for row in bytes.chunks_exact(row_bytes) {
        out.extend((0..row_samples).map(|x| {
            let at = x * bits;
            let value = (u16::from(row[at / 8]) >> (8 - bits - at % 8)) & max;
            if page.model == Model::Palette { value as u8 } else { (value * 255 / max) as u8 }
        }));
    }
    out
}

fn interleave(planes: &[Chunk]) -> Chunk {
    fn weave<T: Copy>(planes: &[&[T]]) -> Vec<T> {
        let len = planes.iter().map(|plane| plane.len()).min().unwrap_or(0);
        (0..len).flat_map(|at| planes.iter().map(move |plane| plane[at])).collect()
    }
    match planes.first() {
        Some(Samples::U16(_)) => Samples::U16(weave(&collect(planes, |chunk| match chunk {
            Samples::U16(samples) => samples,
            _ => &[],
        }))),
        Some(Samples::F32(_)) => Samples::F32(weave(&collect(planes, |chunk| match chunk {
            Samples::F32(samples) => samples,
            _ => &[],
        }))),
        _ => Samples::U8(weave(&collect(planes, |chunk| match chunk {
            Samples::U8(samples) => samples,
            _ => &[],
        }))),
    }
}

fn collect<'c, T>(planes: &'c [Chunk], slice: impl Fn(&'c Chunk) -> &'c [T]) -> Vec<&'c [T]> {
    planes.iter().map(slice).collect()
}

/// The picture that chunks are put into.
struct Canvas<'a> {
    page: &'a Page,
    palette: Palette,
    /// Samples a pixel in a chunk.
    stored: usize,
    image: Image,
}

impl Canvas<'_> {
    /// Converts a chunk to the picture's channels and puts it in place.
    fn put(&mut self, chunk: &Chunk, width: u32, at: (u32, u32)) -> Result<(), ImageError> {
        let count = self.image.channels().count();
        let place = Place {
            width: width as usize,
            stored: self.stored,
            count,
            row_len: self.image.row_len(),
            left: at.0 as usize * count,
            top: at.1 as usize,
            plain: self.page.is_plain() && self.stored == count,
        };
        let (page, palette) = (self.page, &self.palette);
        match (chunk, self.image.samples_mut()) {
            (Samples::U8(chunk), Samples::U8(out)) => place.copy(chunk, out, |from, to| {
                let color = |index| palette.color(usize::from(index)).map(|v| (v >> 8) as u8);
                page.convert(from, to, color);
            }),
            (Samples::U16(chunk), Samples::U16(out)) => place.copy(chunk, out, |from, to| {
                page.convert(from, to, |index| palette.color(usize::from(index)));
            }),
            (Samples::F32(chunk), Samples::F32(out)) => place.copy(chunk, out, |from, to| {
                page.convert(from, to, |value| [value; 3]);
            }),
            _ => return Err(ImageError::corrupt("the TIFF fields contradict each other")),
        }
        Ok(())
    }
}

/// Where a chunk goes, in samples.
struct Place {
    width: usize,
    stored: usize,
    count: usize,
    row_len: usize,
    left: usize,
    top: usize,
    /// Whether samples need no conversion.
    plain: bool,
}

impl Place {
    fn copy<T: Copy>(&self, chunk: &[T], out: &mut [T], convert: impl Fn(&[T], &mut [T])) {
        let rows = out.chunks_exact_mut(self.row_len).skip(self.top);
        for (from, to) in chunk.chunks_exact((self.width * self.stored).max(1)).zip(rows) {
            let to = &mut to[self.left..(self.left + self.width * self.count).min(self.row_len)];
            if self.plain {
                to.copy_from_slice(&from[..to.len()]);
                continue;
            }
            for (from, to) in from.chunks_exact(self.stored).zip(to.chunks_exact_mut(self.count)) {
                convert(from, to);
            }
        }
    }
}

/// The colours of a palette, 16 bit each.
struct Palette(Vec<u64>);

impl Palette {
    fn read(file: &File<'_>, page: &Page) -> Self {
        const COLOR_MAP: u16 = 320;
        let wanted = page.model == Model::Palette;
        Self(if wanted { file.numbers(page.at, COLOR_MAP) } else { Vec::new() })
    }

    /// All reds come first, then all greens, then all blues.
    fn color(&self, index: usize) -> [u16; 3] {
        let third = self.0.len() / 3;
        let part = |part: usize| {
            let inside = index < third;
            if inside { self.0[part * third + index] as u16 } else { 0 }
        };
        [part(0), part(1), part(2)]
    }
}

fn describe(error: TiffError, place: &str) -> ImageError {
    match error {
        TiffError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            ImageError::truncated(format!("the TIFF data ends in {place}"))
        }
        TiffError::UnsupportedError(error) => ImageError::unsupported(tidy(&error)),
        TiffError::LimitsExceeded => {
            ImageError::limit(format!("the memory limit was reached in {place}"))
        }
        error => ImageError::corrupt(format!("in {place}: {}", tidy(&error))),
    }
}

/// Depth of the result for samples of so many bits.
pub(super) const fn depth_of(bits: u16, float: bool) -> Depth {
    match (bits, float) {
        (_, true) => Depth::F32,
        (0..=8, _) => Depth::U8,
        _ => Depth::U16,
    }
}
