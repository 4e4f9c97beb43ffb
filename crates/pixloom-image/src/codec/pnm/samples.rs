//! The samples of PNM files.
use super::header::{Info, Storage, Words};
use crate::{Image, ImageError, Samples};

/// How far the data reached.
pub(super) struct Read {
    /// Samples that were there, from the top (floats: from the bottom).
    pub(super) samples: usize,
    /// Bytes behind the picture.
    pub(super) trailing: usize,
}

/// Fills `image` with as many samples as there are.
///
/// # Errors
/// `Corrupt` for text that is no number, or one above the largest value.
pub(super) fn read(info: &Info, stored: &[u8], image: &mut Image) -> Result<Read, ImageError> {
    let row_len = image.row_len();
    match (info.storage, image.samples_mut()) {
        (Storage::Float { big_endian }, Samples::F32(out)) => {
            Ok(read_floats(stored, big_endian, row_len, out))
        }
        (Storage::Bits, Samples::U8(out)) => Ok(read_bits(stored, row_len, out)),
        (Storage::Binary, Samples::U8(out)) => {
            let count = out.len().min(stored.len());
            for (out, &value) in out.iter_mut().zip(stored) {
                *out = scale(u32::from(value), info.max, 255) as u8;
            }
            Ok(Read { samples: count, trailing: stored.len() - count })
        }
        (Storage::Binary, Samples::U16(out)) => {
            let (pairs, _) = stored.as_chunks::<2>();
            let count = out.len().min(pairs.len());
            for (out, &pair) in out.iter_mut().zip(pairs) {
                *out = scale(u32::from(u16::from_be_bytes(pair)), info.max, 65535) as u16;
            }
            Ok(Read { samples: count, trailing: stored.len() - count * 2 })
        }
        (_, Samples::U8(out)) => read_text(info, stored, out.iter_mut(), |out, value| {
            *out = scale(value, info.max, 255) as u8;
        }),
        (_, Samples::U16(out)) => read_text(info, stored, out.iter_mut(), |out, value| {
            *out = scale(value, info.max, 65535) as u16;
        }),
        _ => Err(ImageError::corrupt("the PNM header contradicts itself")),
    }
}

/// `value` of `max`, as a part of `full`; values above `max` are taken as `max`.
const fn scale(value: u32, max: u16, full: u32) -> u32 {
    let max = max as u32;
    if max == full {
        return value;
    }
    let value = if value > max { max } else { value };
    (value * full + max / 2) / max
}

fn read_bits(stored: &[u8], row_len: usize, out: &mut [u8]) -> Read {
    let row_bytes = row_len.div_ceil(8);
    let mut rows = 0;
    for (out, row) in out.chunks_exact_mut(row_len).zip(stored.chunks_exact(row_bytes)) {
        for (x, out) in out.iter_mut().enumerate() {
            let black = (row[x / 8] >> (7 - x % 8)) & 1 == 1;
            *out = if black { 0 } else { 255 };
        }
        rows += 1;
    }
    Read { samples: rows * row_len, trailing: stored.len() - rows * row_bytes }
}

fn read_floats(stored: &[u8], big_endian: bool, row_len: usize, out: &mut [f32]) -> Read {
    let (words, _) = stored.as_chunks::<4>();
    let mut rows = 0;
    for (out, row) in out.chunks_exact_mut(row_len).rev().zip(words.chunks_exact(row_len)) {
        for (out, &word) in out.iter_mut().zip(row) {
            *out = if big_endian { f32::from_be_bytes(word) } else { f32::from_le_bytes(word) };
        }
        rows += 1;
    }
    Read { samples: rows * row_len, trailing: stored.len() - rows * row_len * 4 }
}

fn read_text<'o, T: 'o>(
    info: &Info,
    stored: &[u8],
    out: impl Iterator<Item = &'o mut T>,
    put: impl Fn(&mut T, u32),
) -> Result<Read, ImageError> {
    let mut words = Words { bytes: stored, at: 0 };
    let mut samples = 0;
    for out in out {
        words.skip_space();
        let Some(value) = number(&mut words, info.storage == Storage::TextBits)? else {
            return Ok(Read { samples, trailing: 0 });
        };
        if value > u32::from(info.max) {
            return Err(ImageError::corrupt(format!(
                "a PNM value of {value} is above the largest, {}",
                info.max
            )));
        }
        // PBM: 1 is black.
        put(out, if info.storage == Storage::TextBits { 1 - value } else { value });
        samples += 1;
    }
    words.skip_space();
    Ok(Read { samples, trailing: stored.len() - words.at.min(stored.len()) })
}

/// The next number, or digit; `None` at the end of the data.
fn number(words: &mut Words<'_>, one_digit: bool) -> Result<Option<u32>, ImageError> {
    let start = words.at;
    let mut value = 0u32;
    while let Some(digit) = words.bytes.get(words.at).filter(|byte| byte.is_ascii_digit()) {
        value = value.saturating_mul(10).saturating_add(u32::from(digit - b'0'));
        words.at += 1;
        if one_digit {
            break;
        }
    }
    if words.at > start {
        return Ok(Some(value));
    }
    if words.at >= words.bytes.len() {
        return Ok(None);
    }
    Err(ImageError::corrupt("the PNM samples are not numbers"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_scaled_to_the_full_range() {
        assert_eq!([0, 7, 15].map(|value| scale(value, 15, 255)), [0, 119, 255]);
        assert_eq!(scale(1023, 1023, 65535), 65535);
        assert_eq!(scale(200, 100, 255), 255);
        assert_eq!(scale(200, 255, 255), 200);
    }
}
