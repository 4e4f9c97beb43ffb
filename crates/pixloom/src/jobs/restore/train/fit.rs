//! Training, cross-validation and the test on held-out pairs.
use pixloom_engine::Engine;
use pixloom_image::Limits;
use pixloom_restore::learn::{Kind, Model, Table, folds, mae, r2, split};
use pixloom_restore::search::{SIGMAS, STRENGTHS};
use pixloom_restore::{Parameters, Quality};
use serde_json::{Map, Value, json};

use super::ends::{Files, Means};
use super::scenes::{count, members};

/// Everything that a training needs.
pub(super) struct Fit {
    pub(super) x: Table,
    /// Colour, sigma, strength, gain over doing nothing.
    pub(super) y: Table,
    /// Scores of the search.
    pub(super) oracle: Vec<f64>,
    pub(super) identity: Vec<Quality>,
    /// Equal for pairs that must be on one side of every split.
    pub(super) groups: Vec<usize>,
    pub(super) files: Option<Vec<Files>>,
    pub(super) test_share: f64,
    pub(super) folds: usize,
    pub(super) seed: u64,
}

/// The model that was chosen.
pub(super) struct Trained {
    pub(super) kind: Kind,
    pub(super) model: Model,
    /// Below this predicted gain the picture stays as it is.
    pub(super) least_gain: f64,
}

/// Place of the gain among the targets.
const GAIN: usize = 3;

/// The name of a kind in reports.
pub(super) const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::RandomForest => "random-forest",
        Kind::GradientBoosting => "gradient-boosting",
        Kind::Ridge => "ridge",
        Kind::Mean => "mean",
        Kind::ExtraTrees => "extra-trees",
        Kind::Networks => "networks",
    }
}

/// What predicted targets ask for.
fn parameters(predicted: &[f64]) -> Parameters {
    let at = |place: usize| predicted.get(place).copied().unwrap_or(0.0);
    Parameters {
        white_balance: at(0) >= 0.5,
        sigma: at(1).clamp(0.3, 6.0),
        strength: at(2).clamp(-1.0, 4.0),
    }
}

impl Fit {
    /// Trains every kind, chooses by cross-validation, tests on the held-out pairs.
    /// `None` if that was stopped.
    pub(super) fn run(&self, engine: &Engine, targets: &[&str; 3]) -> Option<(Trained, Value)> {
        let (train, test) = split(count(&self.groups), self.test_share, self.seed);
        let (train, test) = (members(&self.groups, &train), members(&self.groups, &test));
        let fitted = engine.fan_out(Kind::ALL.len(), &|| (), &|at, ()| {
            self.kind(Kind::ALL[at], (&train, &test), (targets, engine))
        });
        let fitted: Option<Vec<_>> = fitted.into_iter().collect();
        let fitted = fitted?;
        let mut models = Map::new();
        let mut best: Option<(f64, Kind, Model, Table)> = None;
        for (kind, model, predicted, figures) in fitted {
            let score = figures["r2_folds_mean"].as_f64().unwrap_or(f64::MIN);
            models.insert(name(kind).to_owned(), figures);
            if best.as_ref().is_none_or(|(own, ..)| score > *own) {
                best = Some((score, kind, model, predicted));
            }
        }
        let constant: Vec<&str> = targets
            .iter()
            .enumerate()
            .filter(|(at, _)| is_constant(&self.y.column(*at)))
            .map(|(_, name)| *name)
            .collect();
        let mut figures = json!({
            "train": train.len(),
            "test": test.len(),
            "groups": count(&self.groups),
            "constant_targets": constant,
            "models": models,
        });
        let (_, kind, model, predicted) = best?;
        figures["chosen"] = json!(name(kind));
        let mut trained = Trained { kind, model, least_gain: 0.0 };
        if let Some(files) = &self.files {
            trained.least_gain = self.calibrate(files, (&train, &predicted), engine);
            self.ends(files, (&train, &test), &trained, (engine, &mut figures));
        }
        engine.cancel().check().ok()?;
        Some((trained, figures))
    }

