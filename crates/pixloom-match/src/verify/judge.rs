//! Decides what a pair is from how the pictures lie over each other.
use super::blocks;
use super::kind::kind;
use super::{Class, Laid, Settings, Stage, Transform, Verdict, to_frame};
use crate::features::Features;

/// Textured blocks below which a picture counts as flat.
const FEW: usize = 10;
/// Key points below which a picture is smooth.
const POINTS: usize = 10;
/// Deviation of gray values of a picture of one colour, and difference of two of the same.
const PLAIN: f32 = 1.5;
const SAME_PLAIN: f32 = 3.0;
/// Correlation of the middle block at which nothing better need be sought.
const CLEAR: f32 = 0.92;
/// Correlation at which a block agrees.
const AGREES: f32 = 0.6;
/// Correlation at which a block agrees without what covers a part of it, and the share of blocks
/// that must: of pairs that are no copies the most is .59, of dense watermarks the least .69. Where
/// the middle block is clear, nothing dense is there.
const BETWEEN: f32 = 0.95;
const MOSTLY: f32 = 0.68;
/// By how much less than [`Settings::duplicate`] that share may be: who asks for more of all blocks
/// asks for more of these.
const STRICTER: f32 = 0.12;
/// Correlation at which a pair of many agreeing points still counts as one scene.
const HARDLY: f32 = 0.3;

/// The verdict on equal pixels.
pub(super) fn exact(a: &Features, b: &Features) -> Option<Verdict> {
    let equal = a.pixel_digest.is_some() && a.pixel_digest == b.pixel_digest;
    (equal && a.full_size == b.full_size).then(|| Verdict {
        class: Class::ExactPixels,
        similarity: 1.0,
        transform: Some(Transform::IDENTITY),
        overlap: [1.0; 2],
        inliers: 0,
        reason: "all pixels are equal".to_owned(),
        stage: Stage::Exact,
    })
}

/// The verdict on two pictures of one colour each: correlation says nothing of them.
pub(super) fn flat(a: &Features, b: &Features) -> Option<Verdict> {
    let is_flat =
        |features: &Features| features.tone.deviation < PLAIN && features.points.is_empty();
    if !(is_flat(a) && is_flat(b)) {
        return None;
    }
    let difference = (a.tone.mean - b.tone.mean).abs().max(colour_difference(a, b).unwrap_or(0.0));
    if difference > SAME_PLAIN {
        let mut verdict = different();
        verdict.stage = Stage::Color;
        return Some(verdict);
    }
    let [x, y] =
        [0, 1].map(|axis| f64::from(b.full_size[axis]) / f64::from(a.full_size[axis].max(1)));
    let resized = a.full_size != b.full_size;
    Some(Verdict {
        class: if resized { Class::Resized } else { Class::ReEncoded },
        similarity: 1.0 - difference / 100.0,
        transform: Some(Transform::scaling(x, y)),
        overlap: [1.0; 2],
        inliers: 0,
        reason: "both are of one and the same colour".to_owned(),
        stage: Stage::Color,
    })
}

/// The largest difference of cells; `None` where colours are not known or one picture is gray.
fn colour_difference(a: &Features, b: &Features) -> Option<f32> {
    let (x, y) = (a.lab.as_ref()?, b.lab.as_ref()?);
    Some(x.difference(y))
}

/// Whether no other way to lay the pictures need be tried.
pub(super) fn is_clear(a: &Features, b: &Features, laid: &Laid, settings: &Settings) -> bool {
    laid.median() >= CLEAR.max(settings.duplicate)
        && laid.blocks.len() >= FEW
        && laid.share(AGREES) >= 0.9
        && covers(laid, settings)
        && supported(laid, settings)
        && laid.details(a, b).are_those_of_copies(laid.inliers)
}

fn covers(laid: &Laid, settings: &Settings) -> bool {
    laid.overlap[0].max(laid.overlap[1]) >= settings.overlap
}

fn supported(laid: &Laid, settings: &Settings) -> bool {
    laid.inliers == 0 || laid.inliers >= settings.inliers
}

fn are_of_like_colours(a: &Features, b: &Features, settings: &Settings) -> bool {
    colour_difference(a, b).is_none_or(|difference| difference <= settings.colours)
}

/// Whether both are smooth and differ in colours: any two gradients correlate.
fn are_other_gradients(a: &Features, b: &Features, settings: &Settings) -> bool {
    a.points.len().max(b.points.len()) < POINTS && !are_of_like_colours(a, b, settings)
}

fn is_duplicate(a: &Features, b: &Features, laid: &Laid, settings: &Settings) -> bool {
    if !covers(laid, settings) || !supported(laid, settings) {
        return false;
    }
    if laid.blocks.len() < FEW {
        return laid.whole >= settings.whole && are_of_like_colours(a, b, settings);
    }
    laid.median() >= settings.duplicate
        && laid.share(AGREES) >= settings.blocks
        && !are_other_gradients(a, b, settings)
        && laid.details(a, b).are_those_of_copies(laid.inliers)
}

