//! What all scans share: restart markers, the order of blocks, and what to do about damage.
use super::bits::BitReader;
use super::markers::Scan;
use super::plan::Plan;
use crate::ImageError;

/// Damage met while reading scans.
#[derive(Debug, Clone, Default)]
pub(super) struct Damage {
    /// Rows of MCUs in which something is missing or wrong, first and last.
    rows: Option<(usize, usize)>,
    /// MCUs without data.
    pub missing: u64,
    /// Codes that no table has.
    pub bad_codes: u64,
    /// Restart markers that were missing or out of order.
    pub restarts: u64,
    /// Whether the file ended before the scan did.
    pub ended: bool,
    /// Bytes skipped before restart markers; harmless.
    pub extraneous: u64,
    /// What kept the rest of the file from being read.
    pub broken: Option<String>,
    /// Scans that were read, in pictures of several.
    pub scans: u64,
}

impl Damage {
    fn at(&mut self, row: usize) {
        let (first, last) = self.rows.unwrap_or((row, row));
        self.rows = Some((first.min(row), last.max(row)));
    }

    /// Adds what another scan met.
    pub(super) fn add(&mut self, other: &Self) {
        if let Some((first, last)) = other.rows {
            self.at(first);
            self.at(last);
        }
        self.missing += other.missing;
        self.bad_codes += other.bad_codes;
        self.restarts += other.restarts;
        self.ended |= other.ended;
        self.extraneous += other.extraneous;
        self.broken = self.broken.take().or_else(|| other.broken.clone());
    }

    /// A sentence on what was concealed, if anything was.
    pub(super) fn sentence(&self, plan: &Plan) -> Option<String> {
        let mut parts: Vec<String> = self.broken.iter().cloned().collect();
        if self.missing > 0 {
            let total = (plan.mcus_x * plan.mcus_y) as u64;
            let early = if self.ended { "the data ends early, " } else { "" };
            parts.push(if self.scans > 0 {
                format!("{early}{} blocks of {} scans are missing", self.missing, self.scans)
            } else {
                let share = (self.missing * 100).div_ceil(total);
                format!("{early}{share} % of the picture is missing")
            });
        }
        if self.bad_codes > 0 {
            parts.push(format!("{} invalid codes", self.bad_codes));
        }
        if self.restarts > 0 {
            parts.push(format!("{} restart markers out of order", self.restarts));
        }
        if parts.is_empty() {
            return None;
        }
        let row = |mcu: usize| (mcu * 8 * plan.max.1).min(plan.out.height as usize * plan.shrink);
        let rows = self.rows.map_or_else(String::new, |(first, last)| {
            format!(" (rows {} to {})", row(first), row(last + 1))
        });
        Some(parts.join(", ") + &rows)
    }
}

/// Where the entropy-coded data that begins at `at` ends: the next marker that is no restart.
pub(super) fn after_scan(source: &[u8], mut at: usize) -> usize {
    while let Some(skipped) = source.get(at..).and_then(|rest| memchr::memchr(0xFF, rest)) {
        at += skipped;
        match source.get(at + 1) {
            Some(0 | 0xD0..=0xD7) => at += 2,
            Some(0xFF) => at += 1,
            _ => return at,
        }
    }
    source.len()
}

/// The blocks of one component in an MCU of a scan.
#[derive(Debug, Clone, Copy)]
pub(super) struct ScanBlocks {
    /// Index of the component.
    pub index: usize,
    /// Blocks in a row of the MCU.
    pub h: usize,
    /// Rows of blocks in the MCU.
    pub v: usize,
}

/// The order of the MCUs of a scan.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// MCUs in a row.
    pub mcus_x: usize,
    /// Rows of MCUs.
    pub mcus_y: usize,
    /// The components' share of an MCU.
    pub comps: Vec<ScanBlocks>,
    /// Scan rows that make up one row of MCUs of the frame.
    rows_per_mcu: usize,
}

impl Layout {
    /// The layout of `scan`: a scan of one component has MCUs of one block (T.81, A.2.2).
    pub(super) fn new(plan: &Plan, scan: &Scan) -> Self {
        if let [only] = &scan.components[..] {
            let comp = &plan.comps[only.index];
            let comps = vec![ScanBlocks { index: only.index, h: 1, v: 1 }];
            let (mcus_x, mcus_y) = comp.blocks;
            return Self { mcus_x, mcus_y, comps, rows_per_mcu: comp.v };
        }
        let blocks = |c: &super::markers::ScanComponent| {
            let comp = &plan.comps[c.index];
            ScanBlocks { index: c.index, h: comp.h, v: comp.v }
        };
        let comps = scan.components.iter().map(blocks).collect();
        Self { mcus_x: plan.mcus_x, mcus_y: plan.mcus_y, comps, rows_per_mcu: 1 }
    }
}

impl Layout {
    /// Blocks that the scan visits.
    pub(super) fn blocks(&self) -> usize {
        let in_mcu: usize = self.comps.iter().map(|c| c.h * c.v).sum();
        in_mcu * self.mcus_x * self.mcus_y
    }
}

