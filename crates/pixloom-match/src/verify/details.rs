//! Whether the details of two pictures are there in both, under a map between them.
//!
//! Blocks at small size agree where two pictures only have the layout in common: lines of text of
//! one height, pages of one template around different photographs. Key points with their
//! descriptors see what is written and shown.
use std::sync::LazyLock;

use crate::features::Features;
use crate::keypoint::{LEVELS, LONG_SIDE, MARGIN, STEP, mirrored, place};
use crate::transform::Transform;

/// How far from its place a detail may be, in pixels of its level.
const APART: f64 = 4.0;
/// Levels it may be off.
const LEVEL: f64 = 1.5;
/// Bits in which its descriptor may differ.
const FAR: u32 = 72;
/// Cosine of the angle by which its direction may be off (28°).
const TURN: f64 = 0.88;

/// Details that must be expected before their absence says something.
const FEW: u32 = 40;
/// The share of the details that copies have in common: of 34,000 pairs of copies the least is .19,
/// of pages with different text in one layout the most is .10. Copies of text at other sizes come
/// down to .11, but more than `AGREE` points agree on how they lie.
const COMMON: f32 = 0.15;
const AGREE: u32 = 16;
/// The same whatever points agree.
const LEAST: f32 = 0.08;
/// The share of the details that one part may hold where both have some and none in common:
/// another picture in the same page. Of edits and their originals the most is .14, of copies of
/// copies 30 of 34,000 have more, nearly all with a box pasted over one of them; of pages around
/// different pictures that are alike otherwise nine tenths have more.
const REPLACED: f32 = 0.17;
/// The share of the rest that must be common then: where everything is hard to find again, empty
/// cells are chance.
const KEPT: f32 = 0.3;

/// Cells per side by which details are counted.
const CELLS: usize = 8;
/// Details of a cell from which it is full, of each picture, and found ones that are chance: one
/// of so many.
const FULL: u32 = 3;
const CHANCE: u32 = 10;

/// What was found of the details of two pictures.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Details {
    /// The share of those that the other picture has, too, of the picture where it is larger.
    pub(super) common: f32,
    /// The share of those that lie in one part where nothing is common.
    pub(super) replaced: f32,
    /// The share of the rest that is.
    rest: f32,
    /// Details that were looked for, in the picture that has more.
    expected: u32,
}

impl Details {
    /// Whether they are those of copies.
    pub(super) fn are_those_of_copies(&self, inliers: u32) -> bool {
        !self.are_others(inliers) && !self.are_replaced()
    }

    /// Whether hardly any are there in both.
    pub(super) fn are_others(&self, inliers: u32) -> bool {
        let least = if inliers >= AGREE { LEAST } else { COMMON };
        self.expected >= FEW && self.common < least
    }

    /// Whether a part that is full of them is another one.
    pub(super) fn are_replaced(&self) -> bool {
        self.expected >= FEW && self.replaced >= REPLACED && self.rest >= KEPT
    }
}

/// Counts of a cell of the first picture.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    expected: u32,
    found: u32,
}

impl Count {
    fn add(&mut self, found: bool) {
        self.expected += 1;
        self.found += u32::from(found);
    }

    /// The share that was found.
    fn share(self) -> f32 {
        self.found as f32 / self.expected.max(1) as f32
    }
}

/// Looks for the details of each picture in the other one.
pub(super) fn details(a: &Features, b: &Features, map: &Transform) -> Details {
    let Some(back) = map.inverse() else { return Details::default() };
    let frame = a.frame();
    let cell = |at: [f64; 2]| {
        let [x, y] = [0, 1]
            .map(|axis| ((at[axis] / frame[axis] * CELLS as f64).max(0.0) as usize).min(CELLS - 1));
        y * CELLS + x
    };
    let mut counts = [[Count::default(); CELLS * CELLS]; 2];
    look(a, b, map, |from, _, found| counts[0][cell(from)].add(found));
    look(b, a, &back, |_, to, found| counts[1][cell(to)].add(found));
    judged(&counts)
}

fn judged(counts: &[[Count; CELLS * CELLS]; 2]) -> Details {
    let [one, two] = counts.each_ref().map(|counts| sum(counts.iter()));
    let is_replaced = |(x, y): &(&Count, &Count)| {
        let full = x.expected >= FULL && y.expected >= FULL;
        full && (x.found + y.found) * CHANCE <= x.expected + y.expected
    };
    let cells: Vec<Option<Count>> = counts[0]
        .iter()
        .zip(&counts[1])
        .map(|cell| is_replaced(&cell).then(|| sum([cell.0, cell.1])))
        .collect();
    let (all, lost) = (sum([&one, &two]), largest(cells));
    let rest = Count { expected: all.expected - lost.expected, found: all.found - lost.found };
    Details {
        common: one.share().max(two.share()),
        replaced: lost.expected as f32 / all.expected.max(1) as f32,
        rest: rest.share(),
        expected: one.expected.max(two.expected),
    }
}

