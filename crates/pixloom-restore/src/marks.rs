//! Measures of tones, fine lines and noise of larger grain, from the picture reduced to a half and
//! a quarter: what noise and specks hide at full size.
use crate::features::mean_and_deviation;
use crate::traits::{histogram, noise_sigma, quantile};
use crate::{Plane, Planes};

/// The names of the measures, in their order.
pub(crate) const NAMES: [&str; 33] = [
    "red_low",
    "green_low",
    "blue_low",
    "red_high",
    "green_high",
    "blue_high",
    "luma_10",
    "luma_25",
    "luma_50",
    "luma_75",
    "luma_90",
    "clipped_low",
    "clipped_high",
    "bottom_pile",
    "top_pile",
    "thin_share",
    "thin_strong",
    "noise_sigma_2",
    "noise_sigma_4",
    "axis_noise_1",
    "axis_noise_2",
    "axis_noise_4",
    "edge_50",
    "edge_90",
    "edge_99",
    "wide_edge_50",
    "wide_edge_90",
    "wide_edge_99",
    "block_bend",
    "saturation_50",
    "saturation_95",
    "red_spread",
    "blue_spread",
];

/// Values this near to the lowest or highest belong to the pile there.
const PILE: u8 = 4;

/// The measures of a picture whose luma is `luma`, in the order of [`NAMES`], all finite.
pub(crate) fn marks(picture: &Planes, luma: &Plane) -> [f64; 33] {
    let half = halved(luma);
    let quarter = halved(&half);
    let small = picture.map(|plane| halved(&halved(plane)));
    let tones = histogram(&quarter);
    let mut out = Vec::with_capacity(NAMES.len());
    out.extend(ends(&small));
    out.extend([0.1, 0.25, 0.5, 0.75, 0.9].map(|share| quantile(&tones, share)));
    let whole = histogram(luma);
    out.extend([share(&whole, 0, 1), share(&whole, 254, 255)]);
    out.extend(piles(&tones));
    out.extend(thin(&half));
    out.extend([noise_sigma(&half), noise_sigma(&quarter)]);
    out.extend([axis_noise(luma), axis_noise(&half), axis_noise(&quarter)]);
    out.extend(edges(&half));
    out.extend(edges(&quarter));
    out.push(block_bend(luma));
    out.extend(colours(&small));
    let mut marks = [0.0; NAMES.len()];
    marks.iter_mut().zip(out).for_each(|(to, value)| *to = value);
    marks
}

/// Means of 2 × 2 pixels, rounded; a side of one pixel stays.
fn halved(plane: &Plane) -> Plane {
    let (width, height) = (plane.width(), plane.height());
    let mut out = Plane::zeros(width / 2, height / 2);
    let across = out.width();
    for (y, row) in out.values_mut().chunks_exact_mut(across).enumerate() {
        let above = plane.row((2 * y).min(height - 1));
        let below = plane.row((2 * y + 1).min(height - 1));
        if width == 1 {
            row[0] = u8::midpoint(above[0], below[0]);
            continue;
        }
        let pairs = above.chunks_exact(2).zip(below.chunks_exact(2));
        for (to, (a, b)) in row.iter_mut().zip(pairs) {
            let sum = [a[0], a[1], b[0], b[1]].iter().map(|value| u16::from(*value)).sum::<u16>();
            *to = ((sum + 2) / 4) as u8;
        }
    }
    out
}

/// The values that half a percent of red, green and blue lie below, and above.
fn ends(picture: &Planes) -> [f64; 6] {
    let planes = picture.as_slice();
    let histograms = [0, 1, 2].map(|at| histogram(planes.get(at).unwrap_or(&planes[0])));
    let [a, b, c] = &histograms;
    let low = [a, b, c].map(|histogram| quantile(histogram, 0.005));
    let high = [a, b, c].map(|histogram| quantile(histogram, 0.995));
    [low[0], low[1], low[2], high[0], high[1], high[2]]
}

/// Share of the pixels from `first` to `last`.
fn share(histogram: &[u64; 256], first: u8, last: u8) -> f64 {
    let total: u64 = histogram.iter().sum();
    let part: u64 = histogram[usize::from(first)..=usize::from(last)].iter().sum();
    part as f64 / total.max(1) as f64
}

/// Shares of the pixels next to the lowest and next to the highest value: what was clipped before
/// the contrast fell lies on one value.
fn piles(tones: &[u64; 256]) -> [f64; 2] {
    let (low, high) = (quantile(tones, 0.005) as u8, quantile(tones, 0.995) as u8);
    [share(tones, 0, low.saturating_add(PILE)), share(tones, high.saturating_sub(PILE), 255)]
}

