//! A few small neural networks whose mean is the prediction: for many rows and many targets.
use serde::{Deserialize, Serialize};

use super::Table;
use super::random::Random;
use super::{ShapeError, Stopped};

/// Networks of an ensemble; each begins with other weights.
const NETWORKS: u64 = 3;
/// Width of the two hidden layers.
const HIDDEN: usize = 64;
/// Quantiles by which a feature is brought to −[`REACH`] to [`REACH`].
const KNOTS: usize = 33;
const REACH: f32 = 1.7;
/// So often all rows are seen, and more often if that makes fewer steps.
const EPOCHS: usize = 60;
const STEPS: usize = 1000;
const BATCH: usize = 64;
/// Largest step of the optimiser, and its decay of weights.
const RATE: f32 = 2e-3;
const DECAY: f32 = 1e-3;
/// Share of the hidden values that is dropped in training, and noise on the inputs.
const DROPPED: f32 = 0.2;
const JITTER: f32 = 0.05;

/// Networks behind a common transform of the features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Networks {
    /// Rising quantiles of each feature.
    knots: Vec<Vec<f32>>,
    /// What is added to the outputs after they are scaled.
    means: Vec<f32>,
    scale: f32,
    members: Vec<Network>,
}

/// Layers with `SiLU` (Elfwing et al. 2018) between them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Network {
    layers: Vec<Layer>,
}

/// Weights by input, then by output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Layer {
    weights: Vec<f32>,
    biases: Vec<f32>,
}

impl Networks {
    pub(super) fn train(
        (x, y): (&Table, &Table),
        seed: u64,
        stopped: &Stopped<'_>,
    ) -> Option<Self> {
        let knots: Vec<Vec<f32>> = (0..x.columns()).map(|at| quantiles(x.column(at))).collect();
        let inputs: Vec<Vec<f32>> = (0..x.rows()).map(|at| scaled(&knots, x.row(at))).collect();
        let columns: Vec<Vec<f64>> = (0..y.columns()).map(|at| y.column(at)).collect();
        let means: Vec<f32> =
            columns.iter().map(|column| super::measure::mean(column) as f32).collect();
        let spread: f64 = columns
            .iter()
            .zip(&means)
            .flat_map(|(column, mean)| column.iter().map(|v| (v - f64::from(*mean)).powi(2)))
            .sum();
        let count = (y.rows() * y.columns()).max(1) as f64;
        let scale = short(libm::sqrt(spread / count).max(1e-9) as f32);
        let target = |at: usize| -> Vec<f32> {
            y.row(at).iter().zip(&means).map(|(v, mean)| (*v as f32 - mean) / scale).collect()
        };
        let targets: Vec<Vec<f32>> = (0..y.rows()).map(target).collect();
        let network = |at: u64| {
            let random = Random::new(seed.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(at));
            let trainer = Trainer::new(x.columns(), y.columns(), random);
            trainer.run((&inputs, &targets), stopped)
        };
        let members = (0..NETWORKS).map(network).collect::<Option<_>>()?;
        Some(Self { knots, means, scale, members })
    }

    pub(super) fn check(&self, features: usize, targets: usize) -> Result<(), ShapeError> {
        ShapeError::of("knots", (self.knots.len(), features))?;
        ShapeError::of("means", (self.means.len(), targets))?;
        let wide = |values: &[f32]| values.iter().map(|v| f64::from(*v)).collect::<Vec<_>>();
        for knots in &self.knots {
            ShapeError::finite("knots", wide(knots))?;
            if knots.windows(2).any(|pair| pair[0] >= pair[1]) {
                return Err(ShapeError::Knots);
            }
        }
        ShapeError::finite(
            "means and scale",
            wide(&self.means).into_iter().chain([self.scale.into()]),
        )?;
        if self.members.is_empty() {
            return Err(ShapeError::Empty("networks"));
        }
        for layers in self.members.iter().map(|network| &network.layers) {
            let mut inputs = features;
            for layer in layers {
                let outputs = layer.biases.len();
                ShapeError::of("weights", (layer.weights.len(), inputs.saturating_mul(outputs)))?;
                ShapeError::finite("weights", wide(&layer.weights))?;
                ShapeError::finite("biases", wide(&layer.biases))?;
                inputs = outputs;
            }
            ShapeError::of("outputs", (inputs, targets))?;
        }
        Ok(())
    }

