//! EXIF, ICC and XMP blocks that travel with the pixels, read without trusting them.
//!
//! EXIF is a TIFF structure (CIPA DC-008, TIFF 6.0 section 2); ICC profiles follow ICC.1.
use std::sync::Arc;

use flate2::{Decompress, FlushDecompress, Status};

use crate::{ColorSpace, Image, Limits, Metadata, Orientation};

const ORIENTATION_TAG: u16 = 0x0112;
const TYPE_SHORT: u16 = 3;
const ENTRY_BYTES: usize = 12;

/// Reads a TIFF structure in its own byte order; every access is bounds-checked.
#[derive(Clone, Copy)]
pub(super) struct TiffBlock<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

impl<'a> TiffBlock<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        let big_endian = match bytes.get(..4)? {
            [b'I', b'I', 42, 0] => false,
            [b'M', b'M', 0, 42] => true,
            _ => return None,
        };
        Some(Self { bytes, big_endian })
    }

    pub(super) fn u16(self, at: usize) -> Option<u16> {
        let raw: [u8; 2] = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.big_endian { u16::from_be_bytes(raw) } else { u16::from_le_bytes(raw) })
    }

    pub(super) fn u32(self, at: usize) -> Option<u32> {
        let raw: [u8; 4] = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.big_endian { u32::from_be_bytes(raw) } else { u32::from_le_bytes(raw) })
    }

    fn put_u16(self, value: u16) -> [u8; 2] {
        if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn put_u32(self, value: u32) -> [u8; 4] {
        if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    /// Offset of the first directory and its number of entries.
    fn first_directory(self) -> Option<(usize, usize)> {
        let at = self.u32(4)? as usize;
        Some((at, self.u16(at)? as usize))
    }

    /// Offset of the first directory's entry for `tag`.
    pub(super) fn entry(self, tag: u16) -> Option<usize> {
        let (directory, count) = self.first_directory()?;
        (0..count)
            .map(|index| directory + 2 + index * ENTRY_BYTES)
            .take_while(|&at| at + ENTRY_BYTES <= self.bytes.len())
            .find(|&at| self.u16(at) == Some(tag))
    }
}

/// The EXIF block without the `Exif\0\0` prefix that some writers add where none belongs.
pub fn strip_exif_prefix(exif: &[u8]) -> &[u8] {
    exif.strip_prefix(b"Exif\0\0").or_else(|| exif.strip_prefix(b"Exif\0\xff")).unwrap_or(exif)
}

/// The orientation that an EXIF block (TIFF bytes, with or without `Exif\0\0`) states;
/// upright if it states none or is damaged.
pub fn exif_orientation(exif: &[u8]) -> Orientation {
    let read = || {
        let block = TiffBlock::new(strip_exif_prefix(exif))?;
        let entry = block.entry(ORIENTATION_TAG)?;
        match block.u16(entry + 2)? {
            TYPE_SHORT => block.u16(entry + 8).map(u32::from),
            4 => block.u32(entry + 8),
            _ => None,
        }
    };
    Orientation::from_exif(read().unwrap_or(1))
}

/// The EXIF block (without prefix) with its orientation tag set to `orientation`.
///
/// Where the tag is missing it is added if the orientation is not upright; the first directory
/// then moves to the end of the block, so that no offset inside changes. A damaged block is
/// returned as it is.
pub fn exif_with_orientation(exif: &[u8], orientation: Orientation) -> Vec<u8> {
    let exif = strip_exif_prefix(exif);
    let Some(block) = TiffBlock::new(exif) else { return exif.to_vec() };
    match block.entry(ORIENTATION_TAG) {
        Some(entry) => {
            let mut out = exif.to_vec();
            out[entry..entry + ENTRY_BYTES].copy_from_slice(&orientation_entry(block, orientation));
            out
        }
        None if orientation.is_upright() => exif.to_vec(),
        None => insert_orientation(block, orientation).unwrap_or_else(|| exif.to_vec()),
    }
}

fn orientation_entry(block: TiffBlock<'_>, orientation: Orientation) -> [u8; ENTRY_BYTES] {
    let mut entry = [0; ENTRY_BYTES];
    entry[..2].copy_from_slice(&block.put_u16(ORIENTATION_TAG));
    entry[2..4].copy_from_slice(&block.put_u16(TYPE_SHORT));
    entry[4..8].copy_from_slice(&block.put_u32(1));
    entry[8..10].copy_from_slice(&block.put_u16(u16::from(orientation.exif())));
    entry
}

fn insert_orientation(block: TiffBlock<'_>, orientation: Orientation) -> Option<Vec<u8>> {
    let (directory, count) = block.first_directory()?;
    let first = directory + 2;
    let end = first + count * ENTRY_BYTES;
    let entries = block.bytes.get(first..end)?;
    let next = block.bytes.get(end..end + 4).unwrap_or(&[0; 4]);
    let before = (0..count)
        .take_while(|index| block.u16(first + index * ENTRY_BYTES) < Some(ORIENTATION_TAG))
        .count();
    let mut out = block.bytes.to_vec();
    out.resize(out.len().next_multiple_of(2), 0); // directories start on a word boundary
    let moved_to = u32::try_from(out.len()).ok()?;
    out[4..8].copy_from_slice(&block.put_u32(moved_to));
    out.extend(block.put_u16(u16::try_from(count + 1).ok()?));
    let (head, tail) = entries.split_at(before * ENTRY_BYTES);
    out.extend_from_slice(head);
    out.extend(orientation_entry(block, orientation));
    out.extend_from_slice(tail);
    out.extend_from_slice(next);
    Some(out)
}

/// An EXIF block that holds nothing but an orientation, for formats that carry the orientation
/// outside EXIF.
pub fn exif_of_orientation(orientation: Orientation) -> Vec<u8> {
    exif_with_orientation(b"II\x2a\0\x08\0\0\0\0\0\0\0\0\0", orientation)
}

/// The EXIF block to write: the picture's own with the orientation that the picture now has.
pub fn exif_to_write(metadata: &Metadata) -> Option<Vec<u8>> {
    match &metadata.exif {
        Some(exif) => Some(exif_with_orientation(exif, metadata.orientation)),
        None if metadata.orientation.is_upright() => None,
        None => Some(exif_of_orientation(metadata.orientation)),
    }
}

/// Unpacks a zlib stream of at most `max_bytes`; `None` if it is damaged or longer.
pub fn inflate(packed: &[u8], max_bytes: u64) -> Option<Vec<u8>> {
    let mut decoder = Decompress::new(true);
    let mut out = Vec::new();
    loop {
        let (before_in, before_out) = (decoder.total_in(), decoder.total_out());
        out.reserve(out.len().clamp(1 << 12, 1 << 20));
        let rest = packed.get(before_in as usize..)?;
        let status = decoder.decompress_vec(rest, &mut out, FlushDecompress::None).ok()?;
        if out.len() as u64 > max_bytes {
            return None;
        }
        if status == Status::StreamEnd {
            return Some(out);
        }
        if (decoder.total_in(), decoder.total_out()) == (before_in, before_out) {
            return None;
        }
    }
}

/// Why an ICC profile cannot belong to a picture with gray or RGB samples, or `None` if its
/// header (ICC.1 section 7.2) looks right.
pub fn icc_problem(profile: &[u8], gray: bool) -> Option<&'static str> {
    let Some(header) = profile.get(..128) else { return Some("is shorter than its header") };
    let size = u32::from_be_bytes([header[0], header[1], header[2], header[3]]) as usize;
    let wanted: &[u8] = if gray { b"GRAY" } else { b"RGB " };
    if &header[36..40] != b"acsp" {
        Some("has no ICC signature")
    } else if size > profile.len() || size < 128 {
        Some("is cut off")
    } else if &header[16..20] != wanted {
        Some("is for other colour channels than the picture has")
    } else {
        None
    }
}

