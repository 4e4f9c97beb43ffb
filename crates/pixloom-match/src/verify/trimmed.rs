//! Correlation of blocks that forgives what covers a part of each: a dense watermark.
use super::blocks::{BLOCKS, FLAT, Samples};

/// Share of a block's samples that count.
const KEPT: f32 = 0.67;
/// Rounds of fitting and leaving out.
const ROUNDS: usize = 3;

/// The correlations of the textured blocks, ascending, by least trimmed squares (Rousseeuw,
/// "Least median of squares regression", 1984; concentration steps of Rousseeuw, Van Driessen,
/// "Computing LTS regression for large data sets", 2006): fit a gain and an offset, keep the
/// samples that fit best, fit again.
pub(super) fn correlations(samples: &Samples) -> Vec<f32> {
    let mut found = Vec::with_capacity(BLOCKS * BLOCKS);
    let mut pairs = Vec::new();
    for number in 0..BLOCKS * BLOCKS {
        let [rows, columns] = samples.span(number);
        let size = rows.len() * columns.len();
        pairs.clear();
        for row in rows {
            let line = row * samples.width + columns.start..row * samples.width + columns.end;
            let both = samples.ground[line.clone()].iter().zip(&samples.laid[line]);
            pairs.extend(both.filter(|(a, b)| !a.is_nan() && !b.is_nan()).map(|(a, b)| [*a, *b]));
        }
        if pairs.len() * 10 >= size * 9 {
            found.extend(correlation(&mut pairs));
        }
    }
    found.sort_by(f32::total_cmp);
    found
}

/// Mean of both, and gain and offset from the first to the second.
struct Fit {
    gain: f32,
    offset: f32,
    /// Variances and covariance.
    moments: [f32; 3],
}

fn fit(pairs: &[[f32; 2]]) -> Fit {
    let n = pairs.len().max(1) as f32;
    let [a, b] = [0, 1].map(|i| pairs.iter().map(|pair| pair[i]).sum::<f32>() / n);
    let mut moments = [0.0; 3];
    for pair in pairs {
        let (x, y) = (pair[0] - a, pair[1] - b);
        moments = [moments[0] + x * x, moments[1] + y * y, moments[2] + x * y];
    }
    let moments = moments.map(|sum| sum / n);
    let gain = if moments[0] > 1.0 { moments[2] / moments[0] } else { 1.0 };
    Fit { gain, offset: b - gain * a, moments }
}

/// The correlation of what is left of a block; nothing of a flat one.
fn correlation(pairs: &mut Vec<[f32; 2]>) -> Option<f32> {
    let keep = (pairs.len() as f32 * KEPT) as usize;
    let mut order: Vec<(f32, [f32; 2])> = pairs.iter().map(|pair| (0.0, *pair)).collect();
    // What is covered is usually added to: the middle difference is that of the rest.
    let mut offsets: Vec<f32> = pairs.iter().map(|pair| pair[1] - pair[0]).collect();
    offsets.sort_by(f32::total_cmp);
    let (mut gain, mut offset) = (1.0, *offsets.get(offsets.len() / 2)?);
    let mut last = fit(pairs);
    for _ in 0..ROUNDS {
        for (distance, [a, b]) in &mut order {
            *distance = (gain * *a + offset - *b).abs();
        }
        order.sort_by(|x, y| x.0.total_cmp(&y.0));
        pairs.clear();
        pairs.extend(order[..keep].iter().map(|(_, pair)| *pair));
        last = fit(pairs);
        (gain, offset) = (last.gain, last.offset);
    }
    let [a, b, both] = last.moments;
    (a.max(b).sqrt() >= FLAT).then(|| both / (a * b + 0.01).sqrt())
}