    fn model(&self, kind: Kind, rows: &[usize], engine: &Engine) -> Option<Model> {
        let data = (&self.x.select(rows), &self.y.select(rows));
        Model::train_unless(kind, data, self.seed, &|| engine.cancel().is_draining())
    }

    /// A model of one kind, its cross-validated predictions of the training rows, its figures.
    fn kind(
        &self,
        kind: Kind,
        (train, test): (&[usize], &[usize]),
        (targets, engine): (&[&str; 3], &Engine),
    ) -> Option<(Kind, Model, Table, Value)> {
        let model = self.model(kind, train, engine)?;
        let predict = |rows: &[usize], model: &Model| {
            let mut table = Table::new(self.y.columns());
            for row in rows {
                table.push(&model.predict(self.x.row(*row)));
            }
            table
        };
        let held = predict(test, &model);
        let crossed = self.cross_validate(kind, train, engine)?;
        let (truth_test, truth_train) = (self.y.select(test), self.y.select(train));
        let mut own = Map::new();
        let (mut sums, mut varying) = ([0.0; 2], 0.0_f64);
        for (at, target) in targets.iter().chain(&["gain"]).enumerate() {
            let (truth, found) = (truth_test.column(at), held.column(at));
            let folded = r2(&truth_train.column(at), &crossed.column(at));
            let constant = is_constant(&self.y.column(at));
            let figures = json!({"r2_test": r2(&truth, &found), "mae_test": mae(&truth, &found),
                "r2_folds": folded, "constant": constant});
            own.insert((*target).to_owned(), figures);
            if !constant && at < GAIN {
                varying += 1.0;
                sums[0] += r2(&truth, &found);
                sums[1] += folded;
            }
        }
        let importances = model.importances(self.x.columns());
        let mean = sums.map(|sum| sum / varying.max(1.0));
        let figures = json!({"targets": own, "importances": importances,
            "r2_test_mean": mean[0], "r2_folds_mean": mean[1]});
        Some((kind, model, crossed, figures))
    }

    /// Predicts every training row by a model that has not seen it.
    fn cross_validate(&self, kind: Kind, train: &[usize], engine: &Engine) -> Option<Table> {
        let mut groups: Vec<usize> = train.iter().map(|row| self.groups[*row]).collect();
        groups.sort_unstable();
        groups.dedup();
        let count = self.folds.min(groups.len());
        let own = folds(groups.len(), count, self.seed);
        let fold_of = |at: usize| {
            groups.binary_search(&self.groups[train[at]]).ok().and_then(|place| own.get(place))
        };
        let mut predictions = vec![Vec::new(); train.len()];
        for fold in 0..count {
            let (held, rest): (Vec<usize>, Vec<usize>) =
                (0..train.len()).partition(|at| fold_of(*at) == Some(&fold));
            if rest.is_empty() {
                continue;
            }
            let rest: Vec<usize> = rest.into_iter().map(|at| train[at]).collect();
            let model = self.model(kind, &rest, engine)?;
            for at in held {
                predictions[at] = model.predict(self.x.row(train[at]));
            }
        }
        let mut table = Table::new(self.y.columns());
        for row in &predictions {
            table.push(row);
        }
        Some(table)
    }

    /// The qualities of some pairs with predicted parameters, where they are finite.
    fn restored(
        files: &[Files],
        asked: &[(usize, Parameters)],
        engine: &Engine,
    ) -> Vec<Option<Quality>> {
        engine.fan_out(asked.len(), &|| (), &|at, ()| {
            engine.cancel().check().ok()?;
            let (row, parameters) = asked[at];
            let found = files[row].quality(parameters, &Limits::default());
            found.filter(|quality| quality.psnr.is_finite())
        })
    }

