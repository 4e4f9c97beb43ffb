//! Sequential scans: all coefficients of a block at once (ITU-T T.81, annex F).
use super::bits::{Cursor, WINDOW};
use super::coefs::{Coefs, last_needed, positions};
use super::huffman::{Table, extend};
use super::markers::{Scan, Tables};
use super::plan::Plan;
use super::scan::{Layout, ScanReader};
use super::simd;
use crate::ImageError;

/// From how many MCUs on the table for skipping pays for itself.
const SKIP_FROM: usize = 4000;

struct BlockTables {
    dc: Table,
    ac: Table,
}

/// Decodes a sequential scan row by row.
pub(super) struct Sequential<'a> {
    reader: ScanReader<'a>,
    tables: Vec<BlockTables>,
    predictions: Vec<i32>,
}

impl<'a> Sequential<'a> {
    /// Prepares the tables of `scan`.
    pub(super) fn new(
        reader: ScanReader<'a>,
        plan: &Plan,
        scan: &Scan,
        tables: &Tables,
    ) -> Result<Self, ImageError> {
        let table = |c: &super::markers::ScanComponent| {
            let (dc, ac) = (tables.dc(c.dc)?, tables.ac(c.ac)?);
            let skips = plan.comps[c.index].n < 8 && plan.mcus_x * plan.mcus_y >= SKIP_FROM;
            Ok(BlockTables { dc, ac: if skips { ac.with_skip() } else { ac } })
        };
        let tables = scan.components.iter().map(table).collect::<Result<Vec<_>, ImageError>>()?;
        let predictions = vec![0; tables.len()];
        Ok(Self { reader, tables, predictions })
    }

    /// The layout of the scan.
    pub(super) const fn layout(&self) -> &Layout {
        &self.reader.layout
    }

