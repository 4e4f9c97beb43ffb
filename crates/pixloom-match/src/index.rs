//! Finds candidates: pictures with near codes, pictures that share local features, and smooth
//! ones that look alike.
#![expect(clippy::inline_always, reason = "it must become part of what `simd::wider` runs")]
mod smooth;
mod words;

use std::cmp::Reverse;
use std::ops::Range;

use crate::features::Features;
use crate::hamming::HammingJoin;
use crate::hash::{Code, CodeBits};
use crate::keypoint::{Descriptor, KeyPoint, MOST};
use crate::simd;
use smooth::Smooth;
use words::Words;

/// Bits of a word.
const WORD: usize = 20;
/// Key points of a picture that become words of the index; all of them are looked up.
const WORDS: usize = 200;
/// Directions and levels that are told apart when votes are counted.
const TURNS: usize = 16;
const SCALES: usize = 32;
/// Least score of a candidate.
const LEAST: u32 = 24;
/// Candidates that are kept whatever their score, and the score that others need: one that
/// chance seldom reaches.
const ALWAYS: usize = 16;
const SURE: u32 = 170;
/// Pictures that are added to those of the set when the rarity of a word is judged, so that
/// words say something in small sets, too.
const OTHERS: usize = 32;

/// Pictures above which only words that differ in one bit are looked up, as two would take hours.
const MANY: usize = 1 << 18;
/// Pictures whose words fit into postings; later ones have none.
const MOST_PICTURES: u32 = 1 << 24;

/// A picture that shares local features with the one asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Number of the picture, in the order of [`IndexBuilder::push`].
    pub picture: u32,
    /// How much the shared words that agree in turn and scale say, in quarters of a bit: a word
    /// that one picture of a thousand has says ten bits.
    pub votes: u32,
    /// The words agree with a mirrored picture.
    pub mirrored: bool,
}

/// A word with what tells how its picture is turned and scaled, in 6 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Seen {
    /// From the lowest: 20 bits of word, 6 of direction, 6 of level; in halves, so that no byte
    /// is lost.
    place: [u16; 2],
    /// More bits of the descriptor, which must agree but for a few.
    sign: u16,
}

impl Seen {
    fn new(point: KeyPoint, descriptor: &Descriptor) -> Self {
        let word = pick(descriptor, &WORD_PAIRS);
        let sign = pick(descriptor, &SIGN_PAIRS) as u16;
        Self::with(word, u32::from(point.angle >> 2), u32::from(point.level).min(15), sign)
    }

    fn with(word: u32, turn: u32, level: u32, sign: u16) -> Self {
        let place = word | turn << WORD | level << (WORD + 6);
        Self { place: [place as u16, (place >> 16) as u16], sign }
    }

    fn place(self) -> u32 {
        u32::from(self.place[0]) | u32::from(self.place[1]) << 16
    }

    fn word(self) -> u32 {
        self.place() & ((1 << WORD) - 1)
    }

    /// 64 steps a turn.
    fn turn(self) -> u32 {
        self.place() >> WORD & 63
    }

    fn level(self) -> u32 {
        self.place() >> (WORD + 6)
    }

    /// Whether a look-up of one finds the other.
    #[inline(always)]
    fn is_near(self, other: Self) -> bool {
        (self.word() ^ other.word()).count_ones() <= 2
            && (self.sign ^ other.sign).count_ones() <= SIGN_DISTANCE
    }

    /// The same point of the mirrored picture: neighbouring bits change places, as those of the
    /// descriptor do.
    fn mirrored(self) -> Self {
        let turn = 32_u32.wrapping_sub(self.turn()) & 63;
        let sign = swapped(u32::from(self.sign)) as u16;
        Self::with(swapped(self.word()), turn, self.level(), sign)
    }
}

/// Neighbouring bits exchanged.
fn swapped(bits: u32) -> u32 {
    const EVEN: u32 = 0x5555_5555;
    (bits & EVEN) << 1 | (bits >> 1) & EVEN
}

/// Some bits of the descriptor, in pairs of mirror images: the vocabulary is the same for every
/// set of pictures. Source of the method: locality-sensitive hashing by sampling bits (Indyk,
/// Motwani 1998), with a short signature beside the word (Jégou, Douze, Schmid, "Hamming embedding
/// and weak geometric consistency", 2008).
fn pick(descriptor: &Descriptor, pairs: &[usize]) -> u32 {
    let bits = |pair: usize| (descriptor[pair / 32] >> (pair % 32 * 2) & 3) as u32;
    pairs.iter().enumerate().map(|(at, pair)| bits(*pair) << (2 * at)).sum()
}

