//! Loss and gradient of one patch.
use super::Shape;
use super::shape::{COLOURS, Layer};
use crate::Isa;
use crate::simd::{self, Activation, LANES, Packed, Pixels, PixelsMut, Side};

/// Free pixels around a sheet, as the kernels need them.
const BEFORE: usize = 4;
const AFTER: usize = 8;

/// How a difference counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Loss {
    /// Its absolute value.
    L1,
    /// √(d² + ε²): nearly the absolute value, but smooth (Charbonnier et al., ICIP 1994).
    Charbonnier(f32),
}

impl Loss {
    /// The loss of a difference and its derivative.
    fn of(self, d: f32) -> (f32, f32) {
        match self {
            Self::L1 if d == 0.0 => (0.0, 0.0),
            Self::L1 => (d.abs(), d.signum()),
            Self::Charbonnier(epsilon) => {
                let root = d.mul_add(d, epsilon * epsilon).sqrt();
                (root, d / root)
            }
        }
    }
}

/// What a net is trained on at once.
#[derive(Debug, Clone, Copy)]
pub struct Patch<'a> {
    /// What it is given: values from 0 to 1, three channels side by side.
    pub low: &'a [f32],
    /// What it should give, `scale` times as wide and high.
    pub high: &'a [f32],
    /// Width and height of `low`.
    pub size: (usize, usize),
}

/// Pixels with free pixels around them.
#[derive(Debug, Clone, Default)]
struct Sheet {
    values: Vec<f32>,
    pixel: usize,
    width: usize,
    height: usize,
}

impl Sheet {
    /// Fits the sheet to a size; a new one is 0 everywhere.
    fn fit(&mut self, channels: usize, (width, height): (usize, usize)) {
        let pixel = channels.next_multiple_of(LANES);
        if (self.pixel, self.width, self.height) != (pixel, width, height) {
            let floats = (width + BEFORE + AFTER) * (height + BEFORE + AFTER) * pixel;
            *self = Self { values: vec![0.0; floats], pixel, width, height };
        }
    }

    const fn row(&self) -> usize {
        (self.width + BEFORE + AFTER) * self.pixel
    }

    const fn at(&self) -> Side {
        let first = BEFORE * self.row() + BEFORE * self.pixel;
        Side { first, pixel: self.pixel, row: self.row() }
    }

    const fn index(&self, x: usize, y: usize) -> usize {
        (y + BEFORE) * self.row() + (x + BEFORE) * self.pixel
    }

    fn pixels(&self) -> Pixels<'_> {
        Pixels { values: &self.values, at: self.at() }
    }

    /// The rows without the free pixels beside them.
    fn rows(&self) -> impl Iterator<Item = &[f32]> {
        let inside = BEFORE * self.pixel..(BEFORE + self.width) * self.pixel;
        let rows = self.values.chunks_exact(self.row()).skip(BEFORE).take(self.height);
        rows.map(move |row| &row[inside.clone()])
    }
}

/// One worker's memory; it grows once.
#[derive(Debug, Default)]
pub struct Buffers {
    /// What goes into each layer.
    inputs: Vec<Sheet>,
    /// What comes out of each before its PReLU.
    sums: Vec<Sheet>,
    /// The gradients of both.
    input_gradients: Vec<Sheet>,
    sum_gradients: Vec<Sheet>,
    winograd: (Vec<f32>, Vec<f32>),
}

/// The parameters of a step as the kernels read them. Shared between workers.
#[derive(Debug)]
pub struct Prepared {
    shape: Shape,
    isa: Isa,
    layers: Vec<Ready>,
}

#[derive(Debug)]
struct Ready {
    layer: Layer,
    forward: Packed,
    /// From the gradient of the result to that of the input.
    backward: Packed,
    slopes: Option<Vec<f32>>,
}

impl Prepared {
    /// Packs the parameters of a net.
    pub fn new(shape: Shape, values: &[f32]) -> Self {
        Self::on(shape, values, Isa::best())
    }

    /// As [`Prepared::new`], for another instruction set that this machine has.
    pub fn on(shape: Shape, values: &[f32], isa: Isa) -> Self {
        let ready = |layer: Layer| {
            let (outputs, inputs) = (layer.outputs, layer.inputs);
            let weights = &values[layer.weights.clone()];
            let mut turned = vec![0.0; weights.len()];
            for (at, weight) in weights.iter().enumerate() {
                let (o, i, tap) = (at / 9 / inputs, at / 9 % inputs, at % 9);
                turned[(i * outputs + o) * 9 + 8 - tap] = *weight;
            }
            let bias = &values[layer.bias.clone()];
            let forward = Packed::new(weights, bias, (outputs, inputs, 3), Activation::Nothing);
            let none = vec![0.0; inputs];
            let backward = Packed::new(&turned, &none, (inputs, outputs, 3), Activation::Nothing);
            let slopes = layer.slopes.clone().map(|range| {
                let mut slopes = values[range].to_vec();
                slopes.resize(slopes.len().next_multiple_of(LANES), 0.0);
                slopes
            });
            Ready { layer, forward, backward, slopes }
        };
        let isa = if Isa::available().contains(&isa) { isa } else { Isa::Plain };
        Self { shape, isa, layers: shape.layers().into_iter().map(ready).collect() }
    }

