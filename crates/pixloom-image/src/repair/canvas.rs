//! Colours as planes of floats, and what most kernels need of them.
use crate::bands::{Banding, for_each_band};
use crate::{Channels, Depth, Exec, Image, ImageError, PixelFormat, Samples, Size, convert};

/// Rows that are handed to a worker at once.
const ROWS: usize = 32;

/// The colour channels of a picture, one plane (grey) or three, nominally 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Canvas {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) planes: Vec<Vec<f32>>,
}

/// Takes a picture apart, lets `work` change its planes, and puts it together again in its own
/// depth. Alpha, colour space and metadata stay.
pub(super) fn repaired(
    image: Image,
    work: impl FnOnce(&mut Canvas) -> Result<(), ImageError>,
) -> Result<Image, ImageError> {
    if image.size().is_empty() {
        return Ok(image);
    }
    let format = image.format();
    let float = convert::convert(image, PixelFormat::new(format.channels, Depth::F32));
    let mut canvas = Canvas::of(&float);
    work(&mut canvas)?;
    Ok(convert::convert(canvas.put(float), format))
}

/// Bytes that [`repaired`] takes beside the picture, with `extra` planes of floats for each
/// channel.
pub(super) fn bytes(size: Size, format: PixelFormat, extra: u64) -> u64 {
    let float = PixelFormat::new(format.channels, Depth::F32).bytes_of(size);
    format.bytes_of(size).saturating_add(float.saturating_mul(2 + extra)).saturating_add(1 << 20)
}

impl Canvas {
    fn of(image: &Image) -> Self {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let (all, colors) = (image.channels().count(), colors(image.channels()));
        let samples = floats(image);
        let sane = |v: &f32| if v.is_finite() { *v } else { 0.0 };
        let plane = |at| samples.iter().skip(at).step_by(all).map(sane).collect();
        Self { width, height, planes: (0..colors).map(plane).collect() }
    }

    fn put(self, mut image: Image) -> Image {
        let all = image.channels().count();
        if let Samples::F32(samples) = image.samples_mut() {
            for (at, plane) in self.planes.iter().enumerate() {
                let targets = samples.iter_mut().skip(at).step_by(all);
                targets.zip(plane).for_each(|(to, value)| *to = value.clamp(0.0, 1.0));
            }
        }
        image
    }

    /// BT.601 luma, or the only plane.
    pub(super) fn luma(&self) -> Vec<f32> {
        match &self.planes[..] {
            [r, g, b] => {
                let pixels = r.iter().zip(g).zip(b);
                pixels.map(|((r, g), b)| 0.299 * r + 0.587 * g + 0.114 * b).collect()
            }
            planes => planes.first().cloned().unwrap_or_default(),
        }
    }

    /// Adds what became of the luma to every plane.
    pub(super) fn add_luma(&mut self, before: &[f32], after: &[f32]) {
        for plane in &mut self.planes {
            for ((value, before), after) in plane.iter_mut().zip(before).zip(after) {
                *value += after - before;
            }
        }
    }

    /// Replaces red, green and blue by orthonormal opponent colours, in which noise stays white.
    pub(super) fn rotate_to_opponent(&mut self) {
        self.rotate([
            [0.577_350_26, 0.577_350_26, 0.577_350_26],
            [core::f32::consts::FRAC_1_SQRT_2, 0.0, -core::f32::consts::FRAC_1_SQRT_2],
            [0.408_248_3, -0.816_496_6, 0.408_248_3],
        ]);
    }

    /// The inverse of [`Canvas::rotate_to_opponent`].
    pub(super) fn rotate_back(&mut self) {
        self.rotate([
            [0.577_350_26, core::f32::consts::FRAC_1_SQRT_2, 0.408_248_3],
            [0.577_350_26, 0.0, -0.816_496_6],
            [0.577_350_26, -core::f32::consts::FRAC_1_SQRT_2, 0.408_248_3],
        ]);
    }

    fn rotate(&mut self, by: [[f32; 3]; 3]) {
        let [r, g, b] = &mut self.planes[..] else { return };
        for ((r, g), b) in r.iter_mut().zip(g).zip(b) {
            let [x, y, z] = by.map(|row| row[0] * *r + row[1] * *g + row[2] * *b);
            (*r, *g, *b) = (x, y, z);
        }
    }
}

