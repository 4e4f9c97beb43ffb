//! Area averages of gray planes.
#![expect(clippy::inline_always, reason = "it must become part of what `simd::wider` runs")]
use crate::plane::Plane;
use crate::simd;

/// A gray picture that owns its pixels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Gray {
    pub(crate) pixels: Vec<u8>,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Gray {
    pub(crate) fn new(pixels: Vec<u8>, width: usize, height: usize) -> Self {
        Self { pixels, width, height }
    }

    pub(crate) fn row(&self, y: usize) -> &[u8] {
        &self.pixels[y * self.width..(y + 1) * self.width]
    }
}

impl Gray {
    /// At half the size, rounded up.
    pub(crate) fn half(&self) -> Self {
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        if self.width % 2 + self.height % 2 > 0 {
            let plane = Plane::new(&self.pixels, self.width, self.height);
            return plane.map_or_else(Self::default, |plane| area_gray(plane, width, height));
        }
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            let rows = [self.row(2 * y), self.row(2 * y + 1)].map(|row| row.as_chunks::<2>().0);
            let sum = |at: usize| -> u16 {
                rows.iter().map(|row| u16::from(row[at][0]) + u16::from(row[at][1])).sum()
            };
            pixels.extend((0..width).map(|at| ((sum(at) + 2) >> 2) as u8));
        }
        Self::new(pixels, width, height)
    }
}

impl<'a> From<Plane<'a>> for Gray {
    fn from(plane: Plane<'a>) -> Self {
        Self::new(plane.pixels().to_vec(), plane.width(), plane.height())
    }
}

/// Which inputs each output averages: `most` from its start on, with weights that sum to 1.
struct Taps {
    starts: Vec<usize>,
    weights: Vec<f32>,
    most: usize,
}

/// Output `i` of `len` covers the inputs from `i · n / len` to `(i + 1) · n / len`, in parts at
/// its ends.
fn taps(n: usize, len: usize) -> Taps {
    let step = n as f64 / len as f64;
    let span = |i: usize| {
        let (from, to) = (i as f64 * step, ((i + 1) as f64 * step).min(n as f64));
        let start = (from as usize).min(n - 1);
        (from, to, start, (to.ceil() as usize).clamp(start + 1, n))
    };
    let most = (0..len).map(span).map(|(_, _, start, end)| end - start).max().unwrap_or(1);
    let (mut starts, mut weights) = (Vec::with_capacity(len), vec![0.0; len * most]);
    for (i, weights) in weights.chunks_exact_mut(most).enumerate() {
        let (from, to, start, end) = span(i);
        let cover = |at: usize| (to.min((at + 1) as f64) - from.max(at as f64)).max(0.0);
        let total: f64 = (start..end).map(cover).sum();
        for (at, weight) in (start..end).zip(weights) {
            *weight = if total > 0.0 { (cover(at) / total) as f32 } else { 1.0 };
        }
        starts.push(start);
    }
    Taps { starts, weights, most }
}

/// Averages the picture over a grid of `width × height` cells; where the grid is finer than the
/// picture, cells repeat pixels. Neither may be zero.
pub(crate) fn area(picture: Plane<'_>, width: usize, height: usize) -> Vec<f32> {
    let (columns, rows) = (taps(picture.width(), width), taps(picture.height(), height));
    let mut cells = vec![0.0; width * height];
    simd::wider(Average { picture, columns: &columns, rows: &rows, cells: &mut cells });
    cells
}

/// The sums of [`area`].
struct Average<'a> {
    picture: Plane<'a>,
    columns: &'a Taps,
    rows: &'a Taps,
    cells: &'a mut [f32],
}

