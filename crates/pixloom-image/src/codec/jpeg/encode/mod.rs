//! The JPEG encoder: rows in, a baseline or progressive file out.
mod entropy;
mod forward;
mod optimal;
mod segments;

use std::io::Write;

use self::entropy::{Code, Counter};
pub(super) use self::entropy::{Writer, interleaved};
pub(super) use self::forward::{Forward, Strip, forward_row, quantise};
use super::{simd, tables};
use crate::codec::{EncodeHeader, EncodeOptions, RowSink, Subsampling};
use crate::{Channels, Depth, ImageError, PixelFormat, Samples, Size};

/// Quality where none is asked for.
const DEFAULT_QUALITY: u8 = 85;
/// From this effort on, Huffman tables are made for the picture.
const OPTIMISE_FROM: u8 = 5;

/// What a scan contains: components, and the first and last coefficient in zigzag order.
struct ScanPlan {
    components: std::ops::Range<usize>,
    band: (usize, usize),
}

/// Whether blocks are written as they come.
pub(super) const fn streams(options: EncodeOptions) -> bool {
    !options.progressive && options.effort < OPTIMISE_FROM
}

/// Writes one file.
pub(super) struct Encoder<'w> {
    out: &'w mut dyn Write,
    size: Size,
    color: bool,
    forward: Forward,
    /// Samples that do not yet fill a strip.
    pending: Vec<u8>,
    rows_done: usize,
    mode: Mode,
}

enum Mode {
    /// Blocks are written as they come, with the tables of T.81 annex K.
    Stream(Box<Writer>),
    /// Blocks are kept until the end, to fit tables to them.
    Keep { strip: Strip, progressive: bool },
}

impl<'w> Encoder<'w> {
    /// Writes everything up to the first scan.
    pub(super) fn new(
        header: &EncodeHeader,
        options: EncodeOptions,
        out: &'w mut dyn Write,
    ) -> Result<Self, ImageError> {
        let EncodeHeader { size, format, .. } = *header;
        if size.is_empty() || size.long_edge() > 65535 {
            return Err(ImageError::encode(format!(
                "{size} does not fit JPEG: sides are 1 to 65535"
            )));
        }
        let color = match format {
            PixelFormat { channels: Channels::Gray, depth: Depth::U8 } => false,
            PixelFormat::RGB8 => true,
            _ => return Err(ImageError::encode("JPEG takes 8-bit gray or RGB")),
        };
        let quality = options.quality.unwrap_or(DEFAULT_QUALITY);
        if !(1..=100).contains(&quality) {
            return Err(ImageError::settings(format!("JPEG quality {quality} is not in 1 to 100")));
        }
        let sampling = match (color, options.subsampling) {
            (false, _) | (_, Subsampling::S444) => (1, 1),
            (_, Subsampling::S422) => (2, 1),
            (_, Subsampling::S420) => (2, 2),
        };
        let forward = Forward::new(size, color, sampling, quality);
        out.write_all(&segments::header(header, &forward, options.progressive))?;
        let mode = if streams(options) {
            let codes = Code::standard();
            out.write_all(&segments::huffman(&codes, color))?;
            out.write_all(&segments::scan(&(0..forward.components.len()), (0, 63)))?;
            Mode::Stream(Box::new(Writer::new(codes)))
        } else {
            Mode::Keep { strip: Strip::new(&forward), progressive: options.progressive }
        };
        Ok(Self { out, size, color, forward, pending: Vec::new(), rows_done: 0, mode })
    }

    const fn row_len(&self) -> usize {
        self.size.width as usize * if self.color { 3 } else { 1 }
    }

    /// Encodes the rows of one strip.
    fn strip(&mut self, rows: &[u8]) -> Result<(), ImageError> {
        match &mut self.mode {
            Mode::Stream(writer) => {
                let mut strip = Strip::new(&self.forward);
                self.forward.strip(rows, &mut strip);
                simd::write_strip(&self.forward, &strip, writer);
                writer.flush(self.out)?;
            }
            Mode::Keep { strip, .. } => self.forward.strip(rows, strip),
        }
        self.rows_done += rows.len() / self.row_len();
        Ok(())
    }

