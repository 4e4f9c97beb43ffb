//! Blur along a line, as of a camera or a thing that moves.
use std::collections::BTreeMap;

use crate::{Depth, Exec, Image, ImageError, PixelFormat, Samples, Size, convert};

/// Longest path in pixels.
pub const MAX_LENGTH: f32 = 500.0;

/// Points of the path that are laid on the pixel grid, for each pixel of length.
const POINTS: f64 = 8.0;

/// The mean over a straight path of `length` pixels through each pixel, at `angle` degrees
/// counter-clockwise from the horizontal; points between pixels are shared bilinearly, outermost
/// pixels repeated. Colours are weighted by alpha. A length up to 1 changes nothing.
///
/// # Errors
/// `Settings` if the length is out of range, `Limit` if `exec` says stop.
pub fn motion_blur(
    image: Image,
    length: f32,
    angle: f32,
    exec: &dyn Exec,
) -> Result<Image, ImageError> {
    if !(0.0..=MAX_LENGTH).contains(&length) || !angle.is_finite() {
        return Err(ImageError::settings(format!(
            "the length must be 0 to {MAX_LENGTH} pixels and the angle a number"
        )));
    }
    if length <= 1.0 || image.size().is_empty() {
        return Ok(image);
    }
    let format = image.format();
    let mut float = convert::convert(image, PixelFormat::new(format.channels, Depth::F32));
    let taps = path(f64::from(length), f64::from(angle));
    let (size, channels) = (float.size(), format.channels.count());
    let alpha = format.channels.has_alpha();
    if let Samples::F32(samples) = float.samples_mut() {
        if alpha {
            weigh(samples, channels, |color, alpha| color * alpha);
        }
        *samples = blurred(samples, (size, channels), &taps, exec)?;
        if alpha {
            weigh(
                samples,
                channels,
                |color, alpha| if alpha > 0.0 { color / alpha } else { color },
            );
        }
    }
    Ok(convert::convert(float, format))
}

/// Upper bound of the bytes that [`motion_blur`] needs for a picture.
pub fn motion_blur_cost(size: Size, format: PixelFormat) -> u64 {
    2 * PixelFormat::new(format.channels, Depth::F32).bytes_of(size)
}

/// Offsets (x, y) of the path with their weights, which sum to 1.
fn path(length: f64, angle: f64) -> Vec<([i64; 2], f32)> {
    let (sin, cos) = libm::sincos(angle.to_radians());
    let points = (length * POINTS).ceil();
    let mut taps: BTreeMap<[i64; 2], f64> = BTreeMap::new();
    for point in 0..points as u32 {
        let at = ((f64::from(point) + 0.5) / points - 0.5) * length;
        let (x, y) = (at * cos, -at * sin);
        let (left, top) = (x.floor(), y.floor());
        let (right, bottom) = (x - left, y - top);
        for (dx, share) in [(0, 1.0 - right), (1, right)] {
            for (dy, part) in [(0, 1.0 - bottom), (1, bottom)] {
                let weight = share * part / points;
                if weight > 1e-9 {
                    *taps.entry([left as i64 + dx, top as i64 + dy]).or_default() += weight;
                }
            }
        }
    }
    taps.into_iter().map(|(offset, weight)| (offset, weight as f32)).collect()
}

fn blurred(
    source: &[f32],
    (size, channels): (Size, usize),
    taps: &[([i64; 2], f32)],
    exec: &dyn Exec,
) -> Result<Vec<f32>, ImageError> {
    let (width, height) = (size.width as usize, size.height as usize);
    let row_len = width * channels;
    let mut out = vec![0.0_f32; source.len()];
    for (y, row) in out.chunks_exact_mut(row_len).enumerate() {
        if exec.is_stopped() {
            return Err(ImageError::limit("stopped"));
        }
        for ([dx, dy], weight) in taps {
            let from = (y as i64 + dy).clamp(0, height as i64 - 1) as usize * row_len;
            add_shifted(row, &source[from..from + row_len], (*dx, channels), *weight);
        }
    }
    Ok(out)
}

