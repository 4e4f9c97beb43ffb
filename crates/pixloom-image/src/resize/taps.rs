//! Weights of the source pixels for every output pixel of one direction.
use super::kernel::Kernel;

/// One direction of a resize.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Axis {
    /// Pixels of the source.
    pub(super) source: u32,
    /// Where the part that is taken begins, source pixels.
    pub(super) start: f64,
    /// Length of the part that is taken, source pixels.
    pub(super) extent: f64,
    /// Pixels of the result.
    pub(super) target: u32,
}

/// What lies beyond the edge of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    /// Nothing; the remaining weights are scaled up.
    CutOff,
    /// The outermost pixel again and again.
    Repeat,
    /// The picture mirrored, the outermost pixel twice.
    Mirror,
}

impl Axis {
    pub(super) fn new(source: u32, start: f64, extent: f64, target: u32) -> Self {
        let room = f64::from(source) - start;
        // Rounding must not reach beyond the picture; only MATLAB's kernels do so on purpose.
        let extent = if extent > room && extent <= room * (1.0 + 1e-9) { room } else { extent };
        Self { source, start, extent, target }
    }

    /// Source pixels per output pixel.
    pub(super) fn scale(&self) -> f64 {
        self.extent / f64::from(self.target)
    }

    /// Whether every output pixel is the source pixel of the same index.
    pub(super) fn is_unchanged(&self) -> bool {
        let missing = f64::from(self.source) - self.extent;
        self.start == 0.0 && self.source == self.target && missing <= 0.0
    }

    /// The source position of an output pixel's centre, in pixel indices.
    fn centre(&self, index: u32) -> f64 {
        self.start + (f64::from(index) + 0.5) * self.scale() - 0.5
    }

    /// Upper bound of the weights that a kernel of `support` has in this direction.
    pub(super) fn most_taps(&self, support: f64) -> u64 {
        let per_pixel = (2.0 * support * self.scale().max(1.0)).ceil() as u64 + 3;
        per_pixel.min(u64::from(self.source)).saturating_mul(u64::from(self.target))
    }
}

/// For every output pixel a run of source pixels and their weights, which sum to 1.
#[derive(Debug, Clone, Default)]
pub(super) struct Taps {
    runs: Vec<Run>,
    weights: Vec<f32>,
}

#[derive(Debug, Clone, Copy)]
struct Run {
    start: u32,
    first: usize,
    len: u32,
}

impl Taps {
    /// The first source pixel and the weights of output pixel `index`.
    #[inline]
    pub(super) fn get(&self, index: usize) -> (usize, &[f32]) {
        let run = self.runs[index];
        (run.start as usize, &self.weights[run.first..run.first + run.len as usize])
    }

    /// Every pixel is itself.
    pub(super) fn identity(len: u32) -> Self {
        let runs = (0..len).map(|start| Run { start, first: start as usize, len: 1 }).collect();
        Self { runs, weights: vec![1.0; len as usize] }
    }

    /// A kernel around the centre of every output pixel, widened by the reduction if `widen`.
    pub(super) fn kernel(axis: &Axis, kernel: Kernel, widen: bool, edge: Edge) -> Self {
        let stretch = if widen { axis.scale().max(1.0) } else { 1.0 };
        let radius = kernel.support * stretch;
        let mut taps = Self::default();
        let mut cell = Cell::default();
        for index in 0..axis.target {
            let centre = axis.centre(index);
            let first = (centre - radius).floor() as i64;
            cell.clear(first.clamp(0, i64::from(axis.source) - 1) as u32);
            for j in first..=(centre + radius).ceil() as i64 {
                let weight = (kernel.weight)((j as f64 - centre) / stretch);
                if weight != 0.0
                    && let Some(pixel) = edge.resolve(j, axis.source)
                {
                    cell.add(pixel, weight);
                }
            }
            taps.push(&cell, nearest_pixel(axis, index));
        }
        taps
    }

    /// The area that an output pixel covers of every source pixel.
    pub(super) fn area(axis: &Axis) -> Self {
        let mut taps = Self::default();
        let mut cell = Cell::default();
        for index in 0..axis.target {
            let left = axis.start + f64::from(index) * axis.scale();
            let right = left + axis.scale();
            cell.clear((left.floor() as u32).min(axis.source - 1));
            let last = (right.ceil() as u32).min(axis.source);
            for j in left.floor() as u32..last {
                let covered = right.min(f64::from(j) + 1.0) - left.max(f64::from(j));
                // Slivers come from rounding of exact ratios only.
                if covered > 1e-9 {
                    cell.add(j, covered);
                }
            }
            taps.push(&cell, nearest_pixel(axis, index));
        }
        taps
    }

