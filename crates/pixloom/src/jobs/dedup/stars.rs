//! Which candidate pairs are compared: a group is a star around a representative, so what its members
//! are to each other need not be known.
//!
//! Representatives are tried first, the picture of most candidates before its neighbours. What hangs
//! together by copies and turns out to be one star is left at that: comparing the rest of its pairs
//! could add no member and lose none, as its representative is a copy of all already. Whatever does
//! not is compared in full. What is compared depends on the candidates and on what their pairs are,
//! on nothing else.
use std::cmp::Reverse;

/// Rounds of representatives after which all pairs outside of stars are compared at once.
const ROUNDS: usize = 12;
const NONE: u32 = u32::MAX;

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// So many rounds of representatives were tried.
    Leaders(usize),
    /// Pairs that are not inside of one star.
    Across,
    /// Pairs inside of stars that hang together with others.
    Inside,
    Done,
}

/// Candidate pairs, and what is known of the stars that they make.
#[derive(Debug)]
pub(super) struct Stars<'a> {
    pairs: &'a [(u32, u32)],
    /// Whether a pair was handed out.
    asked: Vec<bool>,
    /// The place of each unit in the order that decides ties.
    ranks: &'a [u32],
    /// The units whose pairs were handed out last.
    trying: Vec<bool>,
    /// The representative of each unit's star; `NONE` of those in none.
    leads: Vec<u32>,
    /// For each unit one that it hangs together with, itself at the end.
    parents: Vec<u32>,
    step: Step,
}

impl<'a> Stars<'a> {
    /// `pairs`: each once, the smaller unit first. `ranks`: of each unit, all different.
    pub(super) fn new(pairs: &'a [(u32, u32)], ranks: &'a [u32]) -> Self {
        Self {
            pairs,
            asked: vec![false; pairs.len()],
            ranks,
            trying: vec![false; ranks.len()],
            leads: vec![NONE; ranks.len()],
            parents: (0..ranks.len() as u32).collect(),
            step: Step::Leaders(0),
        }
    }

    /// The pairs to compare next, in their order; none when all is known that need be.
    pub(super) fn wanted(&mut self) -> Vec<(u32, u32)> {
        loop {
            let (wanted, step) = match self.step {
                Step::Leaders(round) => {
                    let wanted = self.of_leaders();
                    let is_over = wanted.is_empty() || round + 1 == ROUNDS;
                    (wanted, if is_over { Step::Across } else { Step::Leaders(round + 1) })
                }
                Step::Across => (self.across(), Step::Inside),
                Step::Inside => (self.inside(), Step::Done),
                Step::Done => return Vec::new(),
            };
            self.step = step;
            if !wanted.is_empty() {
                for at in &wanted {
                    self.asked[*at] = true;
                }
                return wanted.into_iter().map(|at| self.pairs[at]).collect();
            }
        }
    }

    /// Takes which of the pairs of the last [`Stars::wanted`] are copies, in their order.
    pub(super) fn tell(&mut self, copies: &[(u32, u32)]) {
        for (a, b) in copies {
            let (a, b) = (self.root(*a), self.root(*b));
            self.parents[a.max(b) as usize] = a.min(b);
        }
        let trying = std::mem::replace(&mut self.trying, vec![false; self.ranks.len()]);
        let of = |(a, b): &(u32, u32)| match () {
            () if trying[*a as usize] => Some((*a, *b)),
            () if trying[*b as usize] => Some((*b, *a)),
            () => None,
        };
        let mut members: Vec<(u32, u32)> = copies.iter().filter_map(of).collect();
        members.sort_by_key(|(lead, unit)| (self.ranks[*lead as usize], *unit));
        for (lead, unit) in members {
            // Between two representatives the first in order counts; they hang together anyway.
            if self.leads[unit as usize] == NONE {
                self.leads[unit as usize] = lead;
                self.leads[lead as usize] = lead;
            }
        }
    }

    fn open(&self) -> impl Iterator<Item = (usize, (u32, u32))> {
        let pairs = self.pairs.iter().copied().enumerate();
        pairs.filter(|(at, _)| !self.asked[*at])
    }

    fn is_free(&self, unit: u32) -> bool {
        self.leads[unit as usize] == NONE
    }

    /// The pairs of the units that have more of them than any that they are paired with; only
    /// units that are in no star yet count.
    fn of_leaders(&mut self) -> Vec<usize> {
        let free: Vec<(usize, (u32, u32))> =
            self.open().filter(|(_, (a, b))| self.is_free(*a) && self.is_free(*b)).collect();
        let mut counts = vec![0_u32; self.ranks.len()];
        for (_, (a, b)) in &free {
            counts[*a as usize] += 1;
            counts[*b as usize] += 1;
        }
        let strength = |unit: u32| (counts[unit as usize], Reverse(self.ranks[unit as usize]));
        let mut leaders: Vec<bool> = counts.iter().map(|count| *count > 0).collect();
        for (_, (a, b)) in &free {
            let weaker = if strength(*a) < strength(*b) { *a } else { *b };
            leaders[weaker as usize] = false;
        }
        let is_theirs =
            |(_, (a, b)): &&(usize, (u32, u32))| leaders[*a as usize] || leaders[*b as usize];
        let wanted = free.iter().filter(is_theirs).map(|(at, _)| *at).collect();
        self.trying = leaders;
        wanted
    }

