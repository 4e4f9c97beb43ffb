//! The part of a listing that a run, or one shard of it, works on.
use pixloom_engine::Shard;

use super::Listed;

/// The files of a listing with their places in it; of a shard, only its own.
pub(crate) struct Share<'a> {
    listing: Box<dyn Iterator<Item = Listed> + Send + 'a>,
    shard: Option<Shard>,
    index: u64,
    total: u64,
}

impl<'a> Share<'a> {
    /// `total` is how many there will be, for progress.
    pub(crate) fn of(
        listing: Box<dyn Iterator<Item = Listed> + Send + 'a>,
        (shard, total): (Option<Shard>, u64),
    ) -> Self {
        Self { listing, shard, index: 0, total }
    }

    /// How many files there are.
    pub(crate) const fn total(&self) -> u64 {
        self.total
    }
}

impl Iterator for Share<'_> {
    type Item = (u64, Listed);

    fn next(&mut self) -> Option<(u64, Listed)> {
        loop {
            let listed = self.listing.next()?;
            let index = self.index;
            self.index += 1;
            if self.shard.is_none_or(|shard| shard.owns(&listed.key)) {
                return Some((index, listed));
            }
        }
    }
}
