//! Random forest.
use serde::{Deserialize, Serialize};

use super::Table;
use super::random::Random;
use super::tree::{Growth, Tree};
use super::{ShapeError, Stopped};

/// As scikit-learn grows them for document 003.
const TREES: u64 = 100;
const GROWTH: Growth = Growth { depth: 10, min_split: 5 };

/// Trees on bootstrap samples; the prediction is their mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forest {
    targets: usize,
    trees: Vec<Tree>,
}

impl Forest {
    pub(super) fn train(
        (x, y): (&Table, &Table),
        seed: u64,
        stopped: &Stopped<'_>,
    ) -> Option<Self> {
        let grow = |at: u64| {
            if stopped() {
                return None;
            }
            let mut random = Random::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(at));
            let rows: Vec<usize> = (0..x.rows()).map(|_| random.below(x.rows())).collect();
            Some(Tree::grow((x, y), &rows, GROWTH))
        };
        let trees = (0..TREES).map(grow).collect::<Option<_>>()?;
        Some(Self { targets: y.columns(), trees })
    }

    pub(super) fn check(&self, features: usize, targets: usize) -> Result<(), ShapeError> {
        ShapeError::of("targets", (self.targets, targets))?;
        if self.trees.is_empty() {
            return Err(ShapeError::Empty("trees"));
        }
        self.trees.iter().try_for_each(|tree| tree.check(features, targets))
    }

    pub(super) fn predict(&self, row: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.targets];
        for tree in &self.trees {
            sums.iter_mut().zip(tree.predict(row)).for_each(|(sum, value)| *sum += value);
        }
        sums.iter().map(|sum| sum / self.trees.len().max(1) as f64).collect()
    }

    pub(super) fn importances(&self, columns: usize) -> Vec<f64> {
        let mut sums = vec![0.0; columns];
        self.trees.iter().for_each(|tree| tree.add_importances(&mut sums));
        sums
    }
}
