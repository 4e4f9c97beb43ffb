//! The kernels in plain Rust; compiled once more for wider instructions in `x86.rs`.
#![expect(clippy::inline_always, reason = "they must become part of the functions in `x86.rs`")]
use std::ops::Range;

use super::Nearest;
use crate::hamming::{Near, Work};

/// The ring of radius 3, clockwise from above: columns and rows from the middle.
const RING: [[isize; 2]; 16] = [
    [0, -3],
    [1, -3],
    [2, -2],
    [3, -1],
    [3, 0],
    [3, 1],
    [2, 2],
    [1, 3],
    [0, 3],
    [-1, 3],
    [-2, 2],
    [-3, 1],
    [-3, 0],
    [-3, -1],
    [-2, -2],
    [-1, -3],
];

/// `LANES` pixels at once.
#[inline(always)]
pub(super) fn fast_row<const LANES: usize>(
    rows: [&[u8]; 7],
    inside: Range<usize>,
    threshold: u8,
    scores: &mut [u8],
) {
    let mut at = inside.start;
    while at < inside.end {
        // The last piece is laid back, so that it is full; short rows go pixel by pixel.
        if at + LANES > inside.end {
            if inside.len() < LANES {
                piece::<1>(rows, at, threshold, scores);
                at += 1;
                continue;
            }
            at = inside.end - LANES;
        }
        piece::<LANES>(rows, at, threshold, scores);
        at += LANES;
    }
}

/// Written as loops over whole arrays, which become vector instructions.
#[inline(always)]
fn piece<const N: usize>(rows: [&[u8]; 7], at: usize, threshold: u8, scores: &mut [u8]) {
    let mut middle = [0_u8; N];
    middle.copy_from_slice(&rows[3][at..at + N]);
    let mut ring = [[0_u8; N]; 16];
    for (part, [dx, dy]) in ring.iter_mut().zip(RING) {
        let from = at.wrapping_add_signed(dx);
        part.copy_from_slice(&rows[(3 + dy) as usize][from..from + N]);
    }
    if !is_worth(&ring, &middle, threshold) {
        return;
    }
    let (mut brighter, mut darker) = ([[0_u8; N]; 16], [[0_u8; N]; 16]);
    for i in 0..16 {
        for lane in 0..N {
            brighter[i][lane] = ring[i][lane].saturating_sub(middle[lane]);
            darker[i][lane] = middle[lane].saturating_sub(ring[i][lane]);
        }
    }
    let (mut up, mut down) = ([0; N], [0; N]);
    arcs(&brighter, &mut up);
    arcs(&darker, &mut down);
    let out = &mut scores[at..at + N];
    for lane in 0..N {
        let score = up[lane].max(down[lane]);
        out[lane] = if score > threshold { score } else { 0 };
    }
}

/// Whether any pixel can be a corner: nine in a row hold two neighbours of four that are a
/// quarter of the ring apart.
#[inline(always)]
fn is_worth<const N: usize>(ring: &[[u8; N]; 16], middle: &[u8; N], threshold: u8) -> bool {
    let mut most = [0_u8; N];
    for quarter in 0..4 {
        let (one, two) = (&ring[4 * quarter], &ring[(4 * quarter + 4) % 16]);
        for lane in 0..N {
            let c = middle[lane];
            let up = one[lane].saturating_sub(c).min(two[lane].saturating_sub(c));
            let down = c.saturating_sub(one[lane]).min(c.saturating_sub(two[lane]));
            most[lane] = most[lane].max(up).max(down);
        }
    }
    most.iter().fold(0, |most, value| most.max(*value)) > threshold
}

/// The largest, over all arcs of nine, of the smallest in the arc.
#[inline(always)]
fn arcs<const N: usize>(ring: &[[u8; N]; 16], best: &mut [u8; N]) {
    let mut four = [[0_u8; N]; 16];
    for i in 0..16 {
        let (a, b) = (&ring[i], &ring[(i + 1) % 16]);
        let (c, d) = (&ring[(i + 2) % 16], &ring[(i + 3) % 16]);
        for lane in 0..N {
            four[i][lane] = a[lane].min(b[lane]).min(c[lane].min(d[lane]));
        }
    }
    for i in 0..16 {
        let (start, end, ninth) = (&four[i], &four[(i + 4) % 16], &ring[(i + 8) % 16]);
        for lane in 0..N {
            best[lane] = best[lane].max(start[lane].min(end[lane]).min(ninth[lane]));
        }
    }
}

/// Eight columns at once, of which the last does not count. Sobel's operator is taken apart into
/// differences and sums along the rows; all of it fits into 16 bits but the squares.
#[inline(always)]
pub(super) fn gradients(rows: [&[u8]; 9]) -> [i32; 3] {
    let (mut rises, mut sums) = ([[0_i16; 8]; 9], [[0_i16; 8]; 9]);
    for at in 0..9 {
        let Some(row) = rows[at].first_chunk::<10>() else { return [0; 3] };
        for lane in 0..8 {
            let (left, right) = (i16::from(row[lane]), i16::from(row[lane + 2]));
            rises[at][lane] = right - left;
            sums[at][lane] = left + right + 2 * i16::from(row[lane + 1]);
        }
    }
    let (mut xx, mut yy, mut xy) = ([0_i32; 8], [0_i32; 8], [0_i32; 8]);
    for at in 1..8 {
        for lane in 0..8 {
            let dx = rises[at - 1][lane] + 2 * rises[at][lane] + rises[at + 1][lane];
            let dy = sums[at + 1][lane] - sums[at - 1][lane];
            let (dx, dy) = (i32::from(dx), i32::from(dy));
            xx[lane] += dx * dx;
            yy[lane] += dy * dy;
            xy[lane] += dx * dy;
        }
    }
    let total = |lanes: [i32; 8]| -> i32 { lanes[..7].iter().sum() };
    [total(xx), total(yy), total(xy)]
}