    pub(super) fn predict(&self, row: &[f64]) -> Vec<f64> {
        let input = scaled(&self.knots, row);
        let mut sums = vec![0.0_f32; self.means.len()];
        for network in &self.members {
            let output =
                network.layers.iter().enumerate().fold(input.clone(), |values, (at, layer)| {
                    let values =
                        if at == 0 { values } else { values.into_iter().map(silu).collect() };
                    layer.forward(&values)
                });
            sums.iter_mut().zip(output).for_each(|(sum, value)| *sum += value);
        }
        let scale = self.scale / self.members.len().max(1) as f32;
        sums.iter().zip(&self.means).map(|(sum, mean)| f64::from(sum * scale + mean)).collect()
    }

    /// Mean size of the weights of a feature; all features have the same range.
    pub(super) fn importances(&self, columns: usize) -> Vec<f64> {
        let first = || self.members.iter().filter_map(|network| network.layers.first());
        let size = |at: usize, layer: &Layer| -> f64 {
            let outputs = layer.biases.len().max(1);
            let own = layer.weights.chunks(outputs).nth(at).unwrap_or_default();
            own.iter().map(|weight| f64::from(weight.abs())).sum()
        };
        (0..columns).map(|at| first().map(|layer| size(at, layer)).sum()).collect()
    }
}

impl Layer {
    /// Uniform weights that keep the size of what passes.
    fn new(inputs: usize, outputs: usize, random: &mut Random) -> Self {
        let bound = 1.0 / libm::sqrtf(inputs.max(1) as f32);
        let mut draw = || short((2.0 * random.unit() as f32 - 1.0) * bound);
        let weights = (0..inputs * outputs).map(|_| draw()).collect();
        Self { weights, biases: (0..outputs).map(|_| draw()).collect() }
    }

    fn zeros(like: &Self) -> Self {
        Self { weights: vec![0.0; like.weights.len()], biases: vec![0.0; like.biases.len()] }
    }

    fn forward(&self, input: &[f32]) -> Vec<f32> {
        let mut output = self.biases.clone();
        for (value, weights) in input.iter().zip(self.weights.chunks(output.len().max(1))) {
            output.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += value * weight);
        }
        output
    }

    /// Adds the gradients of one row; returns that of the input.
    fn backward(&self, input: &[f32], output: &[f32], gradients: &mut Self) -> Vec<f32> {
        let outputs = output.len().max(1);
        gradients.biases.iter_mut().zip(output).for_each(|(sum, value)| *sum += value);
        for (value, sums) in input.iter().zip(gradients.weights.chunks_mut(outputs)) {
            sums.iter_mut().zip(output).for_each(|(sum, gradient)| *sum += value * gradient);
        }
        let dot = |weights: &[f32]| weights.iter().zip(output).map(|(w, g)| w * g).sum();
        self.weights.chunks(outputs).map(dot).collect()
    }

    /// Weights, then biases.
    fn values_mut(&mut self) -> impl Iterator<Item = &mut f32> {
        self.weights.iter_mut().chain(&mut self.biases)
    }
}

/// `AdamW` (Loshchilov and Hutter 2019) over one cycle of steps that grow and shrink.
struct Trainer {
    network: Network,
    gradients: Vec<Layer>,
    /// Running means of the gradients and of their squares.
    moments: [Vec<Layer>; 2],
    step: usize,
    random: Random,
}

/// What passes through a network on the way forward.
struct Pass {
    /// The inputs of each layer.
    inputs: Vec<Vec<f32>>,
    /// What the activation turns a gradient into, before each layer but the first.
    slopes: Vec<Vec<f32>>,
    output: Vec<f32>,
}

