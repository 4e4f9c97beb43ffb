//! Huffman tables (ITU-T T.81, annexes C and F) made into lookups of whole symbols.
use crate::ImageError;

/// Bits looked up at once; longer codes take the slow way.
const LOOK: u32 = 11;
/// Bits looked up at once when symbols are only skipped.
const SKIP: u32 = 13;

/// One symbol: its code, run of zeros and number of value bits, packed.
///
/// Bits 0-5: code and value bits together; 8-12: code bits; 16-19: value bits; 20-23: run;
/// 30: the code was invalid; 31: always set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Symbol(u32);

impl Symbol {
    const NONE: Self = Self(0);
    /// An invalid code: 17 bits dropped and read as symbol 0, as libjpeg conceals it.
    const BAD: Self = Self((17 << 8) + 17 + (1 << 30) + (1 << 31));

    const fn new(code_bits: u32, value: u8) -> Self {
        let (run, size) = ((value >> 4) as u32, (value & 15) as u32);
        Self((code_bits + size) | code_bits << 8 | size << 16 | run << 20 | 1 << 31)
    }

    /// Code and value bits together.
    #[inline(always)]
    pub(super) const fn total(self) -> u32 {
        self.0 & 63
    }

    /// Code bits.
    #[inline(always)]
    pub(super) const fn code_bits(self) -> u32 {
        (self.0 >> 8) & 31
    }

    /// Value bits (the low nibble of the symbol).
    #[inline(always)]
    pub(super) const fn size(self) -> u32 {
        (self.0 >> 16) & 15
    }

    /// Zeros before the value (the high nibble of the symbol).
    #[inline(always)]
    pub(super) const fn run(self) -> u32 {
        (self.0 >> 20) & 15
    }

    /// Whether the code was not in the table.
    #[inline(always)]
    pub(super) const fn is_bad(self) -> bool {
        self.0 & 1 << 30 != 0
    }
}

/// The value of `size` bits at the top of `aligned`, sign-extended as in T.81 F.2.2.1.
#[inline(always)]
pub(super) const fn extend(aligned: u64, size: u32) -> i32 {
    let raw = ((aligned >> 1) >> (63 - size)) as i32;
    let negative = -((!aligned >> 63) as i32);
    raw - (negative & ((1 << size) - 1))
}

/// A table as the file defines it.
#[derive(Clone)]
pub(super) struct HuffmanSpec {
    /// Codes of each length from 1 to 16.
    pub counts: [u8; 16],
    /// Symbols in the order of their codes.
    pub values: Vec<u8>,
}

/// A table ready for decoding.
pub(super) struct Table {
    look: Box<[Symbol; 1 << LOOK]>,
    /// Symbols in the order of their codes.
    symbols: Vec<Symbol>,
    /// For each code length, the first 16-bit prefix that is beyond its codes.
    beyond: [u32; 17],
    /// For each code length, index of its first symbol minus its first code.
    offset: [i32; 17],
    skip: Option<Box<[u16; 1 << SKIP]>>,
}

impl Table {
    /// Builds the lookups.
    ///
    /// # Errors
    /// `Corrupt` if the code lengths do not form a prefix code.
    pub(super) fn new(spec: &HuffmanSpec) -> Result<Self, ImageError> {
        let mut table = Self {
            look: Box::new([Symbol::NONE; 1 << LOOK]),
            symbols: Vec::with_capacity(spec.values.len()),
            beyond: [0; 17],
            offset: [0; 17],
            skip: None,
        };
        let mut code = 0_u32;
        let mut values = spec.values.iter();
        for length in 1..=16_u32 {
            table.offset[length as usize] = table.symbols.len() as i32 - code as i32;
            for &value in values.by_ref().take(spec.counts[length as usize - 1] as usize) {
                let symbol = Symbol::new(length, value);
                table.symbols.push(symbol);
                if length <= LOOK {
                    let first = (code << (LOOK - length)) as usize;
                    let places = table.look.get_mut(first..first + (1 << (LOOK - length)));
                    places.ok_or_else(overfull)?.fill(symbol);
                }
                code += 1;
            }
            // No code is all ones (T.81, C.2).
            if spec.counts[length as usize - 1] > 0 && code >= 1 << length {
                return Err(overfull());
            }
            table.beyond[length as usize] = code << (16 - length);
            code <<= 1;
        }
        Ok(table)
    }

    /// Builds the lookups of a DC table, whose symbols are sizes up to 15.
    pub(super) fn dc(spec: &HuffmanSpec) -> Result<Self, ImageError> {
        if spec.values.iter().any(|&value| value > 15) {
            return Err(ImageError::corrupt("a DC Huffman table has an impossible symbol"));
        }
        Self::new(spec)
    }

