//! Splitting a data set between machines by item name.
use std::fmt;
use std::str::FromStr;

use crate::{Fingerprint, ItemKey, RunError, Source, SourceItem};

/// One part of a split run, written `3/16`: which items belong to it depends on their keys only.
///
/// ```
/// use pixloom_engine::{ItemKey, Shard};
/// let key = ItemKey::new("a.jpg");
/// let owners = (1..=4).filter(|i| Shard::new(*i, 4).is_ok_and(|shard| shard.owns(&key)));
/// assert_eq!(owners.count(), 1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

/// The text is not a shard such as `3/16`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a shard; write for example 3/16, from 1/16 to 16/16")]
pub struct ParseShardError(String);

impl Shard {
    /// Shard number `index` (from 1) of `count`.
    pub fn new(index: u32, count: u32) -> Result<Self, ParseShardError> {
        if index == 0 || index > count {
            return Err(ParseShardError(format!("{index}/{count}")));
        }
        Ok(Self { index, count })
    }

    /// The number of this shard, from 1.
    pub const fn index(self) -> u32 {
        self.index
    }

    /// How many shards there are.
    pub const fn count(self) -> u32 {
        self.count
    }

    /// Whether the item belongs to this shard: BLAKE3 of its key, modulo the count.
    pub fn owns(self, key: &ItemKey) -> bool {
        let hash = Fingerprint::of(key.as_str().as_bytes()).short();
        hash % u64::from(self.count) == u64::from(self.index - 1)
    }

    /// The items of `source` that belong to this shard, with the index they have in the whole.
    pub fn select<S: Source>(self, source: S) -> ShardSource<S> {
        ShardSource { shard: self, source, next_index: 0 }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = ParseShardError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |part: &str| part.trim().parse::<u32>().ok();
        let parts = text.split_once('/').map(|(index, count)| (number(index), number(count)));
        match parts {
            Some((Some(index), Some(count))) if (1..=count).contains(&index) => {
                Ok(Self { index, count })
            }
            _ => Err(ParseShardError(text.to_owned())),
        }
    }
}

/// Made by [`Shard::select`].
#[derive(Debug)]
pub struct ShardSource<S> {
    shard: Shard,
    source: S,
    next_index: u64,
}

impl<S: Source> Source for ShardSource<S> {
    type Value = S::Value;

    fn next(&mut self) -> Result<Option<SourceItem<S::Value>>, RunError> {
        while let Some(mut item) = self.source.next()? {
            let index = item.index.unwrap_or(self.next_index);
            self.next_index = index + 1;
            if self.shard.owns(&item.key) {
                item.index = Some(index);
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    fn total(&self) -> Option<u64> {
        if self.shard.count == 1 { self.source.total() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IterSource;

    #[test]
    fn text_form() {
        assert_eq!("3/16".parse(), Shard::new(3, 16));
        assert_eq!(Shard::new(3, 16).unwrap().to_string(), "3/16");
        for text in ["0/4", "5/4", "1", "a/b", "1/0", "-1/2", ""] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }

    #[test]
    fn shards_are_a_partition_with_global_indices() {
        let all = |_| IterSource::new((0..200).map(|i| SourceItem::new(ItemKey::from_index(i), i)));
        let mut seen = Vec::new();
        for index in 1..=3 {
            let mut part = Shard::new(index, 3).unwrap().select(all(index));
            let before = seen.len();
            while let Some(item) = part.next().unwrap() {
                assert_eq!(item.index, item.value.ok());
                seen.push(item.index.unwrap());
            }
            assert!(seen.len() - before > 40);
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..200).collect::<Vec<_>>());
    }
}