impl Trainer {
    fn new(inputs: usize, outputs: usize, mut random: Random) -> Self {
        let layers: Vec<Layer> = [(inputs, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, outputs)]
            .into_iter()
            .map(|(inputs, outputs)| Layer::new(inputs, outputs, &mut random))
            .collect();
        let zeros = || layers.iter().map(Layer::zeros).collect::<Vec<_>>();
        let (gradients, moments) = (zeros(), [zeros(), zeros()]);
        Self { network: Network { layers }, gradients, moments, step: 0, random }
    }

    fn run(
        mut self,
        (inputs, targets): (&[Vec<f32>], &[Vec<f32>]),
        stopped: &Stopped<'_>,
    ) -> Option<Network> {
        let batches = inputs.len().div_ceil(BATCH).max(1);
        let epochs = EPOCHS.max(STEPS / batches);
        let steps = epochs * batches;
        let mut order: Vec<usize> = (0..inputs.len()).collect();
        for _ in 0..epochs {
            if stopped() {
                return None;
            }
            for at in (1..order.len()).rev() {
                order.swap(at, self.random.below(at + 1));
            }
            for batch in order.chunks(BATCH) {
                for at in batch {
                    self.row(&inputs[*at], &targets[*at], batch.len());
                }
                self.step(steps);
            }
        }
        for layer in &mut self.network.layers {
            layer.values_mut().for_each(|value| *value = short(*value));
        }
        Some(self.network)
    }

    /// Adds the gradients of one row of a batch.
    fn row(&mut self, input: &[f32], target: &[f32], batch: usize) {
        let pass = self.forward(input);
        let factor = 2.0 / (batch * target.len().max(1)) as f32;
        let mut gradient: Vec<f32> =
            pass.output.iter().zip(target).map(|(o, t)| (o - t) * factor).collect();
        for at in (0..self.network.layers.len()).rev() {
            let layer = &self.network.layers[at];
            gradient = layer.backward(&pass.inputs[at], &gradient, &mut self.gradients[at]);
            if let Some(slopes) = at.checked_sub(1).map(|before| &pass.slopes[before]) {
                gradient.iter_mut().zip(slopes).for_each(|(gradient, slope)| *gradient *= slope);
            }
        }
    }

    fn forward(&mut self, input: &[f32]) -> Pass {
        let mut values: Vec<f32> =
            input.iter().map(|value| value + JITTER * self.random.normal()).collect();
        let (mut inputs, mut slopes) = (Vec::new(), Vec::new());
        for (at, layer) in self.network.layers.iter().enumerate() {
            if at > 0 {
                let mut own = Vec::with_capacity(values.len());
                for value in &mut values {
                    let kept = self.random.unit() as f32 >= DROPPED;
                    let factor = if kept { 1.0 / (1.0 - DROPPED) } else { 0.0 };
                    own.push(factor * slope(*value));
                    *value = factor * silu(*value);
                }
                slopes.push(own);
            }
            let output = layer.forward(&values);
            inputs.push(std::mem::replace(&mut values, output));
        }
        Pass { inputs, slopes, output: values }
    }

    /// One step of the optimiser, of `steps`.
    fn step(&mut self, steps: usize) {
        self.step += 1;
        let rate = rate(self.step, steps);
        let correction = |beta: f32| 1.0 - libm::powf(beta, self.step as f32);
        let (first, second) = (correction(0.9), correction(0.999));
        let [means, squares] = &mut self.moments;
        let layers = self.network.layers.iter_mut().zip(&mut self.gradients);
        for ((layer, gradients), (means, squares)) in layers.zip(means.iter_mut().zip(squares)) {
            let values = layer.values_mut().zip(gradients.values_mut());
            let moments = means.values_mut().zip(squares.values_mut());
            for ((value, gradient), (mean, square)) in values.zip(moments) {
                *mean = 0.9 * *mean + 0.1 * *gradient;
                *square = 0.999 * *square + 0.001 * *gradient * *gradient;
                let change = (*mean / first) / (libm::sqrtf(*square / second) + 1e-8);
                *value -= rate * (change + DECAY * *value);
                *gradient = 0.0;
            }
        }
    }
}

