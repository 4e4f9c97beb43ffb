//! The steps of a training.
use std::path::Path;

use pixloom_engine::{Engine, Fingerprint, RunError, Seed};
use pixloom_image::metric::{self, Plane};
use pixloom_image::resize::{self, Filter, ResizeOptions};
use pixloom_image::{Image, ImageError, Samples, Serial};
use pixloom_nn::arch::detect;
use pixloom_nn::train::{Adam, Buffers, Patch, Prepared, clip_norm};
use pixloom_nn::{Cell, Net, NnError, Planes, Scratch};

use super::TrainUpscale;
use super::checkpoint::Checkpoint;
use super::data::{Data, Pair};
use crate::job::{JobCx, JobError};
use crate::pipeline::Pipeline;

/// Steps in which the rate rises to its full value.
const WARM_UP: u32 = 200;
/// What of the rate is left at the end.
const LEAST: f64 = 0.005;
/// Longer gradients are shortened.
const MOST_NORM: f64 = 1.0;

/// What a training needs beside its state.
pub(super) struct Trainer<'a> {
    pub(super) own: &'a TrainUpscale,
    pub(super) data: &'a Data,
    pub(super) engine: &'a Engine,
    pub(super) cx: &'a JobCx,
    pub(super) seed: Seed,
}

/// How a training ended.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The mean of the parameters: the model.
    pub(super) mean: Vec<f32>,
    pub(super) steps: u64,
    pub(super) stopped: bool,
    pub(super) pictures: usize,
    /// Mean PSNR of the luma over the pictures that were held out.
    pub(super) validation_db: f64,
    /// The same of bicubic interpolation.
    pub(super) bicubic_db: f64,
    /// Mean of the steps since the last measurement.
    pub(super) loss: f64,
}

