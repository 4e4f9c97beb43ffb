//! The kernels in plain Rust; compiled once more for wider instructions in `x86.rs`.
use std::ops::Range;

use super::Nearest;
use crate::hamming::{Near, Work};

/// Pixels worked on at once.
const LANES: usize = 32;
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

#[inline(always)]
pub(super) fn fast_row(rows: [&[u8]; 7], inside: Range<usize>, threshold: u8, scores: &mut [u8]) {
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

#[inline(always)]
fn piece<const N: usize>(rows: [&[u8]; 7], at: usize, threshold: u8, scores: &mut [u8]) {
    let load = |[dx, dy]: [isize; 2]| -> [u8; N] {
        let from = at.wrapping_add_signed(dx);
        let part = &rows[(3 + dy) as usize][from..from + N];
        std::array::from_fn(|lane| part[lane])
    };
    let middle = load([0, 0]);
    let worth = |ring: [[u8; N]; 4]| {
        // Nine in a row hold two neighbours of four that are a quarter of the ring apart.
        let mut any = 0_u8;
        for lane in 0..N {
            let c = middle[lane];
            let up = ring.map(|p| p[lane].saturating_sub(c));
            let down = ring.map(|p| c.saturating_sub(p[lane]));
            let two = |d: [u8; 4]| {
                (d[0].min(d[1]).max(d[1].min(d[2]))).max(d[2].min(d[3]).max(d[3].min(d[0])))
            };
            any = any.max(two(up)).max(two(down));
        }
        any > threshold
    };
    if !worth([load(RING[0]), load(RING[4]), load(RING[8]), load(RING[12])]) {
        return;
    }
    let ring: [[u8; N]; 16] = RING.map(load);
    let brighter: [u8; N] =
        arcs(ring.map(|p| lanes::<N>(|lane| p[lane].saturating_sub(middle[lane]))));
    let darker: [u8; N] =
        arcs(ring.map(|p| lanes::<N>(|lane| middle[lane].saturating_sub(p[lane]))));
    let out = &mut scores[at..at + N];
    for lane in 0..N {
        let score = brighter[lane].max(darker[lane]);
        out[lane] = if score > threshold { score } else { 0 };
    }
}

#[inline(always)]
fn lanes<const N: usize>(value: impl FnMut(usize) -> u8) -> [u8; N] {
    std::array::from_fn(value)
}

/// The largest, over all arcs of nine, of the smallest in the arc.
#[inline(always)]
fn arcs<const N: usize>(ring: [[u8; N]; 16]) -> [u8; N] {
    #[inline(always)]
    fn smaller<const N: usize>(a: &[u8; N], b: &[u8; N]) -> [u8; N] {
        lanes(|lane| a[lane].min(b[lane]))
    }
    let next = |from: &[[u8; N]; 16], step: usize| -> [[u8; N]; 16] {
        std::array::from_fn(|i| smaller(&from[i], &from[(i + step) % 16]))
    };
    let four = next(&next(&ring, 1), 2);
    let eight = next(&four, 4);
    let mut best = [0; N];
    for i in 0..16 {
        let nine = smaller(&eight[i], &ring[(i + 8) % 16]);
        best = lanes(|lane| best[lane].max(nine[lane]));
    }
    best
}

#[inline(always)]
pub(super) fn nearest(queries: &[[u64; 4]], others: &[[u64; 4]]) -> Vec<Nearest> {
    let find = |query: &[u64; 4]| {
        let mut found = Nearest::NONE;
        for (at, other) in others.iter().enumerate() {
            let mut distance = 0;
            for word in 0..4 {
                distance += (query[word] ^ other[word]).count_ones();
            }
            if distance < found.distance {
                found = Nearest { at: at as u32, distance, second: found.distance };
            } else if distance < found.second {
                found.second = distance;
            }
        }
        found
    };
    queries.iter().map(find).collect()
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
