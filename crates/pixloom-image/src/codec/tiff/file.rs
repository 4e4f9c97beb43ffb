//! The directories of a TIFF or `BigTIFF` file (TIFF 6.0, section 2), read without trusting them.
use std::collections::BTreeSet;

use crate::ImageError;

/// TIFF's field types by number.
const BYTE: u16 = 1;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const LONG8: u16 = 16;

/// Bytes of one value of a field type; `None` for types that are not defined.
pub(super) const fn type_bytes(kind: u16) -> Option<usize> {
    match kind {
        1 | 2 | 6 | 7 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 11 | 13 => Some(4),
        5 | 10 | 12 | 16..=18 => Some(8),
        _ => None,
    }
}

/// The bytes within which a field type's byte order is reversed.
pub(super) const fn swap_bytes(kind: u16) -> usize {
    match kind {
        5 | 10 => 4, // two numbers
        kind => match type_bytes(kind) {
            Some(bytes) => bytes,
            None => 1,
        },
    }
}

/// One field of a directory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) tag: u16,
    pub(super) kind: u16,
    pub(super) count: usize,
    /// The values; shorter than they should be where the file is.
    pub(super) data: &'a [u8],
    /// Offset of the value, or of what points to it.
    pub(super) value_at: usize,
}

/// A file whose header has been read.
#[derive(Debug, Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) big_endian: bool,
    big: bool,
}

fn short() -> ImageError {
    ImageError::truncated("the data ends before the TIFF directory")
}

impl<'a> File<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, ImageError> {
        let (big_endian, big) = match bytes.get(..4).ok_or_else(short)? {
            b"II\x2a\0" => (false, false),
            b"MM\0\x2a" => (true, false),
            b"II\x2b\0" => (false, true),
            b"MM\0\x2b" => (true, true),
            _ => return Err(ImageError::corrupt("the TIFF header is wrong")),
        };
        Ok(Self { bytes, big_endian, big })
    }

    fn number_at(&self, at: usize, bytes: usize) -> Option<u64> {
        let raw = self.bytes.get(at..at.checked_add(bytes)?)?;
        let fold = |sum: u64, &byte: &u8| sum << 8 | u64::from(byte);
        Some(if self.big_endian {
            raw.iter().fold(0, fold)
        } else {
            raw.iter().rev().fold(0, fold)
        })
    }

    fn offset_at(&self, at: usize) -> Option<usize> {
        self.number_at(at, if self.big { 8 } else { 4 })?.try_into().ok()
    }

    /// Offsets of the directories in the main chain, one a page; at most `most`.
    pub(super) fn pages(&self, most: u32) -> Result<Vec<usize>, ImageError> {
        let mut next = self.offset_at(if self.big { 8 } else { 4 }).ok_or_else(short)?;
        let (mut pages, mut seen) = (Vec::new(), BTreeSet::new());
        while next != 0 && pages.len() < most.max(1) as usize {
            if !seen.insert(next) {
                break; // the chain goes round in a circle: its pages are known
            }
            let (entries, count) = self.entries(next).ok_or_else(short)?;
            pages.push(next);
            let end =
                count.checked_mul(self.entry_bytes()).and_then(|len| entries.checked_add(len));
            next = end.and_then(|end| self.offset_at(end)).ok_or_else(short)?;
        }
        if pages.is_empty() {
            return Err(ImageError::corrupt("the TIFF file has no picture"));
        }
        Ok(pages)
    }

    const fn entry_bytes(&self) -> usize {
        if self.big { 20 } else { 12 }
    }

    /// Offset of a directory's first entry, and how many there are.
    fn entries(&self, directory: usize) -> Option<(usize, usize)> {
        let bytes = if self.big { 8 } else { 2 };
        let count = self.number_at(directory, bytes)?;
        Some((directory.checked_add(bytes)?, usize::try_from(count).ok()?))
    }

    /// The fields of a directory, as far as they can be read.
    pub(super) fn fields(&self, directory: usize) -> impl Iterator<Item = Field<'a>> + use<'a> {
        let file = *self;
        let (first, count) = file.entries(directory).unwrap_or((0, 0));
        // More than the tags there can be would only waste time.
        (0..count.min(1 << 16))
            .map_while(move |index| file.field_at(first + index * file.entry_bytes()))
    }

    fn field_at(&self, at: usize) -> Option<Field<'a>> {
        let width = if self.big { 8 } else { 4 };
        let tag = self.number_at(at, 2)? as u16;
        let kind = self.number_at(at + 2, 2)? as u16;
        let count = usize::try_from(self.number_at(at + 4, width)?).ok()?;
        let inline_at = at + 4 + width;
        let len = count.saturating_mul(type_bytes(kind).unwrap_or(0));
        let value_at = if len <= width { inline_at } else { self.offset_at(inline_at)? };
        let rest = self.bytes.get(value_at..).unwrap_or(&[]);
        Some(Field { tag, kind, count, data: &rest[..len.min(rest.len())], value_at })
    }

    pub(super) fn field(&self, directory: usize, tag: u16) -> Option<Field<'a>> {
        self.fields(directory).find(|field| field.tag == tag)
    }

    /// The numbers of a field; empty if it is missing or holds none.
    pub(super) fn numbers(&self, directory: usize, tag: u16) -> Vec<u64> {
        let Some(field) = self.field(directory, tag) else { return Vec::new() };
        if !matches!(field.kind, BYTE | SHORT | LONG | LONG8 | 13) {
            return Vec::new();
        }
        let bytes = type_bytes(field.kind).unwrap_or(1);
        let values = field.data.chunks_exact(bytes);
        let fold = |sum: u64, &byte: &u8| sum << 8 | u64::from(byte);
        values
            .map(|raw| {
                if self.big_endian {
                    raw.iter().fold(0, fold)
                } else {
                    raw.iter().rev().fold(0, fold)
                }
            })
            .collect()
    }

    /// The first number of a field.
    pub(super) fn number(&self, directory: usize, tag: u16) -> Option<u32> {
        self.numbers(directory, tag).first().and_then(|&value| value.try_into().ok())
    }
}