/// The description that an ICC profile gives itself (tag `desc`), such as `Display P3`.
pub fn icc_description(profile: &[u8]) -> Option<String> {
    let word = |at: usize| -> Option<usize> {
        let raw: [u8; 4] = profile.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(u32::from_be_bytes(raw) as usize)
    };
    let tags = word(128)?.min(1000);
    let entry = (0..tags)
        .map(|index| 132 + index * 12)
        .find(|&at| profile.get(at..at + 4) == Some(b"desc".as_slice()))?;
    let tag = profile.get(word(entry + 4)?..)?;
    let word = |at: usize| -> Option<usize> {
        let raw: [u8; 4] = tag.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_be_bytes(raw) as usize)
    };
    let text = match tag.get(..4)? {
        b"desc" => String::from_utf8_lossy(tag.get(12..)?.get(..word(8)?)?).into_owned(),
        b"mluc" => {
            let raw = tag.get(word(24)?..)?.get(..word(20)?)?;
            let units: Vec<u16> =
                raw.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        _ => return None,
    };
    let text = text.trim_matches(['\0', ' ']);
    (!text.is_empty()).then(|| text.to_owned())
}

/// Metadata blocks as found in a file, not yet checked.
#[derive(Debug, Default)]
pub struct Blocks {
    /// ICC profile.
    pub icc: Option<Vec<u8>>,
    /// EXIF, with or without the `Exif\0\0` prefix.
    pub exif: Option<Vec<u8>>,
    /// XMP packet.
    pub xmp: Option<Vec<u8>>,
}