/// Adds `weight` × the row `from` moved by `dx` pixels to `row`, edges repeated.
fn add_shifted(row: &mut [f32], from: &[f32], (dx, channels): (i64, usize), weight: f32) {
    let width = (row.len() / channels) as i64;
    let inside = (-dx).clamp(0, width)..(width - dx).clamp(0, width);
    for x in (0..inside.start).chain(inside.end.max(inside.start)..width) {
        let at = (x + dx).clamp(0, width - 1) as usize * channels;
        let to = x as usize * channels;
        for (sum, sample) in row[to..to + channels].iter_mut().zip(&from[at..at + channels]) {
            *sum += weight * sample;
        }
    }
    if inside.start < inside.end {
        let to = inside.start as usize * channels..inside.end as usize * channels;
        let at = (inside.start + dx) as usize * channels;
        for (sum, sample) in row[to].iter_mut().zip(&from[at..]) {
            *sum += weight * sample;
        }
    }
}

/// Changes the colours of each pixel by its alpha, the last channel.
fn weigh(samples: &mut [f32], channels: usize, change: impl Fn(f32, f32) -> f32) {
    for pixel in samples.chunks_exact_mut(channels) {
        if let Some((alpha, colors)) = pixel.split_last_mut() {
            for color in colors {
                *color = change(*color, *alpha);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Channels, Serial};

    fn point(angle: f32) -> Vec<f32> {
        let mut samples = vec![0.0_f32; 21 * 21];
        samples[10 * 21 + 10] = 1.0;
        let image = Image::new(Size::new(21, 21), Channels::Gray, Samples::F32(samples)).unwrap();
        match motion_blur(image, 8.0, angle, &Serial).unwrap().into_samples() {
            Samples::F32(samples) => samples,
            _ => panic!("the depth changed"),
        }
    }

    #[test]
    fn a_point_becomes_a_line_of_that_length_and_direction() {
        for (angle, step) in [(0.0, [1_i64, 0]), (90.0, [0, 1]), (45.0, [1, -1]), (-45.0, [1, 1])] {
            let line = point(angle);
            assert!((line.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{angle}");
            let at = |n: i64| line[((10 + n * step[1]) * 21 + 10 + n * step[0]) as usize];
            assert!(at(1) > 0.05 && at(-1) > 0.05 && at(2) > 0.05, "{angle}");
            assert!(at(7) == 0.0 && at(-7) == 0.0, "{angle}");
            // Across the path there is nothing.
            let off = |n: i64| line[((10 + n * step[0]) * 21 + 10 - n * step[1]) as usize];
            assert!(off(2) == 0.0 && off(-2) == 0.0, "{angle}");
        }
    }

    #[test]
    fn flat_pictures_stay_and_transparent_colours_do_not_bleed() {
        let size = Size::new(30, 4);
        let flat = Image::new(size, Channels::Rgb, Samples::U8(vec![77; 360])).unwrap();
        assert_eq!(motion_blur(flat.clone(), 300.0, 10.0, &Serial).unwrap(), flat);
        let pixels =
            (0..120).flat_map(|at| if at % 30 < 15 { [255, 0, 0, 0] } else { [0, 0, 200, 255] });
        let image = Image::new(size, Channels::Rgba, Samples::U8(pixels.collect())).unwrap();
        let blurred = motion_blur(image, 9.0, 0.0, &Serial).unwrap();
        let Samples::U8(samples) = blurred.samples() else { panic!("the depth changed") };
        assert!(samples.chunks(4).filter(|p| p[3] > 8).all(|p| p[0] == 0 && p[2] == 200));
    }

    #[test]
    fn lengths_are_checked() {
        let image = Image::new(Size::new(1, 1), Channels::Gray, Samples::U8(vec![1])).unwrap();
        for (length, angle) in [(-1.0, 0.0), (501.0, 0.0), (f32::NAN, 0.0), (3.0, f32::NAN)] {
            assert!(motion_blur(image.clone(), length, angle, &Serial).is_err());
        }
    }
}
