//! Lays one picture over the other and correlates them block by block.
use std::cell::OnceCell;
use std::ops::Range;

use super::details::{Details, details};
use super::{Transform, trimmed};
use crate::content::Part;
use crate::features::Features;
use crate::resample::Gray;

/// Blocks per side.
pub(super) const BLOCKS: usize = 8;
/// Samples per side: most and least.
const MOST: usize = 96;
const LEAST: usize = 24;
/// Standard deviation, in gray values, below which a block is flat.
pub(super) const FLAT: f32 = 3.0;
/// Points per side by which the overlap is measured.
const PROBES: usize = 32;

/// Two pictures laid over each other.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Laid {
    /// From the first frame to the second.
    pub(super) map: Transform,
    /// Points that agree with the map; 0 where it was not found by points.
    pub(super) inliers: u32,
    /// Share of the first and the second picture that the overlap covers, borders left out.
    pub(super) overlap: [f32; 2],
    /// The same with borders.
    pub(super) whole_overlap: [f32; 2],
    /// Correlation of the textured blocks, ascending.
    pub(super) blocks: Vec<f32>,
    /// Correlation over the whole overlap.
    pub(super) whole: f32,
    /// Mean absolute difference of the gray values, after a best gain and offset, and without.
    pub(super) difference: f32,
    pub(super) raw_difference: f32,
    details: OnceCell<Details>,
}

impl Laid {
    /// What the pictures, which must be those that were laid, have in common in detail.
    pub(super) fn details(&self, a: &Features, b: &Features) -> &Details {
        self.details.get_or_init(|| details(a, b, &self.map))
    }

    /// The correlation of the middle block; 0 without any.
    pub(super) fn median(&self) -> f32 {
        self.blocks.get(self.blocks.len() / 2).copied().unwrap_or(0.0)
    }

    /// Share of the textured blocks that correlate at least so much.
    pub(super) fn share(&self, least: f32) -> f32 {
        let good = self.blocks.len() - self.blocks.partition_point(|block| *block < least);
        good as f32 / self.blocks.len().max(1) as f32
    }
}

/// Lays the pictures over each other; nothing where they hardly touch.
pub(super) fn lay(a: &Features, b: &Features, map: &Transform, inliers: u32) -> Option<Laid> {
    let back = map.inverse()?;
    let (box_a, box_b) = (inside(a), inside(b));
    let (share_a, around_a) = overlap(box_a, box_b, map);
    let (share_b, around_b) = overlap(box_b, box_a, &back);
    let whole = [overlap(whole(a), whole(b), map).0, overlap(whole(b), whole(a), &back).0];
    // The picture that is covered more is the ground on which samples are taken.
    let samples = if share_a >= share_b {
        sample((a, b), map, around_a, MOST)?
    } else {
        sample((b, a), &back, around_b, MOST)?
    };
    let (blocks, correlation) = samples.correlate();
    let (difference, raw_difference) = samples.differences();
    Some(Laid {
        map: *map,
        inliers,
        overlap: [share_a, share_b],
        whole_overlap: whole,
        blocks,
        whole: correlation,
        difference,
        raw_difference,
        details: OnceCell::new(),
    })
}

/// The correlations of the textured blocks, ascending, each without the third of its samples that
/// fits worst: what stripes, lines or letters cover does not count. At the full size of the small
/// pictures, where thin strokes are still strokes.
pub(super) fn uncovered(a: &Features, b: &Features, map: &Transform) -> Option<Vec<f32>> {
    let back = map.inverse()?;
    let (box_a, box_b) = (inside(a), inside(b));
    let (share_a, around_a) = overlap(box_a, box_b, map);
    let (share_b, around_b) = overlap(box_b, box_a, &back);
    let samples = if share_a >= share_b {
        sample((a, b), map, around_a, 2 * MOST)?
    } else {
        sample((b, a), &back, around_b, 2 * MOST)?
    };
    Some(trimmed::correlations(&samples))
}

/// Left, top, right and bottom of a frame.
fn whole(features: &Features) -> [f64; 4] {
    let [width, height] = features.frame();
    [0.0, 0.0, width, height]
}