    /// The symbol whose code is at the top of `bits`.
    #[inline(always)]
    pub(super) fn lookup(&self, bits: u64) -> Symbol {
        let symbol = self.look[(bits >> (64 - LOOK)) as usize];
        if symbol == Symbol::NONE { self.lookup_long(bits) } else { symbol }
    }

    #[cold]
    #[inline(never)]
    fn lookup_long(&self, bits: u64) -> Symbol {
        let prefix = (bits >> 48) as u32;
        for length in LOOK + 1..=16 {
            if prefix < self.beyond[length as usize] {
                let code = (prefix >> (16 - length)) as i32;
                let index = (code + self.offset[length as usize]) as usize;
                return self.symbols.get(index).copied().unwrap_or(Symbol::BAD);
            }
        }
        Symbol::BAD
    }

    /// Adds the lookup behind [`Table::skip`]; worth its cost for larger pictures only.
    pub(super) fn with_skip(mut self) -> Self {
        let mut skip = vec![0_u16; 1 << SKIP].into_boxed_slice();
        for (prefix, entry) in skip.iter_mut().enumerate() {
            *entry = self.skip_entry((prefix as u64) << (64 - SKIP));
        }
        self.skip = skip.try_into().ok();
        self
    }

    fn skip_entry(&self, prefix: u64) -> u16 {
        let (mut used, mut passed) = (0, 0);
        loop {
            let symbol = self.look[((prefix << used) >> (64 - LOOK)) as usize];
            if symbol == Symbol::NONE || used + symbol.total() > SKIP {
                return (used | passed << 4) as u16;
            }
            if symbol.size() == 0 && symbol.run() != 15 {
                return ((used + symbol.total()) | (passed << 4) | (1 << 11)) as u16;
            }
            if passed + symbol.run() + 1 > 63 {
                return (used | passed << 4) as u16;
            }
            used += symbol.total();
            passed += symbol.run() + 1;
        }
    }

    /// Several AC symbols at once: bits to drop, coefficients passed, whether the block ended.
    /// 0 bits: look at the single symbol.
    #[inline(always)]
    pub(super) fn skip(&self, bits: u64) -> (u32, u32, bool) {
        let Some(skip) = &self.skip else { return (0, 0, false) };
        let entry = skip[(bits >> (64 - SKIP)) as usize] as u32;
        (entry & 15, (entry >> 4) & 127, entry & 1 << 11 != 0)
    }
}

fn overfull() -> ImageError {
    ImageError::corrupt("a Huffman table has more codes than fit")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> HuffmanSpec {
        // Codes 00, 01, 100, and one of 16 bits: 1010000000000000.
        let mut counts = [0; 16];
        (counts[1], counts[2], counts[15]) = (2, 1, 1);
        HuffmanSpec { counts, values: vec![0x00, 0x11, 0xF0, 0x25] }
    }

    #[test]
    fn codes_of_all_lengths_are_found() {
        let table = Table::new(&spec()).unwrap();
        let find = |prefix: u64| table.lookup(prefix << 48);
        assert_eq!(find(0x4000).code_bits(), 2);
        assert_eq!((find(0x4000).run(), find(0x4000).size(), find(0x4000).total()), (1, 1, 3));
        assert_eq!((find(0x8000).run(), find(0x8000).size()), (15, 0));
        assert_eq!((find(0xA000).run(), find(0xA000).code_bits()), (2, 16));
        assert!(find(0xA001).is_bad() && find(0xFFFF).is_bad());
    }

    #[test]
    fn too_many_codes_are_refused() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(Table::new(&HuffmanSpec { counts, values: vec![1, 2, 3] }).is_err());
    }

    #[test]
    fn skipping_passes_whole_symbols() {
        let table = Table::new(&spec()).unwrap().with_skip();
        // 01x (run 1 + value), 01x, 00 (end of block)
        let bits = 0b0110_1000_u64 << 56;
        assert_eq!(table.skip(bits), (8, 4, true));
    }

    #[test]
    fn values_extend_their_sign() {
        assert_eq!(extend(0, 0), 0);
        assert_eq!(extend(u64::MAX, 0), 0);
        assert_eq!(extend(1 << 63, 1), 1);
        assert_eq!(extend(0, 1), -1);
        assert_eq!(extend(0b010 << 61, 3), -5);
        assert_eq!(extend(0b101 << 61, 3), 5);
    }
}