    /// The mean loss of a patch, and in `gradient` what each parameter changes in it.
    pub fn gradient(
        &self,
        patch: Patch<'_>,
        loss: Loss,
        buffers: &mut Buffers,
        gradient: &mut [f32],
    ) -> f64 {
        let Patch { low, high, size } = patch;
        let scale = self.shape.scale;
        let pixels = size.0 * size.1;
        assert!(
            low.len() == pixels * COLOURS && high.len() == pixels * scale * scale * COLOURS,
            "a patch of another size"
        );
        assert!(gradient.len() == self.shape.parameters(), "a gradient of another net");
        self.fit(size, buffers);
        self.forward(low, buffers);
        let mean = self.compare((low, high), loss, buffers);
        self.backward(size, buffers, gradient);
        mean
    }

    fn fit(&self, size: (usize, usize), buffers: &mut Buffers) {
        let Buffers { inputs, sums, input_gradients, sum_gradients, winograd } = buffers;
        for sheets in [&mut *inputs, &mut *sums, &mut *input_gradients, &mut *sum_gradients] {
            sheets.resize_with(self.layers.len(), Sheet::default);
        }
        for (at, Ready { layer, forward, backward, .. }) in self.layers.iter().enumerate() {
            inputs[at].fit(layer.inputs, size);
            input_gradients[at].fit(layer.inputs, size);
            sums[at].fit(layer.outputs, size);
            sum_gradients[at].fit(layer.outputs, size);
            for packed in [forward, backward] {
                let (first, second) = packed.scratch();
                winograd.0.resize(winograd.0.len().max(first), 0.0);
                winograd.1.resize(winograd.1.len().max(second), 0.0);
            }
        }
    }

    fn forward(&self, low: &[f32], buffers: &mut Buffers) {
        let first = &mut buffers.inputs[0];
        let width = first.width;
        for (at, pixel) in low.chunks_exact(COLOURS).enumerate() {
            let to = first.index(at % width, at / width);
            first.values[to..to + COLOURS].copy_from_slice(pixel);
        }
        for (at, ready) in self.layers.iter().enumerate() {
            let sums = &mut buffers.sums[at];
            self.convolve(&ready.forward, &buffers.inputs[at], sums, &mut buffers.winograd);
            if let Some(slopes) = &ready.slopes {
                simd::slopes(&sums.values, &mut buffers.inputs[at + 1].values, slopes);
            }
        }
    }

    fn convolve(
        &self,
        packed: &Packed,
        from: &Sheet,
        to: &mut Sheet,
        winograd: &mut (Vec<f32>, Vec<f32>),
    ) {
        let size = (from.width, from.height);
        let to = PixelsMut { at: to.at(), values: &mut to.values };
        simd::convolve(self.isa, packed, (&[from.pixels()], to), size, winograd);
    }

    /// The loss, and its gradient at the last sums.
    fn compare(&self, (low, high): (&[f32], &[f32]), loss: Loss, buffers: &mut Buffers) -> f64 {
        let scale = self.shape.scale;
        let last = self.layers.len() - 1;
        let (sums, gradient) = (&buffers.sums[last], &mut buffers.sum_gradients[last]);
        let (width, height) = (sums.width, sums.height);
        let share = 1.0 / high.len() as f32;
        let mut total = 0.0;
        for y in 0..height * scale {
            let mut row = 0.0_f32;
            for x in 0..width * scale {
                let at = sums.index(x / scale, y / scale);
                let phase = y % scale * scale + x % scale;
                for c in 0..COLOURS {
                    let channel = at + c * scale * scale + phase;
                    let skip = low[(y / scale * width + x / scale) * COLOURS + c];
                    let truth = high[(y * width * scale + x) * COLOURS + c];
                    let (value, slope) = loss.of(sums.values[channel] + skip - truth);
                    row += value;
                    gradient.values[channel] = slope * share;
                }
            }
            total += f64::from(row);
        }
        total * f64::from(share)
    }