/// The same without borders.
fn inside(features: &Features) -> [f64; 4] {
    let [_, _, width, height] = whole(features);
    let part = features.content.unwrap_or(Part::WHOLE);
    [part.left * width, part.top * height, part.right * width, part.bottom * height]
}

/// The share of a box that lies within the other one, and the box around it.
fn overlap(one: [f64; 4], other: [f64; 4], map: &Transform) -> (f32, [f64; 4]) {
    let step = [(one[2] - one[0]) / PROBES as f64, (one[3] - one[1]) / PROBES as f64];
    let mut inside = 0;
    let mut around = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
    for row in 0..PROBES {
        for column in 0..PROBES {
            let x = one[0] + (column as f64 + 0.5) * step[0];
            let y = one[1] + (row as f64 + 0.5) * step[1];
            let [u, v] = map.map([x, y]);
            if u >= other[0] && v >= other[1] && u <= other[2] && v <= other[3] {
                inside += 1;
                around[0] = around[0].min(x - step[0] / 2.0);
                around[1] = around[1].min(y - step[1] / 2.0);
                around[2] = around[2].max(x + step[0] / 2.0);
                around[3] = around[3].max(y + step[1] / 2.0);
            }
        }
    }
    (inside as f32 / (PROBES * PROBES) as f32, around)
}

/// Gray values of both pictures at the same places; not a number outside of the second.
pub(super) struct Samples {
    pub(super) width: usize,
    pub(super) ground: Vec<f32>,
    pub(super) laid: Vec<f32>,
}

fn sample(
    (ground, other): (&Features, &Features),
    map: &Transform,
    [left, top, right, bottom]: [f64; 4],
    most: usize,
) -> Option<Samples> {
    if right - left < 4.0 || bottom - top < 4.0 {
        return None;
    }
    let scale = map.determinant().abs().sqrt();
    // As fine as the coarser picture.
    let pitch = pixel(ground).max(pixel(other) / scale);
    let count = |length: f64| {
        let count = (length / pitch / BLOCKS as f64).round() as usize * BLOCKS;
        count.clamp(LEAST, most)
    };
    let (width, height) = (count(right - left), count(bottom - top));
    let step = [(right - left) / width as f64, (bottom - top) / height as f64];
    let place = Transform { coefficients: [step[0], 0.0, left, 0.0, step[1], top] };
    let spacing = step[0].min(step[1]);
    Some(Samples {
        width,
        ground: read(ground, &place, spacing, width, height),
        laid: read(other, &map.after(&place), spacing * scale, width, height),
    })
}

/// Side of a pixel of the small picture, in frame units.
fn pixel(features: &Features) -> f64 {
    features.frame()[0] / features.small[0].width as f64
}

/// Reads a picture where the map takes a grid; `spacing` (frame units) picks the halving.
fn read(
    features: &Features,
    map: &Transform,
    spacing: f64,
    width: usize,
    height: usize,
) -> Vec<f32> {
    let ratio = spacing / pixel(features);
    let level = if ratio >= 3.0 { 2 } else { usize::from(ratio >= 1.5) };
    let picture = &features.small[level.min(features.small.len() - 1)];
    let frame = features.frame();
    let scale =
        Transform::scaling(picture.width as f64 / frame[0], picture.height as f64 / frame[1]);
    let [xx, xy, x0, yx, yy, y0] = scale.after(map).coefficients;
    let mut values = Vec::with_capacity(width * height);
    for row in 0..height {
        let v = row as f64 + 0.5;
        let start = [xy * v + x0, yy * v + y0];
        values.extend((0..width).map(|column| {
            let u = column as f64 + 0.5;
            bilinear(picture, (xx * u + start[0]) as f32, (yx * u + start[1]) as f32)
        }));
    }
    values
}

/// The value at a place, in pixels from the corner; not a number outside.
pub(super) fn bilinear(picture: &Gray, x: f32, y: f32) -> f32 {
    let (width, height) = (picture.width, picture.height);
    if !(x >= 0.0 && y >= 0.0 && x <= width as f32 && y <= height as f32) {
        return f32::NAN;
    }
    let (x, y) = ((x - 0.5).max(0.0), (y - 0.5).max(0.0));
    let (left, top) = ((x as usize).min(width - 1), (y as usize).min(height - 1));
    let (right, bottom) = ((left + 1).min(width - 1), (top + 1).min(height - 1));
    let (fx, fy) = (x - left as f32, y - top as f32);
    let value = |x: usize, y: usize| f32::from(picture.pixels[y * width + x]);
    let upper = value(left, top) + (value(right, top) - value(left, top)) * fx;
    let lower = value(left, bottom) + (value(right, bottom) - value(left, bottom)) * fx;
    upper + (lower - upper) * fy
}