    fn is_inside(&self, (a, b): (u32, u32)) -> bool {
        !self.is_free(a) && self.leads[a as usize] == self.leads[b as usize]
    }

    fn across(&self) -> Vec<usize> {
        self.open().filter(|(_, pair)| !self.is_inside(*pair)).map(|(at, _)| at).collect()
    }

    /// Pairs of what hangs together and is not one star.
    fn inside(&mut self) -> Vec<usize> {
        let roots: Vec<u32> = (0..self.ranks.len() as u32).map(|unit| self.root(unit)).collect();
        let mut whole = vec![true; roots.len()];
        for (unit, root) in roots.iter().enumerate() {
            let root = *root as usize;
            whole[root] &= self.leads[unit] == self.leads[root];
        }
        let open = self.open().filter(|(_, (a, _))| !whole[roots[*a as usize] as usize]);
        open.map(|(at, _)| at).collect()
    }

    fn root(&mut self, mut unit: u32) -> u32 {
        while self.parents[unit as usize] != unit {
            let above = self.parents[self.parents[unit as usize] as usize];
            self.parents[unit as usize] = above;
            unit = above;
        }
        unit
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use pixloom_match::{Edge, group};

    use super::*;

    /// The pairs that were compared, of which `is_copy` said what they are.
    fn run(
        pairs: &[(u32, u32)],
        ranks: &[u32],
        is_copy: &dyn Fn(u32, u32) -> bool,
    ) -> (BTreeSet<(u32, u32)>, Vec<Edge>) {
        let mut stars = Stars::new(pairs, ranks);
        let (mut compared, mut edges) = (BTreeSet::new(), Vec::new());
        loop {
            let next = stars.wanted();
            if next.is_empty() {
                return (compared, edges);
            }
            assert!(next.iter().all(|pair| compared.insert(*pair)), "asked twice");
            let copies: Vec<_> = next.into_iter().filter(|(a, b)| is_copy(*a, *b)).collect();
            edges.extend(copies.iter().map(|(a, b)| Edge { a: *a, b: *b, similarity: 0.9 }));
            stars.tell(&copies);
        }
    }

    fn all_pairs(count: u32) -> Vec<(u32, u32)> {
        (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b))).collect()
    }

    /// The groups as sets.
    fn groups(ranks: &[u32], edges: &[Edge]) -> BTreeSet<BTreeSet<u32>> {
        let found = group(ranks, edges).groups.into_iter();
        let members = |group: pixloom_match::Group| {
            group.members.iter().map(|(unit, _)| *unit).chain([group.representative]).collect()
        };
        found.map(members).collect()
    }

    #[test]
    fn members_of_one_star_are_not_compared() {
        let pairs = all_pairs(10);
        let ranks: Vec<u32> = (0..10).collect();
        // Two groups of five.
        let (compared, edges) = run(&pairs, &ranks, &|a, b| a / 5 == b / 5);
        assert_eq!(edges.len(), 8, "{compared:?}");
        assert_eq!(groups(&ranks, &edges), BTreeSet::from([(0..5).collect(), (5..10).collect()]));
    }

    #[test]
    fn what_is_no_star_is_compared_in_full() {
        let pairs = all_pairs(5);
        let ranks = [0, 1, 2, 3, 4];
        // All but the first and the last are copies: each is a star of its own but for one.
        let is_copy = |a: u32, b: u32| (a, b) != (0, 4);
        let (compared, edges) = run(&pairs, &ranks, &is_copy);
        assert_eq!((compared.len(), edges.len()), (10, 9));
    }

    #[test]
    fn groups_are_those_of_all_pairs_in_any_order() {
        let mut state = 5_u64;
        let mut below = |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
            (state >> 33) % n
        };
        for _ in 0..300 {
            let count = 24_u32;
            let homes: Vec<u64> = (0..count).map(|_| below(5)).collect();
            let noise: BTreeSet<(u32, u32)> =
                all_pairs(count).into_iter().filter(|_| below(12) == 0).collect();
            let pairs: Vec<(u32, u32)> =
                all_pairs(count).into_iter().filter(|_| below(5) > 0).collect();
            let is_copy = |a: u32, b: u32| {
                let pair = (a.min(b), a.max(b));
                (homes[a as usize] == homes[b as usize])
                    != (noise.contains(&pair) && a.is_multiple_of(3))
            };
            let ranks: Vec<u32> = (0..count).collect();
            let (compared, edges) = run(&pairs, &ranks, &is_copy);
            assert!(compared.len() <= pairs.len());
            let full = pairs.iter().filter(|(a, b)| is_copy(*a, *b));
            let full: Vec<Edge> =
                full.map(|(a, b)| Edge { a: *a, b: *b, similarity: 0.9 }).collect();
            assert_eq!(groups(&ranks, &edges), groups(&ranks, &full));
            // The same units numbered backwards.
            let turn = |unit: u32| count - 1 - unit;
            let mut turned: Vec<_> = pairs.iter().map(|(a, b)| (turn(*b), turn(*a))).collect();
            turned.sort_unstable();
            let backwards: Vec<u32> = (0..count).map(turn).collect();
            let (again, _) = run(&turned, &backwards, &|a, b| is_copy(turn(b), turn(a)));
            let again: BTreeSet<_> = again.iter().map(|(a, b)| (turn(*b), turn(*a))).collect();
            assert_eq!(compared, again);
        }
    }
}
