//! Decoding of a whole file: one streaming scan, or several into memory.
use std::sync::Mutex;

use super::coefs::Coefs;
use super::markers::{Event, Frame, Parser, Scan};
use super::plan::{ColorModel, Plan, shrink_for};
use super::render::{Batch, Batching, Renderer};
use super::scan::{Damage, Layout, ScanReader, after_scan};
use super::sequential::Sequential;
use crate::buffer::ColorSpace;
use crate::codec::{DecodeOptions, Decoded, Header};
use crate::{Exec, Image, ImageError, Limits, Samples};

/// Upper bound in bytes of what decoding a picture takes beyond the file's bytes: the result,
/// rows in work, and for several-pass pictures the coefficients.
///
/// `shrink` is 1, 2, 4 or 8; see [`Decoded::shrink`].
pub fn decode_cost(header: &Header, shrink: u8) -> u64 {
    let shrink = u64::from(shrink.max(1));
    let width = u64::from(header.size.width).div_ceil(shrink);
    let pixels = width * u64::from(header.size.height).div_ceil(shrink);
    let channels: u64 = if header.format.channels.is_gray() { 1 } else { 4 };
    let padded = |side: u32| u64::from(side).next_multiple_of(32);
    let stored = padded(header.size.width) * padded(header.size.height);
    // Per block of 64 stored samples: reduced coefficients (chroma at most as fine as stored)
    // and a 64-bit map.
    let kept = (64 / (shrink * shrink) * 2 + 8) * channels;
    let passes = if header.progressive { stored / 64 * kept } else { 0 };
    // Two batches of coefficients and one of samples: at most 4 slices of 192 KiB or a row.
    let row = padded(header.size.width) * 32 * channels;
    let batches = 5 * (row * 3).max(192 << 10) * 2;
    pixels * header.format.bytes_per_pixel() as u64 + passes + batches + (1 << 20)
}

/// Decodes `bytes`.
pub(super) fn decode(
    bytes: &[u8],
    options: &DecodeOptions,
    limits: &Limits,
    exec: &dyn Exec,
) -> Result<Decoded, ImageError> {
    if options.frame > 0 {
        return Err(ImageError::settings("a JPEG file has one picture"));
    }
    let mut parser = Parser::new(bytes)?;
    let (Event::Scan(scan), Some(frame)) = (parser.next_event()?, parser.frame.clone()) else {
        return Err(ImageError::corrupt("the file has no picture"));
    };
    if let Some(feature) = frame.unsupported {
        return Err(feature.error());
    }
    let color = ColorModel::of(&frame, &parser.app);
    limits.check(frame.size, color.channels().count() as u64)?;
    let luma = options.luma && color == ColorModel::YCbCr;
    let shown = if luma { ColorModel::Gray } else { color };
    let plan = Plan::new(&frame, shown, shrink_for(frame.size, options.at_least));
    let mut decoder = Decoder {
        bytes,
        parser,
        frame,
        plan: &plan,
        tolerant: options.tolerant,
        damage: Damage::default(),
        notes: Vec::new(),
        exec,
    };
    let samples = if decoder.streams(&scan) {
        let samples = decoder.stream(&scan)?;
        decoder.end_marker();
        samples
    } else {
        decoder.passes(scan, limits)?
    };
    decoder.finish(samples, limits)
}

/// One file on its way to a picture.
pub(super) struct Decoder<'a> {
    pub bytes: &'a [u8],
    pub parser: Parser<'a>,
    pub frame: Frame,
    pub plan: &'a Plan,
    pub tolerant: bool,
    pub damage: Damage,
    pub notes: Vec<String>,
    pub exec: &'a dyn Exec,
}

impl<'a> Decoder<'a> {
    /// Whether the first scan is the whole picture.
    fn streams(&self, scan: &Scan) -> bool {
        !self.frame.progressive && scan.components.len() == self.frame.components.len()
    }

