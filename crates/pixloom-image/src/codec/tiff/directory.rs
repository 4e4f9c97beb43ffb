//! Descriptive TIFF fields taken from one file and written into another: EXIF blocks are TIFF
//! directories, so a TIFF file carries EXIF among its own fields.
use std::collections::BTreeMap;

use super::file::{Field, File, swap_bytes, type_bytes};

/// Pointers to directories below: EXIF, GPS, interoperability.
const SUB_DIRECTORIES: [u16; 3] = [0x8769, 0x8825, 0xa005];
/// Fields of the main directory that describe the picture, not its storage: title, camera,
/// orientation, software, date, author, copyright, and the `XP` fields of Windows.
const DESCRIPTIVE: [u16; 15] = [
    0x010d, 0x010e, 0x010f, 0x0110, 0x0112, 0x0131, 0x0132, 0x013b, 0x013c, 0x8298, 0x9c9b, 0x9c9c,
    0x9c9d, 0x9c9e, 0x9c9f,
];
const ORIENTATION: u16 = 0x0112;
const ENTRY_BYTES: usize = 12;

/// The values of a field, little-endian.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    kind: u16,
    count: u32,
    data: Vec<u8>,
}

/// A directory to be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Directory {
    fields: BTreeMap<u16, Value>,
    below: BTreeMap<u16, Directory>,
}

impl Directory {
    /// The descriptive fields of a page, with the directories below it.
    pub(super) fn describing(file: &File<'_>, page: usize) -> Self {
        let mut budget = file.bytes.len();
        Self::read(file, page, 0, &mut budget)
    }

    /// `budget` bounds the bytes taken, as fields may share their data.
    fn read(file: &File<'_>, at: usize, depth: usize, budget: &mut usize) -> Self {
        let mut directory = Self::default();
        for field in file.fields(at) {
            if SUB_DIRECTORIES.contains(&field.tag) {
                if let (true, Some(below)) = (depth < 2, file.number(at, field.tag)) {
                    let below = Self::read(file, below as usize, depth + 1, budget);
                    directory.below.insert(field.tag, below);
                }
            } else if (depth > 0 || DESCRIPTIVE.contains(&field.tag)) && field.data.len() <= *budget
            {
                *budget -= field.data.len();
                directory
                    .fields
                    .extend(little_endian(file, &field).map(|value| (field.tag, value)));
            }
        }
        directory
    }

    /// Whether there is nothing but, at most, that the picture is upright.
    pub(super) fn says_nothing(&self) -> bool {
        let upright = |(&tag, value): (&u16, &Value)| tag == ORIENTATION && value.data == [1, 0];
        self.below.is_empty() && self.fields.iter().all(upright)
    }

    pub(super) fn shorts(&mut self, tag: u16, values: &[u16]) {
        let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.fields.insert(tag, Value { kind: 3, count: values.len() as u32, data });
    }

    pub(super) fn longs(&mut self, tag: u16, values: &[u32]) {
        let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.fields.insert(tag, Value { kind: 4, count: values.len() as u32, data });
    }

    /// Bytes of no stated meaning (type `UNDEFINED`).
    pub(super) fn bytes(&mut self, tag: u16, data: &[u8]) {
        let value = Value { kind: 7, count: data.len() as u32, data: data.to_vec() };
        self.fields.insert(tag, value);
    }

    /// The directory, its values and those below, to be placed at offset `at`.
    pub(super) fn to_bytes(&self, at: u32) -> Vec<u8> {
        let count = self.fields.len() + self.below.len();
        let mut entries = (count as u16).to_le_bytes().to_vec();
        let mut behind: Vec<u8> = Vec::new();
        let behind_at = at + (2 + count * ENTRY_BYTES + 4) as u32;
        let mut tags: Vec<u16> = self.fields.keys().chain(self.below.keys()).copied().collect();
        tags.sort_unstable();
        for tag in tags {
            let offset = behind_at + behind.len() as u32;
            let (kind, count, value) = match (self.fields.get(&tag), self.below.get(&tag)) {
                (_, Some(below)) => {
                    behind.extend(below.to_bytes(offset));
                    (4, 1, offset.to_le_bytes())
                }
                (Some(field), None) if field.data.len() <= 4 => {
                    let mut value = [0; 4];
                    value[..field.data.len()].copy_from_slice(&field.data);
                    (field.kind, field.count, value)
                }
                (Some(field), None) => {
                    behind.extend_from_slice(&field.data);
                    (field.kind, field.count, offset.to_le_bytes())
                }
                (None, None) => continue,
            };
            behind.resize(behind.len().next_multiple_of(2), 0);
            entries.extend(tag.to_le_bytes());
            entries.extend(u16::to_le_bytes(kind));
            entries.extend(u32::to_le_bytes(count));
            entries.extend(value);
        }
        entries.extend([0; 4]); // no further directory
        entries.extend(behind);
        entries
    }

    /// A whole little-endian TIFF file with only this directory.
    pub(super) fn to_block(&self) -> Vec<u8> {
        [b"II\x2a\0\x08\0\0\0".as_slice(), &self.to_bytes(8)].concat()
    }
}

fn little_endian(file: &File<'_>, field: &Field<'_>) -> Option<Value> {
    let len = field.count.checked_mul(type_bytes(field.kind)?)?;
    if field.data.len() != len {
        return None;
    }
    let mut data = field.data.to_vec();
    if file.big_endian {
        data.chunks_exact_mut(swap_bytes(field.kind)).for_each(<[u8]>::reverse);
    }
    Some(Value { kind: field.kind, count: u32::try_from(field.count).ok()?, data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_survive_a_round_trip() {
        let mut exif = Directory::default();
        exif.bytes(0x9286, b"a comment");
        exif.shorts(0x8827, &[400]);
        let mut main = Directory::default();
        main.bytes(0x010f, b"maker\0");
        main.shorts(ORIENTATION, &[6]);
        main.below.insert(0x8769, exif);
        let block = main.to_block();
        let file = File::open(&block).unwrap();
        let page = file.pages(1).unwrap()[0];
        assert_eq!(Directory::describing(&file, page), main);
        assert_eq!(crate::codec::metadata::exif_orientation(&block).exif(), 6);
    }

    #[test]
    fn storage_fields_are_left_out() {
        let mut main = Directory::default();
        main.longs(256, &[640]);
        main.shorts(ORIENTATION, &[1]);
        let block = main.to_block();
        let file = File::open(&block).unwrap();
        assert!(Directory::describing(&file, 8).says_nothing());
    }

    #[test]
    fn a_directory_below_itself_ends() {
        let mut main = Directory::default();
        main.longs(0x8769, &[8]);
        let block = main.to_block();
        let file = File::open(&block).unwrap();
        assert!(!Directory::describing(&file, 8).says_nothing());
    }
}
