//! Pictures in several scans, whose coefficients are held as a whole.
use super::coefs::Coefs;
use super::decode::Decoder;
use super::markers::{Event, Scan};
use super::progressive::Progressive;
use super::render::{Batch, Renderer};
use super::scan::{Layout, ScanReader, after_scan};
use super::sequential::Sequential;
use crate::{ImageError, ImageErrorKind, Limits};

/// Most scans of one picture; encoders write about 10.
const MAX_SCANS: usize = 1000;

/// The state of a picture between two scans.
struct Passes {
    coefs: Coefs,
    /// Quantisation tables, each fixed by the first scan of its component (T.81, B.2.4.1).
    quant: Vec<Option<[i16; 64]>>,
    /// For each component and zigzag index, the lowest bit known so far; `None`: nothing.
    known: Vec<[Option<u32>; 64]>,
    scans: usize,
    /// Blocks visited by all scans.
    work: u64,
}

impl Passes {
    /// Whether no scan can add anything.
    fn is_complete(&self) -> bool {
        let full = |known: &[Option<u32>; 64]| known.iter().all(|&low| low == Some(0));
        self.known.iter().all(full)
    }
}

impl Decoder<'_> {
    /// Decodes a picture of several scans.
    pub(super) fn passes(&mut self, first: Scan, limits: &Limits) -> Result<Vec<u8>, ImageError> {
        let (plan, progressive) = (self.plan, self.frame.progressive);
        let held = (plan.coef_bytes() * plan.mcus_y) as u64;
        if held > limits.max_decoded_bytes.saturating_mul(4) {
            return Err(ImageError::limit(format!("the coefficients would take {held} bytes")));
        }
        let mut passes = Passes {
            coefs: Coefs::new(plan, plan.mcus_y, progressive),
            quant: vec![None; plan.comps.len()],
            known: vec![[None; 64]; plan.comps.len()],
            scans: 0,
            work: 0,
        };
        if let Err(error) = self.all_scans(first, &mut passes) {
            if !self.tolerant || error.kind() == ImageErrorKind::Io || passes.scans == 0 {
                return Err(error);
            }
            self.damage.broken.get_or_insert_with(|| error.to_string());
        }
        self.damage.scans = passes.scans as u64;
        let quant = passes.quant.iter().map(|quant| quant.unwrap_or([1; 64])).collect();
        self.render(&passes.coefs, quant)
    }

    fn all_scans(&mut self, first: Scan, passes: &mut Passes) -> Result<(), ImageError> {
        let mut scan = first;
        loop {
            self.one_scan(&scan, passes)?;
            match self.parser.next_event() {
                Ok(Event::Scan(next)) => scan = next,
                Ok(Event::End) => {
                    self.trailing();
                    break;
                }
                Err(error) if passes.is_complete() => {
                    self.notes.push(format!("after the last scan: {error}"));
                    break;
                }
                Err(error) => {
                    return Err(ImageError::new(
                        error.kind(),
                        format!("{error}, after {} scans", passes.scans),
                    ));
                }
            }
        }
        if passes.known.iter().any(|known| known[0].is_none()) {
            return Err(ImageError::corrupt("a component has no scan"));
        }
        Ok(())
    }

    fn one_scan(&mut self, scan: &Scan, passes: &mut Passes) -> Result<(), ImageError> {
        self.admit(scan, passes)?;
        for c in &scan.components {
            if passes.quant[c.index].is_none() {
                passes.quant[c.index] = Some(self.quant(c.index)?);
            }
        }
        let flat = |c: &super::markers::ScanComponent| self.plan.comps[c.index].n == 1;
        if self.frame.progressive && scan.first > 0 && scan.components.iter().all(flat) {
            // Only the mean of each block is needed: this scan adds nothing to it.
            self.parser.position = after_scan(self.bytes, scan.data);
            passes.scans += 1;
            return Ok(());
        }
        let reader = self.reader(scan);
        let (mut reader, result) = if self.frame.progressive {
            self.progressive_scan(reader, scan, passes)?
        } else {
            self.sequential_scan(reader, scan, passes)?
        };
        passes.scans += 1;
        self.parser.position = after_scan(self.bytes, reader.finish());
        self.damage.add(&reader.damage);
        result.map_err(|error| {
            ImageError::new(error.kind(), format!("scan {}: {error}", passes.scans))
        })
    }

    /// Bounds the work of a file and keeps track of what is known.
    fn admit(&self, scan: &Scan, passes: &mut Passes) -> Result<(), ImageError> {
        let layout = Layout::new(self.plan, scan);
        passes.work += layout.blocks() as u64;
        let blocks: usize = self.plan.comps.iter().map(|c| c.blocks_w * c.v).sum();
        let enough = 100 * (blocks * self.plan.mcus_y + self.bytes.len()) as u64;
        if passes.scans >= MAX_SCANS || passes.work > enough {
            return Err(ImageError::limit(format!("more than {} scans", passes.scans)));
        }
        let (first, last) = if self.frame.progressive { (scan.first, scan.last) } else { (0, 63) };
        for c in &scan.components {
            let known = &mut passes.known[c.index];
            let before = known.get(first..=last).unwrap_or_default();
            let expected = (scan.high > 0).then_some(scan.high);
            let in_order =
                before.iter().all(|&low| low == expected) && (first == 0 || known[0].is_some());
            if self.frame.progressive && !in_order && !self.tolerant {
                return Err(ImageError::corrupt("the scans are not in a possible order"));
            }
            if let Some(known) = known.get_mut(first..=last) {
                known.fill(Some(if self.frame.progressive { scan.low } else { 0 }));
            }
        }
        Ok(())
    }

    fn progressive_scan<'r>(
        &self,
        reader: ScanReader<'r>,
        scan: &Scan,
        passes: &mut Passes,
    ) -> Result<(ScanReader<'r>, Result<(), ImageError>), ImageError> {
        let mut decoder = Progressive::new(reader, scan, &self.parser.tables)?;
        let rows = 0..decoder.reader.layout.mcus_y;
        let result = rows.into_iter().try_for_each(|row| {
            self.check_stop()?;
            decoder.row(row, &mut passes.coefs)
        });
        Ok((decoder.reader, result))
    }

    fn sequential_scan<'r>(
        &self,
        reader: ScanReader<'r>,
        scan: &Scan,
        passes: &mut Passes,
    ) -> Result<(ScanReader<'r>, Result<(), ImageError>), ImageError> {
        let mut decoder = Sequential::new(reader, self.plan, scan, &self.parser.tables)?;
        let result = (0..decoder.layout().mcus_y).try_for_each(|row| {
            self.check_stop()?;
            decoder.row(row, row, &mut passes.coefs)
        });
        Ok((decoder.into_reader(), result))
    }

    /// Renders the whole picture.
    fn render(&self, coefs: &Coefs, quant: Vec<[i16; 64]>) -> Result<Vec<u8>, ImageError> {
        let plan = self.plan;
        let mut renderer = Renderer::new(plan, quant);
        let rows = renderer.batching().rows();
        let mut out = vec![0; plan.row_len() * plan.out.height as usize];
        for first in (0..plan.mcus_y).step_by(rows) {
            self.check_stop()?;
            let count = rows.min(plan.mcus_y - first);
            renderer.batch(
                Batch { coefs, offset: first, first, count },
                &mut out,
                self.exec,
                &|| {},
            );
        }
        Ok(out)
    }
}
