//! Kernels that are worth the machine's wider instructions; the plain versions define the answer.
mod plain;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::ops::Range;

use crate::hamming::{Near, Work};

/// Scores the pixels `inside` of the middle of seven rows: the largest contrast at which nine
/// neighbours of its ring of sixteen are all brighter, or all darker; 0 up to the threshold.
/// All rows and `scores` have the same length; `inside` keeps 3 pixels from the ends.
pub(crate) fn fast_row(rows: [&[u8]; 7], inside: Range<usize>, threshold: u8, scores: &mut [u8]) {
    #[cfg(target_arch = "x86_64")]
    if x86::has_avx512bw() {
        return x86::fast_row_512(rows, inside, threshold, scores);
    } else if x86::has_avx2() {
        return x86::fast_row(rows, inside, threshold, scores);
    }
    plain::fast_row::<32>(rows, inside, threshold, scores);
}

/// The sums of `dx²`, `dy²` and `dx dy` by Sobel's operator over the 7×7 pixels in the middle of nine
/// rows of ten.
pub(crate) fn gradients(rows: [&[u8]; 9]) -> [i32; 3] {
    #[cfg(target_arch = "x86_64")]
    if x86::has_avx2() {
        return x86::gradients(rows);
    }
    plain::gradients(rows)
}

/// Keeps of the middle of three rows of scores those above all eight neighbours', others become 0;
/// of equal neighbours the first one counts. The first and the last score are not looked at. All
/// rows and `peaks` have the same length.
pub(crate) fn peak_row(rows: [&[u8]; 3], peaks: &mut [u8]) {
    #[cfg(target_arch = "x86_64")]
    if x86::has_avx2() {
        return x86::peak_row(rows, peaks);
    }
    plain::peak_row(rows, peaks);
}

/// For each of `queries` the nearest and second nearest of `others` by Hamming distance.
pub(crate) fn nearest(queries: &[[u64; 4]], others: &[[u64; 4]]) -> Vec<Nearest> {
    #[cfg(target_arch = "x86_64")]
    if x86::has_popcnt512() {
        return x86::nearest_512(queries, others);
    } else if x86::has_avx2() {
        return x86::nearest_avx2(queries, others);
    }
    plain::nearest(queries, others)
}

/// Work that [`wider`] runs. A trait rather than a closure, as a method can be told to become
/// part of its caller (`#[inline(always)]`).
pub(crate) trait Wide {
    /// The result.
    type Out;

    /// Does it.
    fn run(self) -> Self::Out;
}

/// Runs `work` compiled for the machine's wider registers and its own instruction for counting
/// bits, with all of what it calls that is part of it (`#[inline(always)]`; closures given to
/// others, such as `array::from_fn`, are not).
pub(crate) fn wider<W: Wide>(work: W) -> W::Out {
    #[cfg(target_arch = "x86_64")]
    if x86::has_avx2() {
        return x86::wider(work);
    }
    work.run()
}

/// Hands the near pairs of a bucket with another to `found`, in order.
pub(crate) fn join(work: &Work<'_>, here: &[u32], there: &[u32], found: &mut dyn FnMut(Near)) {
    #[cfg(target_arch = "x86_64")]
    if x86::has_avx2() {
        return x86::join(work, here, there, found);
    }
    plain::join(work, here, there, found);
}

/// The scalar products of `query` with each of the vectors of its length in `vectors`: the same
/// bits on every machine.
pub(crate) fn dots(query: &[f32], vectors: &[f32], products: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    if x86::has_avx2() {
        return x86::dots(query, vectors, products);
    }
    plain::dots(query, vectors, products);
}

/// The nearest descriptor of a set and the distances of the nearest two; `u32::MAX` where there
/// are none. Of equal ones the first counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Nearest {
    pub(crate) at: u32,
    pub(crate) distance: u32,
    pub(crate) second: u32,
}

impl Nearest {
    const NONE: Self = Self { at: u32::MAX, distance: u32::MAX, second: u32::MAX };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::next;

    #[test]
    fn the_ring_of_a_bright_dot() {
        let mut rows = [[10_u8; 40]; 7];
        rows[3][20] = 60;
        let mut scores = [0; 40];
        plain::fast_row::<32>(rows.each_ref().map(|row| &row[..]), 3..37, 5, &mut scores);
        assert_eq!(scores[20], 50);
        assert_eq!(scores.iter().filter(|score| **score > 0).count(), 1);
    }

