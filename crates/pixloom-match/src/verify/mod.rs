//! Says what a pair of pictures is: a copy and of which kind, the same scene, or different.
mod affine;
mod blocks;
mod bytes;
mod details;
mod edges;
mod judge;
mod kind;
mod local;
mod overall;
mod trimmed;

use crate::features::Features;
use crate::transform::Transform;
use blocks::Laid;

/// What a pair is. From [`Class::ExactBytes`] to [`Class::Perceptual`] the two are duplicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The files are equal; set by the caller, never by [`verify`].
    ExactBytes,
    /// All decoded pixels are equal.
    ExactPixels,
    /// Same size and content, other pixels.
    ReEncoded,
    /// Same content at another size or aspect.
    Resized,
    /// Same content and colours or tones changed, or something drawn over it.
    Edited,
    /// One is the other without its colours.
    Gray,
    /// Mirrored, turned or not.
    Mirrored,
    /// Turned by 90, 180, 270 or any other angle.
    Rotated,
    /// One shows a part of the other.
    Cropped,
    /// One lies within the other as a picture in a picture.
    Embedded,
    /// One has a frame, bars or a caption around it.
    Bordered,
    /// A network of the user's says that the two are the same; set by the caller, never by
    /// [`verify`].
    Embedding,
    /// A perceptual distance of the user's says so; set by the caller, never by [`verify`].
    Perceptual,
    /// Two photographs of one scene, or of one burst: not copies.
    SameScene,
    /// Nothing in common that was found.
    Different,
}

impl Class {
    /// Whether the pair counts as duplicates.
    pub fn is_duplicate(self) -> bool {
        self <= Self::Perceptual
    }

    /// Name in reports: `exact-bytes`, `re-encoded`, …
    pub fn name(self) -> &'static str {
        match self {
            Self::ExactBytes => "exact-bytes",
            Self::ExactPixels => "exact-pixels",
            Self::ReEncoded => "re-encoded",
            Self::Resized => "resized",
            Self::Edited => "edited",
            Self::Gray => "gray",
            Self::Mirrored => "mirrored",
            Self::Rotated => "rotated",
            Self::Cropped => "cropped",
            Self::Embedded => "embedded",
            Self::Bordered => "bordered",
            Self::Embedding => "embedding",
            Self::Perceptual => "perceptual",
            Self::SameScene => "same-scene",
            Self::Different => "different",
        }
    }
}

/// The stage that decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// 0: equal bytes or pixels.
    Exact,
    /// 1: the codes.
    Hash,
    /// 2: the colours, of flat pictures.
    Color,
    /// 3: the whole pictures laid over each other.
    Global,
    /// 4: key points and blocks.
    Local,
}

/// Thresholds of [`verify`].
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Correlation of the middle (median) block from which a pair is a duplicate, 0 to 1.
    pub duplicate: f32,
    /// Correlation of the middle block from which a pair is at least of the same scene, 0 to 1.
    pub same_scene: f32,
    /// Share of the blocks that must agree, 0 to 1.
    pub blocks: f32,
    /// Share of the smaller picture that the overlap must cover, 0 to 1.
    pub overlap: f32,
    /// Key points that must agree on one transform.
    pub inliers: u32,
    /// Correlation over the whole that pictures with hardly any texture need, 0 to 1.
    pub whole: f32,
    /// Largest difference of colours (CIELAB, of a cell of 4×4) that they may have.
    pub colours: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            duplicate: 0.8,
            same_scene: 0.6,
            blocks: 0.7,
            overlap: 0.85,
            inliers: 8,
            whole: 0.95,
            colours: 12.0,
        }
    }
}

/// What was found of a pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What the pair is.
    pub class: Class,
    /// 1 = equal, 0 = nothing in common. Duplicates have at least `Settings::duplicate`; within
    /// a class larger is nearer.
    pub similarity: f32,
    /// Takes positions in the first picture to the second; `None` where none was found.
    pub transform: Option<Transform>,
    /// Share of the first and of the second picture that the overlap covers, 0 to 1.
    pub overlap: [f32; 2],
    /// Key points that agree with the transform; 0 where none were needed.
    pub inliers: u32,
    /// One line for people, e.g. `62 % of it, mirrored, 41 points agree, blocks correlate at .97`.
    pub reason: String,
    /// The stage that decided.
    pub stage: Stage,
}

/// Compares two pictures in all ways. Symmetric: the other order gives the same class and
/// similarity and the inverse transform (up to rounding).
pub fn verify(a: &Features, b: &Features, settings: &Settings) -> Verdict {
    in_order(a, b, |a, b| {
        if let Some(verdict) = judge::exact(a, b) {
            return verdict;
        }
        if let Some(verdict) = judge::flat(a, b) {
            return verdict;
        }
        let overall = overall::best(a, b, settings);
        if let Some(laid) = overall.as_ref().filter(|laid| judge::is_clear(a, b, laid, settings)) {
            return judge::verdict(a, b, laid, settings);
        }
        let found = local::best(a, b, settings).into_iter().chain(overall);
        judge::best(a, b, found, settings)
    })
}

/// Compares two pictures under one transform (first to second, refined a little): cheap, and
/// what joins a picture to a representative over a third (`verdict_cb.transform` after
/// `verdict_ac.transform`).
pub fn verify_along(
    a: &Features,
    b: &Features,
    transform: &Transform,
    settings: &Settings,
) -> Verdict {
    if let Some(verdict) = judge::exact(a, b) {
        return verdict;
    }
    let Some(back) = to_frame(a).inverse() else { return judge::different() };
    let map = to_frame(b).after(transform).after(&back);
    let ways = [blocks::lay(a, b, &map, 0), local::refined(a, b, &map)];
    judge::best(a, b, ways.into_iter().flatten(), settings)
}

/// How much two whole pictures look alike at 16×16 gray values, 0 or less to 1, in which of the
/// eight orientations: the map of the first one's unit square to the second's. Borders count.
pub fn resemblance(a: &Features, b: &Features) -> (f32, Transform) {
    overall::resemblance(a, b)
}

/// From pixels to the units of `Features::frame`.
fn to_frame(features: &Features) -> Transform {
    let ([width, height], [full_width, full_height]) = (features.frame(), features.full_size);
    Transform::scaling(width / f64::from(full_width.max(1)), height / f64::from(full_height.max(1)))
}

/// Compares in an order that does not depend on which picture is named first.
fn in_order(
    a: &Features,
    b: &Features,
    compare: impl Fn(&Features, &Features) -> Verdict,
) -> Verdict {
    let rank = |features: &Features| (features.full_size, features.code);
    let order = rank(a).cmp(&rank(b)).then_with(|| a.small[0].pixels.cmp(&b.small[0].pixels));
    if order.is_le() {
        return compare(a, b);
    }
    let mut verdict = compare(b, a);
    verdict.transform = verdict.transform.and_then(|transform| transform.inverse());
    verdict.overlap.swap(0, 1);
    verdict
}
