//! Models that predict numbers from numbers: forests, gradient boosting, networks, ridge, mean.
//!
//! Everything drawn at random comes from a seed; the same table and seed give the same model.
mod boosting;
mod extra;
mod forest;
mod measure;
mod network;
mod random;
mod ridge;
mod tree;

pub use measure::{folds, mae, r2, split};

use serde::{Deserialize, Serialize};

/// Rows of numbers of the same length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    columns: usize,
    values: Vec<f64>,
}

impl Table {
    /// An empty table.
    pub const fn new(columns: usize) -> Self {
        Self { columns, values: Vec::new() }
    }

    /// Adds a row; one that is too short is filled with zeros, one too long is cut, and what is
    /// not finite becomes zero.
    pub fn push(&mut self, row: &[f64]) {
        let finite = |value: f64| if value.is_finite() { value } else { 0.0 };
        let cells = (0..self.columns).map(|at| row.get(at).copied().map_or(0.0, finite));
        self.values.extend(cells);
    }

    /// Numbers in a row.
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.columns).unwrap_or(0)
    }

    /// One row.
    pub fn row(&self, at: usize) -> &[f64] {
        &self.values[at * self.columns..(at + 1) * self.columns]
    }

    /// One column.
    pub fn column(&self, at: usize) -> Vec<f64> {
        (0..self.rows()).map(|row| self.row(row)[at]).collect()
    }

    /// The rows at `places`.
    #[must_use]
    pub fn select(&self, places: &[usize]) -> Self {
        let mut table = Self::new(self.columns);
        for at in places {
            table.push(self.row(*at));
        }
        table
    }
}

/// A kind of model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// 100 trees of depth 10 on bootstrap samples, all targets at once (Breiman 2001).
    RandomForest,
    /// 100 trees of depth 5 for each target, rate 0.1 (Friedman 2001).
    GradientBoosting,
    /// Linear least squares on standardised features with a penalty of 1 (Hoerl and Kennard 1970).
    Ridge,
    /// The mean of every target: what any model must beat.
    Mean,
    /// 64 trees with drawn thresholds, all targets at once (Geurts et al. 2006): for many targets.
    ExtraTrees,
    /// 3 networks with two hidden layers of 64, all targets at once: for many targets and rows.
    Networks,
}

impl Kind {
    /// The kinds for few targets, in the order of reports.
    pub const ALL: [Self; 4] =
        [Self::RandomForest, Self::GradientBoosting, Self::Ridge, Self::Mean];
}

/// A trained model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Model {
    /// See [`Kind::RandomForest`].
    RandomForest(forest::Forest),
    /// See [`Kind::GradientBoosting`].
    GradientBoosting(boosting::Boosting),
    /// See [`Kind::Ridge`].
    Ridge(ridge::Ridge),
    /// See [`Kind::Mean`].
    Mean(Means),
    /// See [`Kind::ExtraTrees`].
    ExtraTrees(extra::ExtraTrees),
    /// See [`Kind::Networks`].
    Networks(network::Networks),
}

/// The mean of every target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Means {
    values: Vec<f64>,
}

impl Model {
    /// Learns to predict the rows of `targets` from those of `features`; there is at least one.
    pub fn train(kind: Kind, features: &Table, targets: &Table, seed: u64) -> Self {
        match kind {
            Kind::RandomForest => {
                Self::RandomForest(forest::Forest::train(features, targets, seed))
            }
            Kind::ExtraTrees => Self::ExtraTrees(extra::ExtraTrees::train(features, targets, seed)),
            Kind::Networks => Self::Networks(network::Networks::train(features, targets, seed)),
            Kind::GradientBoosting => {
                Self::GradientBoosting(boosting::Boosting::train(features, targets))
            }
            Kind::Ridge => Self::Ridge(ridge::Ridge::train(features, targets)),
            Kind::Mean => {
                let mean = |at| measure::mean(&targets.column(at));
                Self::Mean(Means { values: (0..targets.columns()).map(mean).collect() })
            }
        }
    }