/// Sums over pairs of values.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    count: f32,
    a: f32,
    b: f32,
    aa: f32,
    bb: f32,
    ab: f32,
}

impl Sums {
    fn add(&mut self, a: f32, b: f32) {
        // About the middle gray, so that little is lost to rounding.
        let (a, b) = (a - 128.0, b - 128.0);
        self.count += 1.0;
        self.a += a;
        self.b += b;
        self.aa += a * a;
        self.bb += b * b;
        self.ab += a * b;
    }

    fn join(&mut self, other: &Self) {
        self.count += other.count;
        self.a += other.a;
        self.b += other.b;
        self.aa += other.aa;
        self.bb += other.bb;
        self.ab += other.ab;
    }

    /// Both variances and the covariance.
    fn moments(&self) -> [f32; 3] {
        let n = self.count.max(1.0);
        let (a, b) = (self.a / n, self.b / n);
        [(self.aa / n - a * a).max(0.0), (self.bb / n - b * b).max(0.0), self.ab / n - a * b]
    }

    fn deviation(&self) -> f32 {
        let [a, b, _] = self.moments();
        a.max(b).sqrt()
    }

    fn correlation(&self) -> f32 {
        let [a, b, both] = self.moments();
        both / (a * b + 0.01).sqrt()
    }
}

impl Samples {
    fn height(&self) -> usize {
        self.ground.len() / self.width
    }

    /// Rows and columns of a block.
    pub(super) fn span(&self, number: usize) -> [Range<usize>; 2] {
        let span = |at: usize, n: usize| at * n / BLOCKS..(at + 1) * n / BLOCKS;
        [span(number / BLOCKS, self.height()), span(number % BLOCKS, self.width)]
    }

    fn block(&self, number: usize) -> (Sums, usize) {
        let [rows, columns] = self.span(number);
        let size = rows.len() * columns.len();
        let mut sums = Sums::default();
        for row in rows {
            let line = row * self.width + columns.start..row * self.width + columns.end;
            for (a, b) in self.ground[line.clone()].iter().zip(&self.laid[line]) {
                if !b.is_nan() && !a.is_nan() {
                    sums.add(*a, *b);
                }
            }
        }
        (sums, size)
    }

    /// The correlations of the textured blocks, ascending, and of the whole.
    fn correlate(&self) -> (Vec<f32>, f32) {
        let mut whole = Sums::default();
        let mut blocks = Vec::with_capacity(BLOCKS * BLOCKS);
        for number in 0..BLOCKS * BLOCKS {
            let (sums, size) = self.block(number);
            whole.join(&sums);
            if sums.count >= 0.9 * size as f32 && sums.deviation() >= FLAT {
                // Changed hues can turn light and dark around.
                blocks.push(sums.correlation().abs());
            }
        }
        blocks.sort_by(f32::total_cmp);
        (blocks, whole.correlation())
    }

    fn differences(&self) -> (f32, f32) {
        let pairs =
            || self.ground.iter().zip(&self.laid).filter(|(a, b)| !a.is_nan() && !b.is_nan());
        let mut sums = Sums::default();
        pairs().for_each(|(a, b)| sums.add(*a, *b));
        let [a, _, both] = sums.moments();
        let gain = if a > 1.0 { both / a } else { 1.0 };
        let offset = (sums.b - gain * sums.a) / sums.count.max(1.0) + 128.0 * (1.0 - gain);
        let mean = |f: &dyn Fn(f32, f32) -> f32| {
            pairs().map(|(a, b)| f(*a, *b)).sum::<f32>() / sums.count.max(1.0)
        };
        (mean(&|a, b| (gain * a + offset - b).abs()), mean(&|a, b| (a - b).abs()))
    }
}
