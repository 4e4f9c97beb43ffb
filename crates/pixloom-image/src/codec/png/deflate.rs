//! Deflate for filtered PNG bands: a Huffman-and-zero-run coder for speed, zlib for size.
//!
//! Each band becomes whole deflate blocks (RFC 1951) and ends on a byte boundary with an empty
//! stored block, so that bands compressed apart can be put one after the other.
use flate2::{Compress, Compression, FlushCompress, Status};

use crate::ImageError;

/// An empty stored block, not the last one: aligns a stream to a byte.
const SYNC: [u8; 4] = [0, 0, 0xff, 0xff];
/// The end of every stream: an empty stored block, the last one.
pub(super) const LAST_BLOCK: [u8; 5] = [1, 0, 0, 0xff, 0xff];

/// Bytes that share a Huffman code.
const BLOCK_BYTES: usize = 1 << 17;

const SYMBOLS: usize = 286;
const END_OF_BLOCK: usize = 256;
/// Longest code: four literals fit into 48 bits of a 64-bit buffer.
const MAX_BITS: u8 = 12;
const LENGTH_SYMBOL_258: usize = 285;

/// Compresses a band with zlib at `level` (1 to 9) into byte-aligned deflate blocks.
pub(super) fn zlib_band(data: &[u8], level: u32) -> Result<Vec<u8>, ImageError> {
    let mut coder = Compress::new(Compression::new(level), false);
    let mut out = Vec::with_capacity(data.len() / 2 + 64);
    loop {
        let consumed = coder.total_in() as usize;
        let status = coder
            .compress_vec(&data[consumed..], &mut out, FlushCompress::Sync)
            .map_err(|error| ImageError::encode("deflate failed").with_source(error))?;
        let done = coder.total_in() as usize == data.len() && out.len() < out.capacity();
        if done || status == Status::StreamEnd {
            return Ok(out);
        }
        out.reserve(data.len() / 4 + 64);
    }
}

/// A band compressed by [`huffman_band`].
pub(super) struct HuffmanBand {
    pub(super) packed: Vec<u8>,
    /// Bytes of `data` that lie in runs of zeros: tells drawings from photographs.
    pub(super) zeros: usize,
}

/// Compresses a band with Huffman codes made for each block, and runs of zeros as the only
/// matches.
pub(super) fn huffman_band(data: &[u8]) -> HuffmanBand {
    let blocks = data.len().div_ceil(BLOCK_BYTES);
    let mut bits = BitWriter::new(data.len() / 8 * 12 + blocks * 256 + 64);
    let mut zeros = 0;
    for block in data.chunks(BLOCK_BYTES) {
        zeros += write_block(&mut bits, block);
    }
    bits.put(Code { bits: 0, len: 3 }); // header of the empty stored block
    let mut packed = bits.finish();
    packed.extend(SYNC);
    HuffmanBand { packed, zeros }
}

/// Writes a block and returns how many bytes lie in runs of zeros.
fn write_block(bits: &mut BitWriter, data: &[u8]) -> usize {
    let lengths = code_lengths(&histogram(data));
    let codes = canonical_codes(&lengths);
    write_block_header(bits, &lengths);
    let (words, rest) = data.as_chunks::<8>();
    let (mut zeros, mut all_zeros) = (0, 0);
    for word in words {
        if u64::from_le_bytes(*word) == 0 {
            zeros += 8;
            continue;
        }
        if zeros > 0 {
            all_zeros += zeros;
            write_run(bits, &codes, zeros);
            zeros = 0;
        }
        bits.put4(&codes, [word[0], word[1], word[2], word[3]]);
        bits.put4(&codes, [word[4], word[5], word[6], word[7]]);
    }
    if zeros > 0 {
        write_run(bits, &codes, zeros);
    }
    for &byte in rest {
        bits.put(codes[byte as usize]);
    }
    bits.put(codes[END_OF_BLOCK]);
    all_zeros + zeros
}

/// How often each literal and length symbol will be written.
fn histogram(data: &[u8]) -> [u32; SYMBOLS] {
    let mut tables = [[0u32; 256]; 4]; // four, so that equal neighbours do not wait for each other
    let mut counts = [0u32; SYMBOLS];
    let (words, rest) = data.as_chunks::<8>();
    let mut zeros = 0;
    for word in words {
        if u64::from_le_bytes(*word) == 0 {
            zeros += 8;
            continue;
        }
        if zeros > 0 {
            count_run(&mut counts, zeros);
            zeros = 0;
        }
        for (index, &byte) in word.iter().enumerate() {
            tables[index % 4][byte as usize] += 1;
        }
    }
    if zeros > 0 {
        count_run(&mut counts, zeros);
    }
    for &byte in rest {
        counts[byte as usize] += 1;
    }
    for table in &tables {
        for (count, more) in counts.iter_mut().zip(table) {
            *count += more;
        }
    }
    counts[END_OF_BLOCK] = 1;
    counts
}

