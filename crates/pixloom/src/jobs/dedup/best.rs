//! Which picture of a group is kept, and why.
//!
//! Compared in this order, the first difference decides: a reference folder; no damage; the
//! user's patterns; more of the scene; no frame; colour; nothing laid over it; detail that the
//! pixels really hold; compression; sharpness; noise; metadata; age;
//! path.
use std::cmp::Reverse;
use std::collections::BTreeMap;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use pixloom_match::{Class, Quality};

use super::groups::{Bond, Cluster};
use crate::jobs::features::{Folders, Picture, Role};
use crate::params::ParamError;

/// Similarity of most blocks from which nothing dense lies between two copies.
const UNDISPUTED: f32 = 0.95;
/// How many times sharper a covered picture is, and how many times more detail one has at least
/// that the other is a blurred copy of.
const COVERED: f32 = 1.2;
const BLURRED: f32 = 2.5;

/// What a picture is in its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// It is kept.
    Best,
    /// It is a copy of the best.
    Duplicate,
    /// It is a copy, too, but lies in a folder that is never touched.
    Kept,
}

impl Status {
    /// As in reports.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Best => "Best",
            Self::Duplicate => "Duplicate",
            Self::Kept => "Kept",
        }
    }
}

/// A picture of a group.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) picture: u32,
    pub(super) status: Status,
    pub(super) bond: Option<Bond>,
    /// Why it is the best, or what it was compared with.
    pub(super) reason: String,
    /// SSIMULACRA2 against the best, if it was asked for.
    pub(super) ssimulacra2: Option<f64>,
}

/// A group, its best picture first, then by name.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) members: Vec<Member>,
}

/// Patterns of paths.
#[derive(Debug)]
pub(super) struct Wishes {
    prefer: GlobSet,
    avoid: GlobSet,
}

impl Wishes {
    /// Reads the patterns.
    pub(super) fn new(prefer: &[String], avoid: &[String]) -> Result<Self, ParamError> {
        Ok(Self { prefer: patterns("prefer", prefer)?, avoid: patterns("avoid", avoid)? })
    }
}

fn patterns(name: &str, texts: &[String]) -> Result<GlobSet, ParamError> {
    let wrong = |error: globset::Error| ParamError::new(name, error.to_string());
    let mut set = GlobSetBuilder::new();
    for text in texts {
        set.add(GlobBuilder::new(text).case_insensitive(true).build().map_err(wrong)?);
    }
    set.build().map_err(wrong)
}

/// Everything that the choice looks at.
#[derive(Debug)]
pub(super) struct Judge<'a> {
    pub(super) pictures: &'a [Picture],
    pub(super) folders: &'a Folders,
    pub(super) wishes: &'a Wishes,
    /// Measured at full size, by content.
    pub(super) qualities: &'a BTreeMap<[u8; 32], Quality>,
}

/// In the order of their weight; smaller is better.
#[expect(clippy::struct_excessive_bools, reason = "compared field by field, never set apart")]
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    own: bool,
    damaged: bool,
    not_preferred: bool,
    avoided: bool,
    extent: Reverse<i32>,
    framed: bool,
    gray: bool,
    covered: bool,
    detail: Reverse<i32>,
    compression: Reverse<u8>,
    sharpness: Reverse<i32>,
    noise: i32,
    metadata: Reverse<u32>,
    age: i128,
    path: String,
}