/// Shares of the pixels that differ by more than 40, and by more than 80, from the median of eight
/// pixels in a ring two pixels away: lines, cracks and specks, but no edges.
fn thin(plane: &Plane) -> [f64; 2] {
    let (width, height) = (plane.width(), plane.height());
    if width < 5 || height < 5 {
        return [0.0; 2];
    }
    let (mut some, mut strong) = (0_u64, 0_u64);
    for y in 2..height - 2 {
        let [above, here, below] = [y - 2, y, y + 2].map(|y| plane.row(y));
        for x in 2..width - 2 {
            let (left, right) = (x - 2, x + 2);
            let mut ring = [
                above[left],
                above[x],
                above[right],
                here[left],
                here[right],
                below[left],
                below[x],
                below[right],
            ];
            ring.sort_unstable();
            let far = here[x].abs_diff(u8::midpoint(ring[3], ring[4]));
            some += u64::from(far > 40);
            strong += u64::from(far > 80);
        }
    }
    let all = ((width - 4) * (height - 4)) as f64;
    [some as f64 / all, strong as f64 / all]
}

/// Standard deviation of the noise by the finest horizontal and vertical Haar coefficients: larger
/// than by the diagonal ones where noise has a grain or where there are many edges.
fn axis_noise(plane: &Plane) -> f64 {
    let (mut across, mut down) = ([0_u64; 511], [0_u64; 511]);
    for y in (1..plane.height()).step_by(2) {
        let (above, below) = (plane.row(y - 1), plane.row(y));
        for (a, b) in above.chunks_exact(2).zip(below.chunks_exact(2)) {
            let [a0, a1, b0, b1] = [a[0], a[1], b[0], b[1]].map(i32::from);
            across[(a0 - a1 + b0 - b1).unsigned_abs() as usize] += 1;
            down[(a0 + a1 - b0 - b1).unsigned_abs() as usize] += 1;
        }
    }
    let deviation = |histogram: &[u64; 511]| crate::traits::middle(histogram) / 2.0 / 0.6745;
    f64::midpoint(deviation(&across), deviation(&down))
}

/// The gradient that 50, 90 and 99 % of the pixels stay below: the sum of the differences to the
/// right and below.
fn edges(plane: &Plane) -> [f64; 3] {
    let mut histogram = [0_u64; 511];
    for y in 1..plane.height() {
        let (above, below) = (plane.row(y - 1), plane.row(y));
        for (pair, below) in above.windows(2).zip(below) {
            let sum = u16::from(pair[0].abs_diff(pair[1])) + u16::from(pair[0].abs_diff(*below));
            histogram[usize::from(sum)] += 1;
        }
    }
    let total: u64 = histogram.iter().sum();
    [0.5, 0.9, 0.99].map(|share| {
        let (mut seen, wanted) = (0, share * total as f64);
        let place = histogram.iter().position(|count| {
            seen += count;
            seen > 0 && seen as f64 >= wanted
        });
        place.unwrap_or(0) as f64
    })
}

/// Second differences beside the borders of 8 × 8 blocks over those everywhere; 1 without blocks.
fn block_bend(plane: &Plane) -> f64 {
    let (mut border, mut all) = ((0_u64, 0_u64), (0_u64, 0_u64));
    let bend = |a: u8, b: u8, c: u8| {
        u64::from((i32::from(a) - 2 * i32::from(b) + i32::from(c)).unsigned_abs())
    };
    let mut add = |at: usize, sum: u64, count: u64| {
        all = (all.0 + sum, all.1 + count);
        if matches!(at % 8, 0 | 7) {
            border = (border.0 + sum, border.1 + count);
        }
    };
    for row in plane.values().chunks_exact(plane.width()) {
        for (x, triple) in row.windows(3).enumerate() {
            add(x + 1, bend(triple[0], triple[1], triple[2]), 1);
        }
    }
    for y in 1..plane.height().saturating_sub(1) {
        let [a, b, c] = [y - 1, y, y + 1].map(|y| plane.row(y));
        let sum = a.iter().zip(b).zip(c).map(|((a, b), c)| bend(*a, *b, *c)).sum();
        add(y, sum, plane.width() as u64);
    }
    let mean = |(sum, count): (u64, u64)| sum as f64 / count.max(1) as f64;
    if all.0 == 0 || border.1 == 0 { 1.0 } else { (mean(border) / mean(all)).min(10.0) }
}

