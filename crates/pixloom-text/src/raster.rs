//! Filling polygons with exact area coverage.
//!
//! Each edge adds its signed area to the pixels that it crosses; the running sum over a row is
//! the coverage (the accumulation buffer of Raph Levien's font-rs, 2016, and of libart before).
use crate::map::Point;

/// How much of each pixel is covered, 0 to 255, row by row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mask {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Coverage, row by row.
    pub samples: Vec<u8>,
}

impl Mask {
    /// A mask of nothing.
    pub fn empty(width: usize, height: usize) -> Self {
        Self { width, height, samples: vec![0; width * height] }
    }
}

/// A sheet to fill polygons on; kept between pictures to save the allocation.
#[derive(Debug, Default)]
pub struct Raster {
    width: usize,
    height: usize,
    stride: usize,
    areas: Vec<f32>,
    first: usize,
    last: usize,
}

impl Raster {
    /// Starts with an empty sheet of that many pixels.
    pub fn reset(&mut self, width: usize, height: usize) {
        (self.width, self.height, self.stride) = (width, height, width + 2);
        self.areas.clear();
        self.areas.resize(self.stride * height, 0.0);
        (self.first, self.last) = (height, 0);
    }

    /// Adds a closed polygon. Contours that turn the other way cut holes; what lies outside of
    /// the sheet is cut off.
    pub fn add(&mut self, points: &[Point]) {
        let Some(mut from) = points.last().copied() else { return };
        for &to in points {
            self.edge(from, to);
            from = to;
        }
    }

    fn edge(&mut self, from: Point, to: Point) {
        let (sign, top, bottom) = if from[1] < to[1] { (1.0, from, to) } else { (-1.0, to, from) };
        let (rise, limit) = (bottom[1] - top[1], self.height as f32);
        if rise.is_nan() || rise <= 0.0 || top[1] >= limit || bottom[1] <= 0.0 {
            return;
        }
        let slope = (bottom[0] - top[0]) / rise;
        if !slope.is_finite() {
            return;
        }
        let mut x = if top[1] < 0.0 { top[0] - top[1] * slope } else { top[0] };
        let first = top[1].max(0.0) as usize;
        let end = (bottom[1].ceil().min(limit) as usize).max(first);
        (self.first, self.last) = (self.first.min(first), self.last.max(end));
        for y in first..end {
            let (low, high) = (y as f32, (y + 1) as f32);
            let height = high.min(bottom[1]) - low.max(top[1]);
            let next = x + slope * height;
            let wide = self.width as f32;
            let start = y * self.stride;
            let row = &mut self.areas[start..start + self.stride];
            spread(row, (x.clamp(0.0, wide), next.clamp(0.0, wide)), sign * height);
            x = next;
        }
    }

    /// Coverage by all polygons so far.
    pub fn mask(&self) -> Mask {
        let mut mask = Mask::empty(self.width, self.height);
        self.mask_into(&mut mask);
        mask
    }

    /// As [`Raster::mask`], into a mask that is there already.
    pub fn mask_into(&self, mask: &mut Mask) {
        (mask.width, mask.height) = (self.width, self.height);
        mask.samples.clear();
        mask.samples.resize(self.width * self.height, 0);
        for y in self.first..self.last {
            let areas = &self.areas[y * self.stride..y * self.stride + self.width];
            let samples = &mut mask.samples[y * self.width..(y + 1) * self.width];
            let mut sum = 0.0_f32;
            for (sample, area) in samples.iter_mut().zip(areas) {
                sum += area;
                *sample = (sum.abs().min(1.0) * 255.0 + 0.5) as u8;
            }
        }
    }
}

/// Adds the area to the right of an edge that crosses a row between the two positions, `area`
/// high (with its sign).
fn spread(row: &mut [f32], (from, to): (f32, f32), area: f32) {
    let (left, right) = if from < to { (from, to) } else { (to, from) };
    let first = left as usize;
    let last = right.ceil() as usize;
    if last <= first + 1 {
        let inside = 0.5 * (left + right) - first as f32;
        row[first] += area - area * inside;
        row[first + 1] += area * inside;
        return;
    }
    // A pixel's part is the integral of the distance to its right side along the edge.
    let per_pixel = area / (right - left);
    let covered = |edge: f32| {
        let reach = (edge - left).max(0.0);
        let over = (edge - right).max(0.0);
        0.5 * per_pixel * (reach * reach - over * over)
    };
    let mut before = 0.0;
    let mut total = 0.0;
    for (at, cell) in row.iter_mut().enumerate().take(last).skip(first) {
        let upto = covered((at + 1) as f32);
        let here = upto - before;
        *cell += here - total;
        total = here;
        before = upto;
    }
    row[last] += area - total;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(points: &[Point], width: usize, height: usize) -> Mask {
        let mut raster = Raster::default();
        raster.reset(width, height);
        raster.add(points);
        raster.mask()
    }

    #[test]
    fn squares_cover_their_area() {
        let mask = filled(&[[1.5, 1.0], [4.0, 1.0], [4.0, 3.25], [1.5, 3.25]], 6, 5);
        let row = |y: usize| mask.samples[y * 6..(y + 1) * 6].to_vec();
        assert_eq!(row(0), [0; 6]);
        assert_eq!(row(1), [0, 128, 255, 255, 0, 0]);
        assert_eq!(row(3), [0, 32, 64, 64, 0, 0]);
        assert_eq!(row(4), [0; 6]);
    }

    #[test]
    fn slanted_edges_cover_the_exact_area() {
        let triangle = [[0.3, 0.2], [17.6, 3.1], [2.2, 9.7]];
        let mask = filled(&triangle, 20, 10);
        let sum: f64 = mask.samples.iter().map(|s| f64::from(*s) / 255.0).sum();
        let [a, b, c] = triangle.map(|p: Point| p.map(f64::from));
        let area = 0.5 * ((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])).abs();
        assert!((sum - area).abs() < 0.1, "{sum} {area}");
    }

    #[test]
    fn holes_stay_open_and_either_turn_fills() {
        let mut raster = Raster::default();
        raster.reset(10, 10);
        raster.add(&[[1.0, 1.0], [9.0, 1.0], [9.0, 9.0], [1.0, 9.0]]);
        raster.add(&[[3.0, 3.0], [3.0, 7.0], [7.0, 7.0], [7.0, 3.0]]);
        let mask = raster.mask();
        assert_eq!((mask.samples[22], mask.samples[55], mask.samples[88]), (255, 0, 255));
        let other = filled(&[[1.0, 1.0], [1.0, 9.0], [9.0, 9.0], [9.0, 1.0]], 10, 10);
        assert_eq!(other.samples[55], 255);
    }

    #[test]
    fn what_is_outside_is_cut_and_nonsense_ignored() {
        let mask = filled(&[[-5.0, -5.0], [50.0, -5.0], [50.0, 50.0], [-5.0, 50.0]], 4, 4);
        assert_eq!(mask.samples, [255; 16]);
        let strange = filled(&[[f32::NAN, 0.0], [1.0, f32::INFINITY], [3.0, 3.0]], 4, 4);
        assert_eq!(strange.samples.len(), 16);
    }
}
