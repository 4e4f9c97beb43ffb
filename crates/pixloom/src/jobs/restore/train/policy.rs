//! Learning which operation gains most, from the table of a wide search.
use pixloom_engine::Engine;
use pixloom_image::{Limits, Serial};
use pixloom_restore::Quality;
use pixloom_restore::learn::{Kind, Model, Table, folds, mae, r2, split};
use serde_json::{Map, Value, json};

use super::ends::{Files, Means};
use super::fit::name;
use super::guard::{Chain, Guess, best_threshold, least_gain, least_gains};
use crate::jobs::restore::model::{ModelFile, Predicts, Restorer};
use crate::jobs::restore::wide::rungs::{Ladder, applied};
use crate::pipeline::Pipeline;

/// The kinds that are tried.
pub(super) const KINDS: [Kind; 4] = [Kind::Networks, Kind::ExtraTrees, Kind::Ridge, Kind::Mean];
/// Operations that a model chooses from.
const OPERATIONS: usize = 24;
/// Most operations in a row.
const STEPS: usize = 5;
/// Gains beyond these teach nothing more.
pub(super) const RANGE: (f64, f64) = (-0.1, 0.25);

/// One state of a pair.
#[derive(Debug)]
pub(super) struct State {
    pub(super) pair: usize,
    pub(super) first: bool,
    pub(super) gains: Vec<f64>,
}

/// A pair of the table.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) group: usize,
    pub(super) identity: Quality,
    pub(super) oracle: f64,
    pub(super) files: Option<Files>,
}

/// A model that has not seen some groups.
struct Fold {
    model: Model,
    unseen: Vec<usize>,
}

/// A model of one kind and what is known of it.
struct Fitted {
    kind: Kind,
    model: Model,
    folds: Vec<Fold>,
    guesses: Vec<Guess>,
    figures: Value,
}

impl Fitted {
    /// What its choices gained on average for pairs that it had not seen.
    fn gained(&self) -> f64 {
        mean(self.guesses.iter().map(Guess::gained))
    }
}

/// Everything that a training of choices needs.
pub(super) struct Choices {
    /// Those of the state, then those of the picture before anything was done.
    pub(super) features: Vec<String>,
    pub(super) x: Table,
    pub(super) states: Vec<State>,
    pub(super) pairs: Vec<Pair>,
    pub(super) groups: usize,
    pub(super) operations: Vec<String>,
    pub(super) test_share: f64,
    pub(super) folds: usize,
    pub(super) seed: u64,
}

impl Choices {
    /// The states of some groups.
    fn of(&self, groups: &[usize]) -> Vec<usize> {
        let wanted = |state: &State| groups.contains(&self.pairs[state.pair].group);
        (0..self.states.len()).filter(|at| wanted(&self.states[*at])).collect()
    }

    /// The operations that together gain most, one after the other.
    fn portfolio(&self, states: &[usize]) -> Vec<usize> {
        let mut chosen: Vec<usize> = Vec::new();
        let mut have = vec![0.0_f64; states.len()];
        while chosen.len() < OPERATIONS.min(self.operations.len()) {
            let more = |at: usize| {
                let each = states.iter().zip(&have);
                each.map(|(state, have)| (self.states[*state].gains[at] - have).max(0.0))
                    .sum::<f64>()
            };
            let mut best = (0, 0.0);
            for at in 0..self.operations.len() {
                let sum = more(at);
                if sum > best.1 {
                    best = (at, sum);
                }
            }
            if best.1 <= 1e-9 {
                break;
            }
            for (state, have) in states.iter().zip(&mut have) {
                *have = have.max(self.states[*state].gains[best.0]);
            }
            chosen.push(best.0);
        }
        if chosen.is_empty() { vec![0] } else { chosen }
    }

    fn targets(&self, states: &[usize], operations: &[usize]) -> Table {
        let mut table = Table::new(operations.len());
        for state in states {
            let gains = &self.states[*state].gains;
            let row: Vec<f64> =
                operations.iter().map(|at| gains[*at].clamp(RANGE.0, RANGE.1)).collect();
            table.push(&row);
        }
        table
    }

    fn model(
        &self,
        kind: Kind,
        (states, operations): (&[usize], &[usize]),
        engine: &Engine,
    ) -> Option<Model> {
        let data = (&self.x.select(states), &self.targets(states, operations));
        Model::train_unless(kind, data, self.seed, &|| engine.cancel().is_draining())
    }

