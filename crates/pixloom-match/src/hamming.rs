//! All pairs of codes within a Hamming distance, exactly, by multi-index hashing.
use crate::hash::{Code, CodeBits};
use crate::simd;

/// Bits of a band.
const BAND: usize = 16;
/// Values of a band.
const KEYS: usize = 1 << BAND;

/// Two codes within the distance, by their place in [`HammingJoin::classes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Near {
    /// The smaller place.
    pub a: u32,
    /// The larger place; of [`HammingJoin::across`], the place in the other list.
    pub b: u32,
    /// Number of bits that differ; 0 only across two lists.
    pub distance: u32,
}

/// All pairs of codes within a Hamming distance.
///
/// Equal codes are first put together into classes, so one picture 5,000 times, or 1,000 black
/// frames, are one class and cost nothing. Exact: no bucket is skipped for its size.
///
/// The code is cut into bands of 16 bits. Two codes within a distance less than
/// `bands × (r + 1)` agree in some band up to `r` bits (pigeonhole), so each band is searched
/// for values that differ in at most `r` bits: at 256 bits `r` is 0 up to a distance of 15, 1 up
/// to 31, 2 up to 47. Source of the method: Norouzi, Punjani, Fleet, "Fast exact search in
/// Hamming space with multi-index hashing", 2014.
///
/// Memory: 40 bytes per code, and 6 bytes per code and 256 KB for each part at work.
#[derive(Debug)]
pub struct HammingJoin {
    codes: Vec<Code>,
    starts: Vec<u32>,
    order: Vec<u32>,
    bands: usize,
    max_distance: u32,
}

impl HammingJoin {
    /// Takes the codes of all pictures (or of all forms of them); at most `u32::MAX` of them.
    /// `max_distance` in bits; above a quarter of the bits the search becomes slow.
    pub fn new(codes: &[Code], bits: CodeBits, max_distance: u32) -> Self {
        let mut order: Vec<u32> = (0..codes.len() as u32).collect();
        order.sort_unstable_by_key(|at| (codes[*at as usize], *at));
        let (mut unique, mut starts) = (Vec::with_capacity(codes.len()), Vec::new());
        for (place, at) in order.iter().enumerate() {
            let code = codes[*at as usize];
            if unique.last() != Some(&code) {
                unique.push(code);
                starts.push(place as u32);
            }
        }
        starts.push(order.len() as u32);
        let bands = match bits {
            CodeBits::B64 => 64 / BAND,
            CodeBits::B256 => 256 / BAND,
        };
        Self { codes: unique, starts, order, bands, max_distance }
    }

    /// Number of classes of equal codes.
    pub fn classes(&self) -> usize {
        self.codes.len()
    }

    /// The places, in the list given to [`HammingJoin::new`], of the codes of a class, ascending;
    /// empty where there is no such class.
    pub fn class(&self, class: usize) -> &[u32] {
        match (self.starts.get(class), self.starts.get(class + 1)) {
            (Some(start), Some(end)) => &self.order[*start as usize..*end as usize],
            _ => &[],
        }
    }

    /// Bytes in memory, without those of the parts at work.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.codes[..]) + 4 * (self.starts.len() + self.order.len())
    }

    /// Into how many parts the work falls, about equal ones.
    pub fn parts(&self) -> usize {
        self.bands
    }

    /// Hands the pairs of one part to `found`. Each pair comes in exactly one part, once, and
    /// always in the same order.
    pub fn part(&self, part: usize, found: &mut dyn FnMut(Near)) {
        if part >= self.bands || self.max_distance == 0 {
            return;
        }
        let band = Band::new(&self.codes, part);
        let work = self.work(&self.codes, part);
        let masks = masks(work.radius.min(BAND as u32));
        let found = &mut |near: Near| {
            let (a, b) = (near.a.min(near.b), near.a.max(near.b));
            found(Near { a, b, ..near });
        };
        for key in 0..KEYS {
            let here = band.bucket(key);
            if here.is_empty() {
                continue;
            }
            for mask in &masks {
                let other = key ^ mask;
                // Each pair of buckets once.
                if other > key {
                    simd::join(&work, here, band.bucket(other), found);
                } else if *mask == 0 {
                    for at in 0..here.len() {
                        simd::join(&work, &here[at..=at], &here[at + 1..], found);
                    }
                }
            }
        }
    }
}

impl HammingJoin {
    /// Hands the pairs of a class of this join and one of `others` to `found`, those of one part:
    /// `Near::a` is the class, `Near::b` the place in `others`. Equal codes are found, too. Each
    /// pair comes in exactly one part, once, and always in the same order.
    ///
    /// Memory: 8 bytes per code and 512 KB for each part at work.
    pub fn across(&self, others: &[Code], part: usize, found: &mut dyn FnMut(Near)) {
        if part >= self.bands {
            return;
        }
        let (own, other) = (Band::new(&self.codes, part), Band::new(others, part));
        let work = self.work(others, part);
        let masks = masks(work.radius.min(BAND as u32));
        for key in 0..KEYS {
            let here = own.bucket(key);
            if !here.is_empty() {
                for mask in &masks {
                    simd::join(&work, here, other.bucket(key ^ mask), found);
                }
            }
        }
    }

    fn work<'a>(&'a self, others: &'a [Code], part: usize) -> Work<'a> {
        let radius = self.max_distance / self.bands as u32;
        Work { codes: &self.codes, others, part, radius, limit: self.max_distance }
    }
}

/// What the comparison of two buckets needs to know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work<'a> {
    pub(crate) codes: &'a [Code],
    /// What the second of a pair is looked up in.
    pub(crate) others: &'a [Code],
    /// The band at work: a pair that an earlier band finds is not found again.
    pub(crate) part: usize,
    pub(crate) radius: u32,
    pub(crate) limit: u32,
}

