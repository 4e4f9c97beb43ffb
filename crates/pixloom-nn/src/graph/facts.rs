//! What can be said of a net without running it.
use serde::{Deserialize, Serialize};

use super::{Graph, Op};

/// Size and reach of a net.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Channels of the picture.
    pub input_channels: usize,
    /// Channels of the result.
    pub output_channels: usize,
    /// How many times larger the result is, per side.
    pub scale: usize,
    /// Weights and biases.
    pub parameters: u64,
    /// Multiplications and additions per pixel of the input.
    pub macs_per_pixel: u64,
    /// Input pixels beside one that change its result, at every side.
    pub reach_px: usize,
    /// Operations.
    pub operations: usize,
}

impl Graph {
    /// Size and reach of the net.
    pub fn facts(&self) -> Facts {
        let (mut parameters, mut macs) = (0_u64, 0_u64);
        for node in &self.nodes {
            let area = (node.scale * node.scale) as u64;
            match &node.op {
                Op::Conv(conv) => {
                    parameters += (conv.weights.len() + conv.bias.len()) as u64;
                    macs = macs.saturating_add(area.saturating_mul(conv.weights.len() as u64));
                }
                Op::Slopes(slopes) => parameters += slopes.len() as u64,
                _ => {}
            }
        }
        Facts {
            input_channels: self.input_channels(),
            output_channels: self.output_channels(),
            scale: self.scale(),
            parameters,
            macs_per_pixel: macs,
            reach_px: self.reach(),
            operations: self.nodes.len(),
        }
    }

    /// The receptive field beside a pixel, in input pixels, rounded up.
    pub(crate) fn reach(&self) -> usize {
        let mut reach = vec![0.0_f64; self.nodes.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            let before = node.inputs.iter().map(|&i| reach[i]).fold(0.0, f64::max);
            let own = match &node.op {
                Op::Conv(conv) => (conv.side / 2) as f64 / node.scale as f64,
                _ => 0.0,
            };
            reach[index] = before + own;
        }
        reach.last().map_or(0, |reach| reach.ceil() as usize)
    }
}
