//! A second set of features: measures of single kinds of damage.
use crate::features::mean_and_deviation;
use crate::gauss::{Kernel, blur};
use crate::{Plane, Planes, marks};

/// The names of the measures, in their order.
pub const NAMES: [&str; 54] = joined();

/// The names of the measures at full size, in their order.
const FULL: [&str; 21] = [
    "noise_sigma",
    "chroma_noise",
    "impulse_share",
    "blur",
    "blockiness",
    "brightness",
    "contrast",
    "black_level",
    "white_level",
    "cast_red",
    "cast_blue",
    "saturation",
    "haze",
    "dark_share",
    "bright_share",
    "entropy",
    "spectrum_mean",
    "spectrum_25",
    "spectrum_50",
    "spectrum_75",
    "spectrum_edge",
];

const fn joined() -> [&'static str; 54] {
    let (mut names, mut at) = ([""; 54], 0);
    while at < names.len() {
        names[at] = if at < FULL.len() { FULL[at] } else { marks::NAMES[at - FULL.len()] };
        at += 1;
    }
    names
}

/// The measures, in the order of [`NAMES`], all finite. Those from `spectrum_mean` to
/// `spectrum_edge` come from the [features](crate::features::features) of the same picture.
pub fn traits(picture: &Planes, features: &[f64; 14]) -> [f64; 54] {
    let luma = picture.luma();
    let full = full(picture, &luma, features);
    let all = full.into_iter().chain(marks::marks(picture, &luma));
    let mut traits = [0.0; NAMES.len()];
    traits.iter_mut().zip(all).for_each(|(to, value)| *to = value + 0.0);
    traits
}

/// Those at full size.
fn full(picture: &Planes, luma: &Plane, features: &[f64; 14]) -> [f64; 21] {
    let (brightness, contrast) = mean_and_deviation(luma);
    let histogram = histogram(luma);
    let (red, blue) = cast(picture);
    let [mean, quarter, half, three, edge] = levels(features, luma.values().len());
    [
        noise_sigma(luma),
        chroma_noise(picture),
        impulse_share(luma),
        blurriness(luma),
        blockiness(luma),
        brightness,
        contrast,
        quantile(&histogram, 0.01),
        quantile(&histogram, 0.99),
        red,
        blue,
        saturation(picture),
        haze(picture),
        share(&histogram, 0..16),
        share(&histogram, 240..256),
        entropy(&histogram),
        mean,
        quarter,
        half,
        three,
        edge,
    ]
}

/// The spectrum's mean and its levels at 25 %, 50 %, 75 % and the end of the radius, less what they
/// owe to the number of pixels: white noise has the same level in pictures of any size.
fn levels(features: &[f64; 14], pixels: usize) -> [f64; 5] {
    let owed = 10.0 * libm::log(pixels as f64);
    let level = |name: &str| {
        let place = crate::features::NAMES.iter().position(|known| *known == name);
        let value = place.and_then(|at| features.get(at)).copied().unwrap_or(0.0);
        // Pictures too small for a radial profile have zeros there.
        if value > 0.0 { value - owed } else { 0.0 }
    };
    ["mean", "radial_25", "radial_50", "radial_75", "radial_edge"].map(level)
}

/// Standard deviation of the noise on the 0 to 255 scale: the median of the finest diagonal
/// Haar coefficients over 0.6745 (Donoho and Johnstone 1994).
pub fn noise_sigma(plane: &Plane) -> f64 {
    let mut histogram = [0_u64; 511];
    for y in (1..plane.height()).step_by(2) {
        let (above, below) = (plane.row(y - 1), plane.row(y));
        for (a, b) in above.chunks_exact(2).zip(below.chunks_exact(2)) {
            let detail = i32::from(a[0]) - i32::from(a[1]) - i32::from(b[0]) + i32::from(b[1]);
            histogram[detail.unsigned_abs() as usize] += 1;
        }
    }
    middle(&histogram) / 2.0 / 0.6745
}

/// The median of whole numbers, placed inside of its own unit; 0 if that is the unit of 0.
pub(crate) fn middle(histogram: &[u64; 511]) -> f64 {
    let middle = histogram.iter().sum::<u64>() as f64 / 2.0;
    let mut seen = 0.0;
    for (size, count) in histogram.iter().enumerate() {
        let count = *count as f64;
        if seen + count >= middle && count > 0.0 {
            return if size == 0 { 0.0 } else { size as f64 - 0.5 + (middle - seen) / count };
        }
        seen += count;
    }
    0.0
}

