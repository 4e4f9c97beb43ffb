//! Segments of a JPEG file (ITU-T T.81, annex B).
use std::borrow::Cow;

use super::{Layout, array};
use crate::finding::{Finding, Kind, Repair};

const EXIF: &[u8] = b"Exif\0";
const ICC: &[u8] = b"ICC_PROFILE\0";

/// A piece of a profile: its number, the number of pieces, its data.
type Piece<'a> = (u8, u8, &'a [u8]);

pub(super) fn read(bytes: &[u8]) -> Layout<'_> {
    let mut layout = Layout::default();
    let mut pieces = Vec::new();
    let (mut at, mut in_scans) = (2, false);
    loop {
        let Some(marker_at) = next_marker(bytes, at) else {
            let message = "the mark at the end of the picture is missing";
            layout.problem(Finding::new(Kind::MissingEnd, message).at_byte(bytes.len()));
            break;
        };
        match bytes[marker_at + 1] {
            0xD9 => {
                layout.end = Some(marker_at + 2);
                break;
            }
            0x01 | 0xD0..=0xD8 => at = marker_at + 2,
            marker => {
                let Some(body) = body(bytes, marker_at + 2) else {
                    // Damaged data of a scan can look like a segment that is longer than the file;
                    // a file that was cut off does not end with the end mark.
                    if in_scans && bytes.ends_with(b"\xFF\xD9") {
                        layout.end = Some(bytes.len());
                    } else {
                        layout.cut_off("a marker segment", marker_at);
                    }
                    break;
                };
                in_scans |= marker == 0xDA;
                at = marker_at + 4 + body.len();
                segment(&mut layout, &mut pieces, (marker, body), marker_at..at);
            }
        }
    }
    layout.icc = join(pieces);
    layout
}

/// The next marker that is neither fill, stuffing nor a restart; entropy-coded data is passed
/// over on the way.
fn next_marker(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr::memchr(0xFF, bytes.get(at..)?)?;
        match bytes.get(at + 1)? {
            0x00 | 0xD0..=0xD7 => at += 2,
            0xFF => at += 1,
            _ => return Some(at),
        }
    }
}

fn body(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let length = usize::from(u16::from_be_bytes(array(bytes, at)?));
    bytes.get(at + 2..at + length.max(2))
}

fn segment<'a>(
    layout: &mut Layout<'a>,
    pieces: &mut Vec<Piece<'a>>,
    (marker, body): (u8, &'a [u8]),
    range: std::ops::Range<usize>,
) {
    match marker {
        0xE1 if body.starts_with(EXIF) => {
            layout.exif.get_or_insert(body.get(EXIF.len() + 1..).unwrap_or_default());
            layout.block(Repair::DropExif, range);
        }
        0xE2 => {
            layout.more_pictures |= body.starts_with(b"MPF\0");
            if let Some([number, total, data @ ..]) = body.strip_prefix(ICC) {
                pieces.push((*number, *total, data));
                layout.block(Repair::DropProfile, range);
            }
        }
        _ => {}
    }
}

/// Puts a profile together (ICC.1, annex B.4).
fn join(mut pieces: Vec<Piece<'_>>) -> Option<Result<Cow<'_, [u8]>, &'static str>> {
    let total = pieces.first()?.1;
    pieces.sort_by_key(|piece| piece.0);
    pieces.dedup_by_key(|piece| piece.0);
    let whole = pieces.len() == usize::from(total)
        && pieces.iter().zip(1..).all(|(piece, number)| (piece.0, piece.1) == (number, total));
    if !whole {
        return Some(Err("has missing pieces"));
    }
    let joined: Vec<u8> = pieces.iter().flat_map(|piece| piece.2).copied().collect();
    Some(Ok(Cow::Owned(joined)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(tail: &[u8]) -> Vec<u8> {
        let exif = b"\xFF\xE1\x00\x0AExif\0\0II".as_slice();
        let scan = b"\xFF\xDA\x00\x02\x12\xFF\x00\x34\xFF\xD0\x56".as_slice();
        [b"\xFF\xD8".as_slice(), exif, scan, tail].concat()
    }

    #[test]
    fn end_and_blocks_are_found() {
        let bytes = file(b"\xFF\xD9junk");
        let layout = read(&bytes);
        assert_eq!(layout.end, Some(bytes.len() - 4));
        assert_eq!(layout.exif, Some(b"II".as_slice()));
        assert_eq!(layout.blocks[0].range, 2..14);
        assert!(layout.problems.is_empty());
    }

    #[test]
    fn a_missing_end_and_a_cut_segment_differ() {
        assert_eq!(read(&file(b"")).problems[0].kind, Kind::MissingEnd);
        assert_eq!(read(&file(b"\xFF\xE5\x00\x09ab")).problems[0].kind, Kind::Truncated);
        let damaged = file(b"\xFF\xE5\x00\x0Aab\xFF\xD9");
        assert_eq!(read(&damaged).end, Some(damaged.len()));
    }

    #[test]
    fn profiles_need_all_pieces() {
        assert!(join(vec![(2, 2, b"b"), (1, 2, b"a")]).unwrap().is_ok_and(|icc| &*icc == b"ab"));
        assert!(join(vec![(2, 2, b"b")]).unwrap().is_err());
        assert!(join(vec![]).is_none());
    }
}
