//! Median filter, for specks and impulses.
use super::canvas::{by_rows, bytes, repaired};
use crate::{Exec, Image, ImageError, PixelFormat, Size};

/// How to take medians.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Median {
    /// The window has 2 × radius + 1 pixels a side; 1 to 5.
    pub radius: u32,
    /// Only pixels that differ from the median by more than this (0 to 1) are replaced.
    pub threshold: f32,
}

/// Replaces every sample by the median of its window, the edge repeated (Tukey 1977); with a
/// threshold, only outliers are replaced.
///
/// # Errors
/// `Limit` if `exec` says stop.
pub fn median(image: Image, options: &Median, exec: &dyn Exec) -> Result<Image, ImageError> {
    repaired(image, |canvas| {
        let size = (canvas.width, canvas.height);
        let radius = options.radius.clamp(1, 5) as usize;
        for plane in &mut canvas.planes {
            let found = by_rows(size, exec, |y, out| row(plane, size, (y, radius), out))?;
            for (value, median) in plane.iter_mut().zip(&found) {
                if (*value - median).abs() > options.threshold {
                    *value = *median;
                }
            }
        }
        Ok(())
    })
}

/// Upper bound of the bytes that [`median`] allocates.
pub fn median_cost(size: Size, format: PixelFormat) -> u64 {
    bytes(size, format, 1)
}

fn row(
    plane: &[f32],
    (width, height): (usize, usize),
    (y, radius): (usize, usize),
    out: &mut [f32],
) {
    let at = |offset: usize| {
        let row = (y + offset).saturating_sub(radius).min(height - 1);
        &plane[row * width..][..width]
    };
    if radius == 1 && width >= 3 {
        return row3([at(0), at(1), at(2)], out);
    }
    let side = 2 * radius + 1;
    let mut window = Vec::with_capacity(side * side);
    for (x, out) in out.iter_mut().enumerate() {
        window.clear();
        for offset in 0..side {
            let row = at(offset);
            let columns = (0..side).map(|o| (x + o).saturating_sub(radius).min(width - 1));
            window.extend(columns.map(|x| row[x]));
        }
        let middle = window.len() / 2;
        *out = *window.select_nth_unstable_by(middle, f32::total_cmp).1;
    }
}

/// The median of 3 × 3 by sorting columns once (Smith 1996), in plain minima and maxima.
fn row3(rows: [&[f32]; 3], out: &mut [f32]) {
    let width = out.len();
    let column = |x: usize| {
        let [a, b, c] = rows.map(|row| row[x]);
        let (low, high) = (a.min(b), a.max(b));
        [low.min(c), low.max(high.min(c)), high.max(c)]
    };
    let middle = |a: f32, b: f32, c: f32| a.min(b).max(a.max(b).min(c));
    let sorted: Vec<[f32; 3]> = (0..width).map(column).collect();
    for (x, out) in out.iter_mut().enumerate() {
        let (a, b, c) = (sorted[x.saturating_sub(1)], sorted[x], sorted[(x + 1).min(width - 1)]);
        let low = a[0].max(b[0]).max(c[0]);
        let high = a[2].min(b[2]).min(c[2]);
        *out = middle(low, middle(a[1], b[1], c[1]), high);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Channels, Samples, Serial};

    fn gray(width: u32, samples: Vec<u8>) -> Image {
        let size = Size::new(width, samples.len() as u32 / width);
        Image::new(size, Channels::Gray, Samples::U8(samples)).unwrap()
    }

    #[test]
    fn impulses_go_and_the_rest_stays() {
        let mut samples: Vec<u8> = (0..100).map(|at| (at % 10) * 8).collect();
        samples[44] = 255;
        let only = Median { radius: 1, threshold: 0.3 };
        let Samples::U8(found) =
            median(gray(10, samples.clone()), &only, &Serial).unwrap().into_samples()
        else {
            panic!("the depth changed");
        };
        assert!(found[44] < 60);
        samples[44] = found[44];
        assert_eq!(found, samples);
    }

    #[test]
    fn both_ways_agree() {
        let values: Vec<f32> = (0..63).map(|at| ((at * 37) % 61) as f32).collect();
        let (mut fast, mut slow) = (vec![0.0; 9], vec![0.0; 9]);
        for y in 0..7 {
            row(&values, (9, 7), (y, 1), &mut fast);
            for (x, out) in slow.iter_mut().enumerate() {
                let mut window = Vec::new();
                for dy in 0..3_usize {
                    for dx in 0..3_usize {
                        let (y, x) =
                            ((y + dy).saturating_sub(1).min(6), (x + dx).saturating_sub(1).min(8));
                        window.push(values[y * 9 + x]);
                    }
                }
                window.sort_by(f32::total_cmp);
                *out = window[4];
            }
            assert_eq!(fast, slow, "{y}");
        }
    }
}
