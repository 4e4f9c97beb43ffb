//! Oriented corners with binary descriptors: FAST and rotated BRIEF on a pyramid of scales, after
//! Rublee, Rabaud, Konolige, Bradski, "ORB: an efficient alternative to SIFT or SURF", 2011, with
//! a pattern of our own that is its own mirror image.
mod brief;
mod corners;

use crate::plane::Plane;
use crate::resample::{Gray, area_gray};

pub(crate) use brief::mirrored;

/// Long side at which corners are sought, in pixels.
pub(crate) const LONG_SIDE: usize = 384;
/// Key points kept of a picture.
pub(crate) const MOST: usize = 400;
/// Levels of the pyramid, each smaller by [`STEP`].
pub(crate) const LEVELS: usize = 9;
/// Ratio of the sizes of two levels.
pub(crate) const STEP: f64 = 1.2;
/// Pixels around a key point that its descriptor reads.
pub(crate) const MARGIN: usize = 16;

/// An oriented corner with its descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPoint {
    /// Position as a share of width and height, times 65,535.
    pub x: u16,
    /// See `x`.
    pub y: u16,
    /// Direction of the brighter side, 256 steps a turn, clockwise from the right.
    pub angle: u8,
    /// Level of the pyramid it was found on: its size grows by 1.2 with each.
    pub level: u8,
}

/// The position of a point in a frame.
pub(crate) fn place(point: KeyPoint, [width, height]: [f64; 2]) -> [f64; 2] {
    [f64::from(point.x) / 65_535.0 * width, f64::from(point.y) / 65_535.0 * height]
}

/// 256 comparisons of intensities about a key point; bits `2i` and `2i + 1` are mirror images of
/// each other.
pub(crate) type Descriptor = [u64; 4];

/// A corner on its level.
#[derive(Debug, Clone, Copy)]
struct Corner {
    x: usize,
    y: usize,
    score: u32,
}

/// The key points of a picture with their descriptors, the best of each level first, then the
/// second best, in proportion to what each level gives.
pub(crate) fn key_points(picture: &Gray) -> (Vec<KeyPoint>, Vec<Descriptor>) {
    let (width, height) = (picture.width, picture.height);
    let mut level = picture.clone();
    let mut found = Vec::with_capacity(MOST);
    for (number, quota) in quotas().into_iter().enumerate() {
        let scale = STEP.powi(number as i32);
        let side = |n: usize| (n as f64 / scale).round() as usize;
        let (w, h) = (side(width), side(height));
        if w.min(h) <= 2 * MARGIN {
            break;
        }
        if number > 0 {
            level = match Plane::new(&level.pixels, level.width, level.height) {
                Some(plane) => area_gray(plane, w, h),
                None => break,
            };
        }
        describe_level(&level, number, quota, &mut found);
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.into_iter().map(|(_, point, descriptor)| (point, descriptor)).unzip()
}

/// How many key points each level may give: in proportion to its width.
fn quotas() -> [usize; LEVELS] {
    let total: f64 = (0..LEVELS).map(|level| STEP.powi(-(level as i32))).sum();
    std::array::from_fn(|level| (MOST as f64 * STEP.powi(-(level as i32)) / total).round() as usize)
}

/// Adds the key points of a level, with their rank as a share of its quota.
fn describe_level(
    level: &Gray,
    number: usize,
    quota: usize,
    found: &mut Vec<(f32, KeyPoint, Descriptor)>,
) {
    let corners = corners::corners(level, MARGIN, quota);
    if corners.is_empty() {
        return;
    }
    let smooth = brief::smooth(level);
    let share = |at: usize, n: usize| ((at as f64 + 0.5) / n as f64 * 65_535.0).round() as u16;
    found.extend(corners.into_iter().enumerate().map(|(rank, corner)| {
        let angle = brief::angle(level, corner.x, corner.y);
        let point = KeyPoint {
            x: share(corner.x, level.width),
            y: share(corner.y, level.height),
            angle,
            level: number as u8,
        };
        let descriptor = brief::descriptor(&smooth, corner.x, corner.y, angle);
        (rank as f32 / quota as f32, point, descriptor)
    }));
}
