//! Free baselines: smooth curves that straight lines are laid along.

/// A curve in steps of equal length, from 0, 0 on.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    points: Vec<[f64; 2]>,
    /// Directions at the points, of length 1.
    tangents: Vec<[f64; 2]>,
    step: f64,
}

/// Steps of a curve.
const STEPS: usize = 256;
/// Samples of a curve before it is cut into steps of equal length.
const SAMPLES: usize = 2048;

impl Curve {
    /// A curve through all `points` (Catmull and Rom 1974, with uniform knots), as long as
    /// `length` and nowhere bent more than a circle of `least_radius`: where it would be, it is
    /// made flatter. `None` for fewer than two different points.
    pub fn through(points: &[[f64; 2]], length: f64, least_radius: f64) -> Option<Self> {
        let last = points.len().checked_sub(1).filter(|last| *last > 0)?;
        let at = |i: i64| points[i.clamp(0, last as i64) as usize];
        let sample = |t: f64| {
            let span = (t.floor() as i64).min(last as i64 - 1);
            let u = t - span as f64;
            let (u2, u3) = (u * u, u * u * u);
            let weights = [
                0.5 * (-u3 + 2.0 * u2 - u),
                0.5 * (3.0 * u3 - 5.0 * u2 + 2.0),
                0.5 * (-3.0 * u3 + 4.0 * u2 + u),
                0.5 * (u3 - u2),
            ];
            weighted([at(span - 1), at(span), at(span + 1), at(span + 2)], weights)
        };
        Self::of(&sample, last as f64, (length, least_radius))
    }

    /// Cubic Bézier curves one after the other: a point, then two controls and a point for each;
    /// otherwise as [`Curve::through`]. `None` if the number of points is not 4, 7, 10, ….
    pub fn bezier(points: &[[f64; 2]], length: f64, least_radius: f64) -> Option<Self> {
        let pieces = points.len().checked_sub(1).filter(|n| *n > 0 && n % 3 == 0)? / 3;
        let sample = |t: f64| {
            let piece = (t as usize).min(pieces - 1);
            let (u, s) = (t - piece as f64, 1.0 - (t - piece as f64));
            let weights = [s * s * s, 3.0 * s * s * u, 3.0 * s * u * u, u * u * u];
            weighted(std::array::from_fn(|i| points[3 * piece + i]), weights)
        };
        Self::of(&sample, pieces as f64, (length, least_radius))
    }

    fn of(
        sample: &dyn Fn(f64) -> [f64; 2],
        end: f64,
        (length, least_radius): (f64, f64),
    ) -> Option<Self> {
        let mut samples: Vec<[f64; 2]> =
            (0..=SAMPLES).map(|i| sample(i as f64 / SAMPLES as f64 * end)).collect();
        for _ in 0..64 {
            let curve = Self::even(&samples, length)?;
            if curve.least_radius() >= least_radius {
                return Some(curve);
            }
            flatten(&mut samples);
        }
        None
    }

    /// Cuts samples into steps of equal length.
    fn even(samples: &[[f64; 2]], length: f64) -> Option<Self> {
        let mut lengths = vec![0.0];
        for pair in samples.windows(2) {
            let before = lengths.last().copied().unwrap_or_default();
            lengths.push(before + distance(pair[0], pair[1]));
        }
        let whole = lengths.last().copied().filter(|l| l.is_finite() && *l > 1e-9)?;
        let scale = length / whole;
        let first = samples[0];
        let place = |step: usize| {
            let wanted = whole * step as f64 / STEPS as f64;
            let after = lengths.partition_point(|l| *l < wanted).clamp(1, samples.len() - 1);
            let (from, to) = (lengths[after - 1], lengths[after]);
            let t = if to > from { (wanted - from) / (to - from) } else { 0.0 };
            let (a, b) = (samples[after - 1], samples[after]);
            [0, 1].map(|c| (a[c] + (b[c] - a[c]) * t - first[c]) * scale)
        };
        let points: Vec<[f64; 2]> = (0..=STEPS).map(place).collect();
        let tangent = |i: usize| {
            let (a, b) = (points[i.saturating_sub(1)], points[(i + 1).min(STEPS)]);
            let reach = distance(a, b).max(1e-12);
            [(b[0] - a[0]) / reach, (b[1] - a[1]) / reach]
        };
        let tangents = (0..=STEPS).map(tangent).collect();
        Some(Self { points, tangents, step: length / STEPS as f64 })
    }