const fn colors(channels: Channels) -> usize {
    if channels.is_gray() { 1 } else { 3 }
}

fn floats(image: &Image) -> &[f32] {
    match image.samples() {
        Samples::F32(samples) => samples,
        _ => &[], // cannot be: it was just converted
    }
}

/// Makes a plane row by row; `row(y, out)` may read whatever it likes, but not the result.
pub(super) fn by_rows(
    (width, height): (usize, usize),
    exec: &dyn Exec,
    row: impl Fn(usize, &mut [f32]) + Sync,
) -> Result<Vec<f32>, ImageError> {
    let mut out = vec![0.0; width * height];
    let banding = Banding { row_len: width, rows: ROWS };
    for_each_band(
        &mut out,
        banding,
        exec,
        || (),
        |(), first, rows| {
            rows.chunks_mut(width).enumerate().for_each(|(y, out)| row(first + y, out));
            Ok(())
        },
    )?;
    Ok(out)
}

/// Gaussian blur of standard deviation `sigma`, cut off at 3 sigma, the edge repeated.
pub(super) fn gauss(plane: &[f32], (width, height): (usize, usize), sigma: f32) -> Vec<f32> {
    let radius = (3.0 * sigma).ceil() as usize;
    let weight = |at: usize| libm::expf(-((at * at) as f32) / (2.0 * sigma * sigma));
    let sum = 1.0 + 2.0 * (1..=radius).map(weight).sum::<f32>();
    let weights: Vec<f32> = (0..=radius).map(|at| weight(at) / sum).collect();
    let mut down = vec![0.0; plane.len()];
    for (y, out) in down.chunks_exact_mut(width).enumerate() {
        for (at, weight) in weights.iter().enumerate() {
            let above = &plane[y.saturating_sub(at) * width..][..width];
            let below = &plane[(y + at).min(height - 1) * width..][..width];
            let weight = if at == 0 { weight / 2.0 } else { *weight };
            for ((out, a), b) in out.iter_mut().zip(above).zip(below) {
                *out += weight * (a + b);
            }
        }
    }
    let mut padded = vec![0.0; width + 2 * radius];
    let mut across = vec![0.0; plane.len()];
    for (out, row) in across.chunks_exact_mut(width).zip(down.chunks_exact(width)) {
        pad(row, radius, &mut padded);
        for (at, weight) in weights.iter().enumerate() {
            let weight = if at == 0 { weight / 2.0 } else { *weight };
            let (left, right) = (&padded[radius - at..], &padded[radius + at..]);
            for ((out, a), b) in out.iter_mut().zip(left).zip(right) {
                *out += weight * (a + b);
            }
        }
    }
    across
}

/// A row with its ends repeated `radius` times.
pub(super) fn pad(row: &[f32], radius: usize, padded: &mut [f32]) {
    let (first, last) = (row.first().copied(), row.last().copied());
    padded[..radius].fill(first.unwrap_or(0.0));
    padded[radius..radius + row.len()].copy_from_slice(row);
    padded[radius + row.len()..].fill(last.unwrap_or(0.0));
}

/// Mean over squares of 2 × radius + 1 pixels a side, cut at the edges.
pub(super) fn box_mean(plane: &[f32], (width, height): (usize, usize), radius: usize) -> Vec<f32> {
    let mut across = vec![0.0; plane.len()];
    for (out, row) in across.chunks_exact_mut(width).zip(plane.chunks_exact(width)) {
        let mut sums = vec![0.0_f64; width + 1];
        for (at, value) in row.iter().enumerate() {
            sums[at + 1] = sums[at] + f64::from(*value);
        }
        for (x, out) in out.iter_mut().enumerate() {
            let (low, high) = (x.saturating_sub(radius), (x + radius + 1).min(width));
            *out = ((sums[high] - sums[low]) / (high - low) as f64) as f32;
        }
    }
    let mut sums = vec![0.0_f64; width];
    let mut out = vec![0.0; plane.len()];
    let row = |y: usize| &across[y * width..][..width];
    let (mut low, mut high) = (0, 0);
    for (y, out) in out.chunks_exact_mut(width).enumerate() {
        let wanted = (y.saturating_sub(radius), (y + radius + 1).min(height));
        while high < wanted.1 {
            sums.iter_mut().zip(row(high)).for_each(|(sum, v)| *sum += f64::from(*v));
            high += 1;
        }
        while low < wanted.0 {
            sums.iter_mut().zip(row(low)).for_each(|(sum, v)| *sum -= f64::from(*v));
            low += 1;
        }
        let count = (high - low) as f64;
        out.iter_mut().zip(&sums).for_each(|(out, sum)| *out = (sum / count) as f32);
    }
    out
}