/// The rate at a step: up over the first third, down as a cosine (Smith 2018).
fn rate(step: usize, steps: usize) -> f32 {
    let (step, rise) = (step as f32, (steps as f32 * 0.3).max(1.0));
    if step < rise {
        return RATE * (0.04 + 0.96 * step / rise);
    }
    let way = (step - rise) / (steps as f32 - rise).max(1.0);
    RATE * 0.5 * (1.0 + libm::cosf(std::f32::consts::PI * way.min(1.0)))
}

fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-value))
}

fn silu(value: f32) -> f32 {
    value * sigmoid(value)
}

/// The derivative of [`silu`].
fn slope(value: f32) -> f32 {
    let sigmoid = sigmoid(value);
    sigmoid * (1.0 + value * (1.0 - sigmoid))
}

/// Rounded to five significant digits: short in a file.
fn short(value: f32) -> f32 {
    let size = libm::floor(libm::log10(f64::from(value.abs()).max(1e-12)));
    let scale = libm::pow(10.0, 4.0 - size);
    (libm::round(f64::from(value) * scale) / scale) as f32
}

/// Quantiles of a feature without repetitions.
fn quantiles(mut values: Vec<f64>) -> Vec<f32> {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let at = |knot: usize| values.get(knot * last / (KNOTS - 1)).copied().unwrap_or(0.0);
    let mut knots: Vec<f32> = (0..KNOTS).map(|knot| short(at(knot) as f32)).collect();
    knots.dedup();
    knots
}

/// Features between their knots, which lie evenly from −[`REACH`] to [`REACH`]; constant ones are 0.
fn scaled(knots: &[Vec<f32>], row: &[f64]) -> Vec<f32> {
    let place = |(knots, value): (&Vec<f32>, &f64)| {
        let value = *value as f32;
        let above = knots.partition_point(|knot| *knot <= value);
        let (Some(last), true) = (knots.len().checked_sub(1), knots.len() > 1) else { return 0.0 };
        let position = match above {
            0 => 0.0,
            above if above > last => last as f32,
            above => {
                let (low, high) = (knots[above - 1], knots[above]);
                (above - 1) as f32 + (value - low) / (high - low)
            }
        };
        REACH * (2.0 * position / last as f32 - 1.0)
    };
    knots.iter().zip(row).map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_are_those_of_the_error() {
        let mut random = Random::new(3);
        let layer = Layer::new(3, 2, &mut random);
        let (input, weights) = ([0.3_f32, -0.8, 0.5], [0.7_f32, -1.1]);
        let value = |layer: &Layer| -> f32 {
            layer.forward(&input).iter().zip(weights).map(|(o, w)| silu(*o) * w).sum()
        };
        let output: Vec<f32> =
            layer.forward(&input).iter().zip(weights).map(|(o, w)| slope(*o) * w).collect();
        let mut gradients = Layer::zeros(&layer);
        layer.backward(&input, &output, &mut gradients);
        for at in 0..6 {
            let mut moved = layer.clone();
            moved.weights[at] += 1e-2;
            let found = (value(&moved) - value(&layer)) / 1e-2;
            assert!((found - gradients.weights[at]).abs() < 5e-3, "{at}: {found}");
        }
    }

    #[test]
    fn features_are_placed_between_their_knots() {
        let knots = vec![vec![0.0, 1.0, 10.0], vec![5.0], Vec::new()];
        let of = |value: f64| scaled(&knots, &[value, value, value]);
        for (value, place) in [(-4.0, -REACH), (1.0, 0.0), (5.5, REACH / 2.0), (99.0, REACH)] {
            let found = of(value);
            assert!((found[0] - place).abs() < 1e-6, "{value}: {found:?}");
            assert!(found[1..].iter().all(|value| value.abs() < 1e-9));
        }
        assert_eq!(quantiles(vec![2.0; 9]).len(), 1);
    }

    #[test]
    fn a_broken_file_predicts_something_and_ends() {
        let text = r#"{"knots":[[0,1]],"means":[1,2],"scale":1,"members":[
            {"layers":[{"weights":[1,2,3],"biases":[]},{"weights":[],"biases":[1,1,1]}]}]}"#;
        let broken: Networks = serde_json::from_str(text).unwrap();
        assert_eq!(broken.predict(&[0.5, 7.0]).len(), 2);
        assert_eq!(broken.importances(3).len(), 3);
    }
}