    /// Trains, chooses, calibrates and tests; `None` if that was stopped.
    pub(super) fn run(&self, engine: &Engine) -> Option<(ModelFile, Value)> {
        let (train, test) = split(self.groups, self.test_share, self.seed);
        let operations = self.portfolio(&self.of(&train));
        let fitted = self.fitted(engine, (&train, &test), &operations)?;
        let models: Map<String, Value> =
            fitted.iter().map(|own| (name(own.kind).to_owned(), own.figures.clone())).collect();
        let better =
            |best: Fitted, own: Fitted| if own.gained() > best.gained() { own } else { best };
        let best = fitted.into_iter().reduce(better)?;
        let texts: Vec<String> = operations.iter().map(|at| self.operations[*at].clone()).collect();
        let predicts = Predicts::Gains { operations: texts, steps: STEPS };
        let mut file = ModelFile::new(predicts, self.features.clone(), best.model);
        file.seed = self.seed;
        file.least_gains = least_gains(&best.guesses, operations.len());
        file.least_gain = match self.chains(best.folds, &file, engine) {
            Some(chains) => best_threshold(&chains),
            None => least_gain(best.guesses),
        };
        let mut figures = json!({
            "pairs": self.pairs.len(),
            "groups": self.groups,
            "train": train.len(),
            "test": test.len(),
            "states": self.states.len(),
            "chosen": name(best.kind),
            "least_gain": file.least_gain,
            "least_gains": file.least_gains,
            "models": models,
        });
        self.ends(&file, (&train, &test), (engine, &mut figures));
        engine.cancel().check().ok()?;
        Some((file, figures))
    }

    /// Models of every kind, of all training groups and of all but a part, and figures.
    fn fitted(
        &self,
        engine: &Engine,
        (train, test): (&[usize], &[usize]),
        operations: &[usize],
    ) -> Option<Vec<Fitted>> {
        let count = self.folds.min(train.len());
        let own = folds(train.len(), count, self.seed);
        let unseen = |fold: usize| -> Vec<usize> {
            let kept = train.iter().zip(&own).filter(|(_, own)| **own == fold);
            kept.map(|(group, _)| *group).collect()
        };
        // Each kind learns from all training groups, too: the part after the last.
        let parts = count + 1;
        let models = engine.fan_out(KINDS.len() * parts, &|| (), &|at, ()| {
            let left_out = unseen(at % parts);
            let groups: Vec<usize> =
                train.iter().filter(|group| !left_out.contains(group)).copied().collect();
            self.model(KINDS[at / parts], (&self.of(&groups), operations), engine)
        });
        let models: Option<Vec<Model>> = models.into_iter().collect();
        let mut models = models?.into_iter();
        let mut fitted = Vec::new();
        for kind in KINDS {
            let own = models.by_ref().take(count).enumerate();
            let folds: Vec<Fold> =
                own.map(|(fold, model)| Fold { model, unseen: unseen(fold) }).collect();
            let Some(model) = models.next() else { break };
            fitted.push(self.judged((kind, model, folds), test, operations));
        }
        Some(fitted)
    }

    /// How good the models of a kind are.
    fn judged(
        &self,
        (kind, model, folds): (Kind, Model, Vec<Fold>),
        test: &[usize],
        operations: &[usize],
    ) -> Fitted {
        let mut guesses = Vec::new();
        for fold in &folds {
            let unseen = self.of(&fold.unseen);
            guesses.extend(unseen.iter().map(|at| self.guess(&fold.model, *at, operations)));
        }
        let held = self.of(test);
        let truth = self.targets(&held, operations);
        let mut found = Table::new(operations.len());
        for at in held {
            found.push(&self.predicted(&model, at));
        }
        let mut per = Map::new();
        for (at, operation) in operations.iter().enumerate() {
            let (truth, found) = (truth.column(at), found.column(at));
            let figures = json!({"r2_test": r2(&truth, &found), "mae_test": mae(&truth, &found)});
            per.insert(self.operations[*operation].clone(), figures);
        }
        let r2_mean = mean(per.values().filter_map(|figures| figures["r2_test"].as_f64()));
        let possible = mean(guesses.iter().map(|guess| guess.possible));
        let figures = json!({"operations": per, "r2_test_mean": r2_mean,
            "gain_folds_mean": mean(guesses.iter().map(Guess::gained)),
            "gain_possible_mean": possible,
            "importances": model.importances(self.x.columns())});
        Fitted { kind, model, folds, guesses, figures }
    }

    /// What models that have not seen the training pairs would do to them, step by step, with the
    /// guards of the operations alone; `None` without pictures.
    fn chains(&self, folds: Vec<Fold>, file: &ModelFile, engine: &Engine) -> Option<Vec<Chain>> {
        let mut work = Vec::new();
        for Fold { model, unseen } in folds {
            let restorer = Restorer::new(ModelFile { model, ..file.clone() }).ok()?;
            let restorer = std::sync::Arc::new(restorer);
            let pairs = self.pairs.iter().filter(|pair| unseen.contains(&pair.group));
            work.extend(pairs.map(|pair| (pair, std::sync::Arc::clone(&restorer))));
        }
        if work.iter().any(|(pair, _)| pair.files.is_none()) {
            return None;
        }
        let found = engine.fan_out(work.len(), &|| (), &|at, ()| {
            engine.cancel().check().ok()?;
            work[at].0.chain(&work[at].1)
        });
        Some(found.into_iter().flatten().collect())
    }

    /// What a model says of a state, within what it could have learned.
    fn predicted(&self, model: &Model, state: usize) -> Vec<f64> {
        let gains = model.predict(self.x.row(state)).into_iter();
        gains.map(|gain| gain.clamp(RANGE.0, RANGE.1)).collect()
    }

