//! Bits of entropy-coded data: removes stuffed zeros, stops at markers, pads with zeros.
use memchr::memchr;

/// Bytes that one MCU can take at most: 10 blocks of 64 symbols of 31 bits, and then some.
const MARGIN: usize = 4096;
/// Bytes of the window of unstuffed data.
pub(super) const WINDOW: usize = 16384;

/// Where reading stands in the window: the part that hot loops keep in registers.
#[derive(Clone, Copy, Default)]
pub(super) struct Cursor {
    /// Bits not yet consumed, the next one on top.
    pub bits: u64,
    /// How many of `bits` are certain to be there.
    pub count: u32,
    /// The next byte of the window to load.
    pos: usize,
}

impl Cursor {
    /// Tops up to at least 56 bits without a branch (Giesen, "Reading bits in far too many
    /// ways", 2018): bits that are loaded twice are the same bits.
    #[inline(always)]
    pub(super) fn refill(&mut self, window: &[u8; WINDOW]) {
        if let Some(bytes) = window.get(self.pos..).and_then(|rest| rest.first_chunk::<8>()) {
            self.bits |= u64::from_be_bytes(*bytes) >> self.count;
        }
        self.pos += ((63 - self.count) >> 3) as usize;
        self.count |= 0x38;
    }

    /// Drops `count` bits, which must have been there.
    #[inline(always)]
    pub(super) const fn consume(&mut self, count: u32) {
        self.bits <<= count;
        self.count -= count;
    }

    /// Takes `count` bits (0 to 16) as an unsigned number; refill first.
    #[inline(always)]
    pub(super) const fn take(&mut self, count: u32) -> u32 {
        let value = ((self.bits >> 1) >> (63 - count)) as u32;
        self.consume(count);
        value
    }

    /// Bits consumed since the start of the window.
    const fn consumed(self) -> usize {
        self.pos * 8 - self.count as usize
    }
}

/// Reads one entropy-coded segment after another.
pub(super) struct BitReader<'a> {
    source: &'a [u8],
    /// The next byte of `source` to look at; a marker's first byte once `ended`.
    next: usize,
    window: Box<[u8; WINDOW]>,
    /// Bytes of the window that hold data.
    end: usize,
    /// Whether a marker or the end of the file was met; the window is then padded with zeros.
    ended: bool,
    /// Position; hot loops copy it out and back.
    pub cursor: Cursor,
}

impl<'a> BitReader<'a> {
    /// Starts at byte `at` of `source`.
    pub(super) fn new(source: &'a [u8], at: usize) -> Self {
        Self {
            source,
            next: at,
            window: Box::new([0; WINDOW]),
            end: 0,
            ended: false,
            cursor: Cursor::default(),
        }
    }

    /// The unstuffed bytes around the cursor.
    #[inline(always)]
    pub(super) fn window(&self) -> &[u8; WINDOW] {
        &self.window
    }

    /// Makes sure that one MCU can be read without looking at the source.
    #[inline(always)]
    pub(super) fn prepare(&mut self) {
        if !self.ended && self.end < self.cursor.pos + MARGIN {
            self.fill();
        }
    }

    #[inline(never)]
    fn fill(&mut self) {
        // Eight bytes stay before the cursor, so that the count of consumed bits stays positive.
        let from = self.cursor.pos.saturating_sub(8).min(self.end);
        self.window.copy_within(from..self.end, 0);
        self.end -= from;
        self.cursor.pos -= from;
        while !self.ended && self.end < WINDOW - MARGIN {
            let room = WINDOW - MARGIN - self.end;
            let rest = self.source.get(self.next..).unwrap_or_default();
            let chunk = rest.get(..room).unwrap_or(rest);
            let plain = memchr(0xFF, chunk).unwrap_or(chunk.len());
            self.window[self.end..self.end + plain].copy_from_slice(&chunk[..plain]);
            self.end += plain;
            self.next += plain;
            match &rest[plain..] {
                [0xFF, 0, ..] => {
                    self.window[self.end] = 0xFF;
                    self.end += 1;
                    self.next += 2;
                }
                [0xFF, 0xFF, ..] => self.next += 1,
                [] | [0xFF, ..] => self.ended = true,
                _ => {}
            }
        }
        if self.ended {
            self.window[self.end..].fill(0);
        }
    }

    /// Whether more bits were consumed than the segment has.
    #[inline(always)]
    pub(super) const fn overran(&self) -> bool {
        self.ended && self.cursor.consumed() > self.end * 8
    }

    /// Goes to the marker that ends the segment; returns the bytes skipped on the way.
    pub(super) fn seek_marker(&mut self) -> u64 {
        let used = self.cursor.consumed().div_ceil(8).min(self.end);
        let mut skipped = (self.end - used) as u64;
        while !self.ended {
            (self.end, self.cursor) = (0, Cursor::default());
            self.fill();
            skipped += self.end as u64;
        }
        self.end = 0;
        self.cursor = Cursor::default();
        skipped
    }

    /// The marker that ended the segment; `None` at the end of the file.
    pub(super) fn marker(&self) -> Option<u8> {
        self.ended.then(|| self.source.get(self.next + 1).copied()).flatten()
    }

    /// Steps over the marker and starts the segment after it.
    pub(super) fn skip_marker(&mut self) {
        self.next = (self.next + 2).min(self.source.len());
        self.end = 0;
        self.ended = false;
        self.cursor = Cursor::default();
    }

    /// Where the marker that ended the segment begins in the source.
    pub(super) const fn source_position(&self) -> usize {
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unstuffs_stops_and_pads() {
        let source = [0xAB, 0xFF, 0x00, 0xFF, 0xFF, 0x00, 0x12, 0xFF, 0xD0, 0x77, 0xFF];
        let mut reader = BitReader::new(&source, 0);
        reader.prepare();
        let mut cursor = reader.cursor;
        cursor.refill(reader.window());
        assert_eq!(cursor.take(8), 0xAB);
        assert_eq!(cursor.take(16), 0xFFFF);
        assert_eq!(cursor.take(8), 0x12);
        reader.cursor = cursor;
        assert!(!reader.overran());
        assert_eq!(reader.cursor.take(4), 0, "padding is zero");
        assert!(reader.overran());
        assert_eq!((reader.seek_marker(), reader.marker()), (0, Some(0xD0)));
        reader.skip_marker();
        reader.prepare();
        assert_eq!(reader.seek_marker(), 1);
        assert_eq!(reader.marker(), None);
    }

    #[test]
    fn long_data_passes_through_the_window() {
        let source: Vec<u8> = (0..100_000_u32).map(|i| (i % 251) as u8).collect();
        let mut reader = BitReader::new(&source, 0);
        for expected in &source {
            reader.prepare();
            let mut cursor = reader.cursor;
            cursor.refill(reader.window());
            assert_eq!(cursor.take(8), u32::from(*expected));
            reader.cursor = cursor;
        }
        assert!(!reader.overran());
    }
}