/// Noise of red minus green and blue minus green, the mean of both.
fn chroma_noise(picture: &Planes) -> f64 {
    let [red, green, blue] = picture.as_slice() else { return 0.0 };
    let difference = |a: &Plane| {
        let mut plane = a.clone();
        let pairs = plane.values_mut().iter_mut().zip(green.values());
        pairs.for_each(|(a, g)| *a = ((i32::from(*a) - i32::from(*g)) / 2 + 128) as u8);
        2.0 * noise_sigma(&plane)
    };
    f64::midpoint(difference(red), difference(blue))
}

/// Share of pixels that differ from the median of their eight neighbours by more than 40 and
/// are beyond all of them.
fn impulse_share(plane: &Plane) -> f64 {
    let (width, height) = (plane.width(), plane.height());
    if width < 3 || height < 3 {
        return 0.0;
    }
    let mut found = 0_u64;
    for y in 1..height - 1 {
        let rows = [plane.row(y - 1), plane.row(y), plane.row(y + 1)];
        for x in 1..width - 1 {
            let here = rows[1][x];
            let mut around = [0; 8];
            let cells = (0..9).filter(|at| *at != 4).map(|at| rows[at / 3][x - 1 + at % 3]);
            around.iter_mut().zip(cells).for_each(|(cell, value)| *cell = value);
            around.sort_unstable();
            let outside = here < around[0] || here > around[7];
            let median = u8::midpoint(around[3], around[4]);
            found += u64::from(outside && here.abs_diff(median) > 40);
        }
    }
    found as f64 / ((width - 2) * (height - 2)) as f64
}

/// From 0 (sharp) to 1 (blurred): how much of the gradients' energy a second blur leaves (the
/// idea of Crete et al. 2007, with a Gaussian of two pixels and squares).
fn blurriness(plane: &Plane) -> f64 {
    let again = blur(plane, &Kernel::new(2.0));
    let (before, after) = (energy(plane), energy(&again));
    if before > 0.0 { (after / before).min(1.0) } else { 1.0 }
}

/// Sum of the squared differences of neighbours.
fn energy(plane: &Plane) -> f64 {
    let difference = |(a, b): (&u8, &u8)| u64::from(a.abs_diff(*b)).pow(2);
    let rows = plane.values().chunks_exact(plane.width());
    let across: u64 = rows.map(|row| row.iter().zip(&row[1..]).map(difference).sum::<u64>()).sum();
    let below = plane.values().get(plane.width()..).unwrap_or_default();
    let down: u64 = plane.values().iter().zip(below).map(difference).sum();
    (across + down) as f64
}

/// Differences across the borders of 8 × 8 blocks over those elsewhere; 1 without blocks.
fn blockiness(plane: &Plane) -> f64 {
    let (mut border, mut inside) = ((0_u64, 0_u64), (0_u64, 0_u64));
    for row in plane.values().chunks_exact(plane.width()) {
        for (x, pair) in row.windows(2).enumerate() {
            let sum = if x % 8 == 7 { &mut border } else { &mut inside };
            sum.0 += u64::from(pair[0].abs_diff(pair[1]));
            sum.1 += 1;
        }
    }
    for y in 1..plane.height() {
        let sum = if y % 8 == 0 { &mut border } else { &mut inside };
        let pairs = plane.row(y - 1).iter().zip(plane.row(y));
        sum.0 += pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
        sum.1 += plane.width() as u64;
    }
    let mean = |(sum, count): (u64, u64)| sum as f64 / count.max(1) as f64;
    if inside.0 == 0 || border.1 == 0 { 1.0 } else { (mean(border) / mean(inside)).min(10.0) }
}

/// Logarithms of red over green and of blue over green, of the means.
fn cast(picture: &Planes) -> (f64, f64) {
    let [red, green, blue] = picture.as_slice() else { return (0.0, 0.0) };
    let mean = |plane: &Plane| mean_and_deviation(plane).0 + 1.0;
    (libm::log(mean(red) / mean(green)), libm::log(mean(blue) / mean(green)))
}

/// Mean of (max − min) / max over the pixels.
fn saturation(picture: &Planes) -> f64 {
    let [red, green, blue] = picture.as_slice() else { return 0.0 };
    let pixels = red.values().iter().zip(green.values()).zip(blue.values());
    let sum: f64 = pixels
        .map(|((r, g), b)| {
            let (most, least) = ((*r).max(*g).max(*b), (*r).min(*g).min(*b));
            f64::from(most - least) / f64::from(most.max(1))
        })
        .sum();
    sum / red.values().len() as f64
}