/// Reads the MCUs of one scan in order.
pub(super) struct ScanReader<'a> {
    /// The bits.
    pub bits: BitReader<'a>,
    /// The order of the MCUs.
    pub layout: Layout,
    /// Damage met so far.
    pub damage: Damage,
    tolerant: bool,
    interval: usize,
    /// MCUs up to the next restart marker.
    left: usize,
    next_restart: u8,
    /// Whether the segment has no more data: the rest of it stays zero.
    exhausted: bool,
    /// Row of MCUs of the scan that is being read.
    row: usize,
}

impl<'a> ScanReader<'a> {
    /// Starts at the first MCU.
    pub(super) fn new(source: &'a [u8], data: usize, layout: Layout, tolerant: bool) -> Self {
        let bits = BitReader::new(source, data);
        let (damage, next_restart, exhausted, row) = (Damage::default(), 0, false, 0);
        let (interval, left) = (0, usize::MAX);
        Self { bits, layout, damage, tolerant, interval, left, next_restart, exhausted, row }
    }

    /// Expects a restart marker after each `interval` MCUs; 0: none.
    #[must_use]
    pub(super) const fn with_restarts(mut self, interval: usize) -> Self {
        (self.interval, self.left) = (interval, if interval == 0 { usize::MAX } else { interval });
        self
    }

    /// Notes that row `row` of the scan begins.
    pub(super) const fn begin_row(&mut self, row: usize) {
        self.row = row;
    }

    /// Whether the segment has no more data.
    #[inline(always)]
    pub(super) const fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    /// Before each MCU: whether it begins a new segment, so that predictions are reset.
    #[inline(always)]
    pub(super) fn begin_mcu(&mut self) -> Result<bool, ImageError> {
        let restart = self.left == 0;
        if restart {
            self.restart()?;
        }
        self.left -= 1;
        self.bits.prepare();
        Ok(restart)
    }

    /// After each MCU: looks for damage. `bad`: a code was invalid or a block too long.
    #[inline(always)]
    pub(super) fn end_mcu(&mut self, bad: bool) -> Result<(), ImageError> {
        if bad || self.bits.overran() || self.exhausted { self.damaged(bad) } else { Ok(()) }
    }

    #[cold]
    fn damaged(&mut self, bad: bool) -> Result<(), ImageError> {
        self.damage.at(self.row / self.layout.rows_per_mcu);
        // Zeros after the end may look like invalid codes: the end is the cause.
        let over = self.exhausted || self.bits.overran();
        if over && !self.exhausted {
            self.exhausted = true;
            self.bits.seek_marker();
            self.damage.ended |= matches!(self.bits.marker(), None | Some(0xD9));
        }
        self.damage.missing += u64::from(over);
        self.damage.bad_codes += u64::from(bad && !over);
        match (self.tolerant, over) {
            (true, _) => Ok(()),
            (false, true) => Err(self.ends_early()),
            (false, false) => Err(ImageError::corrupt(format!(
                "invalid code in row {} of {} of blocks",
                self.row + 1,
                self.layout.mcus_y
            ))),
        }
    }

    fn ends_early(&self) -> ImageError {
        let (row, rows) = (self.row, self.layout.mcus_y);
        if self.damage.ended {
            let share = row * 100 / rows;
            return ImageError::truncated(format!(
                "the data ends in row {} of {rows} of blocks ({share} % decoded)",
                row + 1
            ));
        }
        ImageError::corrupt(format!(
            "a marker cuts off the data in row {} of {rows} of blocks",
            row + 1
        ))
    }

    /// Goes to the next restart marker, as libjpeg's `jpeg_resync_to_restart` where it is not
    /// the expected one.
    #[cold]
    fn restart(&mut self) -> Result<(), ImageError> {
        self.left = self.interval;
        let expected = self.next_restart;
        self.next_restart = (expected + 1) & 7;
        self.damage.extraneous += self.bits.seek_marker();
        if self.bits.marker() == Some(0xD0 + expected) {
            self.bits.skip_marker();
            self.exhausted = false;
            return Ok(());
        }
        self.exhausted = true;
        let ended = matches!(self.bits.marker(), None | Some(0xD9));
        self.damage.ended |= ended;
        self.damage.restarts += u64::from(!ended);
        if !self.tolerant {
            return Err(if ended {
                self.ends_early()
            } else {
                ImageError::corrupt(format!(
                    "a restart marker is missing in row {} of {} of blocks",
                    self.row + 1,
                    self.layout.mcus_y
                ))
            });
        }
        self.damage.at(self.row / self.layout.rows_per_mcu);
        self.resync(expected);
        Ok(())
    }

    fn resync(&mut self, expected: u8) {
        while let Some(marker) = self.bits.marker() {
            let ahead = marker.wrapping_sub(0xD0 + expected) & 7;
            match marker {
                0xD0..=0xD7 if matches!(ahead, 1 | 2) => return,
                0xD0..=0xD7 if matches!(ahead, 6 | 7) => {}
                0xD0..=0xD7 => {
                    self.bits.skip_marker();
                    self.exhausted = false;
                    return;
                }
                0xC0..=0xFF => return,
                _ => {}
            }
            self.bits.skip_marker();
            self.bits.seek_marker();
        }
    }

    /// Goes to the marker after the scan; returns where it begins.
    pub(super) fn finish(&mut self) -> usize {
        self.damage.extraneous += self.bits.seek_marker();
        self.bits.source_position()
    }
}