    /// What OpenCV's `INTER_AREA` does where a side grows: linear interpolation that changes
    /// from one pixel to the next only within the output pixel that straddles their border.
    pub(super) fn area_linear(axis: &Axis) -> Self {
        let scale = axis.scale();
        let mut taps = Self::default();
        let mut cell = Cell::default();
        for index in 0..axis.target {
            let left = (axis.start + f64::from(index) * scale).floor();
            let right = axis.start + f64::from(index + 1) * scale;
            let fraction = ((right - left - 1.0) / scale).max(0.0);
            let fraction = fraction - fraction.floor();
            cell.clear((left as u32).min(axis.source - 1));
            for (j, weight) in [(left as i64, 1.0 - fraction), (left as i64 + 1, fraction)] {
                if let Some(pixel) = Edge::Repeat.resolve(j, axis.source) {
                    cell.add(pixel, weight);
                }
            }
            taps.push(&cell, nearest_pixel(axis, index));
        }
        taps
    }

    /// Appends the weights of the next output pixel; `fallback` is used if there are none.
    fn push(&mut self, cell: &Cell, fallback: u32) {
        let first = self.weights.len();
        let sum: f64 = cell.weights.iter().sum();
        if sum.abs() > 1e-12 {
            self.weights.extend(cell.weights.iter().map(|&weight| (weight / sum) as f32));
            self.runs.push(Run { start: cell.start, first, len: cell.weights.len() as u32 });
        } else {
            self.weights.push(1.0);
            self.runs.push(Run { start: fallback, first, len: 1 });
        }
    }
}

/// The pixel in which the centre of an output pixel lies.
pub(super) fn nearest_pixel(axis: &Axis, index: u32) -> u32 {
    ((axis.centre(index) + 0.5).max(0.0) as u32).min(axis.source - 1)
}

impl Edge {
    /// The pixel that stands at position `j` of a row of `len` pixels.
    fn resolve(self, j: i64, len: u32) -> Option<u32> {
        let len = i64::from(len);
        match self {
            Self::CutOff => (0..len).contains(&j).then_some(j as u32),
            Self::Repeat => Some(j.clamp(0, len - 1) as u32),
            Self::Mirror => {
                let j = j.rem_euclid(2 * len);
                Some(if j < len { j } else { 2 * len - 1 - j } as u32)
            }
        }
    }
}

/// The weights of one output pixel while they are collected, in double precision.
#[derive(Debug, Default)]
struct Cell {
    start: u32,
    weights: Vec<f64>,
}

impl Cell {
    /// Forgets the weights; the next ones begin at about `start`.
    fn clear(&mut self, start: u32) {
        self.weights.clear();
        self.start = start;
    }

    /// Adds to the weight of a pixel, which may lie before or after those seen so far.
    fn add(&mut self, pixel: u32, weight: f64) {
        if pixel < self.start {
            let missing = (self.start - pixel) as usize;
            self.weights.splice(0..0, std::iter::repeat_n(0.0, missing));
            self.start = pixel;
        }
        let at = (pixel - self.start) as usize;
        if at >= self.weights.len() {
            self.weights.resize(at + 1, 0.0);
        }
        self.weights[at] += weight;
    }
}

#[cfg(test)]
mod tests {
    use super::super::kernel;
    use super::*;

    #[test]
    fn weights_sum_to_one_and_stay_inside() {
        for (source, target) in [(1, 1), (1, 9), (9, 1), (7, 3), (3, 7), (2, 40), (40, 3)] {
            let axis = Axis::new(source, 0.0, f64::from(source), target);
            for edge in [Edge::CutOff, Edge::Repeat, Edge::Mirror] {
                for taps in [
                    Taps::kernel(&axis, kernel::LANCZOS4, true, edge),
                    Taps::kernel(&axis, kernel::CATMULL_ROM, false, edge),
                    Taps::area(&axis),
                    Taps::area_linear(&axis),
                ] {
                    for index in 0..target as usize {
                        let (start, weights) = taps.get(index);
                        assert!(start + weights.len() <= source as usize);
                        assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-5);
                    }
                }
            }
        }
    }

    #[test]
    fn mirror_repeats_the_edge_pixel() {
        let row: Vec<_> = (-4..8).map(|j| Edge::Mirror.resolve(j, 3).unwrap()).collect();
        assert_eq!(row, [2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1]);
    }

    #[test]
    fn area_of_a_ratio_of_five_to_two() {
        let taps = Taps::area(&Axis::new(5, 0.0, 5.0, 2));
        assert_eq!(taps.get(0), (0, [0.4, 0.4, 0.2].as_slice()));
        assert_eq!(taps.get(1), (2, [0.2, 0.4, 0.4].as_slice()));
    }
}
