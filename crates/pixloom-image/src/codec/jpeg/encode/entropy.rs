//! Huffman coding of quantised blocks (ITU-T T.81, annexes F.1 and G.1).
use std::io::Write;

use super::super::huffman::HuffmanSpec;
use super::super::markers::ZIGZAG;
use super::super::{simd, tables};
use super::forward::{Forward, Strip};
use super::optimal;
use crate::ImageError;

/// Numbers of tables: DC and AC of luminance and chrominance.
const AC: usize = 2;

/// A Huffman table for writing.
pub(super) struct Code {
    /// As written to the file.
    pub spec: HuffmanSpec,
    /// Code and its length, by symbol.
    codes: [(u16, u8); 256],
}

impl Code {
    /// Numbers the codes of `spec` (T.81, annex C.2).
    pub(super) fn new(spec: HuffmanSpec) -> Self {
        let mut codes = [(0, 0); 256];
        let (mut code, mut values) = (0_u32, spec.values.iter());
        for (length, &count) in (1..).zip(&spec.counts) {
            for &value in values.by_ref().take(count.into()) {
                codes[usize::from(value)] = (code as u16, length);
                code += 1;
            }
            code <<= 1;
        }
        Self { spec, codes }
    }

    /// The tables of annex K: DC luminance, DC chrominance, AC luminance, AC chrominance.
    pub(super) fn standard() -> [Self; 4] {
        [&tables::DC_LUMA, &tables::DC_CHROMA, &tables::AC_LUMA, &tables::AC_CHROMA]
            .map(|table| Self::new(table.spec()))
    }
}

/// Takes symbols and the bits that follow them.
pub(in super::super) trait Symbols {
    /// Symbol `symbol` of table `table`, then the lowest `count` bits of `bits`.
    fn put(&mut self, table: usize, symbol: u8, bits: u32, count: u32);

    /// The last DC coefficient of a component in this scan.
    fn prediction(&mut self, component: usize) -> &mut i16;
}

/// Counts symbols.
pub(super) struct Counter {
    counts: [[u32; 256]; 4],
    predictions: [i16; 3],
}

impl Default for Counter {
    fn default() -> Self {
        Self { counts: [[0; 256]; 4], predictions: [0; 3] }
    }
}

impl Counter {
    /// The best tables for what was counted; empty where nothing was.
    pub(super) fn codes(&self) -> [Code; 4] {
        self.counts.each_ref().map(|counts| Code::new(optimal::table(counts)))
    }
}

impl Symbols for Counter {
    fn put(&mut self, table: usize, symbol: u8, _: u32, _: u32) {
        self.counts[table][usize::from(symbol)] += 1;
    }

    fn prediction(&mut self, component: usize) -> &mut i16 {
        &mut self.predictions[component]
    }
}

/// Writes codes.
pub(in super::super) struct Writer {
    codes: [Code; 4],
    /// Bits not yet written, the oldest on top of the lowest `count`.
    bits: u64,
    count: u32,
    bytes: Vec<u8>,
    predictions: [i16; 3],
}

impl Writer {
    /// Starts a scan.
    pub(super) fn new(codes: [Code; 4]) -> Self {
        Self { codes, bits: 0, count: 0, bytes: Vec::new(), predictions: [0; 3] }
    }

    /// The tables.
    pub(super) const fn codes(&self) -> &[Code; 4] {
        &self.codes
    }

    #[inline(always)]
    fn write(&mut self, bits: u32, count: u32) {
        self.bits = self.bits << count | u64::from(bits);
        self.count += count;
        if self.count >= 32 {
            self.count -= 32;
            let word = (self.bits >> self.count) as u32;
            let bytes = word.to_be_bytes();
            // No byte is 0xFF: none of the inverted word is zero.
            if (!word).wrapping_sub(0x0101_0101) & word & 0x8080_8080 == 0 {
                self.bytes.extend_from_slice(&bytes);
            } else {
                for byte in bytes {
                    self.stuff(byte);
                }
            }
        }
    }

    fn stuff(&mut self, byte: u8) {
        self.bytes.push(byte);
        if byte == 0xFF {
            self.bytes.push(0);
        }
    }

    /// Hands over whole bytes.
    pub(super) fn flush(&mut self, out: &mut dyn Write) -> Result<(), ImageError> {
        out.write_all(&self.bytes)?;
        self.bytes.clear();
        Ok(())
    }

    /// Fills the last byte with ones and hands over everything.
    pub(super) fn finish(mut self, out: &mut dyn Write) -> Result<(), ImageError> {
        self.write(0x7F, 7);
        while self.count >= 8 {
            self.count -= 8;
            self.stuff((self.bits >> self.count) as u8);
        }
        self.flush(out)
    }
}

impl Symbols for Writer {
    #[inline(always)]
    fn put(&mut self, table: usize, symbol: u8, bits: u32, count: u32) {
        let (code, length) = self.codes[table].codes[usize::from(symbol)];
        self.write(u32::from(code) << count | bits, u32::from(length) + count);
    }

