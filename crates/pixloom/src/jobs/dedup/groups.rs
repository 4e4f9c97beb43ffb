//! From verified pairs to groups around a representative.
use std::collections::{BTreeMap, BTreeSet};

use pixloom_match::{Class, Edge, Grouping, Transform, group};

use super::links::{Link, Way};
use super::units::{Same, Unit, ranked};
use crate::jobs::features::{Folders, Picture};

/// How often pictures outside are tried with the representative of a group nearby.
const ROUNDS: usize = 4;

/// Why a picture is in its group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bond {
    /// The picture it was compared with.
    pub(super) with: u32,
    /// 1 is equal.
    pub(super) similarity: f32,
    /// The stage that decided, 0 to 4.
    pub(super) stage: u8,
    /// What the pair is.
    pub(super) class: Class,
    /// Takes positions in `with` to positions here.
    pub(super) transform: Option<Transform>,
    /// Share of `with` and of this picture that both show.
    pub(super) overlap: [f32; 2],
    /// In words.
    pub(super) reason: String,
    /// SSIMULACRA2 of the copy, if it was asked for and the copy shows the whole picture.
    pub(super) ssimulacra2: Option<f64>,
}

/// Pictures that are copies of each other; the first is the representative.
#[derive(Debug, Clone)]
pub(super) struct Cluster {
    /// Pictures, each but the first with its bond.
    pub(super) members: Vec<(u32, Option<Bond>)>,
    /// Number of different contents.
    pub(super) contents: usize,
    /// SSIMULACRA2 of the representative, which has no bond, if another picture is the best.
    pub(super) ssimulacra2: Option<f64>,
}

/// Makes groups. `verify_over` compares a representative with pictures over a third that both
/// are copies of: the links from the representative and to the picture.
pub(super) fn clusters(
    units: &[Unit],
    links: &mut Vec<Link>,
    (pictures, folders): (&[Picture], &Folders),
    verify_over: &dyn Fn(&[Way]) -> Vec<Link>,
) -> Vec<Cluster> {
    let keys = ranks(units, pictures, folders);
    let mut tried = BTreeSet::new();
    let mut grouping = group(&keys, &edges(links));
    for _ in 0..ROUNDS {
        let ways = ways(&grouping, links, &mut tried);
        if ways.is_empty() {
            break;
        }
        let more = verify_over(&ways);
        if more.is_empty() {
            break;
        }
        links.extend(more);
        grouping = group(&keys, &edges(links));
    }
    let all: Vec<&Link> = duplicates(links).collect();
    let mut grouped = vec![false; units.len()];
    let mut clusters = Vec::new();
    for found in &grouping.groups {
        let mut members = expand(&units[found.representative as usize], None);
        grouped[found.representative as usize] = true;
        let (lead, _) = members[0];
        for (unit, place) in &found.members {
            grouped[*unit as usize] = true;
            let bond = bond(all.get(*place as usize).copied(), *unit, lead);
            members.extend(expand(&units[*unit as usize], bond));
        }
        clusters.push(Cluster { members, contents: found.members.len() + 1, ssimulacra2: None });
    }
    for (unit, _) in
        units.iter().zip(&grouped).filter(|(unit, grouped)| !**grouped && unit.members().len() > 1)
    {
        clusters.push(Cluster { members: expand(unit, None), contents: 1, ssimulacra2: None });
    }
    let name = |cluster: &Cluster| pictures[cluster.members[0].0 as usize].key.clone();
    clusters.sort_by_cached_key(name);
    clusters
}

/// The place of each unit in the order that decides every tie.
pub(super) fn ranks(units: &[Unit], pictures: &[Picture], folders: &Folders) -> Vec<u32> {
    let order = ranked(units.iter().map(Unit::first).collect(), pictures, folders);
    let mut places = vec![0; pictures.len()];
    for (place, number) in order.iter().enumerate() {
        places[*number as usize] = place as u32;
    }
    units.iter().map(|unit| places[unit.first() as usize]).collect()
}

fn duplicates(links: &[Link]) -> impl Iterator<Item = &Link> {
    links.iter().filter(|link| link.verdict.class.is_duplicate())
}

fn edges(links: &[Link]) -> Vec<Edge> {
    let edge = |link: &Link| Edge { a: link.a, b: link.b, similarity: link.verdict.similarity };
    duplicates(links).map(edge).collect()
}

/// What to try: for each pair across two groups, the picture of the smaller one with the
/// representative of the larger.
fn ways(grouping: &Grouping, links: &[Link], tried: &mut BTreeSet<(u32, u32)>) -> Vec<Way> {
    let mut home: BTreeMap<u32, (usize, Option<u32>)> = BTreeMap::new();
    for (number, group) in grouping.groups.iter().enumerate() {
        home.insert(group.representative, (number, None));
        home.extend(group.members.iter().map(|(unit, place)| (*unit, (number, Some(*place)))));
    }
    let all: Vec<&Link> = duplicates(links).collect();
    let size = |unit: u32| {
        let number = home.get(&unit).map(|(number, _)| *number);
        number.map_or(0, |number| grouping.groups[number].members.len())
    };
    let mut ways = Vec::new();
    for place in &grouping.loose {
        let link = all[*place as usize];
        let (near, far) =
            if size(link.a) >= size(link.b) { (link.a, link.b) } else { (link.b, link.a) };
        let Some((number, Some(place))) = home.get(&near) else { continue };
        let representative = grouping.groups[*number].representative;
        let pair = (representative.min(far), representative.max(far));
        let first = all[*place as usize];
        if tried.insert(pair) {
            let (first, second) = (first.clone(), link.clone());
            ways.push(Way { first, second, representative, picture: far });
        }
    }
    ways
}

/// The bond of the first picture of `unit` to the representative.
fn bond(link: Option<&Link>, unit: u32, lead: u32) -> Option<Bond> {
    let link = link?;
    let verdict = &link.verdict;
    let forward = link.b == unit;
    let [first, second] = verdict.overlap;
    Some(Bond {
        with: lead,
        similarity: verdict.similarity,
        stage: verdict.stage as u8,
        class: verdict.class,
        transform: verdict
            .transform
            .and_then(|map| if forward { Some(map) } else { map.inverse() }),
        overlap: if forward { [first, second] } else { [second, first] },
        reason: verdict.reason.clone(),
        ssimulacra2: None,
    })
}

/// The pictures of a unit; the first has the bond that is given.
fn expand(unit: &Unit, bond: Option<Bond>) -> Vec<(u32, Option<Bond>)> {
    let first = unit.first();
    let mut members = vec![(first, bond)];
    members.extend(unit.members().iter().skip(1).map(|(picture, same)| {
        let (class, reason) = match same {
            Same::First | Same::Bytes => (Class::ExactBytes, "the files are equal"),
            Same::Pixels => (Class::ExactPixels, "all pixels are equal"),
            Same::Hash => (Class::ReEncoded, "the hashes are equal"),
        };
        let bond = Bond {
            with: first,
            similarity: 1.0,
            stage: u8::from(*same == Same::Hash),
            class,
            transform: None,
            overlap: [1.0, 1.0],
            reason: reason.to_owned(),
            ssimulacra2: None,
        };
        (*picture, Some(bond))
    }));
    members
}