    fn guess(&self, model: &Model, state: usize, operations: &[usize]) -> Guess {
        let predicted = self.predicted(model, state);
        let mut best = (0, f64::MIN);
        for (at, gain) in predicted.iter().enumerate() {
            if *gain > best.1 {
                best = (at, *gain);
            }
        }
        let gains = &self.states[state].gains;
        let gain = operations.get(best.0).map_or(0.0, |at| gains[*at]);
        let possible = gains.iter().copied().fold(0.0, f64::max);
        let before = self.pairs[self.states[state].pair].identity.score();
        Guess { operation: best.0, before, promised: best.1, gain, possible }
    }

    /// Restores the held-out pairs by prediction, beside doing nothing, the best fixed operation
    /// and the search.
    fn ends(
        &self,
        file: &ModelFile,
        (train, test): (&[usize], &[usize]),
        (engine, figures): (&Engine, &mut Value),
    ) {
        let held: Vec<usize> =
            (0..self.pairs.len()).filter(|at| test.contains(&self.pairs[*at].group)).collect();
        let Ok(restorer) = Restorer::new(file.clone()) else { return };
        if held.iter().any(|at| self.pairs[*at].files.is_none()) {
            return;
        }
        let fixed = self.fixed(train);
        let Ok(pipeline) = Pipeline::parse(&self.operations[fixed]) else { return };
        let found: Vec<Option<[Quality; 4]>> = engine.fan_out(held.len(), &|| (), &|at, ()| {
            engine.cancel().check().ok()?;
            self.pairs[held[at]].tried(&restorer, &pipeline)
        });
        let seen: Vec<(usize, [Quality; 4])> =
            held.iter().zip(found).filter_map(|(at, found)| Some((*at, found?))).collect();
        // All means are over the same pairs: those where every figure is finite.
        let seen: Vec<(usize, [Quality; 4])> =
            seen.into_iter().filter(|(at, _)| self.pairs[*at].oracle.is_finite()).collect();
        if seen.is_empty() {
            return;
        }
        let means = |place: usize| {
            Means::of(&seen.iter().map(|(_, found)| found[place]).collect::<Vec<_>>())
        };
        let (identity, guarded) = (means(0), means(3));
        let oracle = mean(seen.iter().map(|(at, _)| self.pairs[*at].oracle));
        let worse = seen.iter().filter(|(_, q)| q[3].score() < q[0].score() - 1e-9).count();
        figures["held_out"] = json!({
            "identity": identity,
            "best_fixed": means(1),
            "model": means(2),
            "model_guarded": guarded,
        });
        figures["held_out_pairs"] = json!(seen.len());
        figures["held_out_worse"] = json!(worse);
        figures["oracle_score"] = json!(oracle);
        figures["best_fixed_operation"] = json!(self.operations[fixed]);
        if oracle > identity.score {
            let share = (guarded.score - identity.score) / (oracle - identity.score);
            figures["share_of_oracle_gain"] = json!(share);
        }
    }

    /// The operation with the best mean gain over the damaged pictures of some groups.
    fn fixed(&self, groups: &[usize]) -> usize {
        let states = self.of(groups);
        let first: Vec<&State> =
            states.iter().map(|at| &self.states[*at]).filter(|state| state.first).collect();
        let mut best = (0, f64::MIN);
        for at in 0..self.operations.len() {
            let sum: f64 = first.iter().map(|state| state.gains[at]).sum();
            if sum > best.1 {
                best = (at, sum);
            }
        }
        best.0
    }
}

impl Pair {
    /// What a model promises and reaches, step by step.
    fn chain(&self, restorer: &Restorer) -> Option<Chain> {
        let (damaged, truth) = self.files.as_ref()?.pictures(&Limits::default())?;
        let (ladder, image) = Ladder::new(damaged, truth).ok()?;
        let mut scores = vec![ladder.quality(&image, ladder.top())?.score()];
        let mut look = |image: &pixloom_image::Image| {
            scores.extend(ladder.quality(image, ladder.top()).map(|quality| quality.score()));
        };
        let (_, plan) = restorer.watched(image, true, &Serial, &mut look).ok()?;
        let promised = plan.acts.iter().map(|act| act.expected_gain).collect();
        Some(Chain { promised, scores })
    }

    /// Doing nothing, a fixed operation, the model, the model with its guard.
    fn tried(&self, restorer: &Restorer, fixed: &Pipeline) -> Option<[Quality; 4]> {
        let (damaged, truth) = self.files.as_ref()?.pictures(&Limits::default())?;
        let (ladder, image) = Ladder::new(damaged, truth).ok()?;
        let score = |image: &pixloom_image::Image| ladder.quality(image, ladder.top());
        let restored = |guarded: bool| {
            let (image, _) = restorer.restore(image.clone(), guarded, &Serial).ok()?;
            score(&image)
        };
        let by_fixed = applied(fixed, image.clone(), &Serial).ok().and_then(|image| score(&image));
        let found = [self.identity, by_fixed?, restored(false)?, restored(true)?];
        found.iter().all(|quality| quality.psnr.is_finite()).then_some(found)
    }
}

/// 0 without values.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}
