//! Ridge regression on standardised features.
use serde::{Deserialize, Serialize};

use super::measure::mean;
use super::{ShapeError, Table};

const PENALTY: f64 = 1.0;

/// Means and deviations of the features, and for each target its mean and weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ridge {
    means: Vec<f64>,
    deviations: Vec<f64>,
    targets: Vec<(f64, Vec<f64>)>,
}

impl Ridge {
    pub(super) fn train(x: &Table, y: &Table) -> Self {
        let columns = x.columns();
        let means: Vec<f64> = (0..columns).map(|at| mean(&x.column(at))).collect();
        let deviation = |at: usize| {
            let column = x.column(at);
            let squares: Vec<f64> = column.iter().map(|v| (v - means[at]).powi(2)).collect();
            libm::sqrt(mean(&squares))
        };
        let deviations: Vec<f64> = (0..columns).map(deviation).collect();
        let mut ridge = Self { means, deviations, targets: Vec::new() };
        let rows: Vec<Vec<f64>> = (0..x.rows()).map(|row| ridge.standard(x.row(row))).collect();
        for target in 0..y.columns() {
            let truth = y.column(target);
            let middle = mean(&truth);
            let mut system = vec![vec![0.0; columns + 1]; columns];
            for (row, truth) in rows.iter().zip(&truth) {
                for i in 0..columns {
                    for j in 0..columns {
                        system[i][j] += row[i] * row[j];
                    }
                    system[i][columns] += row[i] * (truth - middle);
                }
            }
            for (at, line) in system.iter_mut().enumerate() {
                line[at] += PENALTY;
            }
            ridge.targets.push((middle, solve(system)));
        }
        ridge
    }

    pub(super) fn check(&self, features: usize, targets: usize) -> Result<(), ShapeError> {
        ShapeError::of("means", (self.means.len(), features))?;
        ShapeError::of("deviations", (self.deviations.len(), features))?;
        ShapeError::of("targets", (self.targets.len(), targets))?;
        ShapeError::finite("means", self.means.iter().chain(&self.deviations).copied())?;
        for (middle, weights) in &self.targets {
            ShapeError::of("weights", (weights.len(), features))?;
            ShapeError::finite("weights", weights.iter().copied().chain([*middle]))?;
        }
        Ok(())
    }

    fn standard(&self, row: &[f64]) -> Vec<f64> {
        let scale = |(at, value): (usize, &f64)| {
            let (mean, deviation) = (self.means.get(at), self.deviations.get(at));
            match (mean, deviation) {
                (Some(mean), Some(deviation)) if *deviation > 1e-12 => (value - mean) / deviation,
                _ => 0.0,
            }
        };
        row.iter().enumerate().map(scale).collect()
    }

    pub(super) fn predict(&self, row: &[f64]) -> Vec<f64> {
        let row = self.standard(row);
        let one = |(middle, weights): &(f64, Vec<f64>)| {
            middle + weights.iter().zip(&row).map(|(weight, value)| weight * value).sum::<f64>()
        };
        self.targets.iter().map(one).collect()
    }

    pub(super) fn importances(&self, columns: usize) -> Vec<f64> {
        let size = |at: usize| {
            self.targets.iter().map(|(_, weights)| weights.get(at).map_or(0.0, |w| w.abs())).sum()
        };
        (0..columns).map(size).collect()
    }
}

/// Solves a positive definite system, its right side in the last column (Gauss with pivots).
fn solve(mut system: Vec<Vec<f64>>) -> Vec<f64> {
    let size = system.len();
    for at in 0..size {
        let pivot = (at..size)
            .max_by(|a, b| system[*a][at].abs().total_cmp(&system[*b][at].abs()))
            .unwrap_or(at);
        system.swap(at, pivot);
        let line = system[at].clone();
        for (row, other) in system.iter_mut().enumerate() {
            if row != at && line[at] != 0.0 {
                let factor = other[at] / line[at];
                other.iter_mut().zip(&line).for_each(|(value, own)| *value -= factor * own);
            }
        }
    }
    let weight = |at: usize| {
        let (own, right) = (system[at][at], system[at][size]);
        if own == 0.0 { 0.0 } else { right / own }
    };
    (0..size).map(weight).collect()
}
