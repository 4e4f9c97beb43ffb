//! Pictures that are equal without any doubt, put together before anything is compared.
use std::collections::BTreeMap;

use crate::jobs::features::{Folders, Picture, Role};

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

/// Pictures that are one for the matching; those to be kept first, then by size and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    /// Numbers of pictures.
    pub(super) members: Vec<(u32, Same)>,
    /// Has pictures of the user's own folders.
    pub(super) own: bool,
    /// Has pictures of the other set of `--against`.
    pub(super) against: bool,
}

impl Unit {
    /// The picture that stands for it.
    pub(super) fn first(&self) -> u32 {
        self.members[0].0
    }
}

/// What decides between pictures in every tie: references, then the larger, then the name. The
/// same for any order of the files.
pub(super) fn rank(picture: &Picture, folders: &Folders) -> (bool, std::cmp::Reverse<u64>, String) {
    let role = folders.role(picture.folder, &picture.key);
    let [width, height] = picture.facts.size.map(u64::from);
    (role == Role::Own, std::cmp::Reverse(width * height), picture.key.clone())
}

/// Puts equal pictures together: by the bytes of the file, by pixels, and by `hash` where there
/// is one. The units come in the order of their first pictures' names.
pub(super) fn units(
    pictures: &[Picture],
    folders: &Folders,
    hash: &dyn Fn(u32) -> Option<[u64; 4]>,
) -> Vec<Unit> {
    let mut order: Vec<u32> = (0..pictures.len() as u32).collect();
    order.sort_by_cached_key(|number| rank(&pictures[*number as usize], folders));
    let mut by_bytes: BTreeMap<[u8; 32], usize> = BTreeMap::new();
    let mut by_pixels: BTreeMap<(u64, [u32; 2]), usize> = BTreeMap::new();
    let mut by_hash: BTreeMap<[u64; 4], usize> = BTreeMap::new();
    let mut units: Vec<Unit> = Vec::new();
    for number in order {
        let picture = &pictures[number as usize];
        let facts = &picture.facts;
        let pixels = facts.pixels.map(|pixels| (pixels, facts.size));
        let code = hash(number);
        let found = by_bytes
            .get(&facts.content.0)
            .map(|unit| (*unit, Same::Bytes))
            .or_else(|| Some((*by_pixels.get(&pixels?)?, Same::Pixels)))
            .or_else(|| Some((*by_hash.get(&code?)?, Same::Hash)));
        let (unit, same) = found.unwrap_or_else(|| {
            units.push(Unit { members: Vec::new(), own: false, against: false });
            (units.len() - 1, Same::First)
        });
        by_bytes.entry(facts.content.0).or_insert(unit);
        pixels.map(|pixels| by_pixels.entry(pixels).or_insert(unit));
        code.map(|code| by_hash.entry(code).or_insert(unit));
        let same = honest(same, &units[unit], picture, pictures);
        units[unit].members.push((number, same));
        let against = folders.role(picture.folder, &picture.key) == Role::Against;
        units[unit].own |= !against;
        units[unit].against |= against;
    }
    units.sort_by(|a, b| pictures[a.first() as usize].key.cmp(&pictures[b.first() as usize].key));
    units
}

/// What holds between a picture and the first of its unit, which may be less than what brought
/// it in.
fn honest(same: Same, unit: &Unit, picture: &Picture, pictures: &[Picture]) -> Same {
    let Some(first) = unit.members.first().map(|first| &pictures[first.0 as usize].facts) else {
        return Same::First;
    };
    let facts = &picture.facts;
    if facts.content == first.content {
        Same::Bytes
    } else if facts.pixels.is_some() && facts.pixels == first.pixels && facts.size == first.size {
        Same::Pixels
    } else {
        same.max(Same::Hash)
    }
}
