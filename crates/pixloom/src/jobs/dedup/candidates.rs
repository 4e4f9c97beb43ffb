//! Which pairs of units are worth comparing: near codes, shared local features, near vectors.
use std::collections::BTreeMap;

use pixloom_engine::RunError;
use pixloom_match::{Index, IndexBuilder, Near, Votes};

use super::links::{CHUNK, Matcher};
use super::units::Unit;

/// Pairs of near codes that each picture keeps.
const NEAREST: usize = 64;
/// Units of one code that are compared each with each; more are compared with those among them
/// that no other one was equal to.
const SMALL_CLASS: usize = 24;

impl Matcher<'_> {
    /// Each pair that is worth comparing once, in order. Large classes of equal codes go to
    /// `classes`. Where only pairs across two sets count, nothing of a unit's own set takes a place
    /// among its nearest.
    ///
    /// # Errors
    /// `Output` if features cannot be read back.
    pub(super) fn candidates(
        &self,
        classes: &mut Vec<Vec<u32>>,
    ) -> Result<Vec<(u32, u32)>, RunError> {
        let all: Vec<u32> = (0..self.units.len() as u32).collect();
        let index = self.index(&all)?;
        let mut pairs = self.near(&index, classes);
        pairs.extend(index.smooth_pairs());
        let sides = self.sides();
        if self.across {
            drop(index);
            for [queries, others] in &sides {
                let index = self.index(others)?;
                pairs.extend(self.sharing(&index, (queries, others)));
            }
        } else {
            pairs.extend(self.sharing(&index, (&all, &all)));
        }
        pairs.extend(self.seen.map(|seen| seen.near(self.engine, &sides)).unwrap_or_default());
        self.keep_useful(&mut pairs);
        Ok(pairs)
    }

    /// Units, and those that each of them may be paired with.
    fn sides(&self) -> Vec<[Vec<u32>; 2]> {
        let of = |counts: &dyn Fn(&Unit) -> bool| -> Vec<u32> {
            let all = (0..self.units.len() as u32).zip(self.units);
            all.filter(|(_, unit)| counts(unit)).map(|(number, _)| number).collect()
        };
        if !self.across {
            let all = of(&|_| true);
            return vec![[all.clone(), all]];
        }
        let (own, against) = (of(&|unit| unit.own), of(&|unit| unit.against));
        vec![[own.clone(), against.clone()], [against, own]]
    }

    /// Of some units, in order.
    fn index(&self, units: &[u32]) -> Result<Index, RunError> {
        let mut builder = IndexBuilder::new();
        for chunk in units.chunks(CHUNK) {
            let features =
                self.engine.fan_out(chunk.len(), &|| (), &|at, ()| self.features(chunk[at]));
            for features in features {
                let lost = || std::io::Error::other("features cannot be read back");
                builder.push(&features.ok_or_else(|| RunError::Output(lost().into()))?);
            }
        }
        Ok(builder.build(self.matching.max_distance()))
    }

    /// Pairs of near codes. Large classes of equal codes go to `classes`.
    fn near(&self, index: &Index, classes: &mut Vec<Vec<u32>>) -> Vec<(u32, u32)> {
        let join = index.join();
        let owners = |class: u32| -> Vec<u32> {
            let places = join.class(class as usize).iter();
            let mut owners: Vec<u32> = places.filter_map(|place| index.owner(*place)).collect();
            owners.sort_unstable();
            owners.dedup();
            owners
        };
        let count = join.classes() as u32;
        let sets: Vec<[bool; 2]> = (0..count).map(|class| self.sets(&owners(class))).collect();
        let faces = |near: &Near| self.faces(sets[near.a as usize], sets[near.b as usize]);
        let parts = join.parts();
        let found = self.engine.fan_out(parts, &|| (), &|part, ()| {
            let mut found = Vec::new();
            join.part(part, &mut |near| {
                if faces(&near) {
                    found.push(near);
                }
                if found.len() >= 1 << 20 {
                    nearest(&mut found);
                }
            });
            found
        });
        let mut found: Vec<Near> = found.into_iter().flatten().collect();
        nearest(&mut found);
        let mut pairs = Vec::new();
        for near in found {
            self.pair_up(&owners(near.a), &owners(near.b), &mut pairs);
        }
        for class in 0..count {
            let owners = owners(class);
            if !self.faces(sets[class as usize], sets[class as usize]) {
                continue;
            }
            if owners.len() > SMALL_CLASS {
                classes.push(owners);
            } else {
                for (at, a) in owners.iter().enumerate() {
                    pairs.extend(owners[at + 1..].iter().map(|b| (*a, *b)));
                }
            }
        }
        pairs
    }

    /// Whether there are units of the user's own set among some, and of the other one.
    pub(super) fn sets(&self, units: &[u32]) -> [bool; 2] {
        let any = |is: &dyn Fn(&Unit) -> bool| units.iter().any(|at| is(&self.units[*at as usize]));
        [any(&|unit| unit.own), any(&|unit| unit.against)]
    }

    /// Whether units of two such lists may be paired.
    fn faces(&self, a: [bool; 2], b: [bool; 2]) -> bool {
        !self.across || a[0] && b[1] || a[1] && b[0]
    }

    /// Pairs of two classes of near codes. Of large ones the first few stand for the others; each
    /// unit of one set meets the first few of the other set.
    fn pair_up(&self, a: &[u32], b: &[u32], pairs: &mut Vec<(u32, u32)>) {
        let mut meet = |one: &[u32], other: &[u32]| {
            for a in one {
                pairs.extend(other.iter().take(SMALL_CLASS).map(|b| (*a, *b)));
            }
        };
        if !self.across {
            return meet(&a[..a.len().min(SMALL_CLASS)], b);
        }
        let of = |units: &[u32], is: &dyn Fn(&Unit) -> bool| -> Vec<u32> {
            units.iter().copied().filter(|at| is(&self.units[*at as usize])).collect()
        };
        for (one, other) in [(a, b), (b, a)] {
            let (own, against) = (of(one, &|unit| unit.own), of(other, &|unit| unit.against));
            meet(&own, &against);
            meet(&against, &own);
        }
    }

    /// Pairs that share local features: of each of `queries` with those of `others`, which the
    /// index is of.
    fn sharing(&self, index: &Index, (queries, others): (&[u32], &[u32])) -> Vec<(u32, u32)> {
        let limit = self.matching.candidates as usize;
        if limit == 0 {
            return Vec::new();
        }
        let chunks: Vec<&[u32]> = queries.chunks(CHUNK).collect();
        let found = self.engine.fan_out(chunks.len(), &Votes::default, &|at, votes| {
            let of = |unit: &u32, votes: &mut Votes| -> Vec<(u32, u32)> {
                let Some(features) = self.features(*unit) else { return Vec::new() };
                let own = others.binary_search(unit).ok().map(|at| at as u32);
                let found = index.candidates(&features, own, limit, votes);
                found.iter().map(|found| (*unit, others[found.picture as usize])).collect()
            };
            chunks[at].iter().flat_map(|unit| of(unit, votes)).collect::<Vec<_>>()
        });
        found.into_iter().flatten().collect()
    }

    /// Each pair once, in order, without those that mean nothing.
    fn keep_useful(&self, pairs: &mut Vec<(u32, u32)>) {
        for pair in pairs.iter_mut() {
            *pair = (pair.0.min(pair.1), pair.0.max(pair.1));
        }
        pairs.retain(|(a, b)| a != b && self.counts(*a, *b));
        pairs.sort_unstable();
        pairs.dedup();
    }

    pub(super) fn counts(&self, a: u32, b: u32) -> bool {
        self.faces(self.sets(&[a]), self.sets(&[b]))
    }
}

/// Keeps the pairs that are among the nearest of one of their ends.
fn nearest(found: &mut Vec<Near>) {
    found.sort_unstable_by_key(|near| (near.distance, near.a, near.b));
    found.dedup();
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    found.retain(|near| {
        let mut kept = false;
        for end in [near.a, near.b] {
            let count = counts.entry(end).or_default();
            kept |= *count < NEAREST;
            *count += 1;
        }
        kept
    });
}