    /// The targets that go with a row of features.
    pub fn predict(&self, row: &[f64]) -> Vec<f64> {
        match self {
            Self::RandomForest(forest) => forest.predict(row),
            Self::ExtraTrees(trees) => trees.predict(row),
            Self::Networks(networks) => networks.predict(row),
            Self::GradientBoosting(boosting) => boosting.predict(row),
            Self::Ridge(ridge) => ridge.predict(row),
            Self::Mean(means) => means.values.clone(),
        }
    }

    /// How much each feature counts; the sum is 1, or 0 if none does.
    pub fn importances(&self, columns: usize) -> Vec<f64> {
        let mut sums = match self {
            Self::RandomForest(forest) => forest.importances(columns),
            Self::ExtraTrees(trees) => trees.importances(columns),
            Self::Networks(networks) => networks.importances(columns),
            Self::GradientBoosting(boosting) => boosting.importances(columns),
            Self::Ridge(ridge) => ridge.importances(columns),
            Self::Mean(_) => vec![0.0; columns],
        };
        let total: f64 = sums.iter().sum();
        if total > 0.0 {
            for sum in &mut sums {
                *sum /= total;
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `y0` depends on the first two features, `y1` is constant, the third feature is noise.
    fn data(rows: usize) -> (Table, Table) {
        let (mut features, mut targets) = (Table::new(3), Table::new(2));
        let mut random = random::Random::new(5);
        for _ in 0..rows {
            let row = [random.unit(), random.unit(), random.unit()];
            features.push(&row);
            targets.push(&[3.0 * row[0] + if row[1] > 0.5 { 1.0 } else { 0.0 }, 0.5]);
        }
        (features, targets)
    }

    #[test]
    fn models_learn_what_can_be_learned() {
        let (features, targets) = data(200);
        let (train, test) = split(200, 0.2, 42);
        for kind in Kind::ALL.into_iter().chain([Kind::ExtraTrees]) {
            let (x, y) = (features.select(&train), targets.select(&train));
            let model = Model::train(kind, &x, &y, 42);
            let found: Vec<Vec<f64>> =
                test.iter().map(|at| model.predict(features.row(*at))).collect();
            let truth = targets.select(&test);
            let column = |at: usize| found.iter().map(|row| row[at]).collect::<Vec<f64>>();
            let score = r2(&truth.column(0), &column(0));
            match kind {
                Kind::Mean => assert!(score < 0.05),
                Kind::Ridge | Kind::ExtraTrees => {
                    assert!(score > 0.85, "{kind:?} {score}");
                }
                _ => assert!(score > 0.95, "{kind:?} {score}"),
            }
            assert!(column(1).iter().all(|value| (value - 0.5).abs() < 1e-9), "{kind:?}");
            if kind != Kind::Mean {
                let importances = model.importances(3);
                assert!(importances[0] > 0.5 && importances[2] < 0.1, "{kind:?} {importances:?}");
                assert!((importances.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn networks_learn_what_can_be_learned() {
        let (features, targets) = data(300);
        let (train, test) = split(300, 0.2, 42);
        let (x, y) = (features.select(&train), targets.select(&train));
        let model = Model::train(Kind::Networks, &x, &y, 42);
        assert_eq!(model, Model::train(Kind::Networks, &x, &y, 42));
        let found: Vec<Vec<f64>> = test.iter().map(|at| model.predict(features.row(*at))).collect();
        let column = |at: usize| found.iter().map(|row| row[at]).collect::<Vec<f64>>();
        let score = r2(&targets.select(&test).column(0), &column(0));
        assert!(score > 0.9, "{score}");
        assert!(column(1).iter().all(|value| (value - 0.5).abs() < 0.1));
        let importances = model.importances(3);
        assert!(importances[0] > 1.5 * importances[2], "{importances:?}");
    }

    #[test]
    fn a_seed_gives_one_model() {
        let (features, targets) = data(60);
        let forest = |seed| Model::train(Kind::RandomForest, &features, &targets, seed);
        assert_eq!(forest(1), forest(1));
        assert_ne!(forest(1), forest(2));
    }

    #[test]
    fn one_row_is_enough() {
        let (features, targets) = data(1);
        for kind in Kind::ALL {
            let model = Model::train(kind, &features, &targets, 0);
            let found = model.predict(features.row(0));
            assert!((found[0] - targets.row(0)[0]).abs() < 1e-9, "{kind:?}");
        }
    }
}
