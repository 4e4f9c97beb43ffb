//! TIFF writing: one page, strips, uncompressed or Deflate with the horizontal predictor.
use std::io::Write;

use flate2::{Compress, Compression, FlushCompress, Status};

use super::directory::Directory;
use super::file::File;
use crate::codec::metadata::exif_to_write;
use crate::codec::shared::RowCount;
use crate::codec::{EncodeHeader, EncodeOptions, RowSink};
use crate::{Channels, ColorSpace, Depth, ImageError, Samples};

/// Bytes of a strip before compression.
const STRIP_BYTES: usize = 1 << 16;
const HEADER_BYTES: u32 = 8;
const ADOBE_DEFLATE: u16 = 8;
const HORIZONTAL: u16 = 2;

/// Takes rows; compressed strips wait for the end, as the directory before them holds their
/// lengths. Uncompressed strips go out at once.
pub(super) struct Sink<'w> {
    out: &'w mut dyn Write,
    header: EncodeHeader,
    count: RowCount,
    level: u32,
    rows_per_strip: usize,
    strip: Vec<u8>,
    rows_in_strip: usize,
    done: Vec<Vec<u8>>,
}

impl<'w> Sink<'w> {
    pub(super) fn new(
        header: &EncodeHeader,
        options: EncodeOptions,
        out: &'w mut dyn Write,
    ) -> Result<Self, ImageError> {
        let count = RowCount::new(header)?;
        let row_bytes = count.row_len() * header.format.depth.bytes();
        let mut sink = Self {
            out,
            header: header.clone(),
            count,
            level: u32::from(options.effort.min(9)),
            rows_per_strip: (STRIP_BYTES / row_bytes).max(1),
            strip: Vec::new(),
            rows_in_strip: 0,
            done: Vec::new(),
        };
        if sink.level == 0 {
            let lengths = sink.plain_lengths();
            sink.write_head(&lengths)?;
        }
        Ok(sink)
    }

    /// Lengths of uncompressed strips.
    fn plain_lengths(&self) -> Vec<u64> {
        let row_bytes = (self.count.row_len() * self.header.format.depth.bytes()) as u64;
        let (rows, height) = (self.rows_per_strip as u64, u64::from(self.header.size.height));
        (0..height.div_ceil(rows))
            .map(|strip| rows.min(height - strip * rows) * row_bytes)
            .collect()
    }

