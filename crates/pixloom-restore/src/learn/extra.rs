//! Extremely randomised trees (Geurts, Ernst and Wehenkel 2006): thresholds are drawn, not sought,
//! and all targets share a tree. Stored short: leaves are whole multiples of a unit.
use serde::{Deserialize, Serialize};

use super::Table;
use super::random::Random;
use super::{ShapeError, Stopped};

/// Trees of an ensemble.
const TREES: u64 = 64;
/// No leaf holds fewer rows.
const LEAF: usize = 5;
/// Share of the features that a node draws a threshold for, as a fraction.
const ASKED: (usize, usize) = (3, 5);
/// Leaves are stored as whole numbers up to this, of either sign.
const FINE: f64 = 500.0;

/// Trees whose mean is the prediction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExtraTrees {
    /// What 1 in a leaf stands for, for each target.
    units: Vec<f64>,
    /// What each feature removed of the squared error.
    importances: Vec<f64>,
    trees: Vec<Tree>,
}

/// Questions in the order of their places: smaller or equal goes to `low`, else to `high`. A place
/// is that of a question, or −1 less the place of a leaf.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Tree {
    feature: Vec<usize>,
    threshold: Vec<f64>,
    low: Vec<i32>,
    high: Vec<i32>,
    leaves: Vec<Vec<i16>>,
}

/// Rows and how they are grown into a tree.
struct Grower<'a> {
    x: &'a Table,
    y: &'a Table,
    units: &'a [f64],
    random: Random,
    importances: &'a mut [f64],
    tree: Tree,
}

struct Split {
    feature: usize,
    threshold: f64,
    gain: f64,
}

impl ExtraTrees {
    pub(super) fn train(
        (x, y): (&Table, &Table),
        seed: u64,
        stopped: &Stopped<'_>,
    ) -> Option<Self> {
        let largest = |at: usize| y.column(at).into_iter().fold(0.0, |most, v| v.abs().max(most));
        let units: Vec<f64> = (0..y.columns()).map(|at| largest(at) / FINE).collect();
        let mut importances = vec![0.0; x.columns()];
        let mut grow = |at: u64| {
            if stopped() {
                return None;
            }
            let random = Random::new(seed.wrapping_mul(0x9fb2_1c65_1e98_df25).wrapping_add(at));
            let tree = Tree::default();
            let importances = &mut importances;
            let mut grower = Grower { x, y, units: &units, random, importances, tree };
            grower.add((0..x.rows()).collect());
            Some(grower.tree)
        };
        let trees = (0..TREES).map(&mut grow).collect::<Option<_>>()?;
        let importances = importances.into_iter().map(short).collect();
        Some(Self { units, importances, trees })
    }

    pub(super) fn check(&self, features: usize, targets: usize) -> Result<(), ShapeError> {
        ShapeError::of("units", (self.units.len(), targets))?;
        ShapeError::of("importances", (self.importances.len(), features))?;
        ShapeError::finite("units", self.units.iter().copied())?;
        if self.trees.is_empty() {
            return Err(ShapeError::Empty("trees"));
        }
        self.trees.iter().try_for_each(|tree| tree.check(features, targets))
    }

    pub(super) fn predict(&self, row: &[f64]) -> Vec<f64> {
        let mut sums = vec![0_i64; self.units.len()];
        for tree in &self.trees {
            let leaf = tree.leaf(row);
            sums.iter_mut().zip(leaf).for_each(|(sum, value)| *sum += i64::from(*value));
        }
        let count = self.trees.len().max(1) as f64;
        sums.iter().zip(&self.units).map(|(sum, unit)| *sum as f64 * unit / count).collect()
    }

    pub(super) fn importances(&self, columns: usize) -> Vec<f64> {
        (0..columns).map(|at| self.importances.get(at).copied().unwrap_or(0.0)).collect()
    }
}

impl Tree {
    /// Whether every question is about a feature, and leads to a later question or to a leaf with
    /// a value for each target.
    fn check(&self, features: usize, targets: usize) -> Result<(), ShapeError> {
        let questions = self.feature.len();
        for (name, len) in [("thresholds", self.threshold.len()), ("low places", self.low.len())] {
            ShapeError::of(name, (len, questions))?;
        }
        ShapeError::of("high places", (self.high.len(), questions))?;
        ShapeError::finite("thresholds", self.threshold.iter().copied())?;
        let asks = self.feature.iter().all(|feature| *feature < features);
        let leads = |at: usize, place: i32| match usize::try_from(place) {
            Ok(next) => next > at && next < questions,
            Err(_) => usize::try_from(-1 - i64::from(place)).is_ok_and(|l| l < self.leaves.len()),
        };
        let places = self.low.iter().zip(&self.high).enumerate();
        let ends = places.into_iter().all(|(at, (low, high))| leads(at, *low) && leads(at, *high));
        if !asks || !ends || self.leaves.is_empty() {
            return Err(ShapeError::Tree);
        }
        self.leaves.iter().try_for_each(|leaf| ShapeError::of("leaf", (leaf.len(), targets)))
    }

