//! Smoothing that stops at edges: bilateral, non-local means, anisotropic diffusion.
use super::canvas::{Canvas, by_rows, bytes, pad, repaired};
use crate::{Exec, Image, ImageError, PixelFormat, Size};

/// Weights of the bilateral filter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bilateral {
    /// Standard deviation over the place, in pixels.
    pub sigma_space: f32,
    /// Standard deviation over the colour, on the 0 to 1 scale.
    pub sigma_range: f32,
}

/// Weights of non-local means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NonLocalMeans {
    /// Standard deviation of the noise on the 0 to 1 scale.
    pub sigma: f32,
    /// Patches have 2 × patch + 1 pixels a side.
    pub patch: u32,
    /// Patches are sought up to this many pixels away.
    pub reach: u32,
}

/// e^(−x) for x ≥ 0 by (1 − x/8)^8, zero from 8 on: plain products that vectorise and are the
/// same everywhere.
#[inline]
fn falling(x: f32) -> f32 {
    let base = (1.0 - x / 8.0).max(0.0);
    let square = base * base;
    let fourth = square * square;
    fourth * fourth
}

/// Planes with their edges repeated `margin` times on every side.
struct Padded {
    stride: usize,
    planes: Vec<Vec<f32>>,
}

impl Padded {
    fn new(canvas: &Canvas, margin: usize) -> Self {
        let (width, height) = (canvas.width, canvas.height);
        let stride = width + 2 * margin;
        let plane = |plane: &Vec<f32>| {
            let mut out = vec![0.0; stride * (height + 2 * margin)];
            for (y, row) in out.chunks_exact_mut(stride).enumerate() {
                let from = y.saturating_sub(margin).min(height - 1);
                pad(&plane[from * width..][..width], margin, row);
            }
            out
        };
        Self { stride, planes: canvas.planes.iter().map(plane).collect() }
    }

    /// Sum over the planes of squared differences between two stretches, `len` pixels each.
    fn distances(&self, (a, b): (usize, usize), out: &mut [f32]) {
        out.fill(0.0);
        for plane in &self.planes {
            let (first, second) = (&plane[a..a + out.len()], &plane[b..b + out.len()]);
            for ((out, a), b) in out.iter_mut().zip(first).zip(second) {
                *out += (a - b) * (a - b);
            }
        }
    }
}

/// Sums of weights and weighted planes of one row.
struct Gathered {
    weights: Vec<f32>,
    sums: Vec<Vec<f32>>,
}

impl Gathered {
    fn new(width: usize, planes: usize) -> Self {
        Self { weights: vec![0.0; width], sums: vec![vec![0.0; width]; planes] }
    }

    fn add(&mut self, padded: &Padded, at: usize, weights: &[f32]) {
        self.weights.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
        for (sums, plane) in self.sums.iter_mut().zip(&padded.planes) {
            for ((sum, value), weight) in sums.iter_mut().zip(&plane[at..]).zip(weights) {
                *sum += value * weight;
            }
        }
    }
}

/// Runs `gather` for every row and replaces the planes by the weighted means.
fn replace(
    canvas: &mut Canvas,
    exec: &dyn Exec,
    gather: impl Fn(usize) -> Gathered + Sync,
) -> Result<(), ImageError> {
    let (width, count) = (canvas.width, canvas.planes.len());
    let all = by_rows((width * count, canvas.height), exec, |y, out| {
        let found = gather(y);
        for (out, sums) in out.chunks_exact_mut(width).zip(&found.sums) {
            for ((out, sum), weight) in out.iter_mut().zip(sums).zip(&found.weights) {
                *out = sum / weight.max(f32::MIN_POSITIVE);
            }
        }
    })?;
    for (at, plane) in canvas.planes.iter_mut().enumerate() {
        let rows = all.chunks_exact(width * count);
        for (row, found) in plane.chunks_exact_mut(width).zip(rows) {
            row.copy_from_slice(&found[at * width..][..width]);
        }
    }
    Ok(())
}

/// Mean of the neighbours that are near in place and in colour (Tomasi and Manduchi 1998); the
/// colour distance is taken over all channels at once.
///
/// # Errors
/// `Limit` if `exec` says stop.
pub fn bilateral(image: Image, options: &Bilateral, exec: &dyn Exec) -> Result<Image, ImageError> {
    let reach = ((2.0 * options.sigma_space).ceil() as usize).clamp(1, 16);
    let space = 2.0 * options.sigma_space.max(0.1).powi(2);
    repaired(image, |canvas| {
        let padded = Padded::new(canvas, reach);
        let (width, count) = (canvas.width, canvas.planes.len());
        let range = 1.0 / (2.0 * options.sigma_range.max(1e-4).powi(2) * count as f32);
        replace(canvas, exec, |y| {
            let mut found = Gathered::new(width, count);
            let mut weights = vec![0.0; width];
            let here = (y + reach) * padded.stride + reach;
            for dy in 0..=2 * reach {
                for dx in 0..=2 * reach {
                    let there = (y + dy) * padded.stride + dx;
                    let away = dy.abs_diff(reach).pow(2) + dx.abs_diff(reach).pow(2);
                    let near = falling(away as f32 / space);
                    if near <= 0.0 {
                        continue;
                    }
                    padded.distances((here, there), &mut weights);
                    for w in &mut weights {
                        *w = near * falling(*w * range);
                    }
                    found.add(&padded, there, &weights);
                }
            }
            found
        })
    })
}

