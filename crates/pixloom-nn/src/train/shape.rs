//! The layers of a net that is trained, and where their weights lie in one list of parameters.
use std::ops::Range;

use crate::NnError;
use crate::arch::{Tensor, Tensors};

/// Channels of pictures.
pub(super) const COLOURS: usize = 3;

/// A net of the family `SRVGGNetCompact` for red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Channels of the layers between, 1 to 256.
    pub features: usize,
    /// Layers between the first and the last, 0 to 64.
    pub convs: usize,
    /// How many times larger the result is, 1 to 8.
    pub scale: usize,
}

/// One convolution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// `[outputs][inputs][3][3]`
    pub(super) weights: Range<usize>,
    pub(super) bias: Range<usize>,
    /// Of the PReLU after it; the last layer has none.
    pub(super) slopes: Option<Range<usize>>,
}

impl Shape {
    /// The layers in order.
    pub(super) fn layers(self) -> Vec<Layer> {
        let mut next = 0;
        let mut take = |count: usize| {
            next += count;
            next - count..next
        };
        let last = self.convs + 1;
        let layer = |number: usize| {
            let inputs = if number == 0 { COLOURS } else { self.features };
            let outputs =
                if number == last { COLOURS * self.scale * self.scale } else { self.features };
            let (weights, bias) = (take(outputs * inputs * 9), take(outputs));
            let slopes = (number != last).then(|| take(outputs));
            Layer { inputs, outputs, weights, bias, slopes }
        };
        (0..=last).map(layer).collect()
    }

    /// Weights, biases and slopes together.
    pub fn parameters(self) -> usize {
        self.layers().last().map_or(0, |layer| layer.bias.end)
    }

    /// Parameters to begin with, from normally distributed numbers (He et al., ICCV 2015, for
    /// PReLU with a slope of 0.25). The last layer is nearly 0, so the net begins as its skip.
    pub fn initial(self, normal: &mut dyn FnMut() -> f64) -> Vec<f32> {
        let layers = self.layers();
        let mut values = vec![0.0; self.parameters()];
        for layer in &layers {
            let deviation = match layer.slopes {
                Some(_) => (2.0 / (1.0625 * (layer.inputs * 9) as f64)).sqrt(),
                None => 1e-3,
            };
            values[layer.weights.clone()].fill_with(|| (normal() * deviation) as f32);
            if let Some(slopes) = layer.slopes.clone() {
                values[slopes].fill(0.25);
            }
        }
        values
    }

    /// The parameters under the names that such nets have in files.
    pub fn tensors(self, values: &[f32]) -> Tensors {
        let mut named = Vec::new();
        for (number, layer) in self.layers().into_iter().enumerate() {
            let mut add = |name: String, shape: Vec<usize>, range: Range<usize>| {
                let values = values.get(range).unwrap_or_default().to_vec();
                named.push((name, Tensor { shape, values }));
            };
            let at = 2 * number;
            let shape = vec![layer.outputs, layer.inputs, 3, 3];
            add(format!("body.{at}.weight"), shape, layer.weights);
            add(format!("body.{at}.bias"), vec![layer.outputs], layer.bias);
            if let Some(slopes) = layer.slopes {
                add(format!("body.{}.weight", at + 1), vec![layer.outputs], slopes);
            }
        }
        named.into_iter().collect()
    }

    /// The parameters from tensors of the same net.
    ///
    /// # Errors
    /// `Broken` if a tensor is missing or has another shape.
    pub fn values(self, tensors: &Tensors) -> Result<Vec<f32>, NnError> {
        let mut values = vec![0.0; self.parameters()];
        for (number, layer) in self.layers().into_iter().enumerate() {
            let mut read = |name: String, range: Range<usize>| {
                let tensor = tensors.get(&name)?;
                if tensor.values.len() != range.len() {
                    let message = format!("{name} has the shape {:?}", tensor.shape);
                    return Err(NnError::broken(message));
                }
                values[range].copy_from_slice(&tensor.values);
                Ok(())
            };
            read(format!("body.{}.weight", 2 * number), layer.weights)?;
            read(format!("body.{}.bias", 2 * number), layer.bias)?;
            if let Some(slopes) = layer.slopes {
                read(format!("body.{}.weight", 2 * number + 1), slopes)?;
            }
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::detect;

    #[test]
    fn tensors_are_what_the_reader_knows_and_come_back() {
        let shape = Shape { features: 8, convs: 2, scale: 2 };
        let mut next = 0.0;
        let values = shape.initial(&mut || {
            next += 0.125;
            next
        });
        let tensors = shape.tensors(&values);
        let model = detect(&tensors).unwrap();
        assert_eq!((model.architecture.as_str(), model.graph.scale()), ("SRVGGNetCompact", 2));
        assert_eq!(model.graph.facts().parameters as usize, shape.parameters());
        assert_eq!(shape.values(&tensors).unwrap(), values);
        assert!(Shape { features: 9, ..shape }.values(&tensors).is_err());
    }
}
