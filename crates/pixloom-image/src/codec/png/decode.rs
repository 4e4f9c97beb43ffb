//! PNG pixels, row by row, so that damage costs only the rows behind it.
use std::io::{Cursor, ErrorKind};

use png::{DecodingError, InterlaceInfo, Reader, Transformations};

use super::chunks::{Ancillary, Chunks, ImageHeader};
use crate::codec::shared::{bytes_of_mut, from_big_endian, tidy};
use crate::codec::{DecodeOptions, Decoded};
use crate::{Channels, Depth, Image, ImageError, Limits, PixelFormat, Samples};

type PngReader<'a> = Reader<Cursor<&'a [u8]>>;

pub(super) fn decode(
    bytes: &[u8],
    options: &DecodeOptions,
    limits: &Limits,
) -> Result<Decoded, ImageError> {
    let header = ImageHeader::read(bytes)?;
    let expected = header.format(header.is_transparent(bytes));
    limits.check(header.size, expected.bytes_per_pixel() as u64)?;
    let mut reader = open(bytes, limits).map_err(|error| describe(error, "the header chunks"))?;
    let format = output_format(&reader);
    limits.check(header.size, format.bytes_per_pixel() as u64)?;
    check_first_frame(&reader, &header)?;
    let mut image = Image::zeros(header.size, format);
    let problem = read_pixels(&mut reader, &mut image, header.interlaced);
    if let Samples::U16(samples) = image.samples_mut() {
        from_big_endian(samples);
    }
    let has_end = Chunks::new(bytes).any(|chunk| chunk.kind == *b"IEND");
    let problem = problem.and_then(|()| if has_end { Ok(()) } else { Err(no_end(&header)) });
    let concealed = match problem {
        Ok(()) => None,
        Err(problem) if options.tolerant && problem.rows > 0 => Some(problem.error.to_string()),
        Err(problem) => return Err(problem.error),
    };
    let ancillary = Ancillary::read(bytes, limits);
    let mut notes = ancillary.notes;
    ancillary.blocks.attach(&mut image, limits, &mut notes);
    notes.extend(trailing(bytes));
    Ok(Decoded { image, shrink: 1, concealed, notes })
}

fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<PngReader<'a>, DecodingError> {
    let mut settings = png::DecodeOptions::default();
    settings.set_ignore_adler32(false);
    settings.set_ignore_text_chunk(true);
    settings.set_ignore_iccp_chunk(true);
    let mut decoder = png::Decoder::new_with_options(Cursor::new(bytes), settings);
    let bytes = usize::try_from(limits.max_decoded_bytes).unwrap_or(usize::MAX);
    decoder.set_limits(png::Limits { bytes: bytes.saturating_add(64 << 20) });
    decoder.set_transformations(Transformations::EXPAND);
    decoder.read_info()
}

fn output_format(reader: &PngReader<'_>) -> PixelFormat {
    let (color, depth) = reader.output_color_type();
    let channels = match color {
        png::ColorType::Grayscale => Channels::Gray,
        png::ColorType::GrayscaleAlpha => Channels::GrayAlpha,
        png::ColorType::Rgb | png::ColorType::Indexed => Channels::Rgb,
        png::ColorType::Rgba => Channels::Rgba,
    };
    let depth = if depth == png::BitDepth::Sixteen { Depth::U16 } else { Depth::U8 };
    PixelFormat::new(channels, depth)
}

/// The first frame of an animation must cover the picture (APNG specification, `fcTL`).
fn check_first_frame(reader: &PngReader<'_>, header: &ImageHeader) -> Result<(), ImageError> {
    match reader.info().frame_control() {
        Some(frame) if (frame.width, frame.height) != (header.size.width, header.size.height) => {
            Err(ImageError::corrupt("the first frame does not cover the picture"))
        }
        _ => Ok(()),
    }
}

/// Why the pixels are not complete, and how many rows (of all passes) are there.
struct Problem {
    rows: u32,
    error: ImageError,
}

fn no_end(header: &ImageHeader) -> Problem {
    let error = ImageError::truncated("the data ends before the end chunk of the PNG file");
    Problem { rows: header.size.height, error }
}

fn read_pixels(
    reader: &mut PngReader<'_>,
    image: &mut Image,
    interlaced: bool,
) -> Result<(), Problem> {
    let height = image.height();
    let (row_len, format) = (image.row_len(), image.format());
    let row_bytes = row_len * format.depth.bytes();
    let pixels = bytes_of_mut(image.samples_mut());
    let result = if interlaced {
        read_interlaced(reader, pixels, row_bytes, format.bytes_per_pixel() as u8 * 8)
    } else {
        read_rows(reader, pixels.chunks_exact_mut(row_bytes))
    };
    result.map_err(|(rows, error)| {
        let place = if interlaced {
            format!("row {rows} of the interlaced rows")
        } else {
            format!("row {rows} of {height}")
        };
        Problem { rows, error: describe(error, &place) }
    })?;
    Ok(())
}

fn read_rows<'p>(
    reader: &mut PngReader<'_>,
    rows: impl Iterator<Item = &'p mut [u8]>,
) -> Result<(), (u32, DecodingError)> {
    let mut done = 0;
    for row in rows {
        reader.read_row(row).map_err(|error| (done, error))?;
        done += 1;
    }
    // Reads what follows the last row: the check sum of the pixels.
    reader.next_row().map(|_| ()).map_err(|error| (done, error))
}

fn read_interlaced(
    reader: &mut PngReader<'_>,
    pixels: &mut [u8],
    row_bytes: usize,
    bits_per_pixel: u8,
) -> Result<(), (u32, DecodingError)> {
    let mut done = 0;
    while let Some(row) = reader.next_interlaced_row().map_err(|error| (done, error))? {
        if let InterlaceInfo::Adam7(info) = row.interlace() {
            png::expand_interlaced_row(pixels, row_bytes, row.data(), info, bits_per_pixel);
        }
        done += 1;
    }
    Ok(())
}

fn describe(error: DecodingError, place: &str) -> ImageError {
    match error {
        DecodingError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            ImageError::truncated(format!("the data ends in {place}"))
        }
        DecodingError::LimitsExceeded => {
            ImageError::limit(format!("the memory limit was reached in {place}"))
        }
        error => ImageError::corrupt(format!("in {place}: {}", plain(&tidy(&error)))),
    }
}

/// A note on bytes behind the end chunk.
fn trailing(bytes: &[u8]) -> Option<String> {
    let end = Chunks::new(bytes).find(|chunk| chunk.kind == *b"IEND")?.end;
    let extra = bytes.len() - end;
    (extra > 0).then(|| format!("{extra} bytes after the end of the PNG data ignored"))
}

/// The `png` crate's message without the debug print of a chunk type: only its four letters.
fn plain(message: &str) -> String {
    match (message.split_once("ChunkType { type: "), message.rsplit_once('}')) {
        (Some((before, kind)), Some((_, after))) => {
            format!("{before}{}{}", kind.get(..4).unwrap_or_default(), after.trim_end_matches('.'))
        }
        _ => message.to_owned(),
    }
}
