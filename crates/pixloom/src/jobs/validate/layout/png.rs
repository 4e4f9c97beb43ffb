//! Chunks of a PNG file (PNG specification, section 5) and their check sums.
use std::borrow::Cow;

use pixloom_image::codec::metadata::inflate;

use super::{Layout, array};
use crate::finding::{Finding, Kind, Repair};

/// Most bytes of an unpacked profile that are looked at.
const MAX_PROFILE: u64 = 16 << 20;

pub(super) fn read(bytes: &[u8]) -> Layout<'_> {
    let mut layout = Layout::default();
    let mut at = 8;
    loop {
        let Some((kind, data, end)) = chunk(bytes, at) else {
            let at = at.min(bytes.len());
            layout.cut_off("a chunk, or before the end chunk", at);
            return layout;
        };
        check_sum(&mut layout, bytes, at, end);
        match &kind {
            b"iCCP" => {
                layout.icc.get_or_insert_with(|| profile(data));
                layout.block(Repair::DropProfile, at..end);
            }
            b"eXIf" => {
                layout.exif.get_or_insert(data);
                layout.block(Repair::DropExif, at..end);
            }
            b"IEND" => {
                layout.end = Some(end);
                return layout;
            }
            _ => {}
        }
        at = end;
    }
}

/// Type, data and end of the chunk at `at`.
fn chunk(bytes: &[u8], at: usize) -> Option<([u8; 4], &[u8], usize)> {
    let length = u32::from_be_bytes(array(bytes, at)?) as usize;
    let data = bytes.get(at + 8..at.checked_add(8 + length)?)?;
    let end = at + 12 + length;
    (end <= bytes.len()).then_some((array(bytes, at + 4)?, data, end))
}

fn check_sum(layout: &mut Layout<'_>, bytes: &[u8], at: usize, end: usize) {
    let stated = array(bytes, end - 4).map(u32::from_be_bytes);
    if stated == Some(crc32fast::hash(&bytes[at + 4..end - 4])) {
        return;
    }
    let name = String::from_utf8_lossy(&bytes[at + 4..at + 8]).escape_debug().to_string();
    let message = format!("the check sum of the chunk `{name}` is wrong");
    // The fifth bit of the first letter marks chunks that are not needed for the pixels.
    let needed = bytes[at + 4] & 0x20 == 0;
    let kind = if needed { Kind::Corrupt } else { Kind::BadChecksum };
    layout.problem(Finding::new(kind, message).at_byte(at));
}

/// `iCCP`: name, 0, method 0, zlib stream.
fn profile(data: &[u8]) -> Result<Cow<'_, [u8]>, &'static str> {
    let unpack = || {
        let end = memchr::memchr(0, data)?;
        let packed = data.get(end + 2..).filter(|_| data.get(end + 1) == Some(&0))?;
        inflate(packed, MAX_PROFILE).map(Cow::Owned)
    };
    unpack().ok_or("cannot be unpacked, or is larger than 16 MiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk_of(kind: &[u8], data: &[u8]) -> Vec<u8> {
        let body = [kind, data].concat();
        let (length, sum) = (data.len() as u32, crc32fast::hash(&body));
        [length.to_be_bytes().as_slice(), &body, &sum.to_be_bytes()].concat()
    }

    fn file(exif: &[u8], tail: &[u8]) -> Vec<u8> {
        let chunks = [chunk_of(b"IHDR", &[0; 13]), chunk_of(b"eXIf", exif), chunk_of(b"IEND", b"")];
        [b"\x89PNG\r\n\x1a\n".as_slice(), &chunks.concat(), tail].concat()
    }

    #[test]
    fn end_and_blocks_are_found() {
        let bytes = file(b"MM", b"xyz");
        let layout = read(&bytes);
        assert_eq!((layout.end, layout.exif), (Some(bytes.len() - 3), Some(b"MM".as_slice())));
        assert_eq!(layout.blocks[0].range, 33..47);
        assert!(layout.problems.is_empty());
    }

    #[test]
    fn check_sums_matter_as_their_chunks_do() {
        for (at, kind) in [(20, Kind::Corrupt), (42, Kind::BadChecksum)] {
            let mut bytes = file(b"MM", b"");
            bytes[at] ^= 1;
            assert_eq!(read(&bytes).problems[0].kind, kind);
        }
    }

    #[test]
    fn every_true_prefix_is_cut_off() {
        let bytes = file(b"MM", b"");
        for length in 8..bytes.len() {
            assert_eq!(read(&bytes[..length]).problems[0].kind, Kind::Truncated, "{length}");
        }
    }
}
