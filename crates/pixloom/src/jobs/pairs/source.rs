//! Yields pairs, with what their headers say.
use std::io;
use std::path::Path;

use pixloom_engine::{
    ErrorKind, ItemError, ItemKey, RunError, Shard, Source, SourceItem, path_key,
};
use pixloom_image::Limits;

use super::folders::{Group, Matcher};
use super::names::Naming;
use crate::picture::{PictureInput, item_error};
use crate::source::{Inputs, LeftAlone, Listed, peek};

/// What belongs together.
#[derive(Debug)]
pub(crate) enum Together {
    /// One of each.
    Pair(Box<(PictureInput, PictureInput)>),
    /// One side only, or several files on a side: paths below the folders.
    Unpaired { hq: Vec<String>, lq: Vec<String> },
}

/// Lists two folders side by side.
pub(crate) struct PairSource<'a> {
    matcher: Matcher<'a>,
    /// What the two sides are called in messages.
    sides: [&'static str; 2],
    limits: Limits,
    shard: Option<Shard>,
    index: u64,
}

impl<'a> PairSource<'a> {
    pub(crate) fn new(
        (hq, lq): (&'a Inputs, &'a Inputs),
        (hq_left, lq_left): (&'a mut LeftAlone, &'a mut LeftAlone),
        naming: &'a Naming,
        (limits, shard): (Limits, Option<Shard>),
    ) -> io::Result<Self> {
        let matcher = Matcher::new(hq.list(hq_left)?, lq.list(lq_left)?, naming);
        Ok(Self { matcher, sides: ["HQ", "LQ"], limits, shard, index: 0 })
    }

    /// The same with other names of the sides.
    pub(crate) const fn with_sides(mut self, sides: [&'static str; 2]) -> Self {
        self.sides = sides;
        self
    }

    /// How many items there are; opens no file.
    pub(crate) fn count(self) -> u64 {
        let (sides, shard) = (self.sides, self.shard);
        let owned = |group: &Group| shard.is_none_or(|shard| shard.owns(&key(group, sides)));
        self.matcher.filter(owned).count() as u64
    }

    fn value(&self, group: Group) -> Result<Together, ItemError> {
        let Group { mut hq, mut lq } = group;
        if let ([_], [_]) = (hq.as_slice(), lq.as_slice())
            && let (Some(hq), Some(lq)) = (hq.pop(), lq.pop())
        {
            let (hq, lq) = (self.examine(hq, self.sides[0])?, self.examine(lq, self.sides[1])?);
            return Ok(Together::Pair(Box::new((hq, lq))));
        }
        let paths = |side: Vec<Listed>, name: &str| {
            let path = |listed: Listed| match listed.file {
                Ok(_) => Ok(path_key(&listed.relative)),
                Err(error) => Err(about(error, name)),
            };
            side.into_iter().map(path).collect::<Result<Vec<_>, _>>()
        };
        Ok(Together::Unpaired { hq: paths(hq, self.sides[0])?, lq: paths(lq, self.sides[1])? })
    }

    fn examine(&self, listed: Listed, side: &str) -> Result<PictureInput, ItemError> {
        let file = listed.file.map_err(|error| about(error, side))?;
        if file.bytes == 0 {
            let error = ItemError::new(ErrorKind::BadInput, "the file is empty");
            return Err(about(error.with_code("truncated").with_step("decode"), side));
        }
        let peeked = peek(&file.path, &self.limits)
            .map_err(|error| about(item_error(error, "decode"), side))?;
        Ok(PictureInput { file, peeked })
    }
}

/// Says which of the two pictures an error is about.
pub(crate) fn about(mut error: ItemError, side: &str) -> ItemError {
    error.message = format!("{side}: {}", error.message);
    error
}

/// The name of an item: the HQ file, or the LQ file where there is none.
fn key(group: &Group, [_, second]: [&str; 2]) -> ItemKey {
    let first = |side: &[Listed]| side.first().map(|listed| listed.relative.clone());
    match (first(&group.hq), first(&group.lq)) {
        (Some(hq), _) => ItemKey::from_path(&hq),
        (None, lq) => {
            ItemKey::from_path(&Path::new(&format!("{second}:")).join(lq.unwrap_or_default()))
        }
    }
}

impl Source for PairSource<'_> {
    type Value = Together;

    fn next(&mut self) -> Result<Option<SourceItem<Together>>, RunError> {
        while let Some(group) = self.matcher.next() {
            let (key, index) = (key(&group, self.sides), self.index);
            self.index += 1;
            if self.shard.is_none_or(|shard| shard.owns(&key)) {
                return Ok(Some(SourceItem { key, index: Some(index), value: self.value(group) }));
            }
        }
        Ok(None)
    }
}
