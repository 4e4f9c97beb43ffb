//! The pixels of a BMP file to rows of gray, RGB or RGBA.
use super::header::{Info, Masks, Storage};
use crate::codec::shared::bytes_of_mut;
use crate::{Channels, Image};

/// Decodes into `image`, from as many bytes as there are, and returns how many stored rows were
/// complete.
pub(super) fn read(info: &Info, pixels: &[u8], image: &mut Image) -> u32 {
    let height = info.size.height;
    let channels = image.channels();
    let row_len = image.row_len();
    let out = bytes_of_mut(image.samples_mut());
    let place = |row: u32| {
        let y = if info.top_down { row } else { height - 1 - row } as usize;
        y * row_len..(y + 1) * row_len
    };
    if info.storage == Storage::RunLength {
        let mut runs = Runs::new(info, pixels);
        for row in 0..height {
            // Codes that end before the last row leave the rest without a color.
            let complete = !runs.ended && runs.row();
            paint(&runs.indices, &info.palette, channels, &mut out[place(row)]);
            if !complete {
                return row;
            }
        }
        return height;
    }
    let stride = info.row_bytes() as usize;
    let mut indices = Vec::new();
    for row in 0..height {
        let start = row as usize * stride;
        // The padding of the last row may be missing.
        let needed = (info.size.width as usize * usize::from(info.bits)).div_ceil(8);
        let Some(stored) = pixels.get(start..).and_then(|rest| rest.get(..needed)) else {
            return row;
        };
        let out = &mut out[place(row)];
        if let Storage::Direct(masks) = info.storage {
            direct(stored, info.bits, masks, channels, out);
        } else {
            unpack_indices(stored, info.bits, &mut indices);
            paint(&indices, &info.palette, channels, out);
        }
    }
    height
}

fn paint(indices: &[u8], palette: &[[u8; 3]], channels: Channels, out: &mut [u8]) {
    let color = |index: u8| palette.get(usize::from(index)).copied().unwrap_or_default();
    if channels == Channels::Gray {
        out.iter_mut().zip(indices).for_each(|(out, &index)| *out = color(index)[0]);
    } else {
        let (out, _) = out.as_chunks_mut::<3>();
        out.iter_mut().zip(indices).for_each(|(out, &index)| *out = color(index));
    }
}

fn unpack_indices(stored: &[u8], bits: u16, indices: &mut Vec<u8>) {
    indices.clear();
    if bits == 8 {
        indices.extend_from_slice(stored);
        return;
    }
    let mask = (1u8 << bits) - 1;
    for &byte in stored {
        indices.extend((0..8 / bits).rev().map(|part| (byte >> (part * bits)) & mask));
    }
}

fn direct(stored: &[u8], bits: u16, masks: Masks, channels: Channels, out: &mut [u8]) {
    let plain = masks.0 == [0xff_0000, 0xff00, 0xff, 0];
    let bytes = usize::from(bits / 8);
    let count = channels.count();
    let fields = masks.0.map(Field::new);
    for (stored, out) in stored.chunks_exact(bytes).zip(out.chunks_exact_mut(count)) {
        if plain && bits >= 24 {
            out.copy_from_slice(&[stored[2], stored[1], stored[0]]);
            continue;
        }
        let mut word = [0; 4];
        word[..bytes].copy_from_slice(stored);
        let word = u32::from_le_bytes(word);
        for (out, field) in out.iter_mut().zip(&fields) {
            *out = field.read(word);
        }
    }
}

/// One channel of a masked pixel.
#[derive(Debug, Clone, Copy)]
struct Field {
    mask: u32,
    shift: u32,
    max: u64,
}

impl Field {
    const fn new(mask: u32) -> Self {
        let shift = if mask == 0 { 0 } else { mask.trailing_zeros() };
        Self { mask, shift, max: (mask >> shift) as u64 }
    }

    /// The value scaled to 0 to 255.
    const fn read(self, word: u32) -> u8 {
        if self.max == 0 {
            return 0;
        }
        let value = ((word & self.mask) >> self.shift) as u64;
        let scaled = (value * 255 + self.max / 2) / self.max;
        if scaled > 255 { 255 } else { scaled as u8 }
    }
}

/// Unpacks run-length coded rows; what the codes skip has index 0.
struct Runs<'a> {
    codes: &'a [u8],
    nibbles: bool,
    width: usize,
    indices: Vec<u8>,
    /// Where the next pixel goes in the row, after a skip into a later row.
    x: usize,
    /// Rows to leave empty first.
    skip_rows: usize,
    ended: bool,
}

impl<'a> Runs<'a> {
    fn new(info: &Info, codes: &'a [u8]) -> Self {
        let width = info.size.width as usize;
        let indices = vec![0; width];
        Self { codes, nibbles: info.bits == 4, width, indices, x: 0, skip_rows: 0, ended: false }
    }

    /// Unpacks the next row; false if the data ends before it does.
    fn row(&mut self) -> bool {
        self.indices.fill(0);
        if self.ended {
            return true;
        }
        if self.skip_rows > 0 {
            self.skip_rows -= 1;
            if self.skip_rows > 0 {
                return true;
            }
        }
        loop {
            let Some((&[count, value], rest)) = self.codes.split_first_chunk() else {
                return false;
            };
            self.codes = rest;
            match (count, value) {
                (0, 0) => {
                    self.x = 0;
                    return true;
                }
                (0, 1) => {
                    self.ended = true;
                    return true;
                }
                (0, 2) => {
                    let Some((&[right, down], rest)) = self.codes.split_first_chunk() else {
                        return false;
                    };
                    self.codes = rest;
                    self.x += usize::from(right);
                    if down > 0 {
                        self.skip_rows = usize::from(down);
                        return true;
                    }
                }
                (0, count) => {
                    if !self.literal(usize::from(count)) {
                        return false;
                    }
                }
                (count, value) => {
                    for part in 0..usize::from(count) {
                        let index = self.nibble(value, part);
                        self.put(index);
                    }
                }
            }
        }
    }

    fn literal(&mut self, count: usize) -> bool {
        let bytes = if self.nibbles { count.div_ceil(2) } else { count };
        let Some(values) = self.codes.get(..bytes) else { return false };
        for part in 0..count {
            let value = values[if self.nibbles { part / 2 } else { part }];
            let index = self.nibble(value, part);
            self.put(index);
        }
        self.codes = self.codes.get(bytes + bytes % 2..).unwrap_or(&[]); // padded to 16 bit
        true
    }

    const fn nibble(&self, value: u8, part: usize) -> u8 {
        match (self.nibbles, part % 2) {
            (false, _) => value,
            (true, 0) => value >> 4,
            (true, _) => value & 15,
        }
    }

    fn put(&mut self, index: u8) {
        if self.x < self.width {
            self.indices[self.x] = index;
        }
        self.x += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_channels_reach_the_full_range() {
        let five = Field::new(0x7c00);
        assert_eq!((five.read(0), five.read(0x7c00), five.read(0x4000)), (0, 255, 132));
        assert_eq!(Field::new(0).read(77), 0);
        assert_eq!(Field::new(u32::MAX).read(u32::MAX), 255);
    }

    #[test]
    fn indices_come_from_the_high_bits_first() {
        let mut indices = Vec::new();
        unpack_indices(&[0b1010_0001], 1, &mut indices);
        assert_eq!(indices, [1, 0, 1, 0, 0, 0, 0, 1]);
        unpack_indices(&[0x1f], 4, &mut indices);
        assert_eq!(indices, [1, 15]);
    }
}