impl simd::Wide for Average<'_> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let Self { picture, columns, rows, cells } = self;
        // Taps of weight zero may reach beyond the end.
        let mut line = vec![0.0_f32; picture.width() + columns.most];
        let lines = rows.starts.iter().zip(rows.weights.chunks_exact(rows.most));
        for ((start, weights), cells) in lines.zip(cells.chunks_exact_mut(columns.starts.len())) {
            line[..picture.width()].fill(0.0);
            for (y, weight) in (*start..picture.height()).zip(weights).filter(|(_, w)| **w > 0.0) {
                for (sum, value) in line.iter_mut().zip(picture.row(y)) {
                    *sum += weight * f32::from(*value);
                }
            }
            match columns.most {
                1 => across::<1>(&line, columns, cells),
                2 => across::<2>(&line, columns, cells),
                3 => across::<3>(&line, columns, cells),
                _ => across_any(&line, columns, cells),
            }
        }
    }
}

/// With the number of taps known, the loop over them costs nothing.
#[inline(always)]
fn across<const N: usize>(line: &[f32], columns: &Taps, cells: &mut [f32]) {
    let (weights, _) = columns.weights.as_chunks::<N>();
    for ((cell, start), weights) in cells.iter_mut().zip(&columns.starts).zip(weights) {
        let part = &line[*start..*start + N];
        let mut sum = part[0] * weights[0];
        for i in 1..N {
            sum += part[i] * weights[i];
        }
        *cell = sum;
    }
}

#[inline(always)]
fn across_any(line: &[f32], columns: &Taps, cells: &mut [f32]) {
    let weights = columns.weights.chunks_exact(columns.most);
    for ((cell, start), weights) in cells.iter_mut().zip(&columns.starts).zip(weights) {
        let part = &line[*start..*start + columns.most];
        *cell = part.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    }
}

/// [`area`], rounded to bytes.
pub(crate) fn area_gray(picture: Plane<'_>, width: usize, height: usize) -> Gray {
    if (width, height) == (picture.width(), picture.height()) {
        return picture.into();
    }
    let cells = area(picture, width, height);
    let pixels = cells.into_iter().map(|value| (value + 0.5) as u8).collect();
    Gray::new(pixels, width, height)
}

/// The size of a picture whose long side is to be `long`; no side becomes zero.
pub(crate) fn fit(width: usize, height: usize, long: usize) -> (usize, usize) {
    let scale = long as f64 / width.max(height) as f64;
    let side = |n: usize| ((n as f64 * scale).round() as usize).clamp(1, long);
    (side(width), side(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_keep_the_mean() {
        let pixels: Vec<u8> = (0..7 * 5).map(|i| (i * 37 % 251) as u8).collect();
        let plane = Plane::new(&pixels, 7, 5).unwrap();
        let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
        let whole = mean(&pixels.iter().map(|v| f32::from(*v)).collect::<Vec<_>>());
        for (width, height) in [(1, 1), (3, 2), (7, 5), (64, 64)] {
            assert!((mean(&area(plane, width, height)) - whole).abs() < 1e-3, "{width}×{height}");
        }
        assert_eq!(area_gray(plane, 7, 5).pixels, pixels);
    }

    #[test]
    fn halves_are_averages() {
        let pixels: Vec<u8> = (0..12 * 8).map(|i| (i * 89 % 256) as u8).collect();
        for (width, height) in [(12, 8), (8, 12), (6, 15), (32, 3)] {
            let plane = Plane::new(&pixels[..width * height], width, height).unwrap();
            let half = Gray::from(plane).half();
            assert_eq!(half, area_gray(plane, width.div_ceil(2), height.div_ceil(2)));
        }
    }

    #[test]
    fn a_pair_of_pixels_becomes_thirds() {
        let plane = Plane::new(&[0, 30, 60], 3, 1).unwrap();
        let cells = area(plane, 2, 1);
        assert!((cells[0] - 10.0).abs() < 1e-4 && (cells[1] - 50.0).abs() < 1e-4);
        assert_eq!(fit(1000, 1, 384), (384, 1));
        assert_eq!(fit(300, 400, 200), (150, 200));
    }
}