/// The sum of the cells that hang together by their sides, of those where it is largest.
fn largest(mut cells: Vec<Option<Count>>) -> Count {
    let (mut most, mut open) = (Count::default(), Vec::new());
    for start in 0..cells.len() {
        let mut together = Count::default();
        open.push(start);
        while let Some(at) = open.pop() {
            let Some(count) = cells.get_mut(at).and_then(Option::take) else { continue };
            together = sum([&together, &count]);
            open.extend([at + CELLS, at.wrapping_sub(CELLS)]);
            open.extend((at % CELLS > 0).then(|| at - 1));
            open.extend((at % CELLS < CELLS - 1).then_some(at + 1));
        }
        if together.expected > most.expected {
            most = together;
        }
    }
    most
}

fn sum<'a>(counts: impl IntoIterator<Item = &'a Count>) -> Count {
    counts.into_iter().fold(Count::default(), |sum, count| Count {
        expected: sum.expected + count.expected,
        found: sum.found + count.found,
    })
}

/// Tells of each detail of `a` that `b` should show, by size and place, where it is, where it
/// should be, and whether it is there.
fn look(
    a: &Features,
    b: &Features,
    map: &Transform,
    mut tell: impl FnMut([f64; 2], [f64; 2], bool),
) {
    // From pixels of the first picture's pyramid to those of the second's.
    let ratio = map.determinant().abs().sqrt() * pitch(a) / pitch(b);
    let shift = libm::log(ratio) / libm::log(STEP);
    let sizes: [f64; LEVELS] =
        std::array::from_fn(|level| STEP.powi(level as i32) * ratio * pitch(b));
    let (mirror, frame) = (map.determinant() < 0.0, b.frame());
    let places = Places::new(b);
    for (point, descriptor) in a.points.iter().zip(&a.descriptors) {
        let (level, size) = (f64::from(point.level) + shift, sizes[usize::from(point.level)]);
        let from = place(*point, a.frame());
        let to = map.map(from);
        // What lies at the edge is no key point.
        let margin = (MARGIN as f64 + 2.0) * size;
        let inside = |axis: usize| to[axis] >= margin && to[axis] <= frame[axis] - margin;
        if !(-0.5..=LEVELS as f64 - 0.5).contains(&level) || !inside(0) || !inside(1) {
            continue;
        }
        let bits = if mirror { mirrored(*descriptor) } else { *descriptor };
        let wanted = Wanted { to, level, size, bits, direction: turned(map, point.angle) };
        tell(from, to, places.near(to, APART * size).any(|other| wanted.is(b, other)));
    }
}

/// A detail as it should be in the other picture.
struct Wanted {
    to: [f64; 2],
    level: f64,
    size: f64,
    bits: [u64; 4],
    /// A vector of length one.
    direction: [f64; 2],
}

impl Wanted {
    fn is(&self, b: &Features, other: usize) -> bool {
        let point = b.points[other];
        let at = place(point, b.frame());
        let apart = (at[0] - self.to[0]).abs().max((at[1] - self.to[1]).abs());
        if apart > APART * self.size || (f64::from(point.level) - self.level).abs() > LEVEL {
            return false;
        }
        let [x, y] = DIRECTIONS[usize::from(point.angle)];
        let along = x * self.direction[0] + y * self.direction[1];
        let both = self.bits.iter().zip(&b.descriptors[other]);
        let distance: u32 = both.map(|(a, b)| (a ^ b).count_ones()).sum();
        // Changed hues can turn light and dark around.
        (along >= TURN && distance <= FAR) || (along <= -TURN && distance >= 256 - FAR)
    }
}

/// The directions of key points as vectors.
static DIRECTIONS: LazyLock<[[f64; 2]; 256]> = LazyLock::new(|| {
    std::array::from_fn(|step| {
        let angle = step as f64 / 128.0 * std::f64::consts::PI;
        [libm::cos(angle), libm::sin(angle)]
    })
});

/// Where a direction points after the map.
fn turned(map: &Transform, angle: u8) -> [f64; 2] {
    let [xx, xy, _, yx, yy, _] = map.coefficients;
    let [x, y] = DIRECTIONS[usize::from(angle)];
    let turned = [xx * x + xy * y, yx * x + yy * y];
    let length = (turned[0] * turned[0] + turned[1] * turned[1]).sqrt().max(f64::MIN_POSITIVE);
    turned.map(|side| side / length)
}

/// Side of a pixel on the first level of the pyramid, in frame units.
fn pitch(features: &Features) -> f64 {
    LONG_SIDE as f64 / f64::from(features.sought.max(1))
}

/// Side of the squares by which key points are found, in frame units.
const SQUARE: f64 = 16.0;
const SQUARES: usize = LONG_SIDE / SQUARE as usize;

