//! EXIF, XMP and ICC blocks in application segments.
use std::sync::Arc;

use crate::{Limits, Metadata, Orientation};

/// Start of an EXIF block in APP1 (CIPA DC-008).
pub(super) const EXIF: &[u8] = b"Exif\0\0";
/// Start of an XMP packet in APP1 (XMP specification, part 3).
pub(super) const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// Start of a piece of an ICC profile in APP2 (ICC.1, annex B.4).
pub(super) const ICC: &[u8] = b"ICC_PROFILE\0";
/// Start of the index of a multi-picture file in APP2 (CIPA DC-007).
const MPF: &[u8] = b"MPF\0";

/// What the application segments say.
#[derive(Default)]
pub(super) struct AppData<'a> {
    /// Whether a JFIF header was seen (APP0): the colours are then YCbCr.
    pub jfif: bool,
    /// The colour transform of Adobe's APP14.
    pub adobe: Option<u8>,
    /// Whether more pictures follow the first (MPO).
    pub multi_picture: bool,
    exif: Option<&'a [u8]>,
    xmp: Option<&'a [u8]>,
    icc: Vec<(u8, u8, &'a [u8])>,
}

impl<'a> AppData<'a> {
    /// Takes note of one application segment.
    pub(super) fn segment(&mut self, marker: u8, body: &'a [u8]) {
        match marker {
            0xE0 if body.starts_with(b"JFIF\0") => self.jfif = true,
            0xE1 => self.app1(body),
            0xE2 => self.app2(body),
            0xEE if body.starts_with(b"Adobe") && body.len() >= 12 => self.adobe = Some(body[11]),
            _ => {}
        }
    }

    fn app1(&mut self, body: &'a [u8]) {
        if let Some(exif) = body.strip_prefix(EXIF) {
            self.exif.get_or_insert(exif);
        } else if let Some(xmp) = body.strip_prefix(XMP) {
            self.xmp.get_or_insert(xmp);
        }
    }

    fn app2(&mut self, body: &'a [u8]) {
        if let Some([number, total, data @ ..]) = body.strip_prefix(ICC) {
            self.icc.push((*number, *total, data));
        } else if body.starts_with(MPF) {
            self.multi_picture = true;
        }
    }

    /// Whether any part of an ICC profile was seen.
    pub(super) fn has_icc(&self) -> bool {
        !self.icc.is_empty()
    }

    /// The orientation that the EXIF block asks for.
    pub(super) fn orientation(&self) -> Orientation {
        self.exif.and_then(exif_orientation).unwrap_or_default()
    }

    /// EXIF, XMP and orientation; blocks beyond the limit are dropped with a note.
    pub(super) fn metadata(&self, limits: &Limits, notes: &mut Vec<String>) -> Metadata {
        let mut keep = |block: Option<&[u8]>, name: &str| -> Option<Arc<[u8]>> {
            let block = block?;
            if block.len() as u64 > limits.max_metadata_bytes {
                notes.push(format!("the {name} block of {} bytes is dropped", block.len()));
                return None;
            }
            Some(block.into())
        };
        Metadata {
            exif: keep(self.exif, "EXIF"),
            xmp: keep(self.xmp, "XMP"),
            orientation: self.orientation(),
        }
    }

    /// The ICC profile put together from its pieces, if it is whole and for `space`
    /// (the signature in its header, such as `RGB `).
    pub(super) fn icc_profile(
        &self,
        space: [u8; 4],
        limits: &Limits,
        notes: &mut Vec<String>,
    ) -> Option<Arc<[u8]>> {
        let total = self.icc.first()?.1;
        let mut pieces = self.icc.clone();
        pieces.sort_by_key(|piece| piece.0);
        pieces.dedup_by_key(|piece| piece.0);
        let whole = pieces.len() == usize::from(total)
            && pieces.iter().zip(1..).all(|(piece, number)| (piece.0, piece.1) == (number, total));
        let bytes: u64 = pieces.iter().map(|piece| piece.2.len() as u64).sum();
        if !whole {
            notes.push("the ICC profile has missing pieces and is dropped".to_owned());
            return None;
        }
        if bytes > limits.max_metadata_bytes {
            notes.push(format!("the ICC profile of {bytes} bytes is dropped"));
            return None;
        }
        let profile: Vec<u8> = pieces.iter().flat_map(|piece| piece.2).copied().collect();
        if profile.get(16..20) != Some(&space[..]) {
            notes.push("the ICC profile is for another colour model and is dropped".to_owned());
            return None;
        }
        Some(profile.into())
    }
}

