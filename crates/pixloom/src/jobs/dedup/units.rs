//! Pictures that are equal without any doubt, put together before anything is compared.
use std::cmp::Reverse;

use pixloom_match::Code;

use crate::jobs::features::{Facts, Folders, Picture, Role};

/// Why a picture belongs to a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Same {
    /// It is the first of the unit.
    First,
    /// The file is equal to the first.
    Bytes,
    /// All pixels are equal to those of the first.
    Pixels,
    /// The hash is equal to that of the first.
    Hash,
}

/// The pictures of a unit; a single one lies in the unit itself.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Members {
    One([(u32, Same); 1]),
    Many(Box<[(u32, Same)]>),
}

/// Pictures that are one for the matching; those to be kept first, then by size and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    members: Members,
    /// Has pictures of the user's own folders.
    pub(super) own: bool,
    /// Has pictures of the other set of `--against`.
    pub(super) against: bool,
}

impl Unit {
    /// The picture that stands for it.
    pub(super) fn first(&self) -> u32 {
        self.members()[0].0
    }

    /// Numbers of pictures.
    pub(super) fn members(&self) -> &[(u32, Same)] {
        match &self.members {
            Members::One(one) => one,
            Members::Many(many) => many,
        }
    }
}

/// Numbers of pictures in the order that decides every tie: references, then the larger, then by
/// name. The same for any order of the files.
pub(super) fn ranked(mut numbers: Vec<u32>, pictures: &[Picture], folders: &Folders) -> Vec<u32> {
    let is_own = |picture: &Picture| folders.role(picture.folder, &picture.key) == Role::Own;
    let own: Vec<bool> = pictures.iter().map(is_own).collect();
    let rank = |number: u32| {
        let picture = &pictures[number as usize];
        let [width, height] = picture.facts.size.map(u64::from);
        (own[number as usize], Reverse(width * height), &picture.key)
    };
    numbers.sort_unstable_by(|a, b| rank(*a).cmp(&rank(*b)));
    numbers
}

/// The first unit of each class of equal pictures, in the order of the pictures.
struct Classes {
    /// The class of each picture: the least number of a picture in it, `NONE` of those without.
    of: Vec<u32>,
    /// The unit of each class, by the same number.
    units: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Classes {
    fn new<K: Ord>(count: usize, key: impl Fn(u32) -> Option<K>) -> Self {
        let mut numbers: Vec<u32> = (0..count as u32).filter(|n| key(*n).is_some()).collect();
        numbers.sort_unstable_by(|a, b| key(*a).cmp(&key(*b)).then(a.cmp(b)));
        let mut of = vec![NONE; count];
        for equal in numbers.chunk_by(|a, b| key(*a) == key(*b)) {
            for number in equal {
                of[*number as usize] = equal[0];
            }
        }
        Self { of, units: vec![NONE; count] }
    }

    fn unit(&self, picture: u32) -> Option<u32> {
        let class = self.of[picture as usize];
        let unit = if class == NONE { NONE } else { self.units[class as usize] };
        (unit != NONE).then_some(unit)
    }

    fn join(&mut self, picture: u32, unit: u32) {
        let class = self.of[picture as usize];
        if class != NONE && self.units[class as usize] == NONE {
            self.units[class as usize] = unit;
        }
    }
}

/// Puts equal pictures together: by the bytes of the file, by pixels, and by `hashes`, one for
/// each picture, where there are any. The units come in the order of their first pictures' names.
pub(super) fn units(pictures: &[Picture], folders: &Folders, hashes: &[Option<Code>]) -> Vec<Unit> {
    let count = pictures.len();
    let facts = |number: u32| &pictures[number as usize].facts;
    let mut by_bytes = Classes::new(count, |number| Some(facts(number).content.0));
    let mut by_pixels =
        Classes::new(count, |number| Some((facts(number).pixels?, facts(number).size)));
    let mut by_hash = Classes::new(count, |number| hashes.get(number as usize).copied().flatten());
    let order = ranked((0..count as u32).collect(), pictures, folders);
    let mut firsts: Vec<u32> = Vec::new();
    let mut homes: Vec<(u32, u32, Same)> = Vec::with_capacity(count);
    for (place, number) in order.iter().copied().enumerate() {
        let found = by_bytes
            .unit(number)
            .map(|unit| (unit, Same::Bytes))
            .or_else(|| Some((by_pixels.unit(number)?, Same::Pixels)))
            .or_else(|| Some((by_hash.unit(number)?, Same::Hash)));
        let (unit, same) = found.unwrap_or((firsts.len() as u32, Same::First));
        if found.is_none() {
            firsts.push(number);
        }
        for classes in [&mut by_bytes, &mut by_pixels, &mut by_hash] {
            classes.join(number, unit);
        }
        let first = firsts[unit as usize];
        let same = if first == number { same } else { honest(same, facts(first), facts(number)) };
        homes.push((unit, place as u32, same));
    }
    drop((by_bytes, by_pixels, by_hash));
    gathered((homes, &order), pictures, folders)
}

/// The units, from the unit of each picture in their order.
fn gathered(
    (mut homes, order): (Vec<(u32, u32, Same)>, &[u32]),
    pictures: &[Picture],
    folders: &Folders,
) -> Vec<Unit> {
    homes.sort_unstable();
    let unit = |members: &[(u32, u32, Same)]| {
        let number = |place: u32| order[place as usize];
        let is_against = |(_, place, _): &(u32, u32, Same)| {
            let picture = &pictures[number(*place) as usize];
            folders.role(picture.folder, &picture.key) == Role::Against
        };
        let member = |(_, place, same): &(u32, u32, Same)| (number(*place), *same);
        Unit {
            members: match members {
                [one] => Members::One([member(one)]),
                many => Members::Many(many.iter().map(member).collect()),
            },
            own: !members.iter().all(is_against),
            against: members.iter().any(is_against),
        }
    };
    let mut units: Vec<Unit> = homes.chunk_by(|a, b| a.0 == b.0).map(unit).collect();
    let name = |unit: &Unit| &pictures[unit.first() as usize].key;
    units.sort_unstable_by(|a, b| name(a).cmp(name(b)));
    units
}

/// What holds between a picture and the first of its unit, which may be less than what brought
/// it in.
fn honest(same: Same, first: &Facts, facts: &Facts) -> Same {
    if facts.content == first.content {
        Same::Bytes
    } else if facts.pixels.is_some() && facts.pixels == first.pixels && facts.size == first.size {
        Same::Pixels
    } else {
        same.max(Same::Hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_of_one_picture_is_small() {
        // Without anything on the heap; docs/dedup.md adds this up.
        assert!(size_of::<Unit>() <= 24, "{}", size_of::<Unit>());
    }
}
