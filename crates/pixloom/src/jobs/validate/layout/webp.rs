//! Chunks of a WebP file (WebP Container Specification).
use std::borrow::Cow;

use super::{Layout, array};
use crate::finding::{Finding, Kind, Repair};

const ICC_FLAG: u8 = 0x20;
const EXIF_FLAG: u8 = 0x08;
/// Where the flags of a `VP8X` chunk lie, if it comes first as it must.
const FLAGS_AT: usize = 20;

pub(super) fn read(bytes: &[u8]) -> Layout<'_> {
    let mut layout = Layout::default();
    let Some(size) = array(bytes, 4).map(u32::from_le_bytes) else {
        layout.cut_off("its header", bytes.len());
        return layout;
    };
    let end = 8 + size as usize;
    if end > bytes.len() {
        layout.cut_off(&format!("its data: {} of {end} bytes are there", bytes.len()), bytes.len());
        return layout;
    }
    layout.end = Some(end);
    let mut at = 12;
    while at + 8 <= end {
        let (Some(kind), Some(length)) = (array::<4>(bytes, at), array(bytes, at + 4)) else {
            break;
        };
        let length = u32::from_le_bytes(length) as usize;
        let Some(data) = bytes[..end].get(at + 8..at.saturating_add(8 + length)) else {
            let message = "a chunk is longer than the file";
            layout.problem(Finding::new(Kind::Corrupt, message).at_byte(at));
            break;
        };
        let next = (at + 8 + length + length % 2).min(end);
        match &kind {
            b"ICCP" => {
                layout.icc.get_or_insert(Ok(Cow::Borrowed(data)));
                layout.block(Repair::DropProfile, at..next);
            }
            b"EXIF" => {
                layout.exif.get_or_insert(data.strip_prefix(b"Exif\0\0").unwrap_or(data));
                layout.block(Repair::DropExif, at..next);
            }
            _ => {}
        }
        at = next;
    }
    layout
}

/// Makes the size and the flags in the header agree with what is left; `outside` bytes lie
/// behind the container.
pub(super) fn mend(bytes: &mut [u8], repairs: &[Repair], outside: usize) -> Option<()> {
    let size = u32::try_from(bytes.len().checked_sub(8 + outside)?).ok()?;
    bytes.get_mut(4..8)?.copy_from_slice(&size.to_le_bytes());
    if bytes.get(12..16)? == b"VP8X" {
        let flags = bytes.get_mut(FLAGS_AT)?;
        if repairs.contains(&Repair::DropProfile) {
            *flags &= !ICC_FLAG;
        }
        if repairs.contains(&Repair::DropExif) {
            *flags &= !EXIF_FLAG;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::validate::layout::without;

    fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
        let padding = vec![0; data.len() % 2];
        [kind, &(data.len() as u32).to_le_bytes(), data, &padding].concat()
    }

    fn file(tail: &[u8]) -> Vec<u8> {
        let flags = [ICC_FLAG | EXIF_FLAG, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let chunks = [chunk(b"VP8X", &flags), chunk(b"ICCP", b"abc"), chunk(b"EXIF", b"II")];
        let body = [b"WEBP".as_slice(), &chunks.concat()].concat();
        [b"RIFF".as_slice(), &(body.len() as u32).to_le_bytes(), &body, tail].concat()
    }

    #[test]
    fn blocks_are_left_out_and_the_header_agrees() {
        let bytes = file(b"junk");
        let all = [Repair::CutTrailing, Repair::DropProfile];
        let smaller = without("webp", &bytes, &all).unwrap();
        let layout = read(&smaller);
        assert_eq!((layout.end, layout.exif), (Some(smaller.len()), Some(b"II".as_slice())));
        assert!(layout.icc.is_none() && layout.problems.is_empty());
        assert_eq!(smaller[FLAGS_AT], EXIF_FLAG);
        // Without the cut the foreign bytes stay behind the container.
        let kept = without("webp", &bytes, &[Repair::DropExif]).unwrap();
        assert_eq!(read(&kept).end, Some(kept.len() - 4));
    }

    #[test]
    fn a_short_file_is_cut_off() {
        let bytes = file(b"");
        assert_eq!(read(&bytes[..bytes.len() - 1]).problems[0].kind, Kind::Truncated);
    }
}