impl Blocks {
    /// Gives the blocks to a picture; what cannot be used is dropped with a note.
    pub fn attach(self, image: &mut Image, limits: &Limits, notes: &mut Vec<String>) {
        let mut keep = |block: Option<Vec<u8>>, name: &str| {
            let block = block?;
            let small = block.len() as u64 <= limits.max_metadata_bytes;
            if !small {
                notes.push(format!("{name} of {} bytes dropped: over the limit", block.len()));
            }
            (small && !block.is_empty()).then_some(block)
        };
        let (icc, exif) = (keep(self.icc, "ICC profile"), keep(self.exif, "EXIF"));
        image.metadata.xmp = keep(self.xmp, "XMP").map(Arc::from);
        if let Some(icc) = icc {
            match icc_problem(&icc, image.channels().is_gray()) {
                Some(problem) => notes.push(format!("ICC profile dropped: it {problem}")),
                None => image.color_space = ColorSpace::Icc(icc.into()),
            }
        }
        if let Some(exif) = exif {
            let tiff = strip_exif_prefix(&exif);
            if TiffBlock::new(tiff).is_some() {
                image.metadata.orientation = exif_orientation(tiff);
                image.metadata.exif = Some(Arc::from(tiff));
            } else {
                notes.push("EXIF dropped: it does not start like a TIFF file".into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Make` (0x010F), then `XResolution` (0x011A): the orientation belongs between them.
    fn without_orientation(big_endian: bool) -> Vec<u8> {
        let block = TiffBlock { bytes: &[], big_endian };
        let mut exif = if big_endian { b"MM\0\x2a".to_vec() } else { b"II\x2a\0".to_vec() };
        exif.extend(block.put_u32(8));
        exif.extend(block.put_u16(2));
        for tag in [0x010f, 0x011a] {
            exif.extend(block.put_u16(tag));
            exif.extend(block.put_u16(2));
            exif.extend(block.put_u32(1));
            exif.extend([b'x', 0, 0, 0]);
        }
        exif.extend([0; 4]);
        exif
    }

    #[test]
    fn orientation_round_trips_in_both_byte_orders() {
        for big_endian in [false, true] {
            let plain = without_orientation(big_endian);
            assert!(exif_orientation(&plain).is_upright());
            assert_eq!(exif_with_orientation(&plain, Orientation::UPRIGHT), plain);
            let turned = exif_with_orientation(&plain, Orientation::from_exif(6));
            assert_eq!(exif_orientation(&turned).exif(), 6);
            let block = TiffBlock::new(&turned).unwrap();
            assert_eq!(block.first_directory().unwrap().1, 3);
            assert!(block.entry(0x010f) < block.entry(ORIENTATION_TAG));
            assert!(block.entry(0x011a) > block.entry(ORIENTATION_TAG));
            let upright = exif_with_orientation(&turned, Orientation::UPRIGHT);
            assert_eq!(exif_orientation(&upright).exif(), 1);
            assert_eq!(upright.len(), turned.len());
        }
    }

    #[test]
    fn prefix_is_understood() {
        let exif = exif_of_orientation(Orientation::from_exif(8));
        let prefixed = [b"Exif\0\0".as_slice(), &exif].concat();
        assert_eq!(exif_orientation(&prefixed).exif(), 8);
        assert_eq!(exif_with_orientation(&prefixed, Orientation::from_exif(8)), exif);
    }

    #[test]
    fn damaged_exif_never_panics() {
        let exif = exif_of_orientation(Orientation::from_exif(3));
        for len in 0..exif.len() {
            exif_with_orientation(&exif[..len], exif_orientation(&exif[..len]));
        }
        for bit in 0..exif.len() * 8 {
            let mut bad = exif.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            exif_with_orientation(&bad, Orientation::from_exif(5));
            exif_orientation(&bad);
        }
    }

    fn profile(space: [u8; 4]) -> Vec<u8> {
        let mut icc = vec![0; 128];
        icc[16..20].copy_from_slice(&space);
        icc[36..40].copy_from_slice(b"acsp");
        icc.extend(1u32.to_be_bytes());
        icc.extend(b"desc");
        icc.extend(144u32.to_be_bytes());
        icc.extend(24u32.to_be_bytes());
        icc.extend(b"desc\0\0\0\0\0\0\0\x05Mine\0");
        let size = icc.len() as u32;
        icc[..4].copy_from_slice(&size.to_be_bytes());
        icc
    }

    #[test]
    fn icc_header_is_checked() {
        let rgb = profile(*b"RGB ");
        assert_eq!(icc_problem(&rgb, false), None);
        assert!(icc_problem(&rgb, true).is_some());
        assert!(icc_problem(&rgb[..150], false).is_some());
        assert!(icc_problem(&rgb[..100], false).is_some());
        assert_eq!(icc_description(&rgb).as_deref(), Some("Mine"));
        for len in 0..rgb.len() {
            icc_description(&rgb[..len]);
        }
    }
}
