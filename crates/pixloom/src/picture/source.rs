//! Lists picture files and reads their headers.
use std::io;

use pixloom_engine::{ItemError, RunError, Shard, Source, SourceItem};
use pixloom_image::Limits;

use super::load::item_error;
use crate::source::{InputFile, Inputs, LeftAlone, Listed, Peeked, peek};

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
    listing: Box<dyn Iterator<Item = Listed> + Send + 'a>,
    limits: Limits,
    shard: Option<Shard>,
    index: u64,
    total: u64,
}

impl std::fmt::Debug for PictureSource<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PictureSource").field("index", &self.index).finish_non_exhaustive()
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
        (shard, total): (Option<Shard>, u64),
    ) -> Self {
        Self { listing, limits, shard, index: 0, total }
    }

    fn item(&self, listed: Listed) -> SourceItem<PictureInput> {
        let value = listed.file.and_then(|file| self.examine(file));
        SourceItem { key: listed.key, index: Some(self.index), value }
    }

    fn examine(&self, file: InputFile) -> Result<PictureInput, ItemError> {
        let peeked = peek(&file.path, &self.limits).map_err(|error| item_error(error, "decode"))?;
        Ok(PictureInput { file, peeked })
    }
}

impl Source for PictureSource<'_> {
    type Value = PictureInput;

    fn next(&mut self) -> Result<Option<SourceItem<PictureInput>>, RunError> {
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
