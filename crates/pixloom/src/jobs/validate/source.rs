//! Lists the files to check and reads the beginning of each.
use pixloom_engine::{ErrorKind, ItemError, RunError, Source, SourceItem};
use pixloom_image::{ImageError, ImageErrorKind, Limits};

use super::checks::Level;
use crate::source::{InputFile, Peeked, Share, peek};

/// One file to check.
#[derive(Debug)]
pub(super) enum Candidate {
    /// A file, and what its header says.
    File(InputFile, Option<Result<Peeked, ImageError>>),
    /// A folder, pipe or device under the name of a picture.
    NotAFile,
}

/// Yields the files of a listing in its order, or only those of one shard.
pub(super) struct Candidates<'a> {
    pub(super) files: Share<'a>,
    pub(super) limits: Limits,
    pub(super) level: Level,
}

impl Candidates<'_> {
    fn candidate(&self, file: Result<InputFile, ItemError>) -> Result<Candidate, ItemError> {
        match file {
            Ok(file) => self.peek(file),
            Err(error) if error.code == "not-a-file" => Ok(Candidate::NotAFile),
            Err(error) => Err(error),
        }
    }

    fn peek(&self, file: InputFile) -> Result<Candidate, ItemError> {
        if self.level < Level::Header {
            return Ok(Candidate::File(file, None));
        }
        match peek(&file.path, &self.limits) {
            Err(error) if error.kind() == ImageErrorKind::Io => {
                Err(unreadable().with_source(error))
            }
            peeked => Ok(Candidate::File(file, Some(peeked))),
        }
    }
}

/// The error of a file that cannot be read.
pub(super) fn unreadable() -> ItemError {
    ItemError::new(ErrorKind::Io, "the file cannot be read").with_step("read")
}

impl Source for Candidates<'_> {
    type Value = Candidate;

    fn next(&mut self) -> Result<Option<SourceItem<Candidate>>, RunError> {
        let Some((index, listed)) = self.files.next() else { return Ok(None) };
        let value = self.candidate(listed.file);
        Ok(Some(SourceItem { key: listed.key, index: Some(index), value }))
    }

    fn total(&self) -> Option<u64> {
        Some(self.files.total())
    }
}
