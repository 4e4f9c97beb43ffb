//! Our own two-pass convolution in 32-bit float: any kernel, edge rule, depth, alpha, light.
use super::plan::Plan;
use super::taps::Taps;
use crate::bands::for_each_band;
use crate::sample::Sample;
use crate::simd::{ROW_PADDING, Run, add_weighted, weighted_sums};
use crate::visit::Visitor;
use crate::working::Working;
use crate::{Exec, ImageError, Samples};

/// Widest support of the kernels used here, for the memory bound.
const MAX_SUPPORT: f64 = 4.0;

/// Resizes by convolution.
pub(super) struct Separable<'a> {
    pub(super) plan: &'a Plan,
    pub(super) exec: &'a dyn Exec,
}

/// Bytes of the weights and of the scratch of all bands that can be in work at once.
pub(super) fn cost(plan: &Plan) -> u64 {
    let banding = plan.banding();
    let taps = plan.x.most_taps(MAX_SUPPORT) + plan.y.most_taps(MAX_SUPPORT);
    let sides = u64::from(plan.x.target) + u64::from(plan.y.target);
    let rows = banding.rows.min(plan.y.target as usize) as u64;
    let band_taps = plan.y.most_taps(MAX_SUPPORT) * rows / u64::from(plan.y.target).max(1);
    let pixels =
        (rows + 1) * sums_width(plan) as u64 + u64::from(plan.x.source) + u64::from(plan.x.target);
    let lane = pixels * plan.channels() as u64 * 4 + band_taps * 32 + 4096;
    taps * 8 + sides * 48 + banding.lanes(plan.y.target as usize) as u64 * lane
}

/// Pixels of a row between the two passes.
fn sums_width(plan: &Plan) -> usize {
    if plan.vertical_first() { plan.x.source as usize } else { plan.x.target as usize }
}

impl Visitor for Separable<'_> {
    type Output = Result<Samples, ImageError>;

    fn visit<T: Sample, const C: usize>(self, pixels: &[[T; C]]) -> Self::Output {
        let plan = self.plan;
        let job = Job {
            pixels,
            plan,
            working: Working { linear: plan.linear_light, alpha: plan.has_alpha() },
            horizontal: plan.taps(&plan.x),
            vertical: plan.taps(&plan.y),
        };
        let mut out = vec![T::default(); plan.target_len()];
        let scratch = || Scratch::new(plan);
        for_each_band(&mut out, plan.banding(), self.exec, scratch, |scratch, first, rows| {
            job.band(scratch, first, rows);
            Ok(())
        })?;
        Ok(T::wrap(out))
    }
}

struct Job<'a, T, const C: usize> {
    pixels: &'a [[T; C]],
    plan: &'a Plan,
    working: Working,
    horizontal: Taps,
    vertical: Taps,
}

/// That a source row counts in an output row of the band.
#[derive(Debug, Clone, Copy)]
struct Share {
    source_row: u32,
    row: u32,
    weight: f32,
}

/// Rows of pixels as floats. Those that the horizontal pass reads have padding behind them.
struct Scratch {
    /// One source row.
    source: Vec<f32>,
    /// One output row.
    line: Vec<f32>,
    /// The weighted sums of source rows, for every output row of the band.
    sums: Vec<f32>,
    shares: Vec<Share>,
}

impl Scratch {
    fn new(plan: &Plan) -> Self {
        Self {
            source: vec![0.0; plan.x.source as usize * plan.channels() + ROW_PADDING],
            line: vec![0.0; plan.x.target as usize * plan.channels()],
            sums: Vec::new(),
            shares: Vec::new(),
        }
    }
}

impl<T: Sample, const C: usize> Job<'_, T, C> {
    /// Computes the output rows `first..` into `rows`. Every source row is read once and added
    /// to the sums of the output rows in which it counts.
    fn band(&self, scratch: &mut Scratch, first: usize, rows: &mut [T]) {
        let row_len = self.plan.x.target as usize * C;
        let height = rows.len() / row_len;
        let width = sums_width(self.plan) * C;
        let Scratch { source, line, sums, shares } = scratch;
        self.collect_shares(shares, first, height);
        sums.clear();
        sums.resize(height * width + ROW_PADDING, 0.0);
        for shares in shares.chunk_by(|a, b| a.source_row == b.source_row) {
            self.load(shares[0].source_row, source);
            if !self.plan.vertical_first() {
                self.convolve(source, line);
                self.round(line);
            }
            let line = if self.plan.vertical_first() { &source[..width] } else { &line[..] };
            for share in shares {
                let start = share.row as usize * width;
                add_weighted(&mut sums[start..start + width], line, share.weight);
            }
        }
        for (index, row) in rows.chunks_mut(row_len).enumerate() {
            let padded = width + ROW_PADDING;
            let sums = &mut sums[index * width..][..padded];
            let finished = if self.plan.vertical_first() {
                self.round(&mut sums[..width]);
                self.convolve(sums, line);
                &line[..]
            } else {
                &sums[..width]
            };
            self.working.store_row(finished.as_chunks::<C>().0, row);
        }
    }

    /// The horizontal pass of one padded row.
    fn convolve(&self, row: &[f32], line: &mut [f32]) {
        let run = |index: usize| {
            let (start, weights) = self.horizontal.get(index);
            Run { start, weights }
        };
        weighted_sums(row, run, line.as_chunks_mut::<C>().0);
    }

    /// Which source rows count in the output rows from `first`, ordered by source row.
    fn collect_shares(&self, shares: &mut Vec<Share>, first: usize, height: usize) {
        shares.clear();
        for row in 0..height {
            let (start, weights) = self.vertical.get(first + row);
            shares.extend(weights.iter().enumerate().filter(|(_, w)| **w != 0.0).map(
                |(offset, &weight)| Share {
                    source_row: (start + offset) as u32,
                    row: row as u32,
                    weight,
                },
            ));
        }
        shares.sort_unstable_by_key(|share| (share.source_row, share.row));
    }

    fn load(&self, row: u32, out: &mut [f32]) {
        let width = self.plan.x.source as usize;
        let start = row as usize * width;
        self.working.load_row(&self.pixels[start..start + width], out.as_chunks_mut::<C>().0);
    }

    /// Rounds to whole values where the filter asks for it between the passes.
    fn round(&self, line: &mut [f32]) {
        if self.plan.rounds_between() {
            for value in line {
                *value = T::from_float(*value).to_float();
            }
        }
    }
}