    /// The reader, once all rows are decoded.
    pub(super) fn into_reader(self) -> ScanReader<'a> {
        self.reader
    }

    /// Decodes row `row` of the scan to row `to` of `coefs`, counted in MCUs of the scan.
    pub(super) fn row(
        &mut self,
        row: usize,
        to: usize,
        coefs: &mut Coefs,
    ) -> Result<(), ImageError> {
        simd::sequential_row(self, (row, to), coefs)
    }

    /// The code behind [`Sequential::row`], compiled for each kind of machine.
    #[inline(always)]
    pub(super) fn row_here(
        &mut self,
        (row, to): (usize, usize),
        coefs: &mut Coefs,
    ) -> Result<(), ImageError> {
        self.reader.begin_row(row);
        for x in 0..self.reader.layout.mcus_x {
            if self.reader.begin_mcu()? {
                self.predictions.fill(0);
            }
            let bad = if self.reader.is_exhausted() {
                self.clear_mcu(x, to, coefs);
                false
            } else {
                self.mcu(x, to, coefs)
            };
            self.reader.end_mcu(bad)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn mcu(&mut self, x: usize, to: usize, coefs: &mut Coefs) -> bool {
        let mut cursor = self.reader.bits.cursor;
        let window = self.reader.bits.window();
        let mut bad = false;
        let parts = self.reader.layout.comps.iter().zip(&self.tables).zip(&mut self.predictions);
        for ((comp, tables), prediction) in parts {
            let plane = &mut coefs.planes[comp.index];
            let (n, size) = (plane.n, plane.n * plane.n);
            for y in 0..comp.v {
                let start = ((to * comp.v + y) * plane.blocks_w + x * comp.h) * size;
                let Some(blocks) = plane.data.get_mut(start..start + comp.h * size) else {
                    return true;
                };
                for out in blocks.chunks_exact_mut(size) {
                    bad |= match n {
                        1 => block::<1>(&mut cursor, window, tables, (prediction, out)),
                        2 => block::<2>(&mut cursor, window, tables, (prediction, out)),
                        4 => block::<4>(&mut cursor, window, tables, (prediction, out)),
                        _ => block::<8>(&mut cursor, window, tables, (prediction, out)),
                    };
                }
            }
        }
        self.reader.bits.cursor = cursor;
        bad
    }

    #[cold]
    fn clear_mcu(&self, x: usize, to: usize, coefs: &mut Coefs) {
        for comp in &self.reader.layout.comps {
            let plane = &mut coefs.planes[comp.index];
            let size = plane.n * plane.n;
            for y in 0..comp.v {
                let start = ((to * comp.v + y) * plane.blocks_w + x * comp.h) * size;
                plane.data[start..start + comp.h * size].fill(0);
            }
        }
    }
}

/// Decodes one block to its `N`×`N` lowest frequencies; returns whether it was invalid.
#[inline(always)]
fn block<const N: usize>(
    cursor: &mut Cursor,
    window: &[u8; WINDOW],
    tables: &BlockTables,
    (prediction, out): (&mut i32, &mut [i16]),
) -> bool {
    cursor.refill(window);
    let symbol = tables.dc.lookup(cursor.bits);
    let difference = extend(cursor.bits << symbol.code_bits(), symbol.size());
    cursor.consume(symbol.total());
    *prediction = prediction.wrapping_add(difference);
    let mut bad = symbol.is_bad();
    let next = match N {
        1 => {
            out[0] = *prediction as i16;
            1
        }
        8 => {
            let Some(out) = out.first_chunk_mut::<64>() else { return true };
            out.fill(0);
            out[0] = *prediction as i16;
            needed::<8, 64>(cursor, window, &tables.ac, (out, &mut bad))
        }
        _ => {
            // One place more than is kept takes what is not needed.
            let mut kept = [0_i16; 32];
            kept[0] = *prediction as i16;
            let next = needed::<N, 32>(cursor, window, &tables.ac, (&mut kept, &mut bad));
            out.copy_from_slice(&kept[..N * N]);
            next
        }
    };
    bad | skip(cursor, window, &tables.ac, next)
}

/// Decodes AC coefficients up to the last that is needed; returns the next zigzag index,
/// 64 or more at the end of the block. `M` is a power of two above `N`².
#[inline(always)]
fn needed<const N: usize, const M: usize>(
    cursor: &mut Cursor,
    window: &[u8; WINDOW],
    ac: &Table,
    (out, bad): (&mut [i16; M], &mut bool),
) -> usize {
    let map = const { &positions(N) };
    let mut k = 1;
    while k <= const { last_needed(N) } {
        // A symbol takes up to 31 bits, usually 5.
        if cursor.count < 32 {
            cursor.refill(window);
        }
        let symbol = ac.lookup(cursor.bits);
        let value = extend(cursor.bits << symbol.code_bits(), symbol.size());
        cursor.consume(symbol.total());
        k += symbol.run() as usize;
        if symbol.size() == 0 {
            if symbol.run() != 15 {
                *bad |= symbol.is_bad();
                return 64;
            }
        } else {
            out[map[k] as usize & (M - 1)] = value as i16;
        }
        k += 1;
    }
    k
}

/// Passes over the coefficients from zigzag index `k` on; returns whether the block is invalid.
#[inline(always)]
fn skip(cursor: &mut Cursor, window: &[u8; WINDOW], ac: &Table, mut k: usize) -> bool {
    while k < 64 {
        if cursor.count < 32 {
            cursor.refill(window);
        }
        let (bits, passed, ended) = ac.skip(cursor.bits);
        // A block that is full has no end-of-block code: the last symbols go one by one.
        if bits > 0 && k + passed as usize + usize::from(ended) <= 64 {
            cursor.consume(bits);
            if ended {
                return false;
            }
            k += passed as usize;
            continue;
        }
        let symbol = ac.lookup(cursor.bits);
        cursor.consume(symbol.total());
        if symbol.size() == 0 && symbol.run() != 15 {
            return symbol.is_bad();
        }
        k += symbol.run() as usize + 1;
    }
    k > 64
}
