//! Lists picture files and reads their headers.
use std::io;

use pixloom_engine::{ItemError, RunError, Shard, Source, SourceItem};
use pixloom_image::Limits;

use super::load::item_error;
use crate::source::{InputFile, Inputs, LeftAlone, Listed, Peeked, Share, peek};

/// A file and what its header says.
#[derive(Debug)]
pub struct PictureInput {
    /// The file.
    pub file: InputFile,
    /// Its format and header.
    pub peeked: Peeked,
}

/// Yields the pictures of a listing in its order, or only those of one shard.
pub struct PictureSource<'a> {
    files: Share<'a>,
    limits: Limits,
}

impl std::fmt::Debug for PictureSource<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PictureSource").field("total", &self.files.total()).finish_non_exhaustive()
    }
}

impl<'a> PictureSource<'a> {
    /// Lists `inputs` anew. `total` is the number of items for progress.
    pub fn new(
        inputs: &'a Inputs,
        left_alone: &'a mut LeftAlone,
        limits: Limits,
        (shard, total): (Option<Shard>, u64),
    ) -> io::Result<Self> {
        Ok(Self::of(inputs.list(left_alone)?, limits, (shard, total)))
    }

    /// Reads the files of `listing`. `total` is the number of items for progress.
    pub fn of(
        listing: Box<dyn Iterator<Item = Listed> + Send + 'a>,
        limits: Limits,
        share: (Option<Shard>, u64),
    ) -> Self {
        Self { files: Share::of(listing, share), limits }
    }

    fn examine(&self, file: InputFile) -> Result<PictureInput, ItemError> {
        let peeked = peek(&file.path, &self.limits).map_err(|error| item_error(error, "decode"))?;
        Ok(PictureInput { file, peeked })
    }
}

impl Source for PictureSource<'_> {
    type Value = PictureInput;

    fn next(&mut self) -> Result<Option<SourceItem<PictureInput>>, RunError> {
        let Some((index, listed)) = self.files.next() else { return Ok(None) };
        let value = listed.file.and_then(|file| self.examine(file));
        Ok(Some(SourceItem { key: listed.key, index: Some(index), value }))
    }

    fn total(&self) -> Option<u64> {
        Some(self.files.total())
    }
}
