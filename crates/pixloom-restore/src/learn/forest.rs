//! Random forest.
use serde::{Deserialize, Serialize};

use super::Table;
use super::random::Random;
use super::tree::{Growth, Tree};

/// As scikit-learn grows them for document 003.
const FULL: (u64, Growth) = (100, Growth::full(10, 5));
/// Few shallow trees that fit a small file.
const COMPACT: (u64, Growth) = (32, Growth { depth: 8, min_split: 10, compact: true });

/// Trees on bootstrap samples; the prediction is their mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forest {
    targets: usize,
    trees: Vec<Tree>,
}

impl Forest {
    pub(super) fn train(x: &Table, y: &Table, compact: bool, seed: u64) -> Self {
        let (trees, growth) = if compact { COMPACT } else { FULL };
        let grow = |at: u64| {
            let mut random = Random::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(at));
            let rows: Vec<usize> = (0..x.rows()).map(|_| random.below(x.rows())).collect();
            Tree::grow((x, y), &rows, growth, &mut random)
        };
        Self { targets: y.columns(), trees: (0..trees).map(grow).collect() }
    }

    pub(super) fn predict(&self, row: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.targets];
        for tree in &self.trees {
            sums.iter_mut().zip(tree.predict(row)).for_each(|(sum, value)| *sum += value);
        }
        sums.iter().map(|sum| sum / self.trees.len().max(1) as f64).collect()
    }

    /// Means less `caution` standard deviations of the trees' answers.
    pub(super) fn cautious(&self, row: &[f64], caution: f64) -> Vec<f64> {
        let means = self.predict(row);
        let mut squares = vec![0.0; self.targets];
        for tree in &self.trees {
            let answers = tree.predict(row).iter().zip(&means);
            squares.iter_mut().zip(answers).for_each(|(sum, (a, mean))| *sum += (a - mean).powi(2));
        }
        let count = self.trees.len().max(1) as f64;
        means
            .iter()
            .zip(squares)
            .map(|(mean, sum)| mean - caution * libm::sqrt(sum / count))
            .collect()
    }

    pub(super) fn importances(&self, columns: usize) -> Vec<f64> {
        let mut sums = vec![0.0; columns];
        self.trees.iter().for_each(|tree| tree.add_importances(&mut sums));
        sums
    }
}
