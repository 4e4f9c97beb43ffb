//! Small pictures by formula, as raw interleaved samples, row by row from the top.
use crate::Lcg;

/// Every sample is `value`.
pub fn constant(width: u32, height: u32, channels: u32, value: u8) -> Vec<u8> {
    vec![value; len(width, height, channels)]
}

/// A ramp from left to right and top to bottom; each channel has its own direction, so that
/// exchanged channels, rows or columns show.
pub fn gradient(width: u32, height: u32, channels: u32) -> Vec<u8> {
    gradient_u16(width, height, channels).iter().map(|&sample| (sample >> 8) as u8).collect()
}

/// As [`gradient`], over the whole 16-bit range.
pub fn gradient_u16(width: u32, height: u32, channels: u32) -> Vec<u16> {
    let mut samples = Vec::with_capacity(len(width, height, channels));
    for y in 0..height {
        for x in 0..width {
            samples.extend((0..channels).map(|channel| ramp((x, width), (y, height), channel)));
        }
    }
    samples
}

/// Channel 0 rises to the right, 1 to the bottom, 2 falls to the right, 3 rises diagonally.
fn ramp((x, width): (u32, u32), (y, height): (u32, u32), channel: u32) -> u16 {
    let along = |position: u32, length: u32| position * 65_535 / length.saturating_sub(1).max(1);
    let value = match channel {
        0 => along(x, width),
        1 => along(y, height),
        2 => 65_535 - along(x, width),
        _ => u32::midpoint(along(x, width), along(y, height)),
    };
    value as u16
}

/// Independent uniform samples.
pub fn noise(width: u32, height: u32, channels: u32, seed: u64) -> Vec<u8> {
    let mut lcg = Lcg::new(seed);
    (0..len(width, height, channels)).map(|_| lcg.next_u8()).collect()
}

/// As [`noise`], over the whole 16-bit range.
pub fn noise_u16(width: u32, height: u32, channels: u32, seed: u64) -> Vec<u16> {
    let mut lcg = Lcg::new(seed);
    (0..len(width, height, channels)).map(|_| (lcg.next_u32() >> 7) as u16).collect()
}

/// Black and white squares of `cell` pixels, black first.
pub fn checker(width: u32, height: u32, channels: u32, cell: u32) -> Vec<u8> {
    let cell = cell.max(1);
    let mut samples = Vec::with_capacity(len(width, height, channels));
    for y in 0..height {
        for x in 0..width {
            let white = (x / cell + y / cell) % 2 == 1;
            samples.extend((0..channels).map(|_| if white { 255 } else { 0 }));
        }
    }
    samples
}

fn len(width: u32, height: u32, channels: u32) -> usize {
    width as usize * height as usize * channels as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradient_spans_the_range_in_each_channel() {
        let samples = gradient(4, 3, 3);
        assert_eq!(samples.len(), 36);
        assert_eq!(samples[..3], [0, 0, 255]);
        assert_eq!(samples[33..], [255, 255, 0]);
    }

    #[test]
    fn one_pixel_pictures_exist() {
        assert_eq!(gradient(1, 1, 4).len(), 4);
        assert_eq!(checker(1, 1, 1, 0), [0]);
        assert_eq!(constant(1, 1, 2, 9), [9, 9]);
    }

    #[test]
    fn checker_alternates() {
        assert_eq!(checker(4, 2, 1, 1), [0, 255, 0, 255, 255, 0, 255, 0]);
    }

    #[test]
    fn noise_fills_the_range() {
        let samples = noise(64, 64, 1, 3);
        let mean = samples.iter().map(|&sample| u32::from(sample)).sum::<u32>() / 4096;
        assert!((118..138).contains(&mean), "mean {mean}");
        assert!(noise_u16(64, 64, 1, 3).iter().any(|&sample| sample > 65_000));
    }
}
