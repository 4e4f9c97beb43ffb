//! Blocks of a GIF file (GIF 89a specification).
use super::Layout;
use crate::finding::{Finding, Kind};

pub(super) fn read(bytes: &[u8]) -> Layout<'_> {
    let mut layout = Layout::default();
    let Some(flags) = bytes.get(10) else {
        layout.cut_off("its header", bytes.len());
        return layout;
    };
    let mut frames = 0_u32;
    let mut at = 13 + color_table(*flags);
    loop {
        let end = match bytes.get(at) {
            Some(0x3b) => {
                layout.end = Some(at + 1);
                return layout;
            }
            Some(0x2c) => {
                let table = bytes.get(at + 9).map_or(0, |flags| color_table(*flags));
                frames += 1;
                sub_blocks(bytes, at + 11 + table)
            }
            Some(0x21) => sub_blocks(bytes, at + 2),
            Some(_) => {
                // No block begins so: the decoder says whether that matters.
                return layout;
            }
            None if frames > 0 => {
                let message = "the mark at the end of the file is missing";
                layout.problem(Finding::new(Kind::MissingEnd, message).at_byte(bytes.len()));
                return layout;
            }
            None => None,
        };
        let Some(end) = end else {
            layout.cut_off("a block", at.min(bytes.len()));
            return layout;
        };
        at = end;
    }
}

const fn color_table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// The byte after a chain of sub-blocks.
fn sub_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            0 => return Some(at + 1),
            length => at += 1 + usize::from(*length),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;more";

    #[test]
    fn end_is_found() {
        let layout = read(FILE);
        assert_eq!((layout.end, layout.problems.len()), (Some(FILE.len() - 4), 0));
    }

    #[test]
    fn cut_off_and_missing_end_differ() {
        let whole = FILE.len() - 5;
        assert_eq!(read(&FILE[..whole]).problems[0].kind, Kind::MissingEnd);
        for length in 6..whole {
            assert_eq!(read(&FILE[..length]).problems[0].kind, Kind::Truncated, "{length}");
        }
    }
}