/// Pairs of bits that are one as often as zero in photographs, seldom change in copies and say
/// little about each other.
const WORD_PAIRS: [usize; WORD / 2] = [31, 58, 55, 43, 54, 78, 60, 16, 62, 3];
const SIGN_PAIRS: [usize; 8] = [22, 47, 121, 12, 0, 104, 64, 98];
/// Bits of the signature that may differ.
const SIGN_DISTANCE: u32 = 4;

/// Takes pictures for an [`Index`], in order.
#[derive(Debug, Default)]
pub struct IndexBuilder {
    codes: Vec<Code>,
    owners: Vec<u32>,
    seen: Vec<Seen>,
    /// Where the words of each picture end.
    ends: Vec<u32>,
    smooth: Smooth,
}

impl IndexBuilder {
    /// Nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next picture and returns its number, counting from 0. At most 17 million
    /// pictures go into one index.
    pub fn push(&mut self, features: &Features) -> u32 {
        let number = self.ends.len() as u32;
        self.codes.extend(&features.codes);
        self.owners.extend(std::iter::repeat_n(number, features.codes.len()));
        if number < MOST_PICTURES {
            self.seen.extend(seen(features, WORDS));
        }
        self.ends.push(self.seen.len() as u32);
        self.smooth.push(number, features);
        number
    }

    /// Sorts what was taken. `max_distance`: of the 256-bit codes, in bits; 31 finds what
    /// re-encoding, resizing and small edits leave.
    pub fn build(self, max_distance: u32) -> Index {
        let join = HammingJoin::new(&self.codes, CodeBits::B256, max_distance);
        let mut starts = vec![0_u32; (1 << WORD) + 1];
        for seen in &self.seen {
            starts[seen.word() as usize + 1] += 1;
        }
        for at in 0..1 << WORD {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut postings = vec![Posting::default(); self.seen.len()];
        let mut first = 0;
        for (picture, end) in self.ends.iter().enumerate() {
            for seen in &self.seen[first as usize..*end as usize] {
                let place = &mut next[seen.word() as usize];
                postings[*place as usize] = Posting::new(picture as u32, *seen);
                *place += 1;
            }
            first = *end;
        }
        let words = Words::new(starts, if self.ends.len() <= MANY { 2 } else { 1 });
        Index {
            join,
            owners: self.owners,
            pictures: self.ends.len() as u32,
            words,
            postings,
            smooth: self.smooth,
        }
    }
}

/// The words of the strongest key points.
fn seen(features: &Features, most: usize) -> impl Iterator<Item = Seen> {
    let points = features.points.iter().zip(&features.descriptors).take(most);
    points.map(|(point, descriptor)| Seen::new(*point, descriptor))
}

/// Where a word was seen: number of the picture, 16 directions, 16 levels, signature.
#[derive(Debug, Clone, Copy, Default)]
struct Posting {
    place: [u16; 2],
    sign: u16,
}

impl Posting {
    fn new(picture: u32, seen: Seen) -> Self {
        let place = picture << 8 | seen.turn() >> 2 << 4 | seen.level();
        Self { place: [place as u16, (place >> 16) as u16], sign: seen.sign }
    }

    fn place(self) -> u32 {
        u32::from(self.place[0]) | u32::from(self.place[1]) << 16
    }

    fn picture(self) -> usize {
        (self.place() >> 8) as usize
    }

    /// The bins of the differences in turn and scale.
    fn bins(self, query: Seen) -> (usize, usize) {
        let turn = (self.place() >> 4 & 15).wrapping_sub(query.turn() >> 2) & 15;
        let level = (self.place() & 15) + 16 - query.level();
        (turn as usize, level as usize)
    }
}

/// Working memory of [`Index::candidates`]: one per worker, 6 bytes per picture and 6 for each
/// place where the words of one picture were seen.
#[derive(Debug, Default)]
pub struct Votes {
    /// As it stands and mirrored.
    counts: Vec<[u16; 2]>,
    /// The last word that voted for a picture.
    last: Vec<u16>,
    /// Where the words were seen.
    found: Vec<Posting>,
    /// The places of one word and those near it.
    ranges: Vec<Range<u32>>,
    /// For each word, as it stands and mirrored: where its places end, and what it says.
    words: Vec<(usize, u16)>,
    /// Where the agreement of one word falls: candidate, turn and scale.
    places: Vec<u32>,
}

/// [`Index::count`], for [`simd::wider`].
struct Count<'a> {
    index: &'a Index,
    seen: &'a [Seen],
    votes: &'a mut Votes,
}

