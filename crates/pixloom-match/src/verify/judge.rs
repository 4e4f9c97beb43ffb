//! Decides what a pair is from how the pictures lie over each other.
use super::{Class, Laid, Settings, Stage, Transform, Verdict, to_frame};
use crate::features::Features;

/// Textured blocks below which a picture counts as flat.
const FEW: usize = 10;
/// Correlation over the whole that flat pictures need.
const FLAT_WHOLE: f32 = 0.95;
/// Correlation of the middle block at which nothing better need be sought.
const CLEAR: f32 = 0.92;
/// Correlation at which a block agrees.
const AGREES: f32 = 0.5;

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

/// Whether no other way to lay the pictures need be tried.
pub(super) fn is_clear(laid: &Laid, settings: &Settings) -> bool {
    laid.median() >= CLEAR.max(settings.duplicate)
        && laid.blocks.len() >= FEW
        && laid.share(AGREES) >= 0.9
        && is_duplicate(laid, settings)
}

fn is_duplicate(laid: &Laid, settings: &Settings) -> bool {
    let covers = laid.overlap[0].max(laid.overlap[1]) >= settings.overlap;
    let supported = laid.inliers == 0 || laid.inliers >= settings.inliers;
    if laid.blocks.len() < FEW {
        return covers && supported && laid.whole >= FLAT_WHOLE;
    }
    covers
        && supported
        && laid.median() >= settings.duplicate
        && laid.share(AGREES) >= settings.blocks
}

/// The verdict on the best of several ways.
pub(super) fn best(
    a: &Features,
    b: &Features,
    ways: impl IntoIterator<Item = Laid>,
    settings: &Settings,
) -> Verdict {
    let worth = |laid: &Laid| (is_duplicate(laid, settings), score(laid));
    let best = ways.into_iter().max_by(|x, y| {
        let (x, y) = (worth(x), worth(y));
        x.0.cmp(&y.0).then(x.1.total_cmp(&y.1))
    });
    match best {
        Some(laid) => verdict(a, b, &laid, settings),
        None => different(Vec::new()),
    }
}

fn score(laid: &Laid) -> f32 {
    if laid.blocks.len() < FEW { laid.whole } else { laid.median() }
}

pub(super) fn verdict(a: &Features, b: &Features, laid: &Laid, settings: &Settings) -> Verdict {
    let class = class(a, b, laid, settings);
    let back = to_frame(b).inverse().map(|back| back.after(&laid.map).after(&to_frame(a)));
    Verdict {
        class,
        similarity: score(laid).clamp(0.0, 1.0),
        transform: back,
        overlap: laid.overlap,
        inliers: laid.inliers,
        reason: format!(
            "{} of {} blocks, median {:.3} share {:.2} whole {:.3} overlap {:.2} {:.2} inliers {} diff {:.1} {:.1}",
            laid.blocks.len(),
            64,
            laid.median(),
            laid.share(AGREES),
            laid.whole,
            laid.overlap[0],
            laid.overlap[1],
            laid.inliers,
            laid.difference,
            laid.raw_difference
        ),
        stage: if laid.inliers > 0 { Stage::Local } else { Stage::Global },
    }
}

fn class(_a: &Features, _b: &Features, laid: &Laid, settings: &Settings) -> Class {
    if is_duplicate(laid, settings) {
        Class::Edited
    } else if laid.median() >= settings.same_scene || laid.inliers >= 3 * settings.inliers {
        Class::SameScene
    } else {
        Class::Different
    }
}

fn different(_notes: Vec<String>) -> Verdict {
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