    /// Reads `scan` with the restart interval in force.
    pub(super) fn reader(&self, scan: &Scan) -> ScanReader<'a> {
        let layout = Layout::new(self.plan, scan);
        ScanReader::new(self.bytes, scan.data, layout, self.tolerant)
            .with_restarts(self.parser.tables.restart_interval)
    }

    /// The quantisation table that component `index` uses now.
    pub(super) fn quant(&self, index: usize) -> Result<[i16; 64], ImageError> {
        let table = self.parser.tables.quant[self.frame.components[index].quant];
        let table = table.ok_or_else(|| ImageError::corrupt("a quantisation table is missing"))?;
        Ok(table.map(|step| step.min(i16::MAX as u16) as i16))
    }

    /// Fails if the caller wants to stop.
    pub(super) fn check_stop(&self) -> Result<(), ImageError> {
        self.exec.check_stop()
    }

    /// Decodes a picture of one scan, holding only a few rows of coefficients.
    fn stream(&mut self, scan: &Scan) -> Result<Vec<u8>, ImageError> {
        let plan = self.plan;
        let quant = (0..plan.comps.len()).map(|i| self.quant(i)).collect::<Result<_, _>>()?;
        let mut walk = Walk {
            scan: Sequential::new(self.reader(scan), plan, scan, &self.parser.tables)?,
            rows: Batching::new(plan).rows(),
            first: 0,
            total: plan.mcus_y,
        };
        let mut renderer = Renderer::new(plan, quant);
        let mut current = Coefs::new(plan, walk.rows.min(plan.mcus_y), false);
        let mut next = Coefs::new(plan, walk.rows.min(plan.mcus_y), false);
        let mut out = vec![0; plan.row_len() * plan.out.height as usize];
        let mut count = walk.batch(&mut current)?;
        let mut first = 0;
        while count > 0 {
            self.check_stop()?;
            let ahead = Mutex::new((&mut walk, &mut next, Ok(0)));
            let batch = Batch { coefs: &current, offset: 0, first, count };
            renderer.batch(batch, &mut out, self.exec, &|| {
                if let Ok(mut ahead) = ahead.lock() {
                    let (walk, next, result) = &mut *ahead;
                    *result = walk.batch(next);
                }
            });
            first += count;
            count = ahead.into_inner().map_or(Ok(0), |ahead| ahead.2)?;
            std::mem::swap(&mut current, &mut next);
        }
        let mut reader = walk.scan.into_reader();
        self.parser.position = after_scan(self.bytes, reader.finish());
        self.damage.add(&reader.damage);
        Ok(out)
    }

    /// Reads what follows the only scan: nothing there can change the picture.
    fn end_marker(&mut self) {
        match self.parser.next_event() {
            Ok(Event::End) => self.trailing(),
            Ok(Event::Scan(_)) => self.notes.push("a second picture scan is ignored".to_owned()),
            Err(error) => self.notes.push(format!("after the picture: {error}")),
        }
    }

    /// Notes what follows the end marker.
    pub(super) fn trailing(&mut self) {
        let bytes = self.bytes.len().saturating_sub(self.parser.position);
        if bytes > 0 && !self.parser.app.multi_picture {
            self.notes.push(format!("{bytes} bytes after the end of the picture"));
        }
    }

    /// Puts the result together.
    fn finish(mut self, samples: Vec<u8>, limits: &Limits) -> Result<Decoded, ImageError> {
        let extraneous = self.parser.extraneous + self.damage.extraneous;
        if extraneous > 0 {
            self.notes.push(format!("{extraneous} bytes that belong to no segment"));
        }
        let concealed = self.damage.sentence(self.plan);
        let channels = self.plan.color.channels();
        let mut image = Image::new(self.plan.out, channels, Samples::U8(samples))?;
        let app = &self.parser.app;
        image.metadata = app.metadata(limits, &mut self.notes);
        let space = match self.frame.components.len() {
            1 => *b"GRAY",
            4 => *b"CMYK",
            _ => *b"RGB ",
        };
        if let Some(profile) = app.icc_profile(space, limits, &mut self.notes) {
            if space == *b"CMYK" {
                self.notes.push("the CMYK profile is dropped: the result is RGB".to_owned());
            } else {
                image.color_space = ColorSpace::Icc(profile);
            }
        }
        Ok(Decoded { image, shrink: self.plan.shrink as u8, concealed, notes: self.notes })
    }
}

/// Goes through the rows of a scan batch by batch.
struct Walk<'a> {
    scan: Sequential<'a>,
    rows: usize,
    first: usize,
    total: usize,
}

impl Walk<'_> {
    /// Decodes the next batch; returns its number of rows of MCUs.
    fn batch(&mut self, coefs: &mut Coefs) -> Result<usize, ImageError> {
        let count = self.rows.min(self.total - self.first);
        for row in 0..count {
            self.scan.row(self.first + row, row, coefs)?;
        }
        self.first += count;
        Ok(count)
    }
}