    /// Writes kept blocks with tables made for them, scan by scan.
    fn write_kept(&mut self, strip: &Strip, progressive: bool) -> Result<(), ImageError> {
        let count = self.forward.components.len();
        let plans = if progressive {
            let bands = [(1, 5), (6, 63)];
            let ac = bands
                .iter()
                .flat_map(|&band| (0..count).map(move |c| ScanPlan { components: c..c + 1, band }));
            std::iter::once(ScanPlan { components: 0..count, band: (0, 0) }).chain(ac).collect()
        } else {
            vec![ScanPlan { components: 0..count, band: (0, 63) }]
        };
        for plan in plans {
            let mut counter = Counter::default();
            self.scan(strip, &plan, &mut counter);
            let mut writer = Writer::new(counter.codes());
            self.out.write_all(&segments::huffman(writer.codes(), self.color))?;
            self.out.write_all(&segments::scan(&plan.components, plan.band))?;
            self.scan(strip, &plan, &mut writer);
            writer.finish(self.out)?;
        }
        Ok(())
    }

    fn scan(&self, strip: &Strip, plan: &ScanPlan, symbols: &mut impl entropy::Symbols) {
        match plan.band {
            (0, 63) => entropy::interleaved(&self.forward, strip, symbols),
            (0, _) => entropy::dc_only(&self.forward, strip, symbols),
            band => entropy::band(&self.forward, strip, (plan.components.start, band), symbols),
        }
    }
}

impl RowSink for Encoder<'_> {
    fn rows(&mut self, samples: &Samples) -> Result<(), ImageError> {
        let Samples::U8(samples) = samples else {
            return Err(ImageError::encode("JPEG takes 8-bit samples"));
        };
        let row_len = self.row_len();
        let rows = self.rows_done + (self.pending.len() + samples.len()) / row_len;
        if samples.len() % row_len != 0 || rows > self.size.height as usize {
            return Err(ImageError::settings("the rows do not fit the picture"));
        }
        let strip_len = row_len * self.forward.strip_rows();
        let mut rest = &samples[..];
        if !self.pending.is_empty() {
            let missing = (strip_len - self.pending.len()).min(rest.len());
            self.pending.extend_from_slice(&rest[..missing]);
            rest = &rest[missing..];
            if self.pending.len() < strip_len {
                return Ok(());
            }
            let full = std::mem::take(&mut self.pending);
            self.strip(&full)?;
        }
        let strips = rest.chunks_exact(strip_len);
        self.pending.extend_from_slice(strips.remainder());
        for strip in strips {
            self.strip(strip)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), ImageError> {
        let pending = std::mem::take(&mut self.pending);
        if !pending.is_empty() {
            self.strip(&pending)?;
        }
        if self.rows_done != self.size.height as usize {
            return Err(ImageError::settings(format!(
                "{} of {} rows are missing",
                self.size.height as usize - self.rows_done,
                self.size.height
            )));
        }
        let empty = Mode::Stream(Box::new(Writer::new(Code::standard())));
        match std::mem::replace(&mut self.mode, empty) {
            Mode::Stream(writer) => writer.finish(self.out)?,
            Mode::Keep { strip, progressive } => self.write_kept(&strip, progressive)?,
        }
        Ok(self.out.write_all(&[0xFF, 0xD9])?)
    }
}

/// The quantisation table of annex K scaled to `quality`, as libjpeg does.
fn quantisation(table: &[u8; 64], quality: u8) -> [u8; 64] {
    let quality = u32::from(quality);
    let scale = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    table.map(|step| ((u32::from(step) * scale + 50) / 100).clamp(1, 255) as u8)
}

/// The tables for luminance and chrominance.
fn quantisation_pair(quality: u8) -> [[u8; 64]; 2] {
    [&tables::QUANT_LUMA, &tables::QUANT_CHROMA].map(|table| quantisation(table, quality))
}