    /// The least predicted gain that is worth acting on: what would have been best for the
    /// training pairs, each predicted by a model that had not seen it.
    fn calibrate(
        &self,
        files: &[Files],
        (train, predicted): (&[usize], &Table),
        engine: &Engine,
    ) -> f64 {
        let asked: Vec<(usize, Parameters)> = train
            .iter()
            .enumerate()
            .map(|(at, row)| (*row, parameters(predicted.row(at))))
            .collect();
        let qualities = Self::restored(files, &asked, engine);
        let mut rows: Vec<(f64, f64)> = (0..train.len())
            .filter_map(|at| {
                let gained = qualities[at]?.score() - self.identity[train[at]].score();
                Some((predicted.row(at)[GAIN], gained))
            })
            .collect();
        rows.sort_by(|a, b| b.0.total_cmp(&a.0));
        // A gain of one is never promised.
        let (mut sum, mut best, mut least) = (0.0, 0.0, 1.0);
        for (gain, gained) in rows {
            sum += gained;
            if sum > best {
                (best, least) = (sum, gain);
            }
        }
        f64::clamp(least, 0.0, 1.0)
    }

    /// Restores the held-out pairs by prediction, beside doing nothing, the best fixed
    /// parameters and the search.
    fn ends(
        &self,
        files: &[Files],
        (train, test): (&[usize], &[usize]),
        trained: &Trained,
        (engine, figures): (&Engine, &mut Value),
    ) {
        let predicted = |row: usize| trained.model.predict(self.x.row(row));
        let asked: Vec<(usize, Parameters)> =
            test.iter().map(|row| (*row, parameters(&predicted(*row)))).collect();
        let free = Self::restored(files, &asked, engine);
        let fixed = best_fixed(files, train, engine);
        let asked: Vec<(usize, Parameters)> = test.iter().map(|row| (*row, fixed)).collect();
        let by_fixed = Self::restored(files, &asked, engine);
        // All means are over the same pairs: those where every figure is finite.
        let seen: Vec<(usize, Quality, Quality)> = test
            .iter()
            .zip(free.into_iter().zip(by_fixed))
            .filter(|(row, _)| self.oracle[**row].is_finite())
            .filter_map(|(row, (free, fixed))| Some((*row, free?, fixed?)))
            .collect();
        if seen.is_empty() {
            return;
        }
        let guard = |row: usize, quality: Quality| {
            let acts = predicted(row)[GAIN] >= trained.least_gain;
            if acts { quality } else { self.identity[row] }
        };
        let means = |of: &dyn Fn(&(usize, Quality, Quality)) -> Quality| {
            Means::of(&seen.iter().map(of).collect::<Vec<_>>())
        };
        let identity = means(&|(row, ..)| self.identity[*row]);
        let guarded = means(&|(row, free, _)| guard(*row, *free));
        let oracle = seen.iter().map(|(row, ..)| self.oracle[*row]).sum::<f64>();
        let oracle = oracle / seen.len() as f64;
        figures["held_out"] = json!({
            "identity": identity,
            "best_fixed": means(&|(.., fixed)| *fixed),
            "model": means(&|(_, free, _)| *free),
            "model_guarded": guarded,
        });
        figures["held_out_pairs"] = json!(seen.len());
        figures["oracle_score"] = json!(oracle);
        figures["best_fixed_parameters"] = json!({"white_balance": fixed.white_balance,
            "sigma": fixed.sigma, "strength": fixed.strength});
        figures["least_gain"] = json!(trained.least_gain);
        let (gained, possible) = (guarded.score - identity.score, oracle - identity.score);
        if possible > 0.0 {
            figures["share_of_oracle_gain"] = json!(gained / possible);
        }
    }
}

/// The candidate of the forty with the best mean over the training pairs.
fn best_fixed(files: &[Files], train: &[usize], engine: &Engine) -> Parameters {
    let grids = engine.fan_out(train.len(), &|| (), &|at, ()| {
        engine.cancel().check().ok()?;
        files[train[at]].grid(&Limits::default())
    });
    let grids: Vec<Vec<Quality>> = grids.into_iter().flatten().collect();
    let count = 2 * SIGMAS.len() * STRENGTHS.len();
    let sum = |place: usize| {
        grids.iter().filter_map(|grid| grid.get(place)).map(Quality::score).sum::<f64>()
    };
    let mut best = (0, f64::MIN);
    for place in 0..count {
        let score = sum(place);
        if score > best.1 {
            best = (place, score);
        }
    }
    pixloom_restore::search::of_grid(best.0)
}

fn is_constant(values: &[f64]) -> bool {
    values.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 1e-12)
}
