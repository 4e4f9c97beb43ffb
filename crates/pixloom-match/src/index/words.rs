//! Where the postings of each word lie, and which words are near one.
#![expect(clippy::inline_always, reason = "it must become part of what `simd::wider` runs")]
use std::ops::Range;

use super::WORD;

/// Bits of a word by which the words of one number of [`Words::taken`] differ.
const LOW: usize = 6;

/// Ways to change at most two of the upper bits, and one to spare.
const MOST_FLIPS: usize = 1 + (WORD - LOW) + (WORD - LOW) * (WORD - LOW - 1) / 2 + 1;

/// The places of the words. In small sets most words have none, and what is kept of the others
/// should fit into a core's own cache: it is looked up at random.
#[derive(Debug)]
pub(super) struct Words {
    /// Of each word that has postings where they begin, and the end of all.
    starts: Vec<u32>,
    /// By the upper bits of words.
    taken: Vec<Taken>,
    /// What the upper bits are changed by, and how many of the lower may change then.
    flips: Vec<(u32, u8)>,
    /// By how many bits may change and by lower bits: those near them.
    near: [[u64; 1 << LOW]; 3],
}

/// Which of the words with the same upper bits have postings.
#[derive(Debug, Clone, Copy, Default)]
struct Taken {
    /// A bit for each value of the lower bits.
    lows: u64,
    /// How many words with smaller upper bits have postings.
    before: u32,
}

impl Words {
    /// `starts` has a place for each word and one for the end. Words that differ in at most
    /// `radius` bits, 2 at most, are near.
    pub(super) fn new(mut starts: Vec<u32>, radius: u32) -> Self {
        let mut taken = vec![Taken::default(); 1 << (WORD - LOW)];
        let mut kept = 0;
        for word in 0..starts.len() - 1 {
            let row = &mut taken[word >> LOW];
            if word % (1 << LOW) == 0 {
                row.before = kept as u32;
            }
            if starts[word] < starts[word + 1] {
                row.lows |= 1 << (word % (1 << LOW));
                starts[kept] = starts[word];
                kept += 1;
            }
        }
        starts[kept] = starts[starts.len() - 1];
        starts.truncate(kept + 1);
        starts.shrink_to_fit();
        let flips = (0_u32..1 << (WORD - LOW)).filter(|flip| flip.count_ones() <= radius);
        let flips = flips.map(|flip| (flip, (radius - flip.count_ones()) as u8)).collect();
        let near = std::array::from_fn(|change: usize| {
            std::array::from_fn(|low: usize| {
                let is_near = |other: &usize| (low ^ other).count_ones() as usize <= change;
                (0..1 << LOW).filter(is_near).map(|other| 1_u64 << other).sum()
            })
        });
        Self { starts, taken, flips, near }
    }

    /// Bytes in memory.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&self.starts[..]) + size_of_val(&self.taken[..])
    }

    /// The places of a word and of those near it, in the order of [`Words::flips`]. Rows without
    /// any are sorted out first, without branches: what is there is chance, and each step waits
    /// for memory, so that many should be under way at a time.
    #[inline(always)]
    pub(super) fn near(&self, word: u32, places: &mut Vec<Range<u32>>) {
        places.clear();
        let (high, low) = (word >> LOW, (word & ((1 << LOW) - 1)) as usize);
        let (mut rows, mut count) = ([(0_u32, 0_u64); MOST_FLIPS], 0);
        for (flip, change) in &self.flips {
            let high = high ^ flip;
            let lows = self.taken[high as usize].lows & self.near[usize::from(*change)][low];
            rows[count] = (high, lows);
            count += usize::from(lows != 0);
        }
        for (high, mut lows) in rows.into_iter().take(count) {
            let row = self.taken[high as usize];
            while lows != 0 {
                let below = row.lows & ((lows & lows.wrapping_neg()) - 1);
                let at = (row.before + below.count_ones()) as usize;
                places.push(self.starts[at]..self.starts[at + 1]);
                lows &= lows - 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::next;

    #[test]
    fn all_near_words_are_found_and_no_others() {
        let mut state = 6;
        let mut words: Vec<u32> =
            (0..4000).map(|_| (next(&mut state) >> 44) as u32 & 0xFF0FF).collect();
        words.sort_unstable();
        let start = |word: u32| words.partition_point(|other| *other < word) as u32;
        let starts: Vec<u32> = (0..=1 << WORD).map(start).collect();
        for radius in [1, 2] {
            let places = Words::new(starts.clone(), radius);
            for word in [0, words[7], words[3999] ^ 1 << 19, 0xFFFFF] {
                let mut ranges = Vec::new();
                places.near(word, &mut ranges);
                let mut found: Vec<usize> =
                    ranges.into_iter().flatten().map(|at| at as usize).collect();
                found.sort_unstable();
                let near = |at: &usize| (words[*at] ^ word).count_ones() <= radius;
                let expected: Vec<usize> = (0..words.len()).filter(near).collect();
                assert_eq!(found, expected, "{word:x} {radius}");
            }
        }
    }
}