/// Mean of the darkest channel over blocks of 8 × 8 (dark channel, He et al. 2009), 0 to 255.
fn haze(picture: &Planes) -> f64 {
    let (width, height) = (picture.width(), picture.height());
    let (mut sum, mut blocks) = (0.0, 0.0);
    for y in (0..height).step_by(8) {
        for x in (0..width).step_by(8) {
            let mut least = 255;
            for plane in picture.as_slice() {
                for row in y..(y + 8).min(height) {
                    let values = &plane.row(row)[x..(x + 8).min(width)];
                    least = values.iter().copied().fold(least, u8::min);
                }
            }
            sum += f64::from(least);
            blocks += 1.0;
        }
    }
    sum / blocks
}

pub(crate) fn histogram(plane: &Plane) -> [u64; 256] {
    let mut histogram = [0; 256];
    plane.values().iter().for_each(|value| histogram[usize::from(*value)] += 1);
    histogram
}

/// The value below which a share of the pixels lies.
pub(crate) fn quantile(histogram: &[u64; 256], share: f64) -> f64 {
    let total: u64 = histogram.iter().sum();
    let (mut seen, wanted) = (0, share * total as f64);
    for (value, count) in histogram.iter().enumerate() {
        seen += count;
        if seen as f64 >= wanted && seen > 0 {
            return value as f64;
        }
    }
    255.0
}

fn share(histogram: &[u64; 256], values: std::ops::Range<usize>) -> f64 {
    let total: u64 = histogram.iter().sum();
    histogram[values].iter().sum::<u64>() as f64 / total as f64
}

/// Entropy of the values in bits, 0 to 8.
fn entropy(histogram: &[u64; 256]) -> f64 {
    let total: u64 = histogram.iter().sum();
    let used = histogram.iter().filter(|count| **count > 0);
    let bits = used.map(|count| {
        let p = *count as f64 / total as f64;
        -p * libm::log2(p)
    });
    bits.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(width: usize, height: usize, value: impl Fn(usize, usize) -> u8) -> Plane {
        let values = (0..width * height).map(|at| value(at % width, at / width)).collect();
        Plane::new(width, height, values).unwrap()
    }

    fn of(name: &str, plane: Plane) -> f64 {
        let at = NAMES.iter().position(|known| *known == name).unwrap();
        let planes = Planes::new(vec![plane]).unwrap();
        traits(&planes, &crate::features::features(&planes))[at]
    }

    /// Twelve uniform draws: nearly normal, of standard deviation 1.
    fn normal(state: &mut u64) -> f64 {
        let mut next = || {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (*state >> 40) as f64 / (1_u64 << 24) as f64
        };
        (0..12).map(|_| next()).sum::<f64>() - 6.0
    }

    #[test]
    fn any_size_is_measured() {
        for (width, height) in [(1, 1), (2, 1), (1, 9), (3, 3), (17, 40)] {
            let plane = plane(width, height, |x, y| (x * 9 + y) as u8);
            let picture = Planes::new(vec![plane]).unwrap();
            let features = crate::features::features(&picture);
            assert!(traits(&picture, &features).iter().all(|value| value.is_finite()));
        }
    }

    #[test]
    fn noise_is_measured() {
        let mut state = 7;
        for sigma in [2.0, 10.0, 25.0] {
            let values = (0..128 * 128).map(|_| (128.0 + sigma * normal(&mut state)).round() as u8);
            let noisy = Plane::new(128, 128, values.collect()).unwrap();
            let found = noise_sigma(&noisy);
            assert!((found / sigma - 1.0).abs() < 0.08, "{sigma}: {found}");
        }
        assert!(noise_sigma(&plane(64, 64, |x, _| x as u8)).abs() < 1e-12);
    }

    #[test]
    fn the_level_of_noise_does_not_depend_on_the_size() {
        let mut state = 3;
        let mut level = |side: usize| {
            let values = (0..side * side).map(|_| (128.0 + 9.0 * normal(&mut state)).round() as u8);
            of("spectrum_mean", Plane::new(side, side, values.collect()).unwrap())
        };
        let (small, large) = (level(64), level(256));
        assert!((small - large).abs() < 1.5, "{small} {large}");
    }

    #[test]
    fn blur_blocks_and_impulses_are_measured() {
        let sharp = plane(64, 64, |x, y| if (x / 16 + y / 16) % 2 == 0 { 20 } else { 220 });
        let soft = blur(&sharp, &Kernel::new(2.0));
        assert!(of("blur", soft) > 1.5 * of("blur", sharp.clone()));
        let blocks = plane(64, 64, |x, y| ((x / 8 * 31 + y / 8 * 57) % 200) as u8 + (x % 2) as u8);
        assert!(of("blockiness", blocks) > 5.0);
        let specks = plane(60, 60, |x, y| if x % 6 == 3 && y % 6 == 3 { 255 } else { 100 });
        assert!((of("impulse_share", specks) - 100.0 / 3364.0).abs() < 1e-9);
        assert!(of("impulse_share", sharp).abs() < 1e-12);
    }
}