impl Judge<'_> {
    /// Chooses the best of a cluster.
    pub(super) fn choose(&self, cluster: &Cluster) -> Group {
        let mut ranked: Vec<(Rank, &(u32, Option<Bond>))> =
            cluster.members.iter().map(|member| (self.rank(member, cluster), member)).collect();
        ranked.sort_by(|a, b| a.0.cmp(&b.0));
        let mut members = Vec::new();
        for (place, (rank, (picture, bond))) in ranked.iter().enumerate() {
            let status = match (place, rank.own) {
                (0, _) => Status::Best,
                (_, true) => Status::Duplicate,
                (_, false) => Status::Kept,
            };
            let reason = match ranked.get(1).filter(|_| place == 0) {
                Some((next, other)) => self.why(rank, next, (*picture, other.0)),
                None => bond.as_ref().map_or_else(|| led(cluster), |bond| bond.reason.clone()),
            };
            let of_bond = |bond: &Bond| bond.ssimulacra2;
            let ssimulacra2 =
                bond.as_ref().map_or(cluster.ssimulacra2, of_bond).filter(|_| place > 0);
            let bond = bond.clone();
            members.push(Member { picture: *picture, status, bond, reason, ssimulacra2 });
        }
        members[1..].sort_by_key(|member| &self.pictures[member.picture as usize].key);
        face_best(&mut members);
        Group { members }
    }

    /// A number from 0 to 100: half for the megapixels that hold detail, a third for the
    /// compression, the rest for sharpness.
    pub(super) fn score(&self, picture: u32) -> f64 {
        let picture = &self.pictures[picture as usize];
        let quality = self.quality(picture);
        let megapixels = self.detail(picture) / 1e6;
        let size = ((1.0 + megapixels).log2() / 5.0).min(1.0);
        let compression = f64::from(compression(picture, quality)) / 101.0;
        let sharpness = (f64::from(quality.sharpness) / 0.25).clamp(0.0, 1.0);
        100.0 * (0.5 * size + 0.3 * compression + 0.2 * sharpness)
    }

    fn quality(&self, picture: &Picture) -> Quality {
        self.qualities.get(&picture.facts.content.0).copied().unwrap_or_default()
    }

    /// Pixels that hold detail.
    fn detail(&self, picture: &Picture) -> f64 {
        let [width, height] = picture.facts.size.map(f64::from);
        let cutoff = match self.quality(picture).cutoff {
            cutoff if cutoff > 0.0 => f64::from(cutoff.min(1.0)),
            _ => 1.0,
        };
        width * height * cutoff * cutoff
    }

    fn rank(&self, (number, bond): &(u32, Option<Bond>), cluster: &Cluster) -> Rank {
        let picture = &self.pictures[*number as usize];
        let quality = self.quality(picture);
        let frame = frame(bond.as_ref(), cluster);
        // In eighths of an octave, so that a hair's breadth decides nothing.
        let steps = |value: f64| (value.max(1e-9).log2() * 8.0).round() as i32;
        let is_gray = |picture: &Picture| picture.facts.measures().is_some_and(|m| m.gray);
        Rank {
            own: self.folders.role(picture.folder, &picture.key) == Role::Own,
            damaged: picture.facts.damage().is_some(),
            not_preferred: !self.wishes.prefer.is_match(&*picture.key),
            avoided: self.wishes.avoid.is_match(&*picture.key),
            extent: Reverse(steps(frame.extent)),
            framed: frame.framed,
            gray: is_gray(picture),
            covered: self.is_covered(*number, bond.as_ref(), cluster),
            detail: Reverse(steps(self.detail(picture))),
            compression: Reverse(compression(picture, quality)),
            sharpness: Reverse(steps(f64::from(quality.sharpness)).max(-80) / 4),
            // Up to two gray values of noise say nothing.
            noise: (steps(f64::from(quality.noise)).max(8) - 8) / 4,
            metadata: Reverse(picture.facts.metadata_bytes / 1024),
            age: picture.modified_ns(),
            path: picture.key.to_string(),
        }
    }

    /// Whether something dense, such as a watermark, was laid over it: it does not agree with its
    /// partner in most blocks, and is sharper, but not as far above as a picture is above its
    /// blurred copy. Of the representative, whether that is said of it by a partner.
    fn is_covered(&self, number: u32, bond: Option<&Bond>, cluster: &Cluster) -> bool {
        if let Some(bond) = bond.filter(|bond| is_exact(bond)) {
            return self.is_covered(bond.with, beyond(bond, cluster), cluster);
        }
        let quality = |number: u32| self.quality(&self.pictures[number as usize]);
        let is_over = |one: u32, other: u32| {
            let (one, other) = (quality(one), quality(other));
            one.sharpness > COVERED * other.sharpness && one.cutoff < BLURRED * other.cutoff
        };
        let is_disputed = |bond: &Bond| bond.class == Class::Edited && bond.similarity < UNDISPUTED;
        if let Some(bond) = bond {
            return is_disputed(bond) && is_over(number, bond.with);
        }
        let disputing = |(other, bond): &(u32, Option<Bond>)| {
            bond.as_ref().is_some_and(|bond| bond.with == number && is_disputed(bond))
                && is_over(number, *other)
        };
        cluster.members.iter().any(disputing)
    }

    /// The first thing in which the best is before the next.
    fn why(&self, best: &Rank, next: &Rank, (one, other): (u32, u32)) -> String {
        let [one, other] = [one, other].map(|number| &self.pictures[number as usize]);
        let size = |picture: &Picture| {
            let [width, height] = picture.facts.size;
            format!("{width}×{height}")
        };
        let sizes = || format!("{} against {}", size(one), size(other));
        if best.own != next.own {
            "it lies in a reference folder".to_owned()
        } else if best.damaged != next.damaged {
            "the other is damaged".to_owned()
        } else if best.not_preferred != next.not_preferred {
            "its path is preferred".to_owned()
        } else if best.avoided != next.avoided {
            "the other's path is avoided".to_owned()
        } else if best.extent != next.extent {
            "it shows more of the picture".to_owned()
        } else if best.framed != next.framed {
            "it has no frame around it".to_owned()
        } else if best.gray != next.gray {
            "it has colours".to_owned()
        } else if best.covered != next.covered {
            "nothing is laid over it".to_owned()
        } else if best.detail != next.detail && one.facts.size != other.facts.size {
            format!("it has more detail, {}", sizes())
        } else if best.detail != next.detail {
            "it has more detail at the same size".to_owned()
        } else if best.compression != next.compression {
            let name = |picture: &Picture| match picture.facts.quality {
                Some(quality) => format!("{} of quality {quality}", picture.facts.format.name()),
                None => picture.facts.format.name().to_owned(),
            };
            format!("it is less compressed, {} against {}", name(one), name(other))
        } else if best.sharpness != next.sharpness {
            "it is sharper".to_owned()
        } else if best.noise != next.noise {
            "it has less noise".to_owned()
        } else if best.metadata != next.metadata {
            "it has more metadata".to_owned()
        } else if best.age != next.age {
            "it is older".to_owned()
        } else {
            "its name comes first".to_owned()
        }
    }
}