impl Work<'_> {
    /// The pair, if it is near and no earlier band finds it.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "part of the functions for wider instructions")]
    pub(crate) fn check(&self, a: u32, b: u32) -> Option<Near> {
        let (x, y) = (&self.codes[a as usize].0, &self.others[b as usize].0);
        let differ = [x[0] ^ y[0], x[1] ^ y[1], x[2] ^ y[2], x[3] ^ y[3]];
        let distance = differ.iter().map(|word| word.count_ones()).sum();
        if distance > self.limit || self.is_earlier(&differ) {
            return None;
        }
        Some(Near { a, b, distance })
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "part of the functions for wider instructions")]
    fn is_earlier(&self, differ: &[u64; 4]) -> bool {
        let value = |band: usize| differ[band / 4] >> (band % 4 * BAND) as u32 & (KEYS as u64 - 1);
        (0..self.part).any(|band| value(band).count_ones() <= self.radius)
    }
}

/// The codes, by the value of one band.
struct Band {
    starts: Vec<u32>,
    order: Vec<u32>,
}

impl Band {
    fn new(codes: &[Code], band: usize) -> Self {
        let key = |code: &Code| (code.0[band / 4] >> (band % 4 * BAND)) as usize & (KEYS - 1);
        let mut starts = vec![0_u32; KEYS + 1];
        for code in codes {
            starts[key(code) + 1] += 1;
        }
        for at in 0..KEYS {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut order = vec![0; codes.len()];
        for (at, code) in codes.iter().enumerate() {
            let place = &mut next[key(code)];
            order[*place as usize] = at as u32;
            *place += 1;
        }
        Self { starts, order }
    }

    fn bucket(&self, key: usize) -> &[u32] {
        &self.order[self.starts[key] as usize..self.starts[key + 1] as usize]
    }
}

/// All values of a band with at most so many bits, ascending.
fn masks(radius: u32) -> Vec<usize> {
    (0..KEYS).filter(|mask| mask.count_ones() <= radius).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{below, next};

    /// Codes in clusters: some equal, some a few bits apart.
    fn codes(count: usize, bits: usize, flips: usize) -> Vec<Code> {
        let mut state = 11;
        let mut all: Vec<Code> = Vec::new();
        for at in 0..count {
            let mut code = if at % 3 == 0 || all.is_empty() {
                Code(std::array::from_fn(|w| if w * 64 < bits { next(&mut state) } else { 0 }))
            } else {
                all[below(&mut state, all.len())]
            };
            for _ in 0..below(&mut state, flips + 1) {
                let bit = below(&mut state, bits);
                code.0[bit / 64] ^= 1 << (bit % 64);
            }
            all.push(code);
        }
        all
    }

    fn all_pairs(join: &HammingJoin, limit: u32) -> Vec<Near> {
        let mut found = Vec::new();
        for a in 0..join.codes.len() {
            for b in a + 1..join.codes.len() {
                let distance = join.codes[a].distance(&join.codes[b]);
                if distance <= limit {
                    found.push(Near { a: a as u32, b: b as u32, distance });
                }
            }
        }
        found
    }

    #[test]
    fn exactly_the_pairs_of_a_full_search() {
        for (bits, width, limits) in
            [(CodeBits::B64, 64, [0, 3, 7, 12]), (CodeBits::B256, 256, [0, 15, 31, 40])]
        {
            for limit in limits {
                let join =
                    HammingJoin::new(&codes(300, width, limit as usize / 2 + 2), bits, limit);
                let mut found = Vec::new();
                for part in 0..join.parts() {
                    join.part(part, &mut |near| found.push(near));
                }
                found.sort_unstable();
                assert_eq!(found, all_pairs(&join, limit), "{bits:?} {limit}");
                assert!(limit == 0 || found.len() > 50);
            }
        }
    }

    #[test]
    fn exactly_the_pairs_across_two_lists() {
        for (bits, width, limit) in
            [(CodeBits::B64, 64, 0), (CodeBits::B64, 64, 9), (CodeBits::B256, 256, 31)]
        {
            let all = codes(300, width, limit as usize / 2 + 1);
            let (own, others) = all.split_at(120);
            let join = HammingJoin::new(own, bits, limit);
            let mut found = Vec::new();
            for part in 0..=join.parts() {
                join.across(others, part, &mut |near| found.push(near));
            }
            found.sort_unstable();
            let mut expected = Vec::new();
            for a in 0..join.classes() {
                for (b, other) in others.iter().enumerate() {
                    let distance = join.codes[a].distance(other);
                    if distance <= limit {
                        expected.push(Near { a: a as u32, b: b as u32, distance });
                    }
                }
            }
            assert_eq!(found, expected, "{bits:?} {limit}");
            assert!(found.len() > 20 && found.iter().any(|near| near.distance == 0));
        }
    }

    #[test]
    fn equal_codes_are_one_class() {
        let mut many = vec![Code([7; 4]); 5000];
        many.push(Code([7, 7, 7, 6]));
        let join = HammingJoin::new(&many, CodeBits::B256, 31);
        assert_eq!(join.classes(), 2);
        assert_eq!(join.class(0), [5000]);
        assert_eq!(join.class(1).len(), 5000);
        assert!(join.class(2).is_empty() && join.class(usize::MAX - 1).is_empty());
        let mut found = 0;
        (0..join.parts()).for_each(|part| join.part(part, &mut |_| found += 1));
        assert_eq!(found, 1);
        let none = HammingJoin::new(&[], CodeBits::B64, 9);
        none.part(0, &mut |_| unreachable!());
        none.part(99, &mut |_| unreachable!());
    }
}
