//! Finds the affine map that most matched points agree on.
use crate::random::below;
use crate::transform::Transform;

/// Two points said to be the same, in frame units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match {
    pub(super) from: [f64; 2],
    pub(super) to: [f64; 2],
    /// Place of the second point in its list: it may support a map once only.
    pub(super) target: u32,
    /// Difference of the directions, 256 steps a turn.
    pub(super) turn: u8,
    /// Difference of the pyramid's levels.
    pub(super) levels: i8,
    pub(super) distance: u32,
}

/// Matches that agree with a map.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    pub(super) map: Transform,
    pub(super) inliers: u32,
}

/// Distance up to which a point agrees, in frame units.
const TOLERANCE: f64 = 3.5;
/// Largest ratio of the two stretches: more is no edit of a picture.
const ANISOTROPY: f64 = 1.6;
/// Seeds tried, and samples of two more matches drawn for each.
const SEEDS: usize = 48;
const SAMPLES: usize = 12;
/// Matches that must be of one turn and scale for anything to be tried.
const LEAST: usize = 6;
/// How far directions and levels of two matches of one map may differ.
const TURN: u8 = 22;
const LEVELS: i8 = 2;

/// The map with most agreeing matches, by RANSAC (Fischler, Bolles 1981) whose samples agree in
/// direction and scale, each improved by least squares (Chum, Matas, Kittler, "Locally optimized
/// RANSAC", 2003). Draws depend on the matches alone. `matches`: best first.
pub(super) fn fit(matches: &[Match]) -> Option<Fit> {
    let mut state = matches.iter().fold(1, |state: u64, m| {
        state.wrapping_mul(0x0100_0000_01b3) ^ m.from[0].to_bits() ^ m.to[1].to_bits()
    });
    let mut best: Option<Fit> = None;
    let mut kin: Vec<Match> = Vec::with_capacity(matches.len());
    for first in matches.iter().take(SEEDS) {
        // What supports the best map already would lead to it again.
        if best.as_ref().is_some_and(|best| agrees(&best.map, first)) {
            continue;
        }
        kin.clear();
        kin.extend(matches.iter().filter(|m| are_kin(first, m)));
        let goal = best.as_ref().map_or(0, |best| best.inliers as usize);
        if kin.len() >= goal.max(LEAST) {
            sample((first, &kin), matches, &mut state, &mut best);
        }
    }
    best.filter(|best| is_sane(&best.map))
}

/// Tries maps through the seed and two of its kin; stops when most of the kin agree.
fn sample(
    (seed, kin): (&Match, &[Match]),
    matches: &[Match],
    state: &mut u64,
    best: &mut Option<Fit>,
) {
    let mut most = 4;
    for _ in 0..SAMPLES {
        let [second, third] = [0; 2].map(|_| kin[below(state, kin.len())]);
        let Some(map) = through(&[*seed, second, third]) else { continue };
        let count = kin.iter().filter(|m| agrees(&map, m)).count();
        let inliers = |best: &Option<Fit>| best.as_ref().map_or(0, |best| best.inliers as usize);
        if count <= most || count * 2 <= inliers(best) {
            continue;
        }
        most = count;
        let better = improve(matches, map);
        let is_own = agrees(&better.map, seed);
        if better.inliers as usize > inliers(best) {
            *best = Some(better);
        }
        if is_own && inliers(best) * 10 >= kin.len() * 7 {
            return;
        }
    }
}

fn are_kin(a: &Match, b: &Match) -> bool {
    let turn = a.turn.wrapping_sub(b.turn);
    turn.min(turn.wrapping_neg()) <= TURN && (a.levels - b.levels).abs() <= LEVELS
}

fn agrees(map: &Transform, m: &Match) -> bool {
    let [x, y] = map.map(m.from);
    let scale = map.determinant().abs().sqrt().max(1.0);
    let limit = TOLERANCE * scale;
    (x - m.to[0]).powi(2) + (y - m.to[1]).powi(2) <= limit * limit
}

/// An unmirrored map of a likely stretch.
fn is_sane(map: &Transform) -> bool {
    let [large, small] = map.stretches();
    map.determinant() > 0.0 && small > 0.05 && large < 20.0 && large <= ANISOTROPY * small
}

/// The map through three matches.
fn through(three: &[Match; 3]) -> Option<Transform> {
    let area = |at: fn(&Match) -> [f64; 2]| {
        let [p, q, r] = [at(&three[0]), at(&three[1]), at(&three[2])];
        (q[0] - p[0]) * (r[1] - p[1]) - (r[0] - p[0]) * (q[1] - p[1])
    };
    // Points on a line, or nearly so, say nothing across it.
    if area(|m| m.from).abs() < 200.0 || area(|m| m.to).abs() < 20.0 {
        return None;
    }
    least_squares(three.iter()).filter(is_sane)
}