/// The key points of a picture by their place.
struct Places {
    starts: [u16; SQUARES * SQUARES + 1],
    points: Vec<u16>,
}

impl Places {
    fn new(features: &Features) -> Self {
        let frame = features.frame();
        let squares: Vec<usize> = features
            .points
            .iter()
            .map(|point| {
                let [x, y] = place(*point, frame).map(square);
                y * SQUARES + x
            })
            .collect();
        let mut starts = [0_u16; SQUARES * SQUARES + 1];
        for square in &squares {
            starts[square + 1] += 1;
        }
        for at in 0..SQUARES * SQUARES {
            starts[at + 1] += starts[at];
        }
        let (mut next, mut points) = (starts, vec![0; squares.len()]);
        for (point, square) in squares.iter().enumerate() {
            points[usize::from(next[*square])] = point as u16;
            next[*square] += 1;
        }
        Self { starts, points }
    }

    /// The points of the squares that come within `reach` of a place.
    fn near(&self, at: [f64; 2], reach: f64) -> impl Iterator<Item = usize> {
        let [x, y] = at.map(|side| square(side - reach)..=square(side + reach));
        y.flat_map(move |row| {
            let [first, last] = [*x.start(), *x.end() + 1].map(|column| row * SQUARES + column);
            &self.points[usize::from(self.starts[first])..usize::from(self.starts[last])]
        })
        .map(|point| usize::from(*point))
    }
}

fn square(side: f64) -> usize {
    ((side / SQUARE).max(0.0) as usize).min(SQUARES - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::{Input, extract};
    use crate::plane::Plane;
    use crate::random::below;

    /// Boxes on gray ground.
    fn boxes(width: usize, height: usize, seed: u64) -> Vec<u8> {
        let (mut pixels, mut state) = (vec![128_u8; width * height], seed);
        for _ in 0..160 {
            let mut draw = |n: usize| below(&mut state, n);
            let (x, y, w, h) = (draw(width - 60), draw(height - 60), 9 + draw(50), 9 + draw(50));
            let shade = draw(256) as u8;
            for row in y..y + h {
                pixels[row * width + x..row * width + x + w].fill(shade);
            }
        }
        pixels
    }

    fn features(pixels: &[u8], size: [usize; 2], full: [u32; 2]) -> Features {
        let gray = Plane::new(pixels, size[0], size[1]).unwrap();
        extract(&Input { gray, rgb: None, full_size: full, pixel_digest: None })
    }

    /// Means of squares of so many pixels.
    fn reduced(pixels: &[u8], [width, height]: [usize; 2], by: usize) -> Vec<u8> {
        let mean = |x: usize, y: usize| {
            let square = (0..by * by).map(|i| (y * by + i / by) * width + x * by + i % by);
            (square.map(|at| u32::from(pixels[at])).sum::<u32>() / (by * by) as u32) as u8
        };
        let rows = 0..height / by;
        rows.flat_map(|y| (0..width / by).map(move |x| (x, y))).map(|(x, y)| mean(x, y)).collect()
    }

    #[test]
    fn details_are_sought_at_the_size_that_was_looked_at() {
        let size = [720, 540];
        let pixels = boxes(size[0], size[1], 5);
        let whole = features(&pixels, size, [720, 540]);
        // The same file, looked at smaller than its size says.
        let third = features(&reduced(&pixels, size, 3), [240, 180], [720, 540]);
        let same = details(&whole, &third, &Transform::IDENTITY);
        assert!(same.common > 0.6 && same.expected > 100, "{same:?}");
        assert!(same.are_those_of_copies(0));
        let other = features(&boxes(720, 540, 6), size, [720, 540]);
        let none = details(&whole, &other, &Transform::IDENTITY);
        assert!(none.are_others(0) && none.common < 0.05, "{none:?}");
    }

    #[test]
    fn a_part_that_was_replaced_is_seen() {
        let size = [720, 540];
        let (mut pixels, other) = (boxes(size[0], size[1], 5), boxes(size[0], size[1], 6));
        let whole = features(&pixels, size, [720, 540]);
        for y in 80..460 {
            pixels[y * 720 + 140..y * 720 + 600].copy_from_slice(&other[y * 720 + 140..][..460]);
        }
        let replaced = details(&whole, &features(&pixels, size, [720, 540]), &Transform::IDENTITY);
        assert!(replaced.are_replaced() && !replaced.are_others(0), "{replaced:?}");
        // A plain box takes details away and puts none in their place.
        for y in 80..460 {
            pixels[y * 720 + 140..y * 720 + 600].fill(40);
        }
        let covered = details(&whole, &features(&pixels, size, [720, 540]), &Transform::IDENTITY);
        assert!(covered.are_those_of_copies(0), "{covered:?}");
    }
}