/// Mean of the pixels around which the picture looks alike (Buades, Coll and Morel 2005): weights
/// fall with the distance of patches over all channels, less what noise alone explains.
///
/// # Errors
/// `Limit` if `exec` says stop.
pub fn non_local_means(
    image: Image,
    options: &NonLocalMeans,
    exec: &dyn Exec,
) -> Result<Image, ImageError> {
    let (patch, reach) = (options.patch.clamp(1, 4) as usize, options.reach.clamp(1, 16) as usize);
    let noise = options.sigma.max(1e-4).powi(2);
    repaired(image, |canvas| {
        let margin = patch + reach;
        let padded = Padded::new(canvas, margin);
        let (width, count, side) = (canvas.width, canvas.planes.len(), 2 * patch + 1);
        let samples = (side * side * count) as f32;
        // The filter's bandwidth, from Buades' tables: 0.55 to 0.75 sigma for small patches.
        let scale = 1.0 / (0.6 * 0.6 * noise * samples);
        replace(canvas, exec, |y| {
            let mut found = Gathered::new(width, count);
            let mut line = vec![0.0; width + 2 * patch];
            let (mut sums, mut weights) = (line.clone(), vec![0.0; width]);
            for dy in 0..=2 * reach {
                for dx in 0..=2 * reach {
                    sums.fill(0.0);
                    for row in 0..side {
                        let first = (y + reach + row) * padded.stride + reach;
                        let second = (y + dy + row) * padded.stride + dx;
                        padded.distances((first, second), &mut line);
                        sums.iter_mut().zip(&line).for_each(|(sum, value)| *sum += value);
                    }
                    weights.fill(-2.0 * noise * samples);
                    for at in 0..side {
                        weights.iter_mut().zip(&sums[at..]).for_each(|(w, value)| *w += value);
                    }
                    for w in &mut weights {
                        *w = falling(w.max(0.0) * scale);
                    }
                    found.add(&padded, (y + patch + dy) * padded.stride + patch + dx, &weights);
                }
            }
            found
        })
    })
}

/// Lets differences to the four neighbours flow off where they are small (Perona and Malik 1990,
/// the second conduction function, steps of 0.2).
///
/// # Errors
/// `Limit` if `exec` says stop.
pub fn diffuse(
    image: Image,
    (steps, edge): (u32, f32),
    exec: &dyn Exec,
) -> Result<Image, ImageError> {
    let steepness = 1.0 / edge.max(1e-4).powi(2);
    repaired(image, |canvas| {
        let (width, height) = (canvas.width, canvas.height);
        for plane in &mut canvas.planes {
            for _ in 0..steps {
                let next = by_rows((width, height), exec, |y, out| {
                    let row = |y: usize| &plane[y * width..][..width];
                    let (here, above, below) =
                        (row(y), row(y.saturating_sub(1)), row((y + 1).min(height - 1)));
                    let flow =
                        |difference: f32| difference / (1.0 + difference * difference * steepness);
                    for (x, out) in out.iter_mut().enumerate() {
                        let value = here[x];
                        let (left, right) =
                            (here[x.saturating_sub(1)], here[(x + 1).min(width - 1)]);
                        let flows = flow(left - value)
                            + flow(right - value)
                            + flow(above[x] - value)
                            + flow(below[x] - value);
                        *out = value + 0.2 * flows;
                    }
                })?;
                *plane = next;
            }
        }
        Ok(())
    })
}

/// Upper bound of the bytes that a kernel of this module allocates.
pub fn smooth_cost(size: Size, format: PixelFormat) -> u64 {
    // The padding is at most 20 pixels to each side.
    let padded = Size::new(size.width.saturating_add(40), size.height.saturating_add(40));
    bytes(size, format, 2).saturating_add(bytes(padded, format, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Channels, Samples, Serial};

    /// A step from 0.25 to 0.75 with a ripple of ±0.02 on it.
    fn step() -> Image {
        let value = |at: usize| {
            let base = if at % 32 < 16 { 0.25 } else { 0.75 };
            base + if (at * 7919) % 13 < 6 { 0.02 } else { -0.02 }
        };
        let samples = Samples::F32((0..32 * 32).map(value).collect());
        Image::new(Size::new(32, 32), Channels::Gray, samples).unwrap()
    }

    fn check(name: &str, image: &Image) {
        let Samples::F32(values) = image.samples() else { panic!("the depth changed") };
        let row = &values[16 * 32..17 * 32];
        let spread = |part: &[f32]| {
            part.iter().copied().fold(f32::MIN, f32::max)
                - part.iter().copied().fold(f32::MAX, f32::min)
        };
        assert!(spread(&row[2..14]) < 0.03, "{name}: {row:?}");
        assert!(row[15] < 0.35 && row[16] > 0.65, "{name}: {row:?}");
    }

    #[test]
    fn ripples_go_and_edges_stay() {
        let weights = Bilateral { sigma_space: 2.0, sigma_range: 0.06 };
        check("bilateral", &bilateral(step(), &weights, &Serial).unwrap());
        let weights = NonLocalMeans { sigma: 0.03, patch: 1, reach: 5 };
        check("means", &non_local_means(step(), &weights, &Serial).unwrap());
        check("diffusion", &diffuse(step(), (15, 0.06), &Serial).unwrap());
    }
}
