//! Where things lie in a file: the end of the picture, metadata blocks; read without decoding.
mod gif;
mod jpeg;
mod png;
mod webp;

use std::borrow::Cow;
use std::ops::Range;

use crate::finding::{Finding, Kind, Repair};

/// What was found on a walk over the blocks of a file.
#[derive(Debug, Default)]
pub(super) struct Layout<'a> {
    /// What breaks the rules of the format.
    pub(super) problems: Vec<Finding>,
    /// The byte after the last that belongs to the picture.
    pub(super) end: Option<usize>,
    /// Whether the file says that more pictures follow the first.
    pub(super) more_pictures: bool,
    /// The metadata blocks, with their frames.
    pub(super) blocks: Vec<Block>,
    /// The colour profile, or why it cannot be put together.
    pub(super) icc: Option<Result<Cow<'a, [u8]>, &'static str>>,
    /// The EXIF block, without prefix.
    pub(super) exif: Option<&'a [u8]>,
}

/// A metadata block that can be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// What leaves it out.
    pub(super) repair: Repair,
    /// Where it lies, with everything that frames it.
    pub(super) range: Range<usize>,
}

impl Layout<'_> {
    /// Reads a file of that format; `None` for formats that are only checked by decoding.
    pub(super) fn read<'a>(format: &str, bytes: &'a [u8]) -> Option<Layout<'a>> {
        match format {
            "jpeg" => Some(jpeg::read(bytes)),
            "png" => Some(png::read(bytes)),
            "webp" => Some(webp::read(bytes)),
            "gif" => Some(gif::read(bytes)),
            _ => None,
        }
    }

    fn block(&mut self, repair: Repair, range: Range<usize>) {
        self.blocks.push(Block { repair, range });
    }

    fn problem(&mut self, finding: Finding) {
        self.problems.push(finding);
    }

    /// The file ends in the block that begins at `at`.
    fn cut_off(&mut self, what: &str, at: usize) {
        let finding = Finding::new(Kind::Truncated, format!("the file ends in {what}"));
        self.problem(finding.at_byte(at).with_hint("fetch the file again"));
    }
}

/// The file without the blocks that `repairs` leave out; `None` where that is not possible.
pub(super) fn without(format: &str, bytes: &[u8], repairs: &[Repair]) -> Option<Vec<u8>> {
    let layout = Layout::read(format, bytes)?;
    let end = if repairs.contains(&Repair::CutTrailing) { layout.end? } else { bytes.len() };
    let mut out = Vec::with_capacity(end);
    let mut at = 0;
    for block in layout.blocks.iter().filter(|block| repairs.contains(&block.repair)) {
        out.extend_from_slice(bytes.get(at..block.range.start)?);
        at = block.range.end;
    }
    out.extend_from_slice(bytes.get(at..end)?);
    if format == "webp" {
        webp::mend(&mut out, repairs, end - layout.end?)?;
    }
    Some(out)
}

/// The bytes of a number, if they are there.
fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}