/// Splits a run of `zeros` bytes into a literal 0 and matches of length 3 to 258.
fn for_each_match(zeros: usize, mut with: impl FnMut(usize)) {
    let mut left = zeros - 1;
    while left > 0 {
        // Never leave 1 or 2, which no match can express; 7 or more come in.
        let take = if left > 258 && left < 261 { 255 } else { left.min(258) };
        with(take);
        left -= take;
    }
}

fn count_run(counts: &mut [u32; SYMBOLS], zeros: usize) {
    counts[0] += 1;
    for_each_match(zeros, |length| counts[length_symbol(length).0] += 1);
}

fn write_run(bits: &mut BitWriter, codes: &[Code; SYMBOLS], zeros: usize) {
    bits.put(codes[0]);
    for_each_match(zeros, |length| {
        let (symbol, extra_bits, extra) = length_symbol(length);
        bits.put(codes[symbol]);
        // The extra bits, then the distance: its only code, one bit 0, means 1.
        bits.put(Code { bits: extra, len: extra_bits + 1 });
    });
}

/// Symbol, number of extra bits and their value for a match of `length` (RFC 1951, 3.2.5).
fn length_symbol(length: usize) -> (usize, u8, u16) {
    match length {
        258 => (LENGTH_SYMBOL_258, 0, 0),
        3..=10 => (254 + length, 0, 0),
        _ => {
            let offset = length - 3;
            let extra_bits = offset.ilog2() as usize - 2;
            let symbol = 257 + 4 * extra_bits + (offset >> extra_bits);
            (symbol, extra_bits as u8, (offset & ((1 << extra_bits) - 1)) as u16)
        }
    }
}

/// Huffman code lengths of at most [`MAX_BITS`]; unused symbols get 0.
fn code_lengths(counts: &[u32; SYMBOLS]) -> [u8; SYMBOLS] {
    let mut used: Vec<(u32, usize)> =
        (0..SYMBOLS).filter(|&s| counts[s] > 0).map(|s| (counts[s], s)).collect();
    used.sort_unstable();
    let mut lengths = [0; SYMBOLS];
    if let [(_, only)] = used[..] {
        lengths[only] = 1;
        return lengths;
    }
    let depths = tree_depths(&used.iter().map(|&(count, _)| u64::from(count)).collect::<Vec<_>>());
    let mut per_length = [0usize; MAX_BITS as usize + 1];
    for depth in depths {
        per_length[depth.min(usize::from(MAX_BITS))] += 1;
    }
    limit_lengths(&mut per_length);
    // The rarest symbols come first and get the longest codes.
    let mut symbols = used.iter().map(|&(_, symbol)| symbol);
    for length in (1..=usize::from(MAX_BITS)).rev() {
        for symbol in symbols.by_ref().take(per_length[length]) {
            lengths[symbol] = length as u8;
        }
    }
    lengths
}

/// Depth of each leaf of the Huffman tree over ascending `counts` (at least two), by the
/// two-queue method.
fn tree_depths(counts: &[u64]) -> Vec<usize> {
    let leaves = counts.len();
    let mut weight = counts.to_vec();
    let mut parent = vec![0; 2 * leaves - 1];
    let (mut leaf, mut node) = (0, leaves);
    for next in leaves..2 * leaves - 1 {
        let mut sum = 0;
        for _ in 0..2 {
            let take_leaf = leaf < leaves && (node >= next || counts[leaf] <= weight[node]);
            let child = if take_leaf { &mut leaf } else { &mut node };
            parent[*child] = next;
            sum += weight[*child];
            *child += 1;
        }
        weight.push(sum);
    }
    let mut depth = vec![0; 2 * leaves - 1];
    for index in (0..2 * leaves - 2).rev() {
        depth[index] = depth[parent[index]] + 1;
    }
    depth.truncate(leaves);
    depth
}

/// Makes codes of these numbers per length a complete prefix code again (Kraft sum 1) after
/// longer ones were cut to the longest length.
fn limit_lengths(per_length: &mut [usize; MAX_BITS as usize + 1]) {
    let max = usize::from(MAX_BITS);
    let unit = |length: usize| 1usize << (max - length);
    let mut kraft: usize = (1..=max).map(|length| per_length[length] * unit(length)).sum();
    while kraft > 1 << max {
        // Take a longest code away and split the deepest shorter one in two.
        let Some(shorter) = (1..max).rev().find(|&length| per_length[length] > 0) else { return };
        per_length[max] -= 1;
        per_length[shorter] -= 1;
        per_length[shorter + 1] += 2;
        kraft -= 1;
    }
}

/// A code, its bits in the order in which they are written.
#[derive(Debug, Clone, Copy, Default)]
struct Code {
    bits: u16,
    len: u8,
}