    #[test]
    fn rows_score_the_same_in_all_versions() {
        let mut state = 5;
        for width in [7, 8, 38, 39, 70, 101, 140] {
            let pixels: Vec<u8> = (0..7 * width).map(|_| (next(&mut state) >> 58) as u8).collect();
            let rows = std::array::from_fn(|row| &pixels[row * width..(row + 1) * width]);
            let (mut plain, mut fast) = (vec![0; width], vec![0; width]);
            plain::fast_row::<1>(rows, 3..width - 3, 4, &mut plain);
            fast_row(rows, 3..width - 3, 4, &mut fast);
            assert_eq!(plain, fast);
            plain::fast_row::<32>(rows, 3..width - 3, 4, &mut fast);
            assert_eq!(plain, fast);
            #[cfg(target_arch = "x86_64")]
            if x86::has_avx2() {
                x86::fast_row(rows, 3..width - 3, 4, &mut fast);
                assert_eq!(plain, fast);
            }
        }
    }

    #[test]
    fn peaks_are_those_of_the_definition() {
        let mut state = 3;
        let width = 77;
        let scores: Vec<u8> = (0..3 * width).map(|_| (next(&mut state) >> 62) as u8).collect();
        let at = |x: usize, y: usize| scores[y * width + x];
        let rows = std::array::from_fn(|row| &scores[row * width..(row + 1) * width]);
        let (mut plain, mut fast) = (vec![9; width], vec![9; width]);
        plain::peak_row(rows, &mut plain);
        peak_row(rows, &mut fast);
        assert_eq!(plain, fast);
        let mut found = 0;
        for (x, peak) in plain.iter().enumerate().take(width - 1).skip(1) {
            let places = (0..3).flat_map(|y| (x - 1..=x + 1).map(move |x| (y, x)));
            let is_peak = places.filter(|place| *place != (1, x)).all(|(y, other)| {
                let above = at(x, 1) > at(other, y);
                above || (at(x, 1) == at(other, y) && (y, other) > (1, x))
            });
            // Of a score of zero nothing is above, unless all are zero.
            assert_eq!(*peak, if is_peak { at(x, 1) } else { 0 }, "{x}");
            found += usize::from(*peak > 0);
        }
        assert!(found > 3 && plain[0] == 9 && plain[width - 1] == 9);
    }

    #[test]
    fn gradients_are_those_of_the_definition() {
        let mut state = 8;
        for _ in 0..50 {
            let pixels: Vec<u8> = (0..90).map(|_| (next(&mut state) >> 56) as u8).collect();
            let rows = std::array::from_fn(|row| &pixels[row * 10..(row + 1) * 10]);
            let at = |x: usize, y: usize| i32::from(pixels[y * 10 + x]);
            let mut sums = [0; 3];
            for (x, y) in (1..8).flat_map(|y| (1..8).map(move |x| (x, y))) {
                let weigh = |a: i32, b: i32, c: i32| a + 2 * b + c;
                let side = |x: usize| weigh(at(x, y - 1), at(x, y), at(x, y + 1));
                let line = |y: usize| weigh(at(x - 1, y), at(x, y), at(x + 1, y));
                let (dx, dy) = (side(x + 1) - side(x - 1), line(y + 1) - line(y - 1));
                sums = [sums[0] + dx * dx, sums[1] + dy * dy, sums[2] + dx * dy];
            }
            assert_eq!(gradients(rows), sums);
            assert_eq!(plain::gradients(rows), sums);
        }
    }

    #[test]
    fn products_are_the_same_in_all_versions() {
        let mut state = 2;
        for (width, count) in [(1, 3), (31, 2), (32, 5), (77, 4)] {
            let mut draw = |n: usize| -> Vec<f32> {
                (0..n).map(|_| (next(&mut state) >> 50) as f32).collect()
            };
            let (query, vectors) = (draw(width), draw(width * count));
            let (mut plain, mut fast) = (vec![0.0; count], vec![0.0; count]);
            plain::dots(&query, &vectors, &mut plain);
            dots(&query, &vectors, &mut fast);
            assert_eq!(plain, fast);
            let first: f64 =
                query.iter().zip(&vectors).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            assert!((f64::from(plain[0]) - first).abs() <= 1e-5 * first);
        }
    }

    #[test]
    fn the_nearest_are_the_same_in_all_versions() {
        let mut state = 9;
        let mut draw = |n: usize| -> Vec<[u64; 4]> {
            (0..n).map(|_| std::array::from_fn(|_| next(&mut state) & next(&mut state))).collect()
        };
        for (queries, others) in [(3, 0), (5, 1), (9, 2), (33, 41), (8, 64)] {
            let (queries, mut others) = (draw(queries), draw(others));
            others.extend(others.clone());
            let plain = plain::nearest(&queries, &others);
            assert_eq!(plain, nearest(&queries, &others));
            #[cfg(target_arch = "x86_64")]
            if x86::has_avx2() {
                assert_eq!(plain, x86::nearest_avx2(&queries, &others));
            }
        }
    }
}