/// Says of the representative what it is to the best, rather than of the best what it is to the
/// representative; of a picture that is equal to the best, that it is.
fn face_best(members: &mut [Member]) {
    let best = members[0].picture;
    let Some(mut bond) = members[0].bond.take() else { return };
    let back = |bond: Bond| Bond {
        with: best,
        transform: bond.transform.and_then(|map| map.inverse()),
        overlap: [bond.overlap[1], bond.overlap[0]],
        ..bond
    };
    let twin = members.iter_mut().find(|member| member.picture == bond.with);
    if let Some(twin) = twin.filter(|_| is_exact(&bond))
        && let Some(of_twin) = twin.bond.take()
    {
        twin.reason.clone_from(&bond.reason);
        twin.bond = Some(back(bond));
        bond = of_twin;
    }
    if let Some(lead) = members[1..].iter_mut().find(|member| member.bond.is_none()) {
        let figure = lead.ssimulacra2.map(|figure| format!(", SSIMULACRA2 {figure:.1}"));
        lead.reason = format!("{}{}", bond.reason, figure.unwrap_or_default());
        lead.bond = Some(back(bond));
    }
}

/// What there is to say of the representative where another picture is better.
fn led(cluster: &Cluster) -> String {
    let led = "the others were compared with it";
    cluster
        .ssimulacra2
        .map_or_else(|| led.to_owned(), |figure| format!("{led}, SSIMULACRA2 {figure:.1}"))
}

struct Frame {
    /// Area of the scene in units of the representative's.
    extent: f64,
    framed: bool,
}

/// What a picture shows, measured by its bond to the representative; copies of it alike.
fn frame(bond: Option<&Bond>, cluster: &Cluster) -> Frame {
    let whole = Frame { extent: 1.0, framed: false };
    let Some(bond) = bond else {
        // The representative has a frame if a copy lies in it that has none.
        let framed = cluster
            .members
            .iter()
            .filter_map(|(_, bond)| bond.as_ref())
            .any(|bond| has_frame(bond.class) && bond.overlap[0] < bond.overlap[1]);
        return Frame { framed, ..whole };
    };
    if is_exact(bond) {
        return frame(beyond(bond, cluster), cluster);
    }
    let [theirs, ours] = bond.overlap.map(|share| f64::from(share).clamp(0.01, 1.0));
    match bond.class {
        Class::Cropped => Frame { extent: theirs / ours, framed: false },
        class if has_frame(class) => Frame { extent: 1.0, framed: ours < theirs },
        _ => whole,
    }
}

fn is_exact(bond: &Bond) -> bool {
    matches!(bond.class, Class::ExactBytes | Class::ExactPixels)
}

/// The bond of the picture that an exact bond leads to; none of the representative.
fn beyond<'a>(bond: &Bond, cluster: &'a Cluster) -> Option<&'a Bond> {
    let of = cluster.members.iter().find(|(picture, _)| *picture == bond.with);
    of.and_then(|(_, bond)| bond.as_ref()).filter(|bond| !is_exact(bond))
}

const fn has_frame(class: Class) -> bool {
    matches!(class, Class::Bordered | Class::Embedded)
}

/// 0 to 101: lossless without the marks of an earlier JPEG, the quality of a JPEG, 75 for what
/// does not say.
fn compression(picture: &Picture, quality: Quality) -> u8 {
    match (picture.facts.lossless, picture.facts.quality) {
        (true, _) if quality.blockiness < 0.1 => 101,
        (_, Some(quality)) => quality.get(),
        _ => 75,
    }
}