impl Trainer<'_> {
    /// Trains up to the last step, or until a stop is asked for.
    ///
    /// # Errors
    /// `Param` if the operations do not fit, `Run` if a checkpoint cannot be written.
    pub(super) fn train(
        &self,
        before: Option<Checkpoint>,
        path: &Path,
        identity: Fingerprint,
    ) -> Result<Outcome, JobError> {
        let own = self.own;
        let mut numbers = self.seed.child("initial").rng();
        let mut state = before.unwrap_or_else(|| {
            let values = own.shape().initial(&mut || numbers.normal());
            let adam = Adam::new(&values);
            Checkpoint { identity: identity.to_string(), values, adam }
        });
        let degrade = own.degradation()?;
        let bicubic_db = self.bicubic()?;
        let (mut losses, mut count, mut loss) = (0.0, 0_u32, 0.0);
        let last = u64::from(own.steps);
        while state.adam.step < last && !self.cx.cancel.is_draining() {
            losses += self.step(&mut state, &degrade)?;
            count += 1;
            if state.adam.step.is_multiple_of(u64::from(own.every)) && state.adam.step < last {
                loss = losses / f64::from(count);
                (losses, count) = (0.0, 0);
                self.say(&state.adam, loss)?;
                state.write(path)?;
            }
        }
        let stopped = state.adam.step < last;
        if stopped {
            state.write(path)?;
        }
        let validation_db = self.validate(&state.adam.mean)?;
        let loss = if count > 0 { losses / f64::from(count) } else { loss };
        let (steps, pictures) = (state.adam.step, self.data.pairs.len());
        let mean = state.adam.mean;
        Ok(Outcome { mean, steps, stopped, pictures, validation_db, bicubic_db, loss })
    }

    fn say(&self, adam: &Adam, loss: f64) -> Result<(), JobError> {
        let db = self.validate(&adam.mean)?;
        let line = format!("step {} of {}: loss {loss:.5}, {db:.3} dB", adam.step, self.own.steps);
        self.cx.face.remark(&line);
        Ok(())
    }

    /// One step: the gradients of all patches, added in their order.
    fn step(&self, state: &mut Checkpoint, degrade: &Pipeline) -> Result<f64, JobError> {
        let own = self.own;
        let (shape, loss) = (own.shape(), own.loss());
        let prepared = Prepared::new(shape, &state.values);
        // Each step draws from a seed of its own, so that a resumed run draws the same.
        let seed = self.seed.child("step").child_index(state.adam.step);
        let side = own.patch as usize;
        let work = |index: usize, buffers: &mut Buffers| -> Result<(f64, Vec<f32>), ImageError> {
            let seed = seed.child_index(index as u64);
            let (low, high) = self.data.patch((side, shape.scale), degrade, seed)?;
            let mut gradient = vec![0.0; shape.parameters()];
            let patch = Patch { low: &low, high: &high, size: (side, side) };
            let loss = prepared.gradient(patch, loss, buffers, &mut gradient);
            Ok((loss, gradient))
        };
        let made = self.engine.fan_out(own.batch as usize, &Buffers::default, &work);
        let (mut total, mut sum) = (0.0, vec![0.0_f32; shape.parameters()]);
        for one in made {
            let (loss, gradient) = one.map_err(unfit)?;
            total += loss;
            sum.iter_mut().zip(&gradient).for_each(|(sum, g)| *sum += g);
        }
        let share = 1.0 / own.batch as f32;
        for g in &mut sum {
            *g *= share;
        }
        clip_norm(&mut sum, MOST_NORM);
        state.adam.step(&mut state.values, &sum, self.rate(state.adam.step));
        Ok(total * f64::from(share))
    }

    /// Rises at the beginning, then falls along a cosine.
    fn rate(&self, step: u64) -> f32 {
        let part = step as f64 / f64::from(self.own.steps);
        let cosine = 0.5 * (1.0 + libm::cos(std::f64::consts::PI * part));
        let warm = ((step + 1) as f64 / f64::from(WARM_UP)).min(1.0);
        (self.own.rate * (cosine * (1.0 - LEAST) + LEAST) * warm) as f32
    }

    /// Mean PSNR of the luma of a net with these parameters.
    fn validate(&self, values: &[f32]) -> Result<f64, JobError> {
        let failed = |error: NnError| JobError::refused(error.to_string(), vec![]);
        let model = detect(&self.own.shape().tensors(values)).map_err(failed)?;
        let net = Net::new(&model.graph).map_err(failed)?;
        self.measure(&|pair: &Pair, scratch: &mut Scratch| enlarge(&net, pair, scratch))
    }

    fn bicubic(&self) -> Result<f64, JobError> {
        let options = ResizeOptions::with_filter(Filter::MatlabBicubicLegacy);
        self.measure(&|pair: &Pair, _: &mut Scratch| {
            resize::resize(&pair.low, pair.high.size(), &options, &Serial)
        })
    }

    fn measure(
        &self,
        enlarge: &(dyn Fn(&Pair, &mut Scratch) -> Result<Image, ImageError> + Sync),
    ) -> Result<f64, JobError> {
        let held = &self.data.held;
        let one = |index: usize, scratch: &mut Scratch| {
            let large = enlarge(&held[index], scratch)?;
            metric::psnr(&held[index].high, &large, Plane::Y, self.own.scale)
        };
        let found = self.engine.fan_out(held.len(), &Scratch::default, &one);
        let found: Result<Vec<f64>, ImageError> = found.into_iter().collect();
        // An equal picture counts as 100 dB.
        let found = found.map_err(unfit)?;
        Ok(found.iter().map(|db| db.min(100.0)).sum::<f64>() / found.len().max(1) as f64)
    }
}

fn unfit(error: ImageError) -> JobError {
    JobError::Run { source: RunError::Source(Box::new(error)), finished: 0, failures: Vec::new() }
}

/// The small picture of a pair as large as the net makes it.
fn enlarge(net: &Net, pair: &Pair, scratch: &mut Scratch) -> Result<Image, ImageError> {
    let Samples::U8(samples) = pair.low.samples() else {
        return Err(ImageError::unsupported("no 8-bit picture"));
    };
    let (width, height) = (pair.low.width() as usize, pair.low.height() as usize);
    let read = |x: usize, y: usize, to: &mut [f32]| {
        let from = &samples[(y * width + x) * 3..];
        to.iter_mut().zip(from).for_each(|(to, from)| *to = f32::from(*from) / 255.0);
    };
    let planes = Planes { width, height, read: &read };
    let (wide, high) = net.cell();
    let row = pair.high.row_len();
    let scale = net.facts().scale;
    let mut out = vec![0_u8; row * pair.high.height() as usize];
    for y in (0..height).step_by(high) {
        for x in (0..width).step_by(wide) {
            let cell = Cell { x, y, width: wide.min(width - x), height: high.min(height - y) };
            let lines = net.run(&planes, cell, scratch).chunks_exact(cell.width * scale * 3);
            for (line, from) in lines.enumerate() {
                let start = (y * scale + line) * row + x * scale * 3;
                let to = &mut out[start..start + from.len()];
                to.iter_mut().zip(from).for_each(|(to, v)| *to = (v * 255.0 + 0.5) as u8);
            }
        }
    }
    Image::new(pair.high.size(), pair.high.channels(), Samples::U8(out))
}