impl simd::Wide for Count<'_> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        self.index.count(self.seen, self.votes);
    }
}

/// Codes and inverted file of a set of pictures, about 1.3 KB per picture; twice that while it is
/// built.
#[derive(Debug)]
pub struct Index {
    join: HammingJoin,
    owners: Vec<u32>,
    pictures: u32,
    words: Words,
    postings: Vec<Posting>,
    smooth: Smooth,
}

impl Index {
    /// Number of pictures.
    pub fn pictures(&self) -> u32 {
        self.pictures
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        let owners = size_of_val(&self.owners[..]);
        let postings = size_of_val(&self.postings[..]);
        self.join.bytes() + owners + self.words.bytes() + postings + self.smooth.bytes()
    }

    /// The pairs with near codes, in any of the eight orientations, with and without borders.
    /// Its codes stand for pictures as [`Index::owner`] says; a picture may own several.
    pub fn join(&self) -> &HammingJoin {
        &self.join
    }

    /// The picture that owns the code at a place of [`HammingJoin::class`].
    pub fn owner(&self, code: u32) -> Option<u32> {
        self.owners.get(code as usize).copied()
    }

    /// Pairs of pictures with hardly any key points, whose codes are chance, that look alike.
    pub fn smooth_pairs(&self) -> Vec<(u32, u32)> {
        self.smooth.pairs()
    }

    /// The pictures that share most local features with one, at most `limit`, most votes first,
    /// then by number; never the picture of the number `own`, which is the one asked for if it is
    /// in the index. Those of a chance are left out.
    pub fn candidates(
        &self,
        features: &Features,
        own: Option<u32>,
        limit: usize,
        votes: &mut Votes,
    ) -> Vec<Candidate> {
        let seen: Vec<Seen> = seen(features, MOST).collect();
        self.search(&seen, own.map(|own| own as usize), limit, votes)
    }

    fn search(
        &self,
        seen: &[Seen],
        own: Option<usize>,
        limit: usize,
        votes: &mut Votes,
    ) -> Vec<Candidate> {
        simd::wider(Count { index: self, seen, votes });
        let slots = likely(own, limit, votes);
        let mut bins = vec![[0_u16; 2 * TURNS * SCALES]; slots.len()];
        fill(seen, votes, &mut bins);
        let mut found: Vec<Candidate> =
            slots.iter().zip(&bins).filter_map(|(slot, bins)| agreeing(*slot, bins)).collect();
        found.sort_by_key(|candidate| (Reverse(candidate.votes), candidate.picture));
        let sure = found.partition_point(|candidate| candidate.votes >= SURE);
        found.truncate(limit.min(sure.max(ALWAYS)));
        found
    }

    /// Finds where the words were seen, and how much they say for each picture. A word counts
    /// once for a picture, the more the fewer pictures have it (inverse document frequency: Sivic,
    /// Zisserman, "Video Google", 2003), and less if its own picture has it often (Jégou, Douze,
    /// Schmid, "On the burstiness of visual elements", 2009).
    #[inline(always)]
    fn count(&self, seen: &[Seen], votes: &mut Votes) {
        votes.counts.clear();
        votes.counts.resize(self.pictures as usize, [0; 2]);
        votes.last.clear();
        votes.last.resize(self.pictures as usize, u16::MAX);
        votes.found.clear();
        votes.words.clear();
        for one in seen {
            let often = seen.iter().filter(|other| one.is_near(**other)).count();
            for (mirror, query) in [*one, one.mirrored()].into_iter().enumerate() {
                let (start, word) = (votes.found.len(), votes.words.len() as u16);
                self.look_up(query, &mut votes.ranges, &mut votes.found);
                let mut pictures = 0;
                for posting in &votes.found[start..] {
                    let last = &mut votes.last[posting.picture()];
                    pictures += usize::from(*last != word);
                    *last = word;
                }
                let says = (self.rarity(pictures) / (often.max(1) as f32).sqrt()) as u16;
                votes.words.push((votes.found.len(), says));
                for posting in &votes.found[start..] {
                    let last = &mut votes.last[posting.picture()];
                    if *last == word {
                        *last = u16::MAX;
                        let count = &mut votes.counts[posting.picture()][mirror];
                        *count = count.saturating_add(says);
                    }
                }
            }
        }
    }

