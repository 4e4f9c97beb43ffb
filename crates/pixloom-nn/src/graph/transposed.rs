//! A transposed convolution as an ordinary one whose channels become pixels.
use super::{Convolution, Graph, NodeId, Op};
use crate::NnError;

/// Weights of a transposed convolution whose result is `stride` times as large as its input.
#[derive(Debug, Clone, PartialEq)]
pub struct Transposed {
    /// Channels of the result.
    pub outputs: usize,
    /// Channels of the input.
    pub inputs: usize,
    /// Side of the kernel, at most 16.
    pub side: usize,
    /// How many times larger the result is.
    pub stride: usize,
    /// Rows and columns cut off at the top and the left of the full result.
    pub pad: usize,
    /// `[in][out][side][side]`.
    pub weights: Vec<f32>,
    /// One per channel of the result.
    pub bias: Vec<f32>,
}

impl Transposed {
    fn check(&self) -> Result<(), NnError> {
        let Self { outputs, inputs, side, stride, pad, .. } = *self;
        if !(1..=16).contains(&side) || !(1..=8).contains(&stride) || pad >= side {
            return Err(NnError::unsupported(format!(
                "a transposed convolution with a {side}×{side} kernel, stride {stride} and \
                 padding {pad}"
            )));
        }
        let wanted = outputs.checked_mul(inputs).and_then(|n| n.checked_mul(side * side));
        if wanted != Some(self.weights.len()) || self.bias.len() != outputs {
            return Err(NnError::broken(format!(
                "a transposed convolution from {inputs} to {outputs} channels with {} weights",
                self.weights.len()
            )));
        }
        Ok(())
    }

    /// The convolution at the size of the input that gives all `stride²` phases of the result as
    /// channels. The result at `stride · q + phase` takes input `q + d` with the kernel's row
    /// `phase + pad - stride · d`.
    fn phases(&self) -> Convolution {
        let Self { outputs, inputs, side, stride, pad, .. } = *self;
        let before = (side - 1).saturating_sub(pad).div_ceil(stride);
        let half = before.max(pad.div_ceil(stride));
        let wide = 2 * half + 1;
        let area = stride * stride;
        let mut weights = vec![0.0; outputs * area * inputs * wide * wide];
        let tap = |phase: usize, place: usize| {
            let row = (phase + pad + stride * half).checked_sub(stride * place)?;
            (row < side).then_some(row)
        };
        for o in 0..outputs * area {
            let (channel, phase_y, phase_x) = (o / area, o % area / stride, o % stride);
            for i in 0..inputs {
                for (y, x) in (0..wide).flat_map(|y| (0..wide).map(move |x| (y, x))) {
                    if let (Some(ky), Some(kx)) = (tap(phase_y, y), tap(phase_x, x)) {
                        weights[((o * inputs + i) * wide + y) * wide + x] =
                            self.weights[((i * outputs + channel) * side + ky) * side + kx];
                    }
                }
            }
        }
        let bias = (0..outputs * area).map(|o| self.bias[o / area]).collect();
        Convolution { outputs: outputs * area, inputs, side: wide, weights, bias }
    }
}

impl Graph {
    /// Appends a transposed convolution.
    ///
    /// # Errors
    /// As [`Graph::push`].
    pub fn push_transposed(&mut self, conv: &Transposed, input: NodeId) -> Result<NodeId, NnError> {
        conv.check()?;
        let phases = self.push(Op::Conv(conv.phases()), &[input])?;
        if conv.stride == 1 { Ok(phases) } else { self.push(Op::Shuffle(conv.stride), &[phases]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row of the definition: every input adds its kernel.
    fn scatter(conv: &Transposed, row: &[f32]) -> Vec<f32> {
        let mut full = vec![0.0; row.len() * conv.stride + conv.side];
        for (i, value) in row.iter().enumerate() {
            for t in 0..conv.side {
                full[i * conv.stride + t] += value * conv.weights[conv.side / 2 * conv.side + t];
            }
        }
        full[conv.pad..conv.pad + row.len() * conv.stride].to_vec()
    }

    #[test]
    fn phases_give_what_the_definition_gives() {
        for (side, stride, pad) in
            [(9, 4, 4), (4, 2, 1), (9, 3, 4), (3, 2, 1), (2, 2, 0), (8, 4, 2)]
        {
            // Only the middle row of the kernel counts, so that one row of input is enough.
            let mut weights = vec![0.0; side * side];
            (0..side).for_each(|t| weights[side / 2 * side + t] = 1.0 + t as f32);
            let conv =
                Transposed { outputs: 1, inputs: 1, side, stride, pad, weights, bias: vec![0.0] };
            let phases = conv.phases();
            let row: Vec<f32> = (0..7).map(|i| ((i * 5) % 7) as f32 - 2.0).collect();
            let half = phases.side / 2;
            let expected = scatter(&conv, &row);
            // The row of phases in which the middle row of the kernel lies over the input.
            let (phase_y, y) = (0..stride)
                .flat_map(|phase| (0..phases.side).map(move |y| (phase, y)))
                .find(|&(phase, y)| phase + pad + stride * half == stride * y + side / 2)
                .unwrap();
            for (at, expected) in expected.iter().enumerate() {
                let (q, phase) = (at / stride, at % stride);
                let kernel =
                    &phases.weights[(phase_y * stride + phase) * phases.side * phases.side..];
                let sum: f32 = (0..phases.side)
                    .filter_map(|x| {
                        Some(row.get((q + x).checked_sub(half)?)? * kernel[y * phases.side + x])
                    })
                    .sum();
                assert!((sum - *expected).abs() < 1e-4, "{side} {stride} {pad} at {at}");
            }
        }
    }
}
