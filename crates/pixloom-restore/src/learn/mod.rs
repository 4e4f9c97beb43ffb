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

/// Asked now and then whether a training should end without a model.
pub type Stopped<'a> = dyn Fn() -> bool + Sync + 'a;

/// Numbers of this size are no weights, but a broken file or a training that went astray.
const MOST: f64 = 1e15;

/// A model does not fit together, or not to what it is asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShapeError {
    /// A part has another length than it must have.
    #[error("`{part}` has {found}, not {wanted}")]
    Length {
        /// The part.
        part: &'static str,
        /// Its length.
        found: usize,
        /// What goes with the features and the targets.
        wanted: usize,
    },
    /// A part that must not be empty is.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// A part holds a number that is not finite, or absurdly large.
    #[error("`{0}` has a number that is not finite, or absurdly large")]
    Number(&'static str),
    /// A tree asks for a feature that there is none of, or leads nowhere.
    #[error("a tree asks for a feature that is not there, or does not end")]
    Tree,
    /// Quantiles that do not rise.
    #[error("`knots` do not rise")]
    Knots,
}

impl ShapeError {
    fn of(part: &'static str, (found, wanted): (usize, usize)) -> Result<(), Self> {
        if found == wanted { Ok(()) } else { Err(Self::Length { part, found, wanted }) }
    }

    fn finite(part: &'static str, values: impl IntoIterator<Item = f64>) -> Result<(), Self> {
        let mut values = values.into_iter();
        if values.all(|value| value.abs() < MOST) { Ok(()) } else { Err(Self::Number(part)) }
    }
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
        let never: &Stopped<'_> = &|| false;
        Self::train_unless(kind, (features, targets), seed, never)
            .unwrap_or_else(|| Self::mean(targets))
    }

    fn mean(targets: &Table) -> Self {
        let mean = |at| measure::mean(&targets.column(at));
        Self::Mean(Means { values: (0..targets.columns()).map(mean).collect() })
    }

    /// As [`Model::train`], or nothing if `stopped` says so: it is asked between trees, and each
    /// time a network has seen all rows.
    pub fn train_unless(
        kind: Kind,
        (features, targets): (&Table, &Table),
        seed: u64,
        stopped: &Stopped<'_>,
    ) -> Option<Self> {
        let data = (features, targets);
        Some(match kind {
            Kind::RandomForest => Self::RandomForest(forest::Forest::train(data, seed, stopped)?),
            Kind::ExtraTrees => Self::ExtraTrees(extra::ExtraTrees::train(data, seed, stopped)?),
            Kind::Networks => Self::Networks(network::Networks::train(data, seed, stopped)?),
            Kind::GradientBoosting => {
                Self::GradientBoosting(boosting::Boosting::train(data, stopped)?)
            }
            Kind::Ridge if stopped() => return None,
            Kind::Ridge => Self::Ridge(ridge::Ridge::train(features, targets)),
            Kind::Mean => Self::mean(targets),
        })
    }

    /// Whether a model that was read predicts `targets` numbers from `features`: every part has
    /// the length that goes with them, every number is finite, and every tree ends.
    ///
    /// # Errors
    /// The first part that does not fit.
    pub fn check(&self, features: usize, targets: usize) -> Result<(), ShapeError> {
        match self {
            Self::RandomForest(forest) => forest.check(features, targets),
            Self::ExtraTrees(trees) => trees.check(features, targets),
            Self::Networks(networks) => networks.check(features, targets),
            Self::GradientBoosting(boosting) => boosting.check(features, targets),
            Self::Ridge(ridge) => ridge.check(features, targets),
            Self::Mean(means) => {
                ShapeError::of("values", (means.values.len(), targets))?;
                ShapeError::finite("values", means.values.iter().copied())
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

    #[test]
    fn a_stop_leaves_no_model() {
        let (features, targets) = data(40);
        for kind in [Kind::RandomForest, Kind::GradientBoosting, Kind::ExtraTrees, Kind::Networks] {
            let asked = std::sync::atomic::AtomicU32::new(0);
            let stopped = || asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 2;
            let model = Model::train_unless(kind, (&features, &targets), 1, &stopped);
            assert_eq!(model, None, "{kind:?}");
        }
    }

    #[test]
    fn what_was_trained_fits_and_nothing_else() {
        let (features, targets) = data(40);
        let kinds = Kind::ALL.into_iter().chain([Kind::ExtraTrees, Kind::Networks]);
        for kind in kinds {
            let model = Model::train(kind, &features, &targets, 1);
            assert_eq!(model.check(3, 2), Ok(()), "{kind:?}");
            assert!(model.check(3, 1).is_err() && model.check(3, 4).is_err(), "{kind:?}");
            if kind != Kind::Mean {
                assert!(model.check(0, 2).is_err(), "{kind:?}");
            }
        }
    }

    #[test]
    fn broken_models_are_told() {
        let tree = |nodes: &str| {
            format!(r#"{{"kind":"random-forest","targets":1,"trees":[{{"nodes":[{nodes}]}}]}}"#)
        };
        let extra = |tree: &str| {
            format!(r#"{{"kind":"extra-trees","units":[1],"importances":[1],"trees":[{tree}]}}"#)
        };
        let broken = [
            r#"{"kind":"random-forest","targets":1000000000000,"trees":[]}"#.to_owned(),
            r#"{"kind":"random-forest","targets":1,"trees":[]}"#.to_owned(),
            tree(r#"{"f":0,"t":0,"n":[0,0]}"#),
            tree(r#"{"f":0,"t":0,"n":[1,1]},{"f":0,"t":0,"n":[1,1]}"#),
            tree(r#"{"f":7,"t":0,"n":[1,1]},{"v":[1]}"#),
            r#"{"kind":"mean","values":[]}"#.to_owned(),
            r#"{"kind":"ridge","means":[0],"deviations":[1],"targets":[[0,[1e308]]]}"#.to_owned(),
            r#"{"kind":"networks","knots":[[0,1]],"means":[1],"scale":1,"members":[]}"#.to_owned(),
            r#"{"kind":"networks","knots":[[0,1]],"means":[1],"scale":1e30,"members":[{"layers":
                [{"weights":[1],"biases":[0]}]}]}"#
                .to_owned(),
            r#"{"kind":"networks","knots":[[1,0]],"means":[1],"scale":1,"members":[{"layers":
                [{"weights":[1],"biases":[0]}]}]}"#
                .to_owned(),
            extra(r#"{"feature":[0],"threshold":[0.5],"low":[0],"high":[-1],"leaves":[[7]]}"#),
            extra(r#"{"feature":[],"threshold":[],"low":[],"high":[],"leaves":[]}"#),
        ];
        for text in broken {
            let model: Model = serde_json::from_str(&text).unwrap();
            assert!(model.check(1, 1).is_err(), "{text}");
        }
        let whole = tree(r#"{"f":0,"t":0,"n":[1,2]},{"v":[1]},{"v":[2]}"#);
        assert_eq!(serde_json::from_str::<Model>(&whole).unwrap().check(1, 1), Ok(()));
    }
}