/// Keeps of `scores`, the middle of three rows, those above all eight neighbours'; of equal
/// neighbours the first one counts. The first and the last one are not looked at.
#[inline(always)]
pub(super) fn peak_row(rows: [&[u8]; 3], peaks: &mut [u8]) {
    let len = peaks.len();
    let [up, here, down] = [&rows[0][..len], &rows[1][..len], &rows[2][..len]];
    for at in 1..len.saturating_sub(1) {
        let before = up[at - 1].max(up[at]).max(up[at + 1]).max(here[at - 1]);
        let after = down[at - 1].max(down[at]).max(down[at + 1]).max(here[at + 1]);
        peaks[at] = if here[at] > before && here[at] >= after { here[at] } else { 0 };
    }
}

/// Descriptors compared at once.
pub(super) const TOGETHER: usize = 8;
/// Descriptors side by side: the first words of all, the second words of all, …
pub(super) type Column = [[u64; TOGETHER]; 4];

/// Keeps the nearest two of each lane, as distance and place in one number.
#[inline(always)]
pub(super) fn nearest(queries: &[[u64; 4]], others: &[[u64; 4]]) -> Vec<Nearest> {
    nearest_by(queries, others, scan)
}

/// [`nearest`]; `scan` goes through whole columns.
#[inline(always)]
pub(super) fn nearest_by(
    queries: &[[u64; 4]],
    others: &[[u64; 4]],
    scan: impl Fn(&[u64; 4], &[Column]) -> [[u64; TOGETHER]; 2],
) -> Vec<Nearest> {
    let whole = others.len() / TOGETHER;
    let mut columns: Vec<Column> = vec![[[0; TOGETHER]; 4]; whole];
    for (at, other) in others[..whole * TOGETHER].iter().enumerate() {
        for word in 0..4 {
            columns[at / TOGETHER][word][at % TOGETHER] = other[word];
        }
    }
    let rest = &others[whole * TOGETHER..];
    let mut found = Vec::with_capacity(queries.len());
    for query in queries {
        let [mut best, mut second] = scan(query, &columns);
        for (at, other) in rest.iter().enumerate() {
            let distance: u32 = (0..4).map(|word| (query[word] ^ other[word]).count_ones()).sum();
            let key = u64::from(distance) << 32 | (whole * TOGETHER + at) as u64;
            second[0] = second[0].min(best[0].max(key));
            best[0] = best[0].min(key);
        }
        found.push(joined(&best, &second));
    }
    found
}

/// The nearest and the second nearest of each lane.
#[inline(always)]
fn scan(query: &[u64; 4], columns: &[Column]) -> [[u64; TOGETHER]; 2] {
    let (mut best, mut second) = ([u64::MAX; TOGETHER], [u64::MAX; TOGETHER]);
    for (number, column) in columns.iter().enumerate() {
        for lane in 0..TOGETHER {
            let mut distance = 0;
            for word in 0..4 {
                distance += u64::from((query[word] ^ column[word][lane]).count_ones());
            }
            let key = distance << 32 | (number * TOGETHER + lane) as u64;
            second[lane] = second[lane].min(best[lane].max(key));
            best[lane] = best[lane].min(key);
        }
    }
    [best, second]
}

/// The nearest two of all lanes.
#[inline(always)]
fn joined(best: &[u64; TOGETHER], second: &[u64; TOGETHER]) -> Nearest {
    let (mut first, mut next) = (u64::MAX, u64::MAX);
    for key in best.iter().chain(second) {
        next = next.min(first.max(*key));
        first = first.min(*key);
    }
    if first == u64::MAX {
        return Nearest::NONE;
    }
    let distance = |key: u64| if key == u64::MAX { u32::MAX } else { (key >> 32) as u32 };
    Nearest { at: first as u32, distance: distance(first), second: distance(next) }
}

#[inline(always)]
pub(super) fn join(work: &Work<'_>, here: &[u32], there: &[u32], found: &mut dyn FnMut(Near)) {
    for a in here {
        for b in there {
            if let Some(near) = work.check(*a, *b) {
                found(near);
            }
        }
    }
}

/// Products that are summed side by side.
const SUMS: usize = 32;

/// The scalar product of `query` with each of the vectors of its length in `vectors`, in a fixed
/// order of additions.
#[inline(always)]
pub(super) fn dots(query: &[f32], vectors: &[f32], products: &mut [f32]) {
    let width = query.len().max(1);
    for (vector, product) in vectors.chunks_exact(width).zip(products) {
        let (whole, rest) = query.as_chunks::<SUMS>();
        let (others, other_rest) = vector.as_chunks::<SUMS>();
        let mut sums = [0.0_f32; SUMS];
        for (a, b) in whole.iter().zip(others) {
            for lane in 0..SUMS {
                sums[lane] += a[lane] * b[lane];
            }
        }
        for (lane, (a, b)) in rest.iter().zip(other_rest).enumerate() {
            sums[lane] += a * b;
        }
        *product = sums.iter().sum();
    }
}