/// The share of the blocks that agree without what covers a part of each of them, of a pair that
/// is no copy as it stands but a copy so: a dense watermark was laid over one of the two.
fn left_over(a: &Features, b: &Features, laid: &Laid, settings: &Settings) -> Option<f32> {
    let is_like_one = covers(laid, settings)
        && supported(laid, settings)
        && laid.blocks.len() >= FEW
        && (HARDLY..CLEAR).contains(&laid.median());
    if !is_like_one || is_duplicate(a, b, laid, settings) {
        return None;
    }
    let blocks = blocks::uncovered(a, b, &laid.map)?;
    let good = blocks.len() - blocks.partition_point(|block| *block < BETWEEN);
    let share = good as f32 / blocks.len().max(1) as f32;
    let is_copy = blocks.len() >= FEW
        && share >= MOSTLY.max(settings.duplicate - STRICTER)
        && laid.details(a, b).are_those_of_copies(laid.inliers);
    is_copy.then_some(share)
}

/// The verdict on the best of several ways.
pub(super) fn best(
    a: &Features,
    b: &Features,
    ways: impl IntoIterator<Item = Laid>,
    settings: &Settings,
) -> Verdict {
    let worth = |laid: &Laid| (is_duplicate(a, b, laid, settings), score(laid));
    let best = ways.into_iter().max_by(|x, y| {
        let (x, y) = (worth(x), worth(y));
        x.0.cmp(&y.0).then(x.1.total_cmp(&y.1))
    });
    match best {
        Some(laid) => verdict(a, b, &laid, settings),
        None => different(),
    }
}

/// The similarity.
fn score(laid: &Laid) -> f32 {
    if laid.blocks.len() < FEW { laid.whole } else { laid.median() }.clamp(0.0, 1.0)
}

pub(super) fn verdict(a: &Features, b: &Features, laid: &Laid, settings: &Settings) -> Verdict {
    let full = to_frame(b).inverse().map(|back| back.after(&laid.map).after(&to_frame(a)));
    let left = left_over(a, b, laid, settings);
    let (class, mut notes) = match full {
        Some(full) if left.is_some() || is_duplicate(a, b, laid, settings) => {
            kind(a, b, laid, &full)
        }
        _ => doubtful(a, b, laid, settings),
    };
    if laid.inliers > 0 {
        notes.push(format!("{} points agree", laid.inliers));
    }
    notes.push(if laid.blocks.len() < FEW {
        format!("hardly any texture, the whole correlates at {:.2}", laid.whole)
    } else {
        format!("blocks correlate at {:.2}", laid.median())
    });
    if let Some(left) = left {
        notes.push(format!(
            "something covers it, {:.0} % of the blocks agree between",
            100.0 * left
        ));
    }
    let least = if left.is_some() { settings.duplicate } else { 0.0 };
    Verdict {
        class,
        similarity: score(laid).max(least),
        transform: full.filter(|_| class != Class::Different),
        overlap: laid.whole_overlap,
        inliers: laid.inliers,
        reason: notes.join(", "),
        stage: if laid.inliers > 0 { Stage::Local } else { Stage::Global },
    }
}

/// The class of a pair that is no copy, and why it is none.
fn doubtful(a: &Features, b: &Features, laid: &Laid, settings: &Settings) -> (Class, Vec<String>) {
    let (class, mut doubts) = (unlike(laid, settings), doubts(laid, settings));
    if class == Class::Different {
        return (class, doubts);
    }
    if are_other_gradients(a, b, settings) {
        doubts.push("both are smooth, and their colours differ".to_owned());
        return (Class::Different, doubts);
    }
    let details = laid.details(a, b);
    if details.are_others(laid.inliers) && laid.inliers < 3 * settings.inliers {
        let percent = 100.0 * details.common;
        doubts.push(format!("only {percent:.0} % of the details are there in both"));
        return (Class::Different, doubts);
    }
    if details.are_replaced() {
        let percent = 100.0 * details.replaced;
        doubts.push(format!("{percent:.0} % of the details lie where it shows something else"));
    }
    (class, doubts)
}

/// The class of a pair whose blocks or points are no copy's.
fn unlike(laid: &Laid, settings: &Settings) -> Class {
    let textured = laid.blocks.len() >= FEW;
    let alike = textured && laid.median() >= settings.same_scene && laid.share(AGREES) >= 0.5;
    let points = laid.inliers >= 3 * settings.inliers && laid.median() >= HARDLY;
    if alike || points { Class::SameScene } else { Class::Different }
}

/// Why a pair is no copy.
fn doubts(laid: &Laid, settings: &Settings) -> Vec<String> {
    let mut doubts = Vec::new();
    if !covers(laid, settings) {
        let percent = 100.0 * laid.overlap[0].max(laid.overlap[1]);
        doubts.push(format!("the overlap covers only {percent:.0} % of the smaller"));
    }
    if laid.blocks.len() >= FEW && laid.share(AGREES) < settings.blocks {
        doubts.push(format!("only {:.0} % of the blocks agree", 100.0 * laid.share(AGREES)));
    }
    if !supported(laid, settings) {
        doubts.push("few points agree".to_owned());
    }
    doubts
}

pub(super) fn different() -> Verdict {
    Verdict {
        class: Class::Different,
        similarity: 0.0,
        transform: None,
        overlap: [0.0; 2],
        inliers: 0,
        reason: "nothing in common".to_owned(),
        stage: Stage::Local,
    }
}
