//! Gradient boosting for squared error.
use serde::{Deserialize, Serialize};

use super::Table;
use super::measure::mean;
use super::tree::{Growth, Tree};
use super::{ShapeError, Stopped};

const TREES: usize = 100;
const RATE: f64 = 0.1;
const GROWTH: Growth = Growth { depth: 5, min_split: 2 };

/// For each target a start and trees on what is left over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Boosting {
    targets: Vec<Chain>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Chain {
    start: f64,
    trees: Vec<Tree>,
}

impl Boosting {
    pub(super) fn train((x, y): (&Table, &Table), stopped: &Stopped<'_>) -> Option<Self> {
        let chain = |at: usize| Chain::train(x, &y.column(at), stopped);
        Some(Self { targets: (0..y.columns()).map(chain).collect::<Option<_>>()? })
    }

    pub(super) fn check(&self, features: usize, targets: usize) -> Result<(), ShapeError> {
        ShapeError::of("targets", (self.targets.len(), targets))?;
        let chains = || self.targets.iter();
        ShapeError::finite("starts", chains().map(|chain| chain.start))?;
        chains().flat_map(|chain| &chain.trees).try_for_each(|tree| tree.check(features, 1))
    }

    pub(super) fn predict(&self, row: &[f64]) -> Vec<f64> {
        self.targets.iter().map(|chain| chain.predict(row)).collect()
    }

    pub(super) fn importances(&self, columns: usize) -> Vec<f64> {
        let mut sums = vec![0.0; columns];
        let trees = self.targets.iter().flat_map(|chain| &chain.trees);
        trees.for_each(|tree| tree.add_importances(&mut sums));
        sums
    }
}

impl Chain {
    fn train(x: &Table, y: &[f64], stopped: &Stopped<'_>) -> Option<Self> {
        let start = mean(y);
        let rows: Vec<usize> = (0..x.rows()).collect();
        let mut left: Vec<f64> = y.iter().map(|value| value - start).collect();
        let mut trees = Vec::new();
        for _ in 0..TREES {
            if stopped() {
                return None;
            }
            if left.iter().all(|value| value.abs() < 1e-12) {
                break;
            }
            let mut residuals = Table::new(1);
            for value in &left {
                residuals.push(&[*value]);
            }
            let tree = Tree::grow((x, &residuals), &rows, GROWTH);
            for (row, value) in left.iter_mut().enumerate() {
                *value -= RATE * tree.predict(x.row(row)).first().copied().unwrap_or(0.0);
            }
            trees.push(tree);
        }
        Some(Self { start, trees })
    }

    fn predict(&self, row: &[f64]) -> f64 {
        let step = |tree: &Tree| tree.predict(row).first().copied().unwrap_or(0.0);
        self.start + RATE * self.trees.iter().map(step).sum::<f64>()
    }
}