    fn write_head(&mut self, lengths: &[u64]) -> Result<(), ImageError> {
        let too_large = || {
            ImageError::encode("the TIFF file would be over 4 GiB")
                .with_hint("choose another format")
        };
        let total = lengths.iter().sum::<u64>() + self.header.metadata_bytes() + (1 << 24);
        if total > u64::from(u32::MAX) {
            return Err(too_large());
        }
        let mut directory = directory(&self.header, self.level, self.rows_per_strip as u32);
        let lengths: Vec<u32> = lengths.iter().map(|&length| length as u32).collect();
        directory.longs(279, &lengths);
        directory.longs(273, &vec![0; lengths.len()]);
        let mut at = HEADER_BYTES + directory.to_bytes(HEADER_BYTES).len() as u32;
        let offsets: Vec<u32> = lengths
            .iter()
            .map(|&length| {
                let offset = at;
                at += length;
                offset
            })
            .collect();
        directory.longs(273, &offsets);
        self.out.write_all(b"II\x2a\0")?;
        self.out.write_all(&HEADER_BYTES.to_le_bytes())?;
        self.out.write_all(&directory.to_bytes(HEADER_BYTES))?;
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ImageError> {
        if self.level == 0 {
            self.out.write_all(&self.strip)?;
        } else {
            self.done.push(deflate(&self.strip, self.level)?);
        }
        self.strip.clear();
        self.rows_in_strip = 0;
        Ok(())
    }
}

impl RowSink for Sink<'_> {
    fn rows(&mut self, samples: &Samples) -> Result<(), ImageError> {
        let rows = self.count.take(samples)? as usize;
        let row_len = self.count.row_len();
        for row in 0..rows {
            let range = row * row_len..(row + 1) * row_len;
            let step = if self.level == 0 { None } else { Some(self.count.channels()) };
            match samples {
                Samples::U8(samples) => push_u8(&samples[range], step, &mut self.strip),
                Samples::U16(samples) => push_u16(&samples[range], step, &mut self.strip),
                Samples::F32(samples) => {
                    self.strip
                        .extend(samples[range].iter().flat_map(|sample| sample.to_le_bytes()));
                }
            }
            self.rows_in_strip += 1;
            if self.rows_in_strip == self.rows_per_strip {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), ImageError> {
        self.count.finish()?;
        if self.rows_in_strip > 0 {
            self.flush()?;
        }
        if self.level > 0 {
            let strips = std::mem::take(&mut self.done);
            let lengths: Vec<u64> = strips.iter().map(|strip| strip.len() as u64).collect();
            self.write_head(&lengths)?;
            for strip in strips {
                self.out.write_all(&strip)?;
            }
        }
        Ok(())
    }
}

/// All fields but the places of the strips.
fn directory(header: &EncodeHeader, level: u32, rows_per_strip: u32) -> Directory {
    let mut directory = match exif_to_write(&header.metadata) {
        Some(exif) => File::open(&exif)
            .and_then(|file| Ok(Directory::describing(&file, file.pages(1)?[0])))
            .unwrap_or_default(),
        None => Directory::default(),
    };
    let channels = header.format.channels;
    let samples = channels.count();
    let (bits, sample_format) = match header.format.depth {
        Depth::U8 => (8, 1),
        Depth::U16 => (16, 1),
        Depth::F32 => (32, 3),
    };
    directory.longs(256, &[header.size.width]);
    directory.longs(257, &[header.size.height]);
    directory.shorts(258, &vec![bits; samples]);
    directory.shorts(259, &[if level == 0 { 1 } else { ADOBE_DEFLATE }]);
    directory.shorts(262, &[if channels.is_gray() { 1 } else { 2 }]);
    directory.shorts(277, &[samples as u16]);
    directory.longs(278, &[rows_per_strip]);
    directory.shorts(284, &[1]);
    directory.shorts(339, &vec![sample_format; samples]);
    if level > 0 && header.format.depth != Depth::F32 {
        directory.shorts(317, &[HORIZONTAL]);
    }
    if matches!(channels, Channels::GrayAlpha | Channels::Rgba) {
        directory.shorts(338, &[2]);
    }
    if let Some(xmp) = &header.metadata.xmp {
        directory.bytes(700, xmp);
    }
    if let ColorSpace::Icc(icc) = &header.color_space {
        directory.bytes(34675, icc);
    }
    directory
}

/// Appends a row, as differences to the pixel `step` samples before if there is a step.
fn push_u8(row: &[u8], step: Option<usize>, out: &mut Vec<u8>) {
    let Some(step) = step else { return out.extend_from_slice(row) };
    out.extend_from_slice(&row[..step]);
    out.extend(row[step..].iter().zip(row).map(|(value, left)| value.wrapping_sub(*left)));
}

fn push_u16(row: &[u16], step: Option<usize>, out: &mut Vec<u8>) {
    let Some(step) = step else {
        return out.extend(row.iter().flat_map(|value| value.to_le_bytes()));
    };
    out.extend(row[..step].iter().flat_map(|value| value.to_le_bytes()));
    let differences = row[step..].iter().zip(row).map(|(value, left)| value.wrapping_sub(*left));
    out.extend(differences.flat_map(u16::to_le_bytes));
}

fn deflate(data: &[u8], level: u32) -> Result<Vec<u8>, ImageError> {
    let mut coder = Compress::new(Compression::new(level), true);
    let mut out = Vec::with_capacity(data.len() / 2 + 64);
    loop {
        let rest = &data[coder.total_in() as usize..];
        let status = coder
            .compress_vec(rest, &mut out, FlushCompress::Finish)
            .map_err(|error| ImageError::encode("deflate failed").with_source(error))?;
        if status == Status::StreamEnd {
            return Ok(out);
        }
        out.reserve(data.len() / 4 + 64);
    }
}
