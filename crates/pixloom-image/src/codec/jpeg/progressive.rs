//! Progressive scans: coefficients bit by bit and band by band (ITU-T T.81, annex G).
use super::bits::{Cursor, WINDOW};
use super::coefs::{CoefPlane, Coefs, positions};
use super::huffman::{Table, extend};
use super::markers::{Scan, Tables};
use super::scan::ScanReader;
use super::simd;
use crate::ImageError;

/// One pass over the coefficients from `first` to `last`, at bit `low`.
struct Band {
    first: usize,
    last: usize,
    low: u32,
    /// Whether an earlier pass gave the higher bits.
    refines: bool,
}

/// Decodes a progressive scan row by row.
pub(super) struct Progressive<'a> {
    /// The bits and their order.
    pub reader: ScanReader<'a>,
    band: Band,
    tables: Vec<Table>,
    predictions: Vec<i32>,
    /// Blocks that are still to be ended without a code of their own.
    end_run: u32,
}

impl<'a> Progressive<'a> {
    /// Prepares the tables of `scan`.
    ///
    /// # Errors
    /// `Corrupt` if the parameters break the rules of T.81, G.1.1.1.
    pub(super) fn new(
        reader: ScanReader<'a>,
        scan: &Scan,
        tables: &Tables,
    ) -> Result<Self, ImageError> {
        let Scan { first, last, low, high, .. } = *scan;
        let band = if first == 0 { last == 0 } else { last >= first && last < 64 };
        let alone = first == 0 || scan.components.len() == 1;
        if !band || !alone || low > 13 || (high > 0 && high != low + 1) {
            return Err(ImageError::corrupt("a scan breaks the rules of progressive JPEG"));
        }
        let refines = high > 0;
        let table = |c: &super::markers::ScanComponent| {
            if first == 0 { tables.dc(c.dc) } else { tables.ac(c.ac) }
        };
        let tables = scan.components.iter().map(table).collect::<Result<Vec<_>, _>>()?;
        let predictions = vec![0; tables.len()];
        let band = Band { first, last, low, refines };
        Ok(Self { reader, band, tables, predictions, end_run: 0 })
    }

    /// Decodes row `row` of the scan, counted in MCUs of the scan.
    pub(super) fn row(&mut self, row: usize, coefs: &mut Coefs) -> Result<(), ImageError> {
        simd::progressive_row(self, row, coefs)
    }

    /// The code behind [`Progressive::row`], compiled for each kind of machine.
    #[inline(always)]
    pub(super) fn row_here(&mut self, row: usize, coefs: &mut Coefs) -> Result<(), ImageError> {
        self.reader.begin_row(row);
        for x in 0..self.reader.layout.mcus_x {
            if self.reader.begin_mcu()? {
                self.predictions.fill(0);
                self.end_run = 0;
            }
            let bad = !self.reader.is_exhausted() && self.mcu(x, row, coefs);
            self.reader.end_mcu(bad)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn mcu(&mut self, x: usize, row: usize, coefs: &mut Coefs) -> bool {
        let mut cursor = self.reader.bits.cursor;
        let window = self.reader.bits.window();
        let mut bad = false;
        for (i, comp) in self.reader.layout.comps.iter().enumerate() {
            let plane = &mut coefs.planes[comp.index];
            for (y, x) in (0..comp.v).flat_map(|y| (0..comp.h).map(move |i| (y, x * comp.h + i))) {
                let at = (row * comp.v + y) * plane.blocks_w + x;
                let mut block = Block::of(plane, at);
                let table = &self.tables[i];
                bad |= match (self.band.first, self.band.refines) {
                    (0, false) => dc_first(
                        &mut cursor,
                        window,
                        table,
                        (&mut self.predictions[i], &mut block, self.band.low),
                    ),
                    (0, true) => {
                        cursor.refill(window);
                        block.coefs[0] |= (cursor.take(1) << self.band.low) as i16;
                        false
                    }
                    (_, false) => self.band.ac_first(
                        &mut cursor,
                        window,
                        table,
                        (&mut block, &mut self.end_run),
                    ),
                    (_, true) => self.band.ac_refine(
                        &mut cursor,
                        window,
                        table,
                        (&mut block, &mut self.end_run),
                    ),
                };
            }
        }
        self.reader.bits.cursor = cursor;
        bad
    }
}

/// One block: the coefficients that are kept, and which of all are not zero.
struct Block<'a> {
    coefs: &'a mut [i16],
    seen: &'a mut u64,
    map: &'static [u8; 80],
}

impl<'a> Block<'a> {
    fn of(plane: &'a mut CoefPlane, at: usize) -> Self {
        let (size, map) = match plane.n {
            1 => (1, const { &positions(1) }),
            2 => (4, const { &positions(2) }),
            4 => (16, const { &positions(4) }),
            _ => (64, const { &positions(8) }),
        };
        let coefs = &mut plane.data[at * size..(at + 1) * size];
        Self { coefs, seen: &mut plane.seen[at], map }
    }