    /// The radius of the circle that fits where the curve is bent most.
    fn least_radius(&self) -> f64 {
        let turn = |pair: &[[f64; 2]]| {
            let [a, b] = [pair[0], pair[1]];
            libm::atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]).abs()
        };
        let most = self.tangents.windows(2).map(turn).fold(0.0, f64::max);
        self.step / most.max(1e-9)
    }

    /// Where a position goes that is `along` the straight line and `across` from it, clockwise.
    pub(crate) fn place(&self, along: f64, across: f64) -> [f64; 2] {
        let at = (along / self.step).clamp(0.0, STEPS as f64);
        let index = (at as usize).min(STEPS - 1);
        let t = at - index as f64;
        let mix = |of: &[[f64; 2]], c: usize| of[index][c] + (of[index + 1][c] - of[index][c]) * t;
        let [mut x, mut y] = [0, 1].map(|c| mix(&self.points, c));
        let [mut dx, mut dy] = [0, 1].map(|c| mix(&self.tangents, c));
        let length = (dx * dx + dy * dy).sqrt().max(1e-12);
        (dx, dy) = (dx / length, dy / length);
        // Beyond its ends the curve goes on straight.
        let beyond = along - at * self.step;
        (x, y) = (x + dx * beyond, y + dy * beyond);
        [x - dy * across, y + dx * across]
    }
}

fn weighted(points: [[f64; 2]; 4], weights: [f64; 4]) -> [f64; 2] {
    [0, 1].map(|c| (0..4).map(|i| weights[i] * points[i][c]).sum())
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    ((b[0] - a[0]) * (b[0] - a[0]) + (b[1] - a[1]) * (b[1] - a[1])).sqrt()
}

/// Moves all samples nearer to the straight line between the ends, to where they would be on it
/// if they were spread evenly.
fn flatten(samples: &mut [[f64; 2]]) {
    let (Some(first), Some(last)) = (samples.first().copied(), samples.last().copied()) else {
        return;
    };
    let chord = distance(first, last);
    // A closed curve has no such line: it is opened to the right.
    let end = if chord > 1e-6 { last } else { [first[0] + 1.0, first[1]] };
    let count = (samples.len() - 1) as f64;
    for (i, sample) in samples.iter_mut().enumerate() {
        let t = i as f64 / count;
        *sample = [0, 1].map(|c| 0.85 * sample[c] + 0.15 * (first[c] + (end[c] - first[c]) * t));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn straight_points_make_a_straight_line() {
        let curve = Curve::through(&[[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]], 300.0, 10.0).unwrap();
        for (along, across) in [(0.0, 0.0), (120.0, 7.0), (300.0, -4.0), (-5.0, 1.0), (310.0, 0.0)]
        {
            let [x, y] = curve.place(along, across);
            assert!((x - along).abs() < 1e-6 && (y - across).abs() < 1e-6, "{x} {y}");
        }
    }

    #[test]
    fn curves_keep_the_length_of_the_line_and_go_through_their_points() {
        let points = [[0.0, 0.0], [1.0, 0.4], [2.0, -0.3], [3.0, 0.2]];
        let curve = Curve::through(&points, 900.0, 1.0).unwrap();
        let walked: f64 = (0..900)
            .map(|i| distance(curve.place(f64::from(i), 0.0), curve.place(f64::from(i + 1), 0.0)))
            .sum();
        assert!((walked - 900.0).abs() < 2.0, "{walked}");
        let scale = curve.points[STEPS][0] / 3.0;
        for [x, y] in points {
            let near = curve.points.iter().map(|p| distance(*p, [x * scale, y * scale]));
            assert!(near.fold(f64::INFINITY, f64::min) < 3.0, "{x} {y}");
        }
    }

    #[test]
    fn sharp_bends_are_made_flatter() {
        let points = [[0.0, 0.0], [0.5, 3.0], [0.6, -3.0], [1.0, 0.0]];
        let curve = Curve::through(&points, 400.0, 60.0).unwrap();
        assert!(curve.least_radius() >= 60.0);
        // Closed ones are opened.
        let points = [[0.0, 0.0], [2.0, 2.0], [-2.0, 2.0], [0.0, 0.0]];
        assert!(Curve::bezier(&points, 400.0, 120.0).unwrap().least_radius() >= 120.0);
    }

    #[test]
    fn too_few_points_are_no_curve() {
        assert!(Curve::through(&[[0.0, 0.0]], 10.0, 1.0).is_none());
        assert!(Curve::through(&[[1.0, 1.0], [1.0, 1.0]], 10.0, 1.0).is_none());
        assert!(Curve::bezier(&[[0.0; 2]; 3], 10.0, 1.0).is_none());
        assert!(Curve::bezier(&[[f64::NAN; 2]; 4], 10.0, 1.0).is_none());
    }
}