/// Fits to the agreeing matches until their number grows no more.
fn improve(matches: &[Match], map: Transform) -> Fit {
    let mut best = Fit { map, inliers: support(matches, &map) };
    for _ in 0..4 {
        let inside = matches.iter().filter(|m| agrees(&best.map, m));
        let Some(map) = least_squares(inside).filter(is_sane) else { break };
        let inliers = support(matches, &map);
        let done = inliers <= best.inliers;
        if inliers >= best.inliers {
            best = Fit { map, inliers };
        }
        if done {
            break;
        }
    }
    best
}

/// How many different points agree.
fn support(matches: &[Match], map: &Transform) -> u32 {
    let mut targets: Vec<u32> =
        matches.iter().filter(|m| agrees(map, m)).map(|m| m.target).collect();
    targets.sort_unstable();
    targets.dedup();
    targets.len() as u32
}

/// The affine map nearest to the matches, about their middle.
pub(super) fn least_squares<'a>(
    matches: impl Iterator<Item = &'a Match> + Clone,
) -> Option<Transform> {
    let count = matches.clone().count() as f64;
    if count < 3.0 {
        return None;
    }
    let mean = |at: fn(&Match) -> [f64; 2], axis: usize| {
        matches.clone().map(|m| at(m)[axis]).sum::<f64>() / count
    };
    let from = [mean(|m| m.from, 0), mean(|m| m.from, 1)];
    let to = [mean(|m| m.to, 0), mean(|m| m.to, 1)];
    let (mut xx, mut xy, mut yy, mut right) = (0.0, 0.0, 0.0, [[0.0; 2]; 2]);
    for m in matches {
        let [x, y] = [m.from[0] - from[0], m.from[1] - from[1]];
        (xx, xy, yy) = (xx + x * x, xy + x * y, yy + y * y);
        for axis in 0..2 {
            let u = m.to[axis] - to[axis];
            right[axis] = [right[axis][0] + x * u, right[axis][1] + y * u];
        }
    }
    let det = xx * yy - xy * xy;
    if det.is_nan() || det <= 1e-9 * (xx + yy) * (xx + yy) {
        return None;
    }
    let row = |[u, v]: [f64; 2], axis: usize| {
        let (px, py) = ((u * yy - v * xy) / det, (v * xx - u * xy) / det);
        [px, py, to[axis] - px * from[0] - py * from[1]]
    };
    let ([xx, xy, x0], [yx, yy, y0]) = (row(right[0], 0), row(right[1], 1));
    Some(Transform { coefficients: [xx, xy, x0, yx, yy, y0] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::next;

    fn matches(map: &Transform, good: usize, bad: usize) -> Vec<Match> {
        let mut state = 3;
        let mut point = || [0; 2].map(|_| below(&mut state, 384) as f64);
        let mut all = Vec::new();
        for target in 0..good + bad {
            let from = point();
            let to = if target < good { map.map(from) } else { point() };
            let turn = if target < good { 10 } else { (target * 37) as u8 };
            all.push(Match { from, to, target: target as u32, turn, levels: 0, distance: 30 });
        }
        all
    }

    #[test]
    fn the_map_of_a_third_is_found() {
        let map = Transform { coefficients: [0.6, -0.2, 40.0, 0.15, 0.7, 9.0] };
        let found = fit(&matches(&map, 30, 60)).unwrap();
        assert!(found.inliers >= 30);
        for (a, b) in found.map.coefficients.iter().zip(map.coefficients) {
            assert!((a - b).abs() < 0.5, "{found:?}");
        }
    }

    #[test]
    fn chance_finds_little() {
        let found = fit(&matches(&Transform::IDENTITY, 0, 120));
        assert!(found.is_none_or(|found| found.inliers < 8));
        assert!(fit(&[]).is_none());
        let one = matches(&Transform::IDENTITY, 1, 0).repeat(40);
        assert!(fit(&one).is_none_or(|found| found.inliers == 1));
    }

    #[test]
    fn broken_numbers_do_not_hurt() {
        let mut state = 1;
        let mut all = matches(&Transform::IDENTITY, 20, 0);
        for m in &mut all {
            m.from[0] = f64::from_bits(next(&mut state));
        }
        let _ = fit(&all);
    }
}