/// Middle and 95 % of the saturation, (max − min) / max from 0 to 1, and the standard deviations of
/// red and blue less green.
fn colours(picture: &Planes) -> [f64; 4] {
    let [red, green, blue] = picture.as_slice() else { return [0.0; 4] };
    let mut saturations = Plane::zeros(red.width(), red.height());
    let pixels = red.values().iter().zip(green.values()).zip(blue.values());
    for (to, ((r, g), b)) in saturations.values_mut().iter_mut().zip(pixels) {
        let (most, least) = (*r.max(g).max(b), *r.min(g).min(b));
        *to = (u32::from(most - least) * 255 / u32::from(most.max(1))) as u8;
    }
    let histogram = histogram(&saturations);
    let spread = |plane: &Plane| {
        let mut difference = plane.clone();
        let pairs = difference.values_mut().iter_mut().zip(green.values());
        pairs.for_each(|(a, g)| *a = (i32::midpoint(i32::from(*a), 255 - i32::from(*g))) as u8);
        2.0 * mean_and_deviation(&difference).1
    };
    [
        quantile(&histogram, 0.5) / 255.0,
        quantile(&histogram, 0.95) / 255.0,
        spread(red),
        spread(blue),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, picture: &Planes) -> f64 {
        let at = NAMES.iter().position(|known| *known == name).unwrap();
        marks(picture, &picture.luma())[at]
    }

    fn gray(side: usize, value: impl Fn(usize, usize) -> u8) -> Planes {
        let values = (0..side * side).map(|at| value(at % side, at / side)).collect();
        Planes::new(vec![Plane::new(side, side, values).unwrap()]).unwrap()
    }

    #[test]
    fn tones_are_seen_through_specks() {
        // From 60 to 180, a fifth of it at the top, with a speck every eighth pixel.
        let ramp = |x: usize| (60 + x * 150 / 128).min(180) as u8;
        let picture = gray(128, |x, y| match (x % 8, y % 8) {
            (3, 3) => 255,
            (6, 5) => 0,
            _ => ramp(x),
        });
        assert!((of("red_low", &picture) - 60.0).abs() < 16.0);
        assert!((of("blue_high", &picture) - 180.0).abs() < 16.0);
        assert!((of("luma_50", &picture) - 135.0).abs() < 6.0);
        assert!((of("clipped_high", &picture) - 1.0 / 64.0).abs() < 1e-9);
        let clean = gray(128, |x, _| ramp(x));
        assert!(of("top_pile", &clean) > 3.0 * of("bottom_pile", &clean));
    }

    #[test]
    fn lines_are_thin_and_edges_are_not() {
        let edge = gray(128, |x, _| if x < 64 { 30 } else { 220 });
        let line = gray(128, |x, _| if (60..62).contains(&x) { 220 } else { 30 });
        assert!(of("thin_share", &edge).abs() < 1e-9);
        assert!((of("thin_strong", &line) - 1.0 / 60.0).abs() < 1e-9);
    }

    #[test]
    fn noise_of_a_grain_is_seen_where_the_finest_is_not() {
        let mut state = 5_u64;
        let cells: Vec<u8> = (0..64 * 64)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                100 + (state >> 58) as u8
            })
            .collect();
        let picture = gray(128, |x, y| cells[y / 2 * 64 + x / 2]);
        assert!(noise_sigma(&picture.luma()) < 1.0);
        assert!(of("noise_sigma_2", &picture) > 8.0);
    }

    #[test]
    fn colours_and_blocks_are_measured() {
        let flat = |value: u8| Plane::new(64, 64, vec![value; 64 * 64]).unwrap();
        let red = Planes::new(vec![flat(200), flat(100), flat(100)]).unwrap();
        assert!((of("saturation_50", &red) - 0.5).abs() < 0.01);
        assert!((of("red_high", &red) - 200.0).abs() < 1e-9);
        assert!(of("red_spread", &red).abs() < 1e-9);
        let halves = gray(64, |x, _| if x < 32 { 50 } else { 150 });
        let spread = Planes::new(vec![halves.luma(), flat(100), flat(100)]).unwrap();
        assert!((of("red_spread", &spread) - 50.0).abs() < 1.5);
        let blocks = gray(64, |x, y| ((x / 8 * 31 + y / 8 * 57) % 200) as u8);
        assert!(of("block_bend", &blocks) > 2.0);
    }
}
