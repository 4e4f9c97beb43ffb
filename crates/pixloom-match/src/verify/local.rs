//! Matches key points and lays the pictures over each other as most of them say.
use super::affine::{Match, fit, least_squares};
use super::blocks::{Laid, lay};
use super::{Settings, judge};
use crate::features::Features;
use crate::keypoint::{mirrored, place};
use crate::simd;
use crate::transform::Transform;

/// Bits in which matched descriptors may differ.
const FAR: u32 = 84;
/// Points that agree by chance.
const CHANCE: u32 = 6;
/// A match must be nearer than this share of the second nearest.
const RATIO: (u32, u32) = (88, 100);

/// The pictures laid over each other as they stand and mirrored, as far as key points say so.
pub(super) fn best(a: &Features, b: &Features, settings: &Settings) -> Vec<Laid> {
    let straight = try_one(a, b, false);
    match straight {
        Some(laid) if judge::is_clear(a, b, &laid, settings) => vec![laid],
        straight => straight.into_iter().chain(try_one(a, b, true)).collect(),
    }
}

fn try_one(a: &Features, b: &Features, mirror: bool) -> Option<Laid> {
    let found = fit(&matches(a, b, mirror)).filter(|fit| fit.inliers >= CHANCE)?;
    let map = if mirror { found.map.after(&flip(a)) } else { found.map };
    lay(a, b, &map, found.inliers)
}

/// Distance, in frame units, up to which a match speaks for a map that is known roughly.
const NEAR: f64 = 10.0;

/// The pictures laid over each other by the matches near a map.
pub(super) fn refined(a: &Features, b: &Features, map: &Transform) -> Option<Laid> {
    let mirror = map.determinant() < 0.0;
    let flip = flip(a);
    let straight = if mirror { map.after(&flip) } else { *map };
    let mut near = matches(a, b, mirror);
    near.retain(|m| {
        let [x, y] = straight.map(m.from);
        (x - m.to[0]).hypot(y - m.to[1]) <= NEAR
    });
    let found = least_squares(near.iter()).filter(|_| near.len() >= 6)?;
    let map = if mirror { found.after(&flip) } else { found };
    lay(a, b, &map, near.len() as u32)
}

/// Mirrors a frame left to right.
fn flip(features: &Features) -> Transform {
    Transform { coefficients: [-1.0, 0.0, features.frame()[0], 0.0, 1.0, 0.0] }
}

/// The matches of key points, best first; `mirror`: of the first picture mirrored left to right.
fn matches(a: &Features, b: &Features, mirror: bool) -> Vec<Match> {
    let nearest = if mirror {
        let flipped: Vec<_> = a.descriptors.iter().map(|one| mirrored(*one)).collect();
        simd::nearest(&flipped, &b.descriptors)
    } else {
        simd::nearest(&a.descriptors, &b.descriptors)
    };
    let (frame_a, frame_b) = (a.frame(), b.frame());
    let mut found = Vec::new();
    for (point, near) in a.points.iter().zip(nearest) {
        let clear = near.distance.saturating_mul(RATIO.1) <= near.second.saturating_mul(RATIO.0);
        if near.distance > FAR || !clear {
            continue;
        }
        let target = &b.points[near.at as usize];
        let [x, y] = place(*point, frame_a);
        let (x, angle) = if mirror {
            (frame_a[0] - x, 128_u8.wrapping_sub(point.angle))
        } else {
            (x, point.angle)
        };
        found.push(Match {
            from: [x, y],
            to: place(*target, frame_b),
            target: near.at,
            turn: target.angle.wrapping_sub(angle),
            levels: target.level as i8 - point.level as i8,
            distance: near.distance,
        });
    }
    found.sort_by_key(|m| m.distance);
    found
}