    /// What a word says that so many pictures have, in quarters of a bit.
    fn rarity(&self, pictures: usize) -> f32 {
        4.0 * libm::log2f((self.pictures as usize + OTHERS) as f32 / (pictures + 1) as f32)
    }

    /// All postings of a word and of those that differ in one or two bits.
    #[inline(always)]
    fn look_up(&self, query: Seen, ranges: &mut Vec<Range<u32>>, found: &mut Vec<Posting>) {
        self.words.near(query.word(), ranges);
        let mut kept = found.len();
        let most: usize = ranges.iter().map(|range| (range.end - range.start) as usize).sum();
        // Each is written and the next one over it unless it is near: half of them are, at random.
        found.resize(kept + most + 1, Posting::default());
        for range in &*ranges {
            for posting in &self.postings[range.start as usize..range.end as usize] {
                found[kept] = *posting;
                kept += usize::from((posting.sign ^ query.sign).count_ones() <= SIGN_DISTANCE);
            }
        }
        found.truncate(kept);
    }
}

/// The pictures for which most was said, several times as many as asked for; their counts become
/// `[place in the list, u16::MAX]`, all others `[0, 0]`.
fn likely(own: Option<usize>, limit: usize, votes: &mut Votes) -> Vec<usize> {
    let mut likely: Vec<(Reverse<u16>, usize)> = Vec::new();
    for (picture, counts) in votes.counts.iter_mut().enumerate() {
        let most = counts[0].max(counts[1]);
        *counts = [0; 2];
        if u32::from(most) >= LEAST && own != Some(picture) {
            likely.push((Reverse(most), picture));
        }
    }
    let keep = limit.saturating_mul(4).clamp(64, 4096);
    if likely.len() > keep {
        likely.select_nth_unstable(keep);
        likely.truncate(keep);
    }
    likely.sort_unstable();
    for (slot, (_, picture)) in likely.iter().enumerate() {
        votes.counts[*picture] = [slot as u16, u16::MAX];
    }
    likely.into_iter().map(|(_, picture)| picture).collect()
}

/// Counts what agrees in turn and scale; a word counts once in each bin.
fn fill(seen: &[Seen], votes: &mut Votes, bins: &mut [[u16; 2 * TURNS * SCALES]]) {
    let queries = seen.iter().flat_map(|one| [*one, one.mirrored()]);
    let mut start = 0;
    for (at, (query, (end, says))) in queries.zip(&votes.words).enumerate() {
        votes.places.clear();
        for posting in &votes.found[start..*end] {
            let [slot, u16::MAX] = votes.counts[posting.picture()] else { continue };
            let (turn, level) = posting.bins(query);
            let place = (at % 2 * TURNS + turn) * SCALES + level;
            votes.places.push(u32::from(slot) << 16 | place as u32);
        }
        start = *end;
        votes.places.sort_unstable();
        votes.places.dedup();
        for place in &votes.places {
            let bin = &mut bins[(place >> 16) as usize][(place & 0xFFFF) as usize];
            *bin = bin.saturating_add(*says);
        }
    }
}

/// The largest sum of three neighbours in two rows.
fn most_of(one: &[u16], other: &[u16]) -> u32 {
    let sum: [u32; SCALES] = std::array::from_fn(|at| u32::from(one[at]) + u32::from(other[at]));
    let three: [u32; SCALES - 2] = std::array::from_fn(|at| sum[at] + sum[at + 1] + sum[at + 2]);
    three.into_iter().fold(0, u32::max)
}

/// The candidate, if enough is said in one turn and scale; neighbouring bins count together.
fn agreeing(picture: usize, bins: &[u16; 2 * TURNS * SCALES]) -> Option<Candidate> {
    let [straight, mirrored] = [0, 1].map(|mirror| {
        let rows: [&[u16]; TURNS] =
            std::array::from_fn(|turn| &bins[(mirror * TURNS + turn) * SCALES..][..SCALES]);
        let both = |turn: usize| most_of(rows[turn], rows[(turn + 1) % TURNS]);
        (0..TURNS).map(both).max().unwrap_or(0)
    });
    let best = (straight.max(mirrored), mirrored > straight);
    let candidate = Candidate { picture: picture as u32, votes: best.0, mirrored: best.1 };
    (best.0 >= LEAST).then_some(candidate)
}