/// A TIFF block whose only tag is an upright orientation.
const MINIMAL_EXIF: &[u8] = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x01\0\0\0\0\0\0\0";

/// The EXIF block to write: its orientation tag is made to agree with the metadata.
pub(super) fn oriented_exif(metadata: &Metadata) -> Option<Vec<u8>> {
    let wanted = metadata.orientation;
    let mut exif = match &metadata.exif {
        Some(exif) => exif.to_vec(),
        None if wanted.is_upright() => return None,
        None => MINIMAL_EXIF.to_vec(),
    };
    if let Some(tag) = OrientationTag::find(&exif) {
        tag.write(&mut exif, wanted);
    }
    Some(exif)
}

/// The orientation that a TIFF block asks for.
fn exif_orientation(tiff: &[u8]) -> Option<Orientation> {
    Some(OrientationTag::find(tiff)?.value)
}

/// Tag 0x0112 of the first directory of a TIFF block, in either byte order.
struct OrientationTag {
    value: Orientation,
    /// Where the value is and how many bytes it takes.
    at: usize,
    bytes: usize,
    big_endian: bool,
}

impl OrientationTag {
    fn find(tiff: &[u8]) -> Option<Self> {
        let big_endian = match tiff.first_chunk::<4>()? {
            b"MM\0*" => true,
            b"II*\0" => false,
            _ => return None,
        };
        let number = |at: usize, bytes: usize| -> Option<u32> {
            let field = tiff.get(at..at.checked_add(bytes)?)?;
            let fold = |sum: u32, &byte: &u8| sum << 8 | u32::from(byte);
            Some(if big_endian {
                field.iter().fold(0, fold)
            } else {
                field.iter().rev().fold(0, fold)
            })
        };
        let directory = number(4, 4)? as usize;
        let entries = number(directory, 2)? as usize;
        let entry = (0..entries)
            .map(|i| directory.saturating_add(2 + 12 * i))
            .find(|&at| number(at, 2) == Some(0x0112))?;
        let bytes = match number(entry + 2, 2)? {
            3 => 2,
            4 => 4,
            _ => return None,
        };
        let value = Orientation::from_exif(number(entry + 8, bytes)?);
        Some(Self { value, at: entry + 8, bytes, big_endian })
    }

    fn write(&self, tiff: &mut [u8], orientation: Orientation) {
        let last = self.at + if self.big_endian { self.bytes - 1 } else { 0 };
        if let Some(field) = tiff.get_mut(self.at..self.at + self.bytes) {
            field.fill(0);
            tiff[last] = orientation.exif();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orientation_in_both_byte_orders() {
        let little = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0";
        let big = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0";
        assert_eq!(exif_orientation(little).map(Orientation::exif), Some(6));
        assert_eq!(exif_orientation(big).map(Orientation::exif), Some(8));
        for length in 0..little.len() - 2 {
            assert!(exif_orientation(&little[..length]).is_none_or(|o| o.exif() == 6));
        }
        assert_eq!(exif_orientation(b"II*\0\xff\xff\xff\xff\0\0"), None);
    }

    #[test]
    fn written_exif_agrees_with_the_metadata() {
        let big = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0";
        for exif in [None, Some(&big[..])] {
            let orientation = Orientation::from_exif(3);
            let exif = exif.map(Into::into);
            let written = oriented_exif(&Metadata { exif, xmp: None, orientation });
            assert_eq!(written.as_deref().and_then(exif_orientation), Some(orientation));
        }
        assert!(oriented_exif(&Metadata::default()).is_none());
    }

    #[test]
    fn profiles_are_put_together_in_order() {
        let mut profile = [7_u8; 40];
        profile[16..20].copy_from_slice(b"RGB ");
        let piece = |number: u8, data: &[u8]| [ICC, &[number, 2], data].concat();
        let (first, second) = (piece(1, &profile[..25]), piece(2, &profile[25..]));
        let mut app = AppData::default();
        app.segment(0xE2, &second);
        let mut notes = Vec::new();
        let limits = Limits::default();
        assert!(app.icc_profile(*b"RGB ", &limits, &mut notes).is_none());
        app.segment(0xE2, &first);
        let whole = app.icc_profile(*b"RGB ", &limits, &mut notes).unwrap();
        assert_eq!((&whole[..], notes.len()), (&profile[..], 1));
        assert!(app.icc_profile(*b"CMYK", &limits, &mut notes).is_none());
    }
}
