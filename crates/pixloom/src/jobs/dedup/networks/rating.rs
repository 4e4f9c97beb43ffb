//! SSIMULACRA2 of copies against the best of their group.
use std::collections::BTreeSet;
use std::time::Instant;

use pixloom_engine::{Engine, RunError};
use pixloom_match::{Class, Transform};

use super::looks::{Measure, Pair, measure, turn_of};
use super::{Files, Networks};
use crate::jobs::dedup::groups::{Bond, Cluster};
use crate::jobs::dedup::stages::Stages;

/// Chooses the best picture of a group.
pub(in crate::jobs::dedup) type Choice<'a> = dyn Fn(&Cluster) -> Option<u32> + 'a;

/// Tells the figure of every copy that shows the whole picture against the `best` of its group,
/// and lets those leave their group that are below the threshold, together with the files that
/// are equal to them.
///
/// # Errors
/// `Cancelled` on request.
pub(in crate::jobs::dedup) fn rate(
    clusters: &mut Vec<Cluster>,
    (networks, best): (&Networks, &Choice<'_>),
    (files, engine): (&Files<'_>, &Engine),
    stages: &mut Stages,
) -> Result<(), RunError> {
    if !networks.rates() {
        return Ok(());
    }
    let since = Instant::now();
    let (mut pairs, mut places) = (Vec::new(), Vec::new());
    for (number, cluster) in clusters.iter().enumerate() {
        let best = best(cluster);
        let way = best.and_then(|best| way_from(best, cluster, files));
        let Some((best, to_lead)) = best.zip(way) else { continue };
        for (at, (picture, bond)) in cluster.members.iter().enumerate() {
            let is_twin = bond.as_ref().is_some_and(is_exact);
            let pair = way_to(*picture, bond.as_ref(), files)
                .filter(|_| *picture != best && !is_twin)
                .and_then(|map| laid((best, *picture), &map.after(&to_lead)));
            if let Some(pair) = pair {
                pairs.push(pair);
                places.push((number, at));
            }
        }
    }
    let figures = measure(&pairs, Measure::Ssimulacra2, files, engine)?;
    let (mut rated, mut poor) = (0, BTreeSet::new());
    for ((number, at), figure) in places.into_iter().zip(figures) {
        let Some(figure) = figure else { continue };
        let cluster = &mut clusters[number];
        let (picture, bond) = &mut cluster.members[at];
        rated += 1;
        if let Some(bond) = bond {
            bond.ssimulacra2 = Some(figure);
            bond.reason = format!("{}, SSIMULACRA2 {figure:.1}", bond.reason);
        } else {
            cluster.ssimulacra2 = Some(figure);
        }
        if networks.ssimulacra2_threshold.is_some_and(|least| figure < least) {
            poor.insert(*picture);
        }
    }
    let left = poor.len() as u64;
    stages.add((5, "ssimu2", "pictures"), (rated, rated - left, left, rated - left), Some(since));
    *clusters =
        std::mem::take(clusters).into_iter().flat_map(|cluster| apart(cluster, &poor)).collect();
    Ok(())
}

fn is_exact(bond: &Bond) -> bool {
    matches!(bond.class, Class::ExactBytes | Class::ExactPixels)
}

/// The map from the unit square of the representative to that of a picture.
fn way_to(picture: u32, bond: Option<&Bond>, files: &Files<'_>) -> Option<Transform> {
    let Some(bond) = bond else { return Some(Transform::IDENTITY) };
    if is_exact(bond) && bond.transform.is_none() {
        return None;
    }
    Some(unit_map((bond.with, picture), &bond.transform?, files))
}

/// The map from the unit square of the best to that of the representative, over a picture that is
/// equal to the best where that was never compared itself.
fn way_from(best: u32, cluster: &Cluster, files: &Files<'_>) -> Option<Transform> {
    let of = |number: u32| cluster.members.iter().find(|(picture, _)| *picture == number);
    let (_, bond) = of(best)?;
    let (picture, bond) = match bond {
        Some(bond) if is_exact(bond) => of(bond.with).map(|(picture, bond)| (*picture, bond))?,
        _ => (best, bond),
    };
    way_to(picture, bond.as_ref(), files)?.inverse()
}

/// The figure of one pair by the map from the first picture to the second; none unless both show
/// the whole.
///
/// # Errors
/// `Cancelled` on request.
pub(in crate::jobs::dedup) fn rating(
    map: Option<Transform>,
    (files, engine): (&Files<'_>, &Engine),
) -> Result<Option<f64>, RunError> {
    let Some(pair) = map.and_then(|map| laid((0, 1), &unit_map((0, 1), &map, files))) else {
        return Ok(None);
    };
    let figures = measure(&[pair], Measure::Ssimulacra2, files, engine)?;
    Ok(figures.first().copied().flatten())
}

/// A map of pixels as one of unit squares.
fn unit_map((from, to): (u32, u32), map: &Transform, files: &Files<'_>) -> Transform {
    let size = |number: u32| files.picture(number).facts.size.map(|side| f64::from(side.max(1)));
    let ([from_x, from_y], [to_x, to_y]) = (size(from), size(to));
    let unit = Transform::scaling(1.0 / to_x, 1.0 / to_y);
    unit.after(map).after(&Transform::scaling(from_x, from_y))
}

/// The pair, the second picture turned back onto the first, if each shows all of the other.
fn laid((with, picture): (u32, u32), map: &Transform) -> Option<Pair> {
    let turn = turn_of(&map.inverse()?)?;
    Some(Pair { first: picture, second: with, turn })
}

/// The group without the pictures that are too poor, and each of those with its equals.
fn apart(cluster: Cluster, poor: &BTreeSet<u32>) -> Vec<Cluster> {
    let leads = |member: &(u32, Option<Bond>)| poor.contains(&member.0);
    let gone = cluster.members.iter().filter(|member| leads(member)).count();
    if gone == 0 {
        return vec![cluster];
    }
    let (contents, ssimulacra2) = (cluster.contents - gone, cluster.ssimulacra2);
    let mut kept = Vec::new();
    let mut others: Vec<Vec<(u32, Option<Bond>)>> = Vec::new();
    for (picture, bond) in cluster.members {
        let with = bond.as_ref().filter(|bond| is_exact(bond)).map(|bond| bond.with);
        if poor.contains(&picture) {
            others.push(vec![(picture, None)]);
        } else if let Some(group) = others.iter_mut().find(|group| with == Some(group[0].0)) {
            group.push((picture, bond));
        } else {
            kept.push((picture, bond));
        }
    }
    let mut clusters = vec![Cluster { members: kept, contents, ssimulacra2 }];
    clusters.extend(others.into_iter().map(|members| Cluster {
        members,
        contents: 1,
        ssimulacra2: None,
    }));
    clusters.retain(|cluster| cluster.members.len() > 1);
    clusters
}
