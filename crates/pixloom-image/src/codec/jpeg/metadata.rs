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
    /// Takes note of one APPn segment.
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
        space: &[u8; 4],
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
        if profile.get(16..20) != Some(space.as_slice()) {
            notes.push("the ICC profile is for another colour model and is dropped".to_owned());
            return None;
        }
        Some(profile.into())
    }
}

/// Tag 0x0112 of the first directory of a TIFF block, in either byte order.
fn exif_orientation(tiff: &[u8]) -> Option<Orientation> {
    let big = match tiff.first_chunk::<4>()? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let u16_at = |at: usize| -> Option<u32> {
        let bytes = *tiff.get(at..)?.first_chunk::<2>()?;
        Some(if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }.into())
    };
    let u32_at = |at: usize| -> Option<u32> {
        let bytes = *tiff.get(at..)?.first_chunk::<4>()?;
        Some(if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    };
    let directory = u32_at(4)? as usize;
    let entries = u16_at(directory)? as usize;
    let entry = (0..entries)
        .map(|i| directory.saturating_add(2 + 12 * i))
        .find(|&at| u16_at(at) == Some(0x0112))?;
    let value = match u16_at(entry + 2)? {
        3 => u16_at(entry + 8)?,
        4 => u32_at(entry + 8)?,
        _ => return None,
    };
    Some(Orientation::from_exif(value))
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
    fn profiles_are_put_together_in_order() {
        let mut profile = vec![7_u8; 40];
        profile[16..20].copy_from_slice(b"RGB ");
        let piece = |number: u8, data: &[u8]| [ICC, &[number, 2], data].concat();
        let (first, second) = (piece(1, &profile[..25]), piece(2, &profile[25..]));
        let mut app = AppData::default();
        app.segment(0xE2, &second);
        let mut notes = Vec::new();
        let limits = Limits::default();
        assert!(app.icc_profile(b"RGB ", &limits, &mut notes).is_none());
        app.segment(0xE2, &first);
        let whole = app.icc_profile(b"RGB ", &limits, &mut notes).unwrap();
        assert_eq!((&whole[..], notes.len()), (&profile[..], 1));
        assert!(app.icc_profile(b"CMYK", &limits, &mut notes).is_none());
    }
}
