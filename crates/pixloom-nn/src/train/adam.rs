//! Adam (Kingma and Ba, ICLR 2015) with a running mean of the parameters.

/// How fast the means of gradients and of their squares forget.
const FORGET: (f32, f32) = (0.9, 0.999);
/// Keeps the division finite.
const SMALL: f32 = 1e-8;

/// What is known beside the parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Adam {
    /// Running mean of the gradients.
    pub first: Vec<f32>,
    /// Running mean of their squares.
    pub second: Vec<f32>,
    /// Exponential mean of the parameters: what is kept in the end.
    pub mean: Vec<f32>,
    /// Steps done.
    pub step: u64,
}

impl Adam {
    /// Before the first step.
    pub fn new(parameters: &[f32]) -> Self {
        let zeros = vec![0.0; parameters.len()];
        Self { first: zeros.clone(), second: zeros, mean: parameters.to_vec(), step: 0 }
    }

    /// Moves the parameters against the gradient. All lists have one length.
    pub fn step(&mut self, parameters: &mut [f32], gradient: &[f32], rate: f32) {
        self.step += 1;
        let power = i32::try_from(self.step).unwrap_or(i32::MAX);
        let correct = |forget: f32| 1.0 - forget.powi(power);
        let (first, second) = (correct(FORGET.0), correct(FORGET.1));
        // The mean is short at the beginning, when the parameters still move much.
        let keep = (self.step as f32 / (self.step as f32 + 10.0)).min(0.999);
        let state = self.first.iter_mut().zip(&mut self.second).zip(&mut self.mean);
        for (((m, v), mean), (parameter, g)) in state.zip(parameters.iter_mut().zip(gradient)) {
            *m = FORGET.0 * *m + (1.0 - FORGET.0) * g;
            *v = FORGET.1 * *v + (1.0 - FORGET.1) * g * g;
            *parameter -= rate * (*m / first) / ((*v / second).sqrt() + SMALL);
            *mean = keep * *mean + (1.0 - keep) * *parameter;
        }
    }
}

/// Shortens a gradient to the length `most`, if it is longer.
pub fn clip_norm(gradient: &mut [f32], most: f64) {
    let length = gradient.iter().map(|g| f64::from(*g) * f64::from(*g)).sum::<f64>().sqrt();
    if length > most {
        let factor = (most / length) as f32;
        for g in gradient {
            *g *= factor;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lead_to_the_minimum() {
        let mut parameters = vec![3.0, -2.0];
        let mut adam = Adam::new(&parameters);
        for _ in 0..2000 {
            let mut gradient = vec![2.0 * (parameters[0] - 1.0), 20.0 * (parameters[1] - 0.5)];
            clip_norm(&mut gradient, 1.0);
            adam.step(&mut parameters, &gradient, 0.01);
        }
        for (value, wanted) in adam.mean.iter().zip([1.0, 0.5]) {
            assert!((value - wanted).abs() < 1e-2, "{value}");
        }
    }

    #[test]
    fn long_gradients_are_shortened() {
        let mut gradient = vec![3.0, 4.0];
        clip_norm(&mut gradient, 10.0);
        assert_eq!(gradient, [3.0, 4.0]);
        clip_norm(&mut gradient, 1.0);
        assert!((gradient[0] - 0.6).abs() < 1e-6 && (gradient[1] - 0.8).abs() < 1e-6);
    }
}