    #[inline(always)]
    fn set(&mut self, k: usize, value: i32) {
        *self.seen |= 1 << k;
        if let Some(coef) = self.coefs.get_mut(self.map[k] as usize) {
            *coef = value as i16;
        }
    }

    /// Adds bit `low` to coefficient `k`, away from zero.
    #[inline(always)]
    fn refine(&mut self, k: usize, low: u32) {
        if let Some(coef) = self.coefs.get_mut(self.map[k] as usize) {
            let bit = 1_i16 << low;
            if *coef & bit == 0 {
                *coef = coef.wrapping_add(if *coef >= 0 { bit } else { -bit });
            }
        }
    }
}

fn dc_first(
    cursor: &mut Cursor,
    window: &[u8; WINDOW],
    table: &Table,
    (prediction, block, low): (&mut i32, &mut Block<'_>, u32),
) -> bool {
    cursor.refill(window);
    let symbol = table.lookup(cursor.bits);
    let difference = extend(cursor.bits << symbol.code_bits(), symbol.size());
    cursor.consume(symbol.total());
    *prediction = prediction.wrapping_add(difference);
    block.coefs[0] = (*prediction << low) as i16;
    symbol.is_bad()
}

impl Band {
    #[inline(always)]
    fn ac_first(
        &self,
        cursor: &mut Cursor,
        window: &[u8; WINDOW],
        table: &Table,
        (block, end_run): (&mut Block<'_>, &mut u32),
    ) -> bool {
        if *end_run > 0 {
            *end_run -= 1;
            return false;
        }
        let mut k = self.first;
        while k <= self.last {
            cursor.refill(window);
            let symbol = table.lookup(cursor.bits);
            let run = symbol.run();
            if symbol.size() == 0 && run != 15 {
                cursor.consume(symbol.code_bits());
                *end_run = (1 << run) - 1 + cursor.take(run);
                return symbol.is_bad();
            }
            let value = extend(cursor.bits << symbol.code_bits(), symbol.size());
            cursor.consume(symbol.total());
            k += run as usize;
            if symbol.size() > 0 {
                if k > self.last {
                    return true;
                }
                block.set(k, value << self.low);
            }
            k += 1;
        }
        k > 64
    }

    #[inline(always)]
    fn ac_refine(
        &self,
        cursor: &mut Cursor,
        window: &[u8; WINDOW],
        table: &Table,
        (block, end_run): (&mut Block<'_>, &mut u32),
    ) -> bool {
        let mut k = self.first;
        while *end_run == 0 && k <= self.last {
            cursor.refill(window);
            let symbol = table.lookup(cursor.bits);
            cursor.consume(symbol.code_bits());
            let (run, size) = (symbol.run(), symbol.size());
            if size == 0 && run != 15 {
                *end_run = (1 << run) + cursor.take(run);
                if symbol.is_bad() {
                    return true;
                }
                break;
            }
            if size > 1 {
                return true;
            }
            let positive = size > 0 && cursor.take(1) == 1;
            k = self.refine_over(cursor, window, (block, k, run));
            if size > 0 {
                if k > self.last {
                    return true;
                }
                block.set(k, if positive { 1 << self.low } else { -(1 << self.low) });
            }
            k += 1;
        }
        if *end_run > 0 {
            self.refine_over(cursor, window, (block, k, 64));
            *end_run -= 1;
        }
        false
    }

    /// Refines what is not zero from `k` on, up to and including `zeros` zeros; returns the
    /// index of the zero after them.
    #[inline(always)]
    fn refine_over(
        &self,
        cursor: &mut Cursor,
        window: &[u8; WINDOW],
        (block, mut k, mut zeros): (&mut Block<'_>, usize, u32),
    ) -> usize {
        let seen = *block.seen;
        while k <= self.last {
            if seen >> k & 1 == 0 {
                // Most coefficients are zero: pass over as many at once as the run allows.
                let ahead = (seen >> k).trailing_zeros().min((self.last + 1 - k) as u32);
                if zeros < ahead {
                    return k + zeros as usize;
                }
                zeros -= ahead;
                k += ahead as usize;
                continue;
            }
            if cursor.count == 0 {
                cursor.refill(window);
            }
            if cursor.take(1) == 1 {
                block.refine(k, self.low);
            }
            k += 1;
        }
        k
    }
}
