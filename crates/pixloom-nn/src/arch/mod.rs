//! From named tensors to a net: which architecture they belong to shows in names and shapes.
mod compact;
mod espcn;
mod fsrcnn;
mod rrdb;
mod span;

use std::collections::BTreeMap;

use crate::{Convolution, Graph, NnError, NodeId, Op};

/// A tensor of a model file.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Length of each dimension.
    pub shape: Vec<usize>,
    /// Values in row-major order.
    pub values: Vec<f32>,
}

/// The tensors of a model file by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tensors(BTreeMap<String, Tensor>);

/// A net with the name of its architecture.
#[derive(Debug, Clone)]
pub struct Model {
    /// Such as `SRVGGNetCompact`.
    pub architecture: String,
    /// The net.
    pub graph: Graph,
}

/// An architecture: its name, whether the tensors look like it, how to build it.
struct Family {
    name: &'static str,
    fits: fn(&Tensors) -> bool,
    build: fn(&Tensors) -> Result<Graph, NnError>,
}

const FAMILIES: &[Family] = &[
    Family { name: "SPAN", fits: span::fits, build: span::build },
    Family { name: "ESRGAN", fits: rrdb::fits, build: rrdb::build },
    Family { name: "SRVGGNetCompact", fits: compact::fits, build: compact::build },
    Family { name: "FSRCNN", fits: fsrcnn::fits, build: fsrcnn::build },
    Family { name: "ESPCN", fits: espcn::fits, build: espcn::build },
];

/// Finds the architecture of `tensors` and builds its net.
///
/// # Errors
/// `Unsupported` if none is known to have tensors of these names; `Broken` if some are missing
/// or have the wrong shape.
pub fn detect(tensors: &Tensors) -> Result<Model, NnError> {
    let Some(family) = FAMILIES.iter().find(|family| (family.fits)(tensors)) else {
        let names: Vec<&str> = tensors.0.keys().map(String::as_str).take(3).collect();
        let known: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
        return Err(NnError::unsupported(format!(
            "an unknown architecture with tensors such as {}; known are {}",
            names.join(", "),
            known.join(", ")
        )));
    };
    let graph = (family.build)(tensors)?;
    Ok(Model { architecture: family.name.to_owned(), graph })
}

impl FromIterator<(String, Tensor)> for Tensors {
    fn from_iter<I: IntoIterator<Item = (String, Tensor)>>(tensors: I) -> Self {
        Self(tensors.into_iter().collect())
    }
}

impl Tensors {
    /// The tensors with their names, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.0.iter().map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// Without what training wrappers put before every name.
    #[must_use]
    pub fn without_prefixes(mut self) -> Self {
        for prefix in ["params_ema.", "params.", "state_dict.", "module.", "model_state_dict."] {
            if self.0.keys().any(|name| name.starts_with(prefix)) {
                let named = self.0.into_iter().filter_map(|(name, tensor)| {
                    name.strip_prefix(prefix).map(|name| (name.to_owned(), tensor))
                });
                self = Self(named.collect());
            }
        }
        self
    }

    /// A weighted mean of two models of one architecture.
    ///
    /// # Errors
    /// `Broken` if names or shapes differ.
    pub fn blend(&self, other: &Self, weight: f32) -> Result<Self, NnError> {
        let same = self.0.len() == other.0.len()
            && self.iter().zip(other.iter()).all(|(a, b)| a.0 == b.0 && a.1.shape == b.1.shape);
        if !same {
            return Err(NnError::broken("the models to blend have different tensors"));
        }
        let blended = self.iter().zip(other.iter()).map(|((name, a), (_, b))| {
            let mix = |(a, b): (&f32, &f32)| (b - a).mul_add(weight, *a);
            let values = a.values.iter().zip(&b.values).map(mix).collect();
            (name.to_owned(), Tensor { shape: a.shape.clone(), values })
        });
        Ok(blended.collect())
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn get(&self, name: &str) -> Result<&Tensor, NnError> {
        self.0.get(name).ok_or_else(|| NnError::broken(format!("the tensor {name} is missing")))
    }

    /// Weights with four dimensions and a square kernel: out, in, side.
    fn kernel(&self, name: &str) -> Result<(&Tensor, [usize; 3]), NnError> {
        let tensor = self.get(&format!("{name}.weight"))?;
        match tensor.shape[..] {
            [outputs, inputs, side, other] if side == other => {
                Ok((tensor, [outputs, inputs, side]))
            }
            _ => Err(NnError::broken(format!("{name}.weight has the shape {:?}", tensor.shape))),
        }
    }

    /// A convolution with its bias, if it has one.
    fn conv(&self, name: &str) -> Result<Convolution, NnError> {
        let (tensor, [outputs, inputs, side]) = self.kernel(name)?;
        let bias = match self.0.get(&format!("{name}.bias")) {
            Some(bias) => bias.values.clone(),
            None => vec![0.0; outputs],
        };
        Ok(Convolution { outputs, inputs, side, weights: tensor.values.clone(), bias })
    }
}

impl Graph {
    fn conv(&mut self, tensors: &Tensors, name: &str, input: NodeId) -> Result<NodeId, NnError> {
        let conv = tensors.conv(name)?;
        self.push(Op::Conv(conv), &[input])
            .map_err(|error| NnError::broken(format!("{name}: {error}")))
    }

    /// Slopes for all channels of `input`: one number for all, or one each.
    pub(crate) fn slopes(&mut self, slopes: &[f32], input: NodeId) -> Result<NodeId, NnError> {
        let channels = self.nodes.get(input.0).map_or(0, |node| node.channels);
        let slopes = match slopes {
            [one] => vec![*one; channels],
            all => all.to_vec(),
        };
        self.push(Op::Slopes(slopes), &[input])
    }

    /// tanh(x) = 2 · sigmoid(2x) - 1
    pub(crate) fn tanh(&mut self, input: NodeId) -> Result<NodeId, NnError> {
        let double = self.push(Op::Affine { factor: 2.0, term: 0.0 }, &[input])?;
        let sigmoid = self.push(Op::Sigmoid, &[double])?;
        self.push(Op::Affine { factor: 2.0, term: -1.0 }, &[sigmoid])
    }
}

/// The enlargement of a pixel shuffle that ends in `colours` channels.
fn shuffle_of(channels: usize, colours: usize) -> Result<usize, NnError> {
    (1..=8).find(|r| r * r * colours == channels).ok_or_else(|| {
        NnError::broken(format!("{channels} channels are no enlarged picture of {colours}"))
    })
}
