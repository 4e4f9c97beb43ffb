//! The fourteen features of document 003, defined for every picture.
use crate::gauss::reflected;
use crate::spectrum::Spectrum;
use crate::{Plane, Planes};

/// The names of the features, in the order of document 003.
pub const NAMES: [&str; 14] = [
    "mean",
    "std_dev",
    "skewness",
    "kurtosis",
    "low_freq_energy",
    "high_freq_energy",
    "energy_ratio",
    "radial_center",
    "radial_25",
    "radial_50",
    "radial_75",
    "radial_edge",
    "color_balance_need",
    "sharpening_need",
];

/// Half the side of the box of low frequencies.
const BOX: i64 = 30;

/// The fourteen features, in the order of [`NAMES`], all finite.
///
/// The first twelve describe `20 ln(|DFT(luma)| + 1)`: moments, means inside and outside of the
/// central box of 60 × 60, means at five integer radii. Where the picture is smaller than the
/// box, the box is cut to it; what has no bins is 0.
pub fn features(picture: &Planes) -> [f64; 14] {
    let luma = picture.luma();
    let spectrum = Spectrum::new(&luma);
    let (low, total) = box_and_total(&spectrum);
    let high_share = if total > 0.0 { (total - low) / total } else { 0.0 };
    let spectrum = spectrum.map(|magnitude| 20.0 * libm::log(magnitude + 1.0));
    let [mean, deviation, skewness, kurtosis] = moments(&spectrum);
    let [low, high] = energies(&spectrum);
    let ratio = if low > 0.0 { high / low } else { 0.0 };
    let [center, quarter, half, three, edge] = radial(&spectrum, &luma);
    // A sum of nothing may have a sign, which adding zero takes off.
    [
        mean,
        deviation,
        skewness,
        kurtosis,
        low,
        high,
        ratio,
        center,
        quarter,
        half,
        three,
        edge,
        color_balance_need(picture),
        sharpening_need(&luma, high_share),
    ]
    .map(|value| value + 0.0)
}

fn in_box(across: i64, down: i64) -> bool {
    (-BOX..BOX).contains(&across) && (-BOX..BOX).contains(&down)
}

/// The sum of magnitudes inside the box, and of all.
fn box_and_total(spectrum: &Spectrum) -> (f64, f64) {
    let (mut low, mut total) = (0.0, 0.0);
    spectrum.visit(|bin| {
        total += bin.magnitude;
        if in_box(bin.across, bin.down) {
            low += bin.magnitude;
        }
    });
    (low, total)
}

/// Mean, standard deviation, skewness, excess kurtosis.
fn moments(spectrum: &Spectrum) -> [f64; 4] {
    let (mut count, mut sum) = (0.0, 0.0);
    spectrum.visit(|bin| {
        count += 1.0;
        sum += bin.magnitude;
    });
    let mean = sum / count;
    let mut powers = [0.0; 3];
    spectrum.visit(|bin| {
        let offset = bin.magnitude - mean;
        let square = offset * offset;
        powers[0] += square;
        powers[1] += square * offset;
        powers[2] += square * square;
    });
    let [variance, third, fourth] = powers.map(|power| power / count);
    let deviation = libm::sqrt(variance);
    if deviation <= 0.0 {
        return [mean, 0.0, 0.0, 0.0];
    }
    [mean, deviation, third / (variance * deviation), fourth / (variance * variance) - 3.0]
}

/// Means inside and outside of the box.
fn energies(spectrum: &Spectrum) -> [f64; 2] {
    let (mut sums, mut counts) = ([0.0; 2], [0.0_f64; 2]);
    spectrum.visit(|bin| {
        let side = usize::from(!in_box(bin.across, bin.down));
        sums[side] += bin.magnitude;
        counts[side] += 1.0;
    });
    std::array::from_fn(|side| sums[side] / counts[side].max(1.0))
}

/// Means at radius 0, a quarter, half, three quarters and the last below half the shorter side;
/// zeros where there are less than five radii.
fn radial(spectrum: &Spectrum, luma: &Plane) -> [f64; 5] {
    let count = (luma.width() / 2).min(luma.height() / 2) as i64;
    if count < 5 {
        return [0.0; 5];
    }
    let radii = [0, count / 4, count / 2, 3 * count / 4, count - 1];
    let (mut sums, mut counts) = ([0.0; 5], [0.0_f64; 5]);
    spectrum.visit(|bin| {
        let square = bin.across * bin.across + bin.down * bin.down;
        for (at, radius) in radii.iter().enumerate() {
            if (radius * radius..(radius + 1) * (radius + 1)).contains(&square) {
                sums[at] += bin.magnitude;
                counts[at] += 1.0;
            }
        }
    });
    std::array::from_fn(|at| sums[at] / counts[at].max(1.0))
}

/// Mean and standard deviation of a plane.
pub(crate) fn mean_and_deviation(plane: &Plane) -> (f64, f64) {
    let (mut sum, mut squares) = (0_u64, 0_u64);
    for value in plane.values() {
        sum += u64::from(*value);
        squares += u64::from(*value) * u64::from(*value);
    }
    let count = plane.values().len() as f64;
    let mean = sum as f64 / count;
    (mean, libm::sqrt((squares as f64 / count - mean * mean).max(0.0)))
}

