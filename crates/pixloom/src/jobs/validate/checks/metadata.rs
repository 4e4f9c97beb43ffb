//! Whether colour profile and EXIF can be used.
use pixloom_image::codec::Header;
use pixloom_image::{Channels, ColorSpace, Image, Samples, Serial, Size, color};

use super::Subject;
use crate::finding::{Finding, Kind, Repair};

pub(super) fn check(subject: &mut Subject<'_>, found: &mut Vec<Finding>) {
    let (Some(layout), Some(header)) = (&subject.layout, subject.header()) else { return };
    match &layout.icc {
        Some(Ok(icc)) => found.extend(profile(icc, header)),
        Some(Err(problem)) => found.push(bad_profile(problem)),
        None => {}
    }
    if let Some(exif) = layout.exif {
        found.extend(exif_problem(exif));
    }
}

fn bad_profile(problem: &str) -> Finding {
    Finding::new(Kind::BadProfile, format!("the colour profile {problem}"))
        .with_hint("--repair leaves it out; programs then assume sRGB")
        .with_repair(Repair::DropProfile)
}

/// What is wrong with a profile (ICC.1, section 7).
fn profile(icc: &[u8], header: &Header) -> Option<Finding> {
    let Some(head) = icc.first_chunk::<128>() else {
        return Some(bad_profile("is shorter than its header"));
    };
    let stated = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
    if &head[36..40] != b"acsp" {
        return Some(bad_profile("has no ICC signature"));
    }
    if stated > icc.len() {
        return Some(bad_profile("is cut off"));
    }
    let inks = header.color_model.starts_with("CMYK") || header.color_model.starts_with("YCCK");
    let gray = header.format.channels.is_gray();
    let wanted: &[u8; 4] = match (inks, gray) {
        (true, _) => b"CMYK",
        (false, true) => b"GRAY",
        (false, false) => b"RGB ",
    };
    if &head[16..20] != wanted {
        let space = String::from_utf8_lossy(&head[16..20]).trim().escape_debug().to_string();
        let message = format!("the colour profile is for {space}, not for the picture's channels");
        let finding = Finding::new(Kind::ProfileMismatch, message);
        let hint = "--repair leaves it out; programs ignore it already";
        return Some(finding.with_hint(hint).with_repair(Repair::DropProfile));
    }
    if !inks && !can_be_used(icc, gray) {
        return Some(bad_profile("cannot be read"));
    }
    None
}

/// Tries the profile on one pixel.
fn can_be_used(icc: &[u8], gray: bool) -> bool {
    let channels = if gray { Channels::Gray } else { Channels::Rgb };
    let samples = Samples::U8(vec![128; channels.count()]);
    let Ok(mut pixel) = Image::new(Size::new(1, 1), channels, samples) else { return false };
    pixel.color_space = ColorSpace::Icc(icc.into());
    color::to_srgb(pixel, &Serial).is_ok()
}

/// What is wrong with an EXIF block (CIPA DC-008; TIFF 6.0, section 2).
fn exif_problem(exif: &[u8]) -> Option<Finding> {
    let bad = |problem: &str| Finding::new(Kind::BadExif, format!("the EXIF block {problem}"));
    let useless = |problem: &str| {
        let hint = "--repair leaves it out; nothing in it can be read";
        Some(bad(problem).with_hint(hint).with_repair(Repair::DropExif))
    };
    let Some(block) = Tiff::new(exif) else { return useless("does not begin as a TIFF block") };
    let Some(first) = block.u32(4).map(|at| at as usize) else {
        return useless("ends in its header");
    };
    let Some(count) = block.u16(first) else {
        return useless("points outside of itself for its first directory");
    };
    for entry in (0..usize::from(count)).map(|i| first.saturating_add(2 + 12 * i)) {
        let Some(reaches) = block.reach(entry) else {
            return Some(bad("ends in its first directory"));
        };
        if reaches > exif.len() as u64 {
            let tag = block.u16(entry).unwrap_or_default();
            return Some(bad(&format!("points outside of itself for tag 0x{tag:04x}")));
        }
    }
    None
}

/// A TIFF block in its own byte order.
struct Tiff<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

impl<'a> Tiff<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let big_endian = match bytes.get(..4)? {
            [b'I', b'I', 42, 0] => false,
            [b'M', b'M', 0, 42] => true,
            _ => return None,
        };
        Some(Self { bytes, big_endian })
    }

    fn u16(&self, at: usize) -> Option<u16> {
        let raw = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.big_endian { u16::from_be_bytes(raw) } else { u16::from_le_bytes(raw) })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let raw = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.big_endian { u32::from_be_bytes(raw) } else { u32::from_le_bytes(raw) })
    }

    /// The byte after the value of the entry at `at`; `None` if the entry itself is cut off.
    fn reach(&self, at: usize) -> Option<u64> {
        let (kind, count) = (self.u16(at + 2)?, self.u32(at + 4)?);
        let offset = self.u32(at + 8)?;
        let size = match kind {
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 => 8,
            _ => 1,
        };
        let bytes = u64::from(count) * size;
        Some(if bytes <= 4 { at as u64 + 12 } else { u64::from(offset) + bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXIF: &[u8] = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";

    #[test]
    fn a_good_block_has_no_problem() {
        assert_eq!(exif_problem(EXIF), None);
    }

    #[test]
    fn only_a_block_without_use_can_be_dropped() {
        let mut outside = EXIF.to_vec();
        outside[14] = 90; // 90 shorts do not fit into the entry
        let finding = exif_problem(&outside).unwrap();
        assert_eq!((finding.kind, finding.repair), (Kind::BadExif, None));
        for useless in [&b"nonsense"[..], &EXIF[..6], b"MM\0*\0\0\xff\0"] {
            assert_eq!(exif_problem(useless).unwrap().repair, Some(Repair::DropExif));
        }
        for length in 0..EXIF.len() - 4 {
            assert!(exif_problem(&EXIF[..length]).is_some(), "{length}");
        }
    }
}