    fn backward(&self, size: (usize, usize), buffers: &mut Buffers, gradient: &mut [f32]) {
        for (at, ready) in self.layers.iter().enumerate().rev() {
            let layer = &ready.layer;
            let upper = &buffers.sum_gradients[at];
            simd::weight_gradient(
                self.isa,
                (&buffers.inputs[at].pixels(), &upper.pixels()),
                size,
                (layer.outputs, layer.inputs),
                &mut gradient[layer.weights.clone()],
            );
            let bias = &mut gradient[layer.bias.clone()];
            bias.fill(0.0);
            for pixel in upper.rows().flat_map(|row| row.chunks_exact(upper.pixel)) {
                bias.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
            }
            let Some(below) = at.checked_sub(1) else { break };
            let lower = &mut buffers.input_gradients[at];
            self.convolve(&ready.backward, upper, lower, &mut buffers.winograd);
            let Ready { layer, slopes: Some(slopes), .. } = &self.layers[below] else { continue };
            let Some(range) = layer.slopes.clone() else { continue };
            let sheets = (&buffers.input_gradients[at], &buffers.sums[below]);
            bend(sheets, slopes, &mut buffers.sum_gradients[below], &mut gradient[range]);
        }
    }
}

/// The gradient before a PReLU from that after it, and that of its slopes.
fn bend((after, sums): (&Sheet, &Sheet), slopes: &[f32], to: &mut Sheet, gradient: &mut [f32]) {
    let pixel = sums.pixel;
    let mut total = vec![0.0_f32; pixel];
    for y in 0..sums.height {
        let start = sums.index(0, y);
        let row = start..start + sums.width * pixel;
        let from = after.values[row.clone()].chunks_exact(pixel);
        let sums = sums.values[row.clone()].chunks_exact(pixel);
        for ((to, from), sums) in to.values[row].chunks_exact_mut(pixel).zip(from).zip(sums) {
            for c in 0..pixel {
                let below = sums[c] < 0.0;
                to[c] = if below { from[c] * slopes[c] } else { from[c] };
                total[c] += if below { from[c] * sums[c] } else { 0.0 };
            }
        }
    }
    gradient.copy_from_slice(&total[..gradient.len()]);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that repeat late.
    fn noise(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32
        };
        (0..count).map(|_| next()).collect()
    }

    fn net(shape: Shape) -> Vec<f32> {
        let mut numbers = noise(shape.parameters() * 2, 3).into_iter();
        let mut values = shape.initial(&mut || f64::from(numbers.next().unwrap() - 0.5) * 2.0);
        // A last layer that matters, and biases.
        values.iter_mut().zip(noise(shape.parameters(), 4)).for_each(|(v, n)| {
            *v += (n - 0.5) * 0.1;
        });
        values
    }

    #[test]
    fn gradients_are_the_differences() {
        for shape in [
            Shape { features: 8, convs: 1, scale: 2 },
            Shape { features: 20, convs: 2, scale: 3 },
            Shape { features: 33, convs: 0, scale: 1 },
        ] {
            let size = (9, 7);
            let low = noise(size.0 * size.1 * 3, 1);
            let high = noise(low.len() * shape.scale * shape.scale, 2);
            let (values, loss) = (net(shape), Loss::Charbonnier(0.3));
            let mut buffers = Buffers::default();
            let mut gradient = vec![0.0; values.len()];
            let mut at = |values: &[f32], gradient: &mut [f32]| {
                let prepared = Prepared::new(shape, values);
                let patch = Patch { low: &low, high: &high, size };
                prepared.gradient(patch, loss, &mut buffers, gradient)
            };
            at(&values, &mut gradient);
            let mut unused = vec![0.0; values.len()];
            let largest = gradient.iter().fold(0.0_f32, |most, g| most.max(g.abs()));
            for index in (0..values.len()).step_by(values.len() / 60) {
                let mut moved = |by: f32| {
                    let mut values = values.clone();
                    values[index] += by;
                    at(&values, &mut unused)
                };
                // Small, so that few sums cross the bend of a PReLU.
                let expected = (moved(1e-3) - moved(-1e-3)) / 2e-3;
                let error = (f64::from(gradient[index]) - expected).abs();
                let most = 0.02 * expected.abs() + 0.003 * f64::from(largest) + 2e-5;
                assert!(error <= most, "{shape:?} {index}: {} {expected}", gradient[index]);
            }
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let shape = Shape { features: 24, convs: 1, scale: 2 };
        let (low, values) = (noise(13 * 10 * 3, 1), net(shape));
        let high = noise(low.len() * 4, 2);
        let of = |isa| {
            let mut gradient = vec![0.0; values.len()];
            let prepared = Prepared::on(shape, &values, isa);
            let mut buffers = Buffers::default();
            let patch = Patch { low: &low, high: &high, size: (13, 10) };
            let mean = prepared.gradient(patch, Loss::L1, &mut buffers, &mut gradient);
            // Buffers that were used before change nothing.
            let mut again = gradient.clone();
            prepared.gradient(patch, Loss::L1, &mut buffers, &mut again);
            assert!(again == gradient);
            (mean.to_bits(), gradient.iter().map(|g| g.to_bits()).collect::<Vec<_>>())
        };
        let plain = of(Isa::Plain);
        for isa in Isa::available() {
            assert!(of(isa) == plain, "{}", isa.name());
        }
    }
}
