//! Tells a part cut out of a picture from a picture put into another, or into a border.
use super::Transform;
use super::blocks::bilinear;
use crate::features::Features;

/// Points per side that are looked at.
const POINTS: usize = 24;
/// How far from the side they lie, in pixels of the small picture.
const STEP: f64 = 2.0;
/// Deviation of gray values below which the surroundings are plain.
const PLAIN: f32 = 4.0;

/// What surrounds the inner picture within the outer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// The scene goes on: the inner picture is a part.
    Scene,
    /// Plain: a border, bars.
    Plain,
    /// Something else begins at the sides.
    Other,
}

/// Looks along the sides of the inner picture, which `map` takes into the outer one.
pub(super) fn around(inner: &Features, outer: &Features, map: &Transform) -> Around {
    let [width, height] = inner.frame();
    let corners = [[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]];
    let corners = corners.map(|corner| map.map(corner));
    let middle = map.map([width / 2.0, height / 2.0]);
    let (mut plain, mut other, mut sides) = (0, 0, 0);
    for side in 0..4 {
        let (from, to) = (corners[side], corners[(side + 1) % 4]);
        match Side::read(outer, from, to, middle) {
            Some(side) if side.is_plain() => plain += 1,
            Some(side) if side.is_edge() => other += 1,
            Some(_) => {}
            None => continue,
        }
        sides += 1;
    }
    match () {
        () if sides > 0 && plain == sides => Around::Plain,
        () if 2 * (plain + other) > sides => Around::Other,
        () => Around::Scene,
    }
}

/// Gray values along a side: outside, just inside, and further inside.
struct Side([Vec<f32>; 3]);

impl Side {
    /// Nothing where the side lies at the outer picture's edge.
    fn read(outer: &Features, from: [f64; 2], to: [f64; 2], middle: [f64; 2]) -> Option<Self> {
        let picture = &outer.small[0];
        let scale = picture.width as f64 / outer.frame()[0];
        let at = |share: f64, out: f64| {
            let p: [f64; 2] = std::array::from_fn(|i| from[i] + (to[i] - from[i]) * share);
            let away = [p[0] - middle[0], p[1] - middle[1]];
            let length = away[0].hypot(away[1]).max(1e-6);
            let [x, y] = std::array::from_fn(|i| p[i] * scale + away[i] / length * out);
            bilinear(picture, x as f32, y as f32)
        };
        let line = |out: f64| -> Vec<f32> {
            (0..POINTS).map(|i| at((i as f64 + 0.5) / POINTS as f64, out)).collect()
        };
        let lines = [line(STEP), line(-STEP), line(-3.0 * STEP)];
        let missing = lines.iter().flatten().filter(|value| value.is_nan()).count();
        (missing <= POINTS / 4).then_some(Self(lines))
    }

    fn is_plain(&self) -> bool {
        let values: Vec<f32> = self.0[0].iter().copied().filter(|value| !value.is_nan()).collect();
        let count = values.len().max(1) as f32;
        let mean = values.iter().sum::<f32>() / count;
        let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / count;
        square.sqrt() < PLAIN && self.step(0, 1) > 2.0 * PLAIN
    }

    /// The step over the side is much larger than one as far away inside, or the values on both
    /// sides have less to do with each other.
    fn is_edge(&self) -> bool {
        let (over, inside) = (self.correlation(0, 1), self.correlation(1, 2));
        self.step(0, 1) > 2.0 * self.step(1, 2) + 4.0 || over < 0.6 * inside - 0.1
    }

    fn correlation(&self, one: usize, other: usize) -> f32 {
        let both = || {
            let pairs = self.0[one].iter().zip(&self.0[other]);
            pairs.filter(|(a, b)| !a.is_nan() && !b.is_nan())
        };
        let count = both().count().max(1) as f32;
        let mean = |pick: fn((&f32, &f32)) -> f32| both().map(pick).sum::<f32>() / count;
        let (a, b) = (mean(|(a, _)| *a), mean(|(_, b)| *b));
        let sum = |f: &dyn Fn(f32, f32) -> f32| both().map(|(x, y)| f(x - a, y - b)).sum::<f32>();
        sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y) + 1.0).sqrt()
    }

    fn step(&self, one: usize, other: usize) -> f32 {
        let steps = self.0[one].iter().zip(&self.0[other]).map(|(a, b)| (a - b).abs());
        let known: Vec<f32> = steps.filter(|step| !step.is_nan()).collect();
        known.iter().sum::<f32>() / known.len().max(1) as f32
    }
}