    fn prediction(&mut self, component: usize) -> &mut i16 {
        &mut self.predictions[component]
    }
}

/// Value bits of a coefficient and their number (T.81, F.1.2.1).
#[inline(always)]
fn value_bits(value: i32) -> (u32, u32) {
    let size = 32 - value.unsigned_abs().leading_zeros();
    let bits = if value < 0 { value - 1 } else { value };
    (bits as u32 & ((1 << size) - 1), size)
}

/// Zigzag index of each natural position.
static ORDER: [u8; 64] = {
    let mut order = [0; 64];
    let mut k = 0;
    while k < 64 {
        order[ZIGZAG[k] as usize] = k as u8;
        k += 1;
    }
    order
};

/// The set bits of `mask` moved from natural positions to zigzag indices.
#[inline(always)]
fn in_zigzag(mut mask: u64) -> u64 {
    let mut moved = 0;
    while mask != 0 {
        moved |= 1 << ORDER[mask.trailing_zeros() as usize];
        mask &= mask - 1;
    }
    moved
}

#[inline(always)]
fn dc(symbols: &mut impl Symbols, component: usize, value: i16) {
    let last = std::mem::replace(symbols.prediction(component), value);
    let (bits, size) = value_bits(i32::from(value) - i32::from(last));
    symbols.put(component.min(1), size as u8, bits, size);
}

/// The AC coefficients among `mask` (bits of zigzag indices) from index `first` on; returns the
/// index after the last.
#[inline(always)]
fn ac(
    symbols: &mut impl Symbols,
    table: usize,
    block: &[i16; 64],
    (mut mask, mut next): (u64, usize),
) -> usize {
    while mask != 0 {
        let k = mask.trailing_zeros() as usize;
        mask &= mask - 1;
        let mut run = k - next;
        while run > 15 {
            symbols.put(table, 0xF0, 0, 0);
            run -= 16;
        }
        let (bits, size) = value_bits(block[ZIGZAG[k] as usize].into());
        symbols.put(table, (run << 4) as u8 | size as u8, bits, size);
        next = k + 1;
    }
    next
}

/// Visits the blocks of `strip` in MCU order.
#[inline(always)]
fn mcus(forward: &Forward, strip: &Strip, mut visit: impl FnMut(usize, &[i16; 64])) {
    let first = &forward.components[0];
    let rows = strip.blocks[0].len() / (forward.mcus_x * first.h * first.v);
    for row in 0..rows {
        for x in 0..forward.mcus_x {
            for (i, (c, blocks)) in forward.components.iter().zip(&strip.blocks).enumerate() {
                for y in 0..c.v {
                    let at = (row * c.v + y) * forward.mcus_x * c.h + x * c.h;
                    for block in &blocks[at..at + c.h] {
                        visit(i, block);
                    }
                }
            }
        }
    }
}

/// All coefficients of all components.
#[inline(always)]
pub(in super::super) fn interleaved(forward: &Forward, strip: &Strip, symbols: &mut impl Symbols) {
    mcus(forward, strip, |component, block| whole(symbols, component, block));
}

#[inline(always)]
fn whole(symbols: &mut impl Symbols, component: usize, block: &[i16; 64]) {
    dc(symbols, component, block[0]);
    let table = AC + component.min(1);
    let mask = in_zigzag(simd::nonzero(block)) & !1;
    if ac(symbols, table, block, (mask, 1)) < 64 {
        symbols.put(table, 0, 0, 0);
    }
}

/// The DC coefficients of all components.
pub(super) fn dc_only(forward: &Forward, strip: &Strip, symbols: &mut impl Symbols) {
    mcus(forward, strip, |component, block| dc(symbols, component, block[0]));
}

/// The coefficients of one component from zigzag index `first` to `last`; runs of blocks that
/// end early share a code.
pub(super) fn band(
    forward: &Forward,
    strip: &Strip,
    (component, (first, last)): (usize, (usize, usize)),
    symbols: &mut impl Symbols,
) {
    let table = AC + component.min(1);
    let c = &forward.components[component];
    let within = (u64::MAX >> (63 - last)) & (u64::MAX << first);
    let mut ended = 0_u32;
    let end = |symbols: &mut _, ended: &mut u32| {
        if let Some(size) = ended.checked_ilog2() {
            Symbols::put(symbols, table, (size << 4) as u8, *ended - (1 << size), size);
        }
        *ended = 0;
    };
    for row in strip.blocks[component].chunks_exact(forward.mcus_x * c.h).take(c.blocks.1) {
        for block in &row[..c.blocks.0] {
            let mask = in_zigzag(simd::nonzero(block)) & within;
            if mask != 0 {
                end(symbols, &mut ended);
            }
            if ac(symbols, table, block, (mask, first)) <= last {
                ended += 1;
            }
            if ended == 0x7FFF {
                end(symbols, &mut ended);
            }
        }
    }
    end(symbols, &mut ended);
}