/// Canonical codes (RFC 1951, 3.2.2), bit-reversed as deflate writes them.
fn canonical_codes(lengths: &[u8; SYMBOLS]) -> [Code; SYMBOLS] {
    let mut codes = [Code::default(); SYMBOLS];
    let mut next = 0u16;
    for len in 1..=MAX_BITS {
        for symbol in (0..SYMBOLS).filter(|&symbol| lengths[symbol] == len) {
            codes[symbol] = Code { bits: next.reverse_bits() >> (16 - len), len };
            next += 1;
        }
        next <<= 1;
    }
    codes
}

/// The header of a block with its own codes. Code lengths are written as they are, 4 bits each:
/// at most 143 bytes a band, not worth more work.
fn write_block_header(bits: &mut BitWriter, lengths: &[u8; SYMBOLS]) {
    bits.put(Code { bits: 0b100, len: 3 }); // not the last block; dynamic codes
    bits.put(Code { bits: (SYMBOLS - 257) as u16, len: 5 });
    bits.put(Code { bits: 0, len: 5 }); // one distance code
    bits.put(Code { bits: 19 - 4, len: 4 });
    for symbol in 0..19 {
        // In the order 16, 17, 18, 0, 8, …: the first three are not used, the rest have 4 bits.
        bits.put(Code { bits: if symbol < 3 { 0 } else { 4 }, len: 3 });
    }
    for &length in lengths.iter().chain(&[1]) {
        let reversed = (u16::from(length) << 12).reverse_bits();
        bits.put(Code { bits: reversed, len: 4 });
    }
}

/// Collects bits, least significant first.
struct BitWriter {
    out: Vec<u8>,
    at: usize,
    buffer: u64,
    filled: u32,
}

impl BitWriter {
    fn new(capacity: usize) -> Self {
        Self { out: vec![0; capacity + 8], at: 0, buffer: 0, filled: 0 }
    }

    fn put(&mut self, code: Code) {
        self.buffer |= u64::from(code.bits) << self.filled;
        self.filled += u32::from(code.len);
        self.flush();
    }

    fn put4(&mut self, codes: &[Code; SYMBOLS], bytes: [u8; 4]) {
        for byte in bytes {
            let code = codes[byte as usize];
            self.buffer |= u64::from(code.bits) << self.filled;
            self.filled += u32::from(code.len);
        }
        self.flush();
    }

    /// Moves whole bytes out; up to 7 bits stay.
    fn flush(&mut self) {
        self.out[self.at..self.at + 8].copy_from_slice(&self.buffer.to_le_bytes());
        let bytes = self.filled / 8;
        self.at += bytes as usize;
        self.buffer >>= bytes * 8; // at most 48: four codes and 7 bits
        self.filled %= 8;
    }

    fn finish(mut self) -> Vec<u8> {
        self.at += usize::from(self.filled > 0);
        self.out.truncate(self.at);
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inflate(mut stream: Vec<u8>, len: usize) -> Vec<u8> {
        stream.extend(LAST_BLOCK);
        let mut out = Vec::with_capacity(len + 1);
        let status = flate2::Decompress::new(false)
            .decompress_vec(&stream, &mut out, flate2::FlushDecompress::Finish)
            .unwrap();
        assert_eq!(status, Status::StreamEnd);
        out
    }

    fn samples() -> Vec<Vec<u8>> {
        let mut all = vec![Vec::new(), vec![7], vec![0; 9], (0..=255).collect()];
        for len in [8, 16, 257, 258, 259, 260, 261, 262, 264, 266, 272, 520, 4000] {
            all.push(vec![0; len]);
            all.push([vec![3; 5], vec![0; len], vec![9; 3]].concat());
        }
        // Fibonacci-like counts force codes beyond the limit.
        let (mut a, mut b, mut skewed) = (1usize, 1usize, Vec::new());
        for byte in 1..24u8 {
            skewed.extend(std::iter::repeat_n(byte, a));
            (a, b) = (b, a + b);
        }
        all.push(skewed);
        let mut state = 1u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        all.push((0..70_001).map(|_| random()).collect());
        all.push((0..70_001).map(|_| random() & random() & random()).collect());
        all
    }

    #[test]
    fn bands_inflate_to_what_went_in() {
        for data in samples() {
            let huffman = huffman_band(&data).packed;
            assert_eq!(inflate(huffman, data.len()), data);
            for level in [1, 6, 9] {
                assert_eq!(inflate(zlib_band(&data, level).unwrap(), data.len()), data);
            }
        }
    }

    #[test]
    fn bands_can_be_joined() {
        let (a, b) = (vec![5; 100], (0..200).collect::<Vec<u8>>());
        let joined =
            [huffman_band(&a).packed, zlib_band(&b, 6).unwrap(), huffman_band(&b).packed].concat();
        assert_eq!(inflate(joined, 500), [a, b.clone(), b].concat());
    }
}
