//! Vectors of length one, as image encoders give them, and which of them are nearest.
use crate::simd;

/// Scales a vector to length one; nothing of one without a length (zeros, infinities, no numbers),
/// which says nothing.
pub fn unit_vector(values: &[f32]) -> Option<Vec<f32>> {
    let squares: f64 = values.iter().map(|value| f64::from(*value) * f64::from(*value)).sum();
    let length = squares.sqrt();
    (length.is_finite() && length > 1e-12)
        .then(|| values.iter().map(|value| (f64::from(*value) / length) as f32).collect())
}

/// The cosine of the angle between two vectors of length one, -1 to 1; of the shorter length if
/// they differ. The same on every machine.
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let width = a.len().min(b.len());
    let mut found = [0.0];
    simd::dots(&a[..width], &b[..width], &mut found);
    found[0].clamp(-1.0, 1.0)
}

/// For each of some vectors the nearest of a set, which is shown block by block: exact, whatever
/// the blocks and their order.
#[derive(Debug)]
pub struct Neighbours {
    width: usize,
    limit: usize,
    least: f32,
    queries: Vec<f32>,
    best: Vec<Vec<Neighbour>>,
    /// The worst that is worth keeping for each, once its list is full.
    bars: Vec<f32>,
}

/// A vector that is near another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// Its number, as the caller counts.
    pub number: u32,
    /// The cosine of the angle between the two.
    pub cosine: f32,
}

impl Neighbours {
    /// For `queries`, one behind the other, each of `width` values and of length one: at most
    /// `limit` neighbours each, with a cosine of `least` or more.
    pub fn of(queries: Vec<f32>, width: usize, (limit, least): (usize, f32)) -> Self {
        let width = width.max(1);
        let count = queries.len() / width;
        let (best, bars) = (vec![Vec::new(); count], vec![least; count]);
        Self { width, limit, least, queries, best, bars }
    }

    /// Shows a block of the set: vectors one behind the other and the number of each.
    pub fn see(&mut self, block: &[f32], numbers: &[u32]) {
        let mut cosines = vec![0.0; numbers.len().min(block.len() / self.width)];
        for (at, query) in self.queries.chunks_exact(self.width).enumerate() {
            simd::dots(query, block, &mut cosines);
            for (cosine, number) in cosines.iter().zip(numbers) {
                if *cosine >= self.bars[at] {
                    let cosine = cosine.clamp(-1.0, 1.0);
                    self.best[at].push(Neighbour { number: *number, cosine });
                }
            }
            if self.best[at].len() > 2 * self.limit {
                self.bars[at] = nearest(&mut self.best[at], self.limit).max(self.least);
            }
        }
    }

    /// The neighbours of each query, nearest first, then by number.
    pub fn finish(mut self) -> Vec<Vec<Neighbour>> {
        for best in &mut self.best {
            nearest(best, self.limit);
        }
        self.best
    }
}

/// Keeps the nearest, sorted; returns the cosine of the last.
fn nearest(found: &mut Vec<Neighbour>, limit: usize) -> f32 {
    found.sort_unstable_by(|x, y| y.cosine.total_cmp(&x.cosine).then(x.number.cmp(&y.number)));
    found.truncate(limit);
    found.last().map_or(-1.0, |last| last.cosine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::next;

    /// Vectors in small clusters.
    fn vectors(count: usize, width: usize) -> Vec<Vec<f32>> {
        let mut state = 3;
        let mut draw = || (next(&mut state) >> 40) as f32 / (1 << 23) as f32 - 1.0;
        let mut all: Vec<Vec<f32>> = Vec::new();
        for at in 0..count {
            let near = at.checked_sub(5).filter(|_| at % 3 > 0).map(|at| all[at].clone());
            let values = (0..width).map(|i| match &near {
                Some(near) => near[i] + 0.02 * draw(),
                None => draw(),
            });
            all.push(unit_vector(&values.collect::<Vec<_>>()).unwrap());
        }
        all
    }

    fn search(all: &[Vec<f32>], width: usize, block: usize) -> Vec<Vec<Neighbour>> {
        let mut search = Neighbours::of(all.concat(), width, (4, 0.3));
        let numbers: Vec<u32> = (0..all.len() as u32).collect();
        for (block, numbers) in all.chunks(block).zip(numbers.chunks(block)).rev() {
            search.see(&block.concat(), numbers);
        }
        search.finish()
    }

    #[test]
    fn the_nearest_of_a_full_search_whatever_the_blocks() {
        for width in [1, 7, 32, 100] {
            let all = vectors(60, width);
            let full = |one: &Vec<f32>| {
                let mut found: Vec<Neighbour> = (0..all.len())
                    .map(|n| Neighbour { number: n as u32, cosine: cosine(one, &all[n]) })
                    .filter(|near| near.cosine >= 0.3)
                    .collect();
                found.sort_by(|x, y| y.cosine.total_cmp(&x.cosine).then(x.number.cmp(&y.number)));
                found.truncate(4);
                found
            };
            let expected: Vec<_> = all.iter().map(full).collect();
            assert!(width == 1 || expected.iter().any(|near| near.len() > 1));
            for block in [1, 7, 60] {
                assert_eq!(search(&all, width, block), expected, "{width} {block}");
            }
        }
    }

    #[test]
    fn vectors_without_a_length_say_nothing() {
        for odd in [vec![], vec![0.0; 4], vec![f32::NAN, 1.0], vec![f32::INFINITY]] {
            assert_eq!(unit_vector(&odd), None);
        }
        let unit = unit_vector(&[3.0, 4.0]).unwrap();
        assert!((cosine(&unit, &unit) - 1.0).abs() < 1e-6);
        assert!((cosine(&unit, &[0.6, -0.8]) + 0.28).abs() < 1e-6);
        assert!(cosine(&[], &unit).abs() < 1e-9);
        assert!(Neighbours::of(Vec::new(), 0, (3, 0.0)).finish().is_empty());
    }
}