/// Largest (or, with `least`, smallest) value over squares of 2 × radius + 1 pixels a side.
pub(super) fn extreme(
    plane: &[f32],
    (width, height): (usize, usize),
    radius: usize,
    least: bool,
) -> Vec<f32> {
    let pick = |a: f32, b: f32| if least { a.min(b) } else { a.max(b) };
    let mut down = plane.to_vec();
    for (y, out) in down.chunks_exact_mut(width).enumerate() {
        for other in y.saturating_sub(radius)..(y + radius + 1).min(height) {
            let row = &plane[other * width..][..width];
            out.iter_mut().zip(row).for_each(|(out, value)| *out = pick(*out, *value));
        }
    }
    let mut padded = vec![0.0; width + 2 * radius];
    for row in down.chunks_exact_mut(width) {
        pad(row, radius, &mut padded);
        for at in 0..=2 * radius {
            row.iter_mut().zip(&padded[at..]).for_each(|(out, value)| *out = pick(*out, *value));
        }
    }
    down
}

/// Standard deviation of the noise of a plane: the median of the finest diagonal Haar
/// coefficients over 0.6745 (Donoho and Johnstone 1994).
pub(super) fn noise_of(plane: &[f32], width: usize) -> f32 {
    let mut details = Vec::new();
    for rows in plane.chunks_exact(2 * width) {
        let (above, below) = rows.split_at(width);
        for (a, b) in above.chunks_exact(2).zip(below.chunks_exact(2)) {
            details.push(f32::midpoint(a[0] - a[1] - b[0], b[1]).abs());
        }
    }
    if details.is_empty() {
        return 0.0;
    }
    let middle = details.len() / 2;
    let (_, median, _) = details.select_nth_unstable_by(middle, f32::total_cmp);
    *median / 0.6745
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opponent_colours_come_back() {
        let planes = vec![vec![0.1, 0.9], vec![0.5, 0.2], vec![0.3, 0.0]];
        let mut canvas = Canvas { width: 2, height: 1, planes: planes.clone() };
        canvas.rotate_to_opponent();
        canvas.rotate_back();
        let pairs = canvas.planes.concat().into_iter().zip(planes.concat());
        assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn means_and_extremes_of_a_point() {
        let mut plane = vec![0.0; 25];
        plane[12] = 9.0;
        let mean = box_mean(&plane, (5, 5), 1);
        assert!((mean[12] - 1.0).abs() < 1e-6 && (mean[6] - 1.0).abs() < 1e-6);
        assert!(mean[0].abs() < 1e-6);
        let most = extreme(&plane, (5, 5), 1, false);
        assert_eq!(most.iter().filter(|v| **v > 0.0).count(), 9);
        assert!(extreme(&plane, (5, 5), 1, true).iter().all(|v| *v == 0.0));
    }

    #[test]
    fn blurs_keep_the_mean_of_a_flat_plane() {
        let flat = vec![0.25; 35];
        assert!(gauss(&flat, (7, 5), 2.0).iter().all(|v| (v - 0.25).abs() < 1e-6));
    }

    #[test]
    fn alpha_and_depth_stay() {
        let samples = Samples::U16(vec![65_535, 0, 300, 77, 1, 2, 3, 65_535]);
        let image = Image::new(Size::new(2, 1), Channels::Rgba, samples).unwrap();
        let same = repaired(image.clone(), |_| Ok(())).unwrap();
        assert_eq!(same, image);
    }
}