    /// The leaf that a row leads to; nothing in a file that is broken.
    fn leaf(&self, row: &[f64]) -> &[i16] {
        // A tree without questions has one leaf.
        let mut place: i32 = if self.feature.is_empty() { -1 } else { 0 };
        // A file may hold a loop; no path is longer than there are questions.
        for _ in 0..self.feature.len() {
            let Ok(at) = usize::try_from(place) else { break };
            let (Some(feature), Some(threshold)) = (self.feature.get(at), self.threshold.get(at))
            else {
                return &[];
            };
            let below = row.get(*feature).copied().unwrap_or(0.0) <= *threshold;
            let next = if below { &self.low } else { &self.high };
            place = next.get(at).copied().unwrap_or(-1);
        }
        let leaf = usize::try_from(-1 - i64::from(place)).ok();
        leaf.and_then(|leaf| self.leaves.get(leaf)).map_or(&[], Vec::as_slice)
    }
}

impl Grower<'_> {
    /// Adds the tree of some rows and returns its place.
    fn add(&mut self, rows: Vec<usize>) -> i32 {
        let Some(split) = self.split(&rows) else { return self.leaf(&rows) };
        let at = self.tree.feature.len();
        self.importances[split.feature] += split.gain;
        self.tree.feature.push(split.feature);
        self.tree.threshold.push(split.threshold);
        self.tree.low.push(0);
        self.tree.high.push(0);
        let (low, high): (Vec<usize>, Vec<usize>) =
            rows.into_iter().partition(|row| self.x.row(*row)[split.feature] <= split.threshold);
        self.tree.low[at] = self.add(low);
        self.tree.high[at] = self.add(high);
        at as i32
    }

    fn leaf(&mut self, rows: &[usize]) -> i32 {
        let mean = |(at, unit): (usize, &f64)| {
            let sum: f64 = rows.iter().map(|row| self.y.row(*row)[at]).sum();
            let mean = sum / rows.len().max(1) as f64;
            if *unit > 0.0 { libm::round(mean / unit) as i16 } else { 0 }
        };
        let leaf = self.units.iter().enumerate().map(mean).collect();
        self.tree.leaves.push(leaf);
        -(self.tree.leaves.len() as i32)
    }

    /// The best of the drawn questions, the first of equals.
    fn split(&mut self, rows: &[usize]) -> Option<Split> {
        if rows.len() < 2 * LEAF {
            return None;
        }
        let mut features: Vec<usize> = (0..self.x.columns()).collect();
        let wanted = (features.len() * ASKED.0).div_ceil(ASKED.1);
        let (mut best, mut asked): (Option<Split>, usize) = (None, 0);
        for at in 0..features.len() {
            let other = at + self.random.below(features.len() - at);
            features.swap(at, other);
            let Some(found) = self.drawn(rows, features[at]) else { continue };
            if found.gain > best.as_ref().map_or(1e-12, |best| best.gain) {
                best = Some(found);
            }
            asked += 1;
            if asked == wanted {
                break;
            }
        }
        best
    }

    /// A drawn threshold for a feature and what it removes of the squared error; `None` where the
    /// feature is constant or a side would be too small.
    fn drawn(&mut self, rows: &[usize], feature: usize) -> Option<Split> {
        let value = |row: &usize| self.x.row(*row)[feature];
        let least = rows.iter().map(value).fold(f64::MAX, f64::min);
        let most = rows.iter().map(value).fold(f64::MIN, f64::max);
        if least >= most {
            return None;
        }
        let threshold = short(least + (most - least) * self.random.unit());
        let (mut sums, mut low) = ([vec![0.0; self.y.columns()], vec![0.0; self.y.columns()]], 0);
        for row in rows {
            let below = value(row) <= threshold;
            low += usize::from(below);
            let side = &mut sums[usize::from(below)];
            side.iter_mut().zip(self.y.row(*row)).for_each(|(sum, value)| *sum += value);
        }
        let high = rows.len() - low;
        if low < LEAF || high < LEAF {
            return None;
        }
        let squared = |sums: &[f64], count: usize| {
            sums.iter().map(|sum| sum * sum).sum::<f64>() / count as f64
        };
        let [above, below] = &sums;
        let all: Vec<f64> = above.iter().zip(below).map(|(a, b)| a + b).collect();
        let parts = squared(above, high) + squared(below, low);
        Some(Split { feature, threshold, gain: parts - squared(&all, rows.len()) })
    }
}

/// Rounded to six significant digits: short in a file.
fn short(value: f64) -> f64 {
    let scale = libm::pow(10.0, 5.0 - libm::floor(libm::log10(libm::fabs(value).max(1e-12))));
    libm::round(value * scale) / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_without_questions_is_the_mean() {
        let (mut x, mut y) = (Table::new(1), Table::new(2));
        for at in 0..4 {
            x.push(&[f64::from(at)]);
            y.push(&[f64::from(at), 0.0]);
        }
        let model = ExtraTrees::train((&x, &y), 1, &|| false).unwrap();
        let found = model.predict(&[9.0]);
        assert!((found[0] - 1.5).abs() < 0.01 && found[1].abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn a_broken_file_predicts_nothing_and_ends() {
        for text in [
            r#"{"feature":[0],"threshold":[0.5],"low":[0],"high":[0],"leaves":[[7]]}"#,
            r#"{"feature":[0,0],"threshold":[0.5],"low":[1,7],"high":[1],"leaves":[]}"#,
            r#"{"feature":[],"threshold":[],"low":[],"high":[],"leaves":[]}"#,
        ] {
            let tree: Tree = serde_json::from_str(text).unwrap();
            assert!(tree.leaf(&[1.0]).len() <= 1);
            assert!(tree.leaf(&[]).len() <= 1);
        }
    }
}