/// From 0 to 1: how far the channels' means and deviations are from one another.
fn color_balance_need(picture: &Planes) -> f64 {
    let channels: Vec<(f64, f64)> = picture.as_slice().iter().map(mean_and_deviation).collect();
    let count = channels.len() as f64;
    let mean = channels.iter().map(|(mean, _)| mean).sum::<f64>() / count;
    let highest = channels.iter().map(|(mean, _)| *mean).fold(0.0, f64::max);
    let lowest = channels.iter().map(|(mean, _)| *mean).fold(255.0, f64::min);
    let imbalance = if mean > 0.0 {
        channels.iter().map(|(one, _)| (one - mean).abs() / mean).sum::<f64>() / count
    } else {
        0.0
    };
    let cast = if highest > 0.0 { (highest - lowest) / highest } else { 0.0 };
    let typical = channels.iter().map(|(_, deviation)| deviation).sum::<f64>() / count;
    let variance =
        channels.iter().map(|(_, deviation)| (deviation - typical).powi(2)).sum::<f64>() / count;
    let variation = libm::sqrt(variance) / (typical + 1e-6);
    (0.4 * imbalance + 0.4 * cast + 0.2 * variation.min(1.0)).min(1.0)
}

/// From 0 to 1: little variance of the Laplacian, little energy outside of the box, weak edges.
fn sharpening_need(luma: &Plane, high_share: f64) -> f64 {
    let (laplacian, gradient) = edges(luma);
    let need = 0.4 * (1.0 - laplacian / 500.0).max(0.0)
        + 0.3 * (1.0 - high_share / 0.5).max(0.0)
        + 0.3 * (1.0 - gradient / 30.0).max(0.0);
    need.clamp(0.0, 1.0)
}

/// The variance of the Laplacian (4 neighbours) and the mean length of the Sobel gradient
/// (3 × 3); borders are reflected without the outermost pixel.
pub(crate) fn edges(plane: &Plane) -> (f64, f64) {
    let (width, height) = (plane.width(), plane.height());
    let (mut sum, mut squares, mut lengths) = (0_i64, 0_i64, 0.0);
    for y in 0..height {
        let row = |offset: i64| plane.row(reflected(y as i64 + offset, height));
        let (above, here, below) = (row(-1), row(0), row(1));
        let mut row_lengths = 0.0;
        for x in 0..width {
            let (left, right) = (reflected(x as i64 - 1, width), reflected(x as i64 + 1, width));
            let at = |row: &[u8], x: usize| i64::from(row[x]);
            let laplacian =
                at(above, x) + at(below, x) + at(here, left) + at(here, right) - 4 * at(here, x);
            sum += laplacian;
            squares += laplacian * laplacian;
            let across = at(above, right) - at(above, left)
                + 2 * (at(here, right) - at(here, left))
                + at(below, right)
                - at(below, left);
            let down = at(below, left) - at(above, left)
                + 2 * (at(below, x) - at(above, x))
                + at(below, right)
                - at(above, right);
            row_lengths += libm::sqrt((across * across + down * down) as f64);
        }
        lengths += row_lengths;
    }
    let count = (width * height) as f64;
    let mean = sum as f64 / count;
    (squares as f64 / count - mean * mean, lengths / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gray(width: usize, height: usize, value: impl Fn(usize, usize) -> u8) -> Planes {
        let values = (0..width * height).map(|at| value(at % width, at / width)).collect();
        Planes::new(vec![Plane::new(width, height, values).unwrap()]).unwrap()
    }

    #[test]
    fn any_size_gives_finite_features() {
        for (width, height) in [(1, 1), (3, 2), (9, 9), (10, 59), (60, 60), (61, 90)] {
            for value in [0, 128, 255] {
                let flat = features(&gray(width, height, |_, _| value));
                assert!(flat.iter().all(|value| value.is_finite()), "{width}×{height}: {flat:?}");
                let busy = features(&gray(width, height, |x, y| (x * 37 + y * 91) as u8));
                assert!(busy.iter().all(|value| value.is_finite()), "{width}×{height}: {busy:?}");
            }
        }
    }

    #[test]
    fn a_flat_picture_has_one_bin() {
        let flat = features(&gray(64, 80, |_, _| 10));
        let peak = 20.0 * libm::log(64.0 * 80.0 * 10.0 + 1.0);
        assert!((flat[0] - peak / 5120.0).abs() < 1e-9 && (flat[4] - peak / 3600.0).abs() < 1e-9);
        assert!((flat[7] - peak).abs() < 1e-9 && flat[5].abs() < 1e-9);
        assert_eq!((flat[12], flat[13]), (0.0, 1.0));
    }

    #[test]
    fn a_cast_needs_balance() {
        let plane = |value| Plane::new(8, 8, vec![value; 64]).unwrap();
        let cast = Planes::new(vec![plane(150), plane(100), plane(50)]).unwrap();
        // Deviations of 50 %, 0 and 50 %; (150 − 50) / 150.
        let expected = 0.4 / 3.0 + 0.4 * 2.0 / 3.0;
        assert!((features(&cast)[12] - expected).abs() < 1e-6);
    }

    #[test]
    fn edges_of_a_step() {
        let step = gray(6, 4, |x, _| if x < 3 { 0 } else { 10 });
        let (laplacian, gradient) = edges(&step.luma());
        // Two of six columns have a Laplacian of ±10 and a gradient of 40.
        assert!((laplacian - 200.0 / 6.0).abs() < 1e-9 && (gradient - 80.0 / 6.0).abs() < 1e-9);
    }
}
