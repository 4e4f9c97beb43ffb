//! Lists the files to check and reads the beginning of each.
use pixloom_engine::{ErrorKind, ItemError, RunError, Shard, Source, SourceItem};
use pixloom_image::{ImageError, ImageErrorKind, Limits};

use super::checks::Level;
use crate::source::{InputFile, Listed, Peeked, peek};

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
    pub(super) listing: Box<dyn Iterator<Item = Listed> + Send + 'a>,
    pub(super) limits: Limits,
    pub(super) level: Level,
    pub(super) shard: Option<Shard>,
    pub(super) index: u64,
    pub(super) total: u64,
}

impl Candidates<'_> {
    fn item(&self, listed: Listed) -> SourceItem<Candidate> {
        let value = match listed.file {
            Ok(file) => self.peek(file),
            Err(error) if error.code == "not-a-file" => Ok(Candidate::NotAFile),
            Err(error) => Err(error),
        };
        SourceItem { key: listed.key, index: Some(self.index), value }
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
        while let Some(listed) = self.listing.next() {
            let owned = self.shard.is_none_or(|shard| shard.owns(&listed.key));
            let item = owned.then(|| self.item(listed));
            self.index += 1;
            if item.is_some() {
                return Ok(item);
            }
        }
        Ok(None)
    }

    fn total(&self) -> Option<u64> {
        Some(self.total)
    }
}
