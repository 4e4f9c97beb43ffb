//! From coefficients to pixels, slice by slice: transform, upsample, convert.
use std::sync::Mutex;

use super::coefs::Coefs;
use super::idct::BlockRow;
use super::plan::{ColorModel, CompPlan, Plan, Upsample};
use super::{rows, simd};
use crate::Exec;

/// Coefficients of a slice take about this many bytes: a share of a level-2 cache.
const SLICE_BYTES: usize = 192 << 10;
/// From how many stored pixels on the work of one picture is split.
const SPLIT_FROM: usize = 4_000_000;
/// Slices at work at the same time in a picture that is split.
const SLICES: usize = 4;

/// Some rows of MCUs as component samples.
#[derive(Default)]
struct Slice {
    /// First row of MCUs.
    first: usize,
    /// Rows of MCUs.
    count: usize,
    planes: Vec<Vec<u8>>,
    scratch: Scratch,
}

/// Buffers for one row at a time.
#[derive(Default)]
struct Scratch {
    wide: Vec<Vec<u8>>,
    sums: Vec<u16>,
    inks: [Vec<u8>; 3],
}

/// How many rows of MCUs go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Batching {
    /// Rows of MCUs of a slice.
    pub slice: usize,
    /// Slices of a batch.
    pub slices: usize,
}

impl Batching {
    /// From the picture alone.
    pub(super) fn new(plan: &Plan) -> Self {
        let slice = (SLICE_BYTES / plan.coef_bytes().max(1)).clamp(1, plan.mcus_y);
        let stored = plan.mcus_x * plan.mcus_y * plan.max.0 * plan.max.1 * 64;
        let splits = stored >= SPLIT_FROM && plan.mcus_y > slice;
        Self { slice, slices: if splits { SLICES } else { 1 } }
    }

    /// Rows of MCUs of a batch.
    pub(super) const fn rows(self) -> usize {
        self.slice * self.slices
    }
}

/// Coefficients of a batch of rows of MCUs.
#[derive(Clone, Copy)]
pub(super) struct Batch<'a> {
    /// Where they are.
    pub coefs: &'a Coefs,
    /// The row of MCUs of `coefs` at which the batch begins.
    pub offset: usize,
    /// The row of MCUs of the picture at which the batch begins.
    pub first: usize,
    /// Rows of MCUs.
    pub count: usize,
}

/// Turns batches of coefficients into rows of the picture, from top to bottom.
pub(super) struct Renderer<'a> {
    plan: &'a Plan,
    quant: Vec<[i16; 64]>,
    batching: Batching,
    slices: Vec<Slice>,
    /// The slice before the batch.
    before: Slice,
}

impl<'a> Renderer<'a> {
    /// Prepares buffers; `quant` holds the steps of each component.
    pub(super) fn new(plan: &'a Plan, quant: Vec<[i16; 64]>) -> Self {
        let batching = Batching::new(plan);
        let width = plan.out.width as usize;
        let slice = || Slice {
            first: 0,
            count: 0,
            planes: plan
                .comps
                .iter()
                .map(|c| vec![0; c.stride() * c.v * c.n * batching.slice])
                .collect(),
            scratch: Scratch {
                wide: plan.comps.iter().map(|c| vec![0; width.max(2 * c.width)]).collect(),
                sums: vec![0; width],
                inks: std::array::from_fn(|_| vec![0; width]),
            },
        };
        let slices = (0..batching.slices).map(|_| slice()).collect();
        Self { plan, quant, batching, slices, before: slice() }
    }

    /// How rows go together.
    pub(super) const fn batching(&self) -> Batching {
        self.batching
    }

    /// Renders one batch into `out`, the whole picture, while `meanwhile` runs.
    pub(super) fn batch(
        &mut self,
        batch: Batch<'_>,
        out: &mut [u8],
        exec: &dyn Exec,
        meanwhile: &(dyn Fn() + Sync),
    ) {
        let (plan, quant, per_slice) = (self.plan, &self.quant, self.batching.slice);
        let slice_len = per_slice * plan.mcu_height * plan.row_len();
        let start = (batch.first * plan.mcu_height * plan.row_len()).min(out.len());
        let used = batch.count.div_ceil(per_slice);
        let rows = out[start..].chunks_mut(slice_len.max(1));
        let jobs: Vec<_> = self.slices[..used]
            .iter_mut()
            .zip(rows)
            .enumerate()
            .map(|(i, (slice, rows))| {
                slice.first = batch.first + i * per_slice;
                slice.count = per_slice.min(batch.count - i * per_slice);
                Mutex::new(Some((slice, rows, batch.offset + i * per_slice)))
            })
            .collect();
        let part = |i: usize| {
            let job = jobs[i].lock().ok().and_then(|mut job| job.take());
            if let Some((slice, rows, offset)) = job {
                slice.transform(plan, quant, batch.coefs, offset);
                slice.emit_inner(plan, rows);
            }
        };
        if self.batching.slices > 1 {
            exec.for_each(jobs.len() + 1, &|i| if i == 0 { meanwhile() } else { part(i - 1) });
        } else {
            (0..jobs.len()).for_each(part);
            meanwhile();
        }
        drop(jobs);
        if plan.needs_context() {
            self.seams(used, out);
        }
    }

    /// Renders the rows between slices, which need samples from both sides.
    fn seams(&mut self, used: usize, out: &mut [u8]) {
        let (plan, row_len) = (self.plan, self.plan.row_len());
        let mut scratch = std::mem::take(&mut self.slices[0].scratch);
        for i in 0..used {
            let below = &self.slices[i];
            let above = if i == 0 { &self.before } else { &self.slices[i - 1] };
            let seam = below.first * plan.mcu_height;
            let rows = out.chunks_exact_mut(row_len).enumerate().skip(seam.saturating_sub(1));
            for (y, row) in rows.take(if below.first == 0 { 0 } else { 2 }) {
                emit(plan, [above, below], y, &mut scratch, row);
            }
        }
        self.slices[0].scratch = scratch;
        std::mem::swap(&mut self.before, &mut self.slices[used - 1]);
    }
}

impl Slice {
    /// Samples from coefficients that begin at row `offset` of MCUs of `coefs`.
    fn transform(&mut self, plan: &Plan, quant: &[[i16; 64]], coefs: &Coefs, offset: usize) {
        for (i, comp) in plan.comps.iter().enumerate().take(plan.shown) {
            let (source, stride) = (&coefs.planes[i], comp.stride());
            let rows = source.data.chunks_exact(source.row_len()).skip(offset * comp.v);
            let lines = self.planes[i].chunks_exact_mut(stride * comp.n);
            for (coefs, out) in rows.zip(lines).take(self.count * comp.v) {
                let row = BlockRow { coefs, quant: &quant[i], out, stride };
                match comp.n {
                    1 => simd::row1(row),
                    2 => simd::row2(row),
                    4 => simd::row4(row),
                    _ => simd::row8(row),
                }
            }
        }
    }

    /// Rows of the picture that need no samples of other slices; `rows` begins at the first
    /// row of the slice.
    fn emit_inner(&mut self, plan: &Plan, rows: &mut [u8]) {
        let start = self.first * plan.mcu_height;
        let end = ((self.first + self.count) * plan.mcu_height).min(plan.out.height as usize);
        let (mut from, mut to) = (start, end);
        if plan.needs_context() {
            from += usize::from(start > 0);
            to -= usize::from(end < plan.out.height as usize);
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        let rows = rows.chunks_exact_mut(plan.row_len()).skip(from - start);
        for (y, row) in (from..to).zip(rows) {
            emit(plan, [self, self], y, &mut scratch, row);
        }
        self.scratch = scratch;
    }

    /// Row `row` of component `index`.
    fn row(&self, comp: &CompPlan, index: usize, row: usize) -> &[u8] {
        let first = self.first * comp.v * comp.n;
        &self.planes[index][(row - first) * comp.stride()..][..comp.width]
    }
}

/// Renders row `y` of the picture from two slices, one above the other, or twice the same.
fn emit(plan: &Plan, slices: [&Slice; 2], y: usize, scratch: &mut Scratch, out: &mut [u8]) {
    let row = |index: usize, row: usize| {
        let comp = &plan.comps[index];
        let slice = if row >= slices[1].first * comp.v * comp.n { slices[1] } else { slices[0] };
        slice.row(comp, index, row)
    };
    for (i, comp) in plan.comps.iter().enumerate() {
        let (wide, sums) = (&mut scratch.wide[i], &mut scratch.sums);
        let near = (y / 2).min(comp.height - 1);
        let far = if y.is_multiple_of(2) {
            near.saturating_sub(1)
        } else {
            (near + 1).min(comp.height - 1)
        };
        match comp.upsample {
            Upsample::None => {}
            Upsample::H2 => simd::double_width(row(i, y), &mut wide[..2 * comp.width]),
            Upsample::V2 => {
                simd::blend_rows(row(i, near), row(i, far), 1 + (y % 2) as u16, wide);
            }
            Upsample::H2V2 => {
                let sums = &mut sums[..comp.width];
                simd::weigh_rows(row(i, near), row(i, far), sums);
                simd::double_weighed(sums, &mut wide[..2 * comp.width]);
            }
            Upsample::Nearest => nearest(plan, comp, row(i, nearest_row(plan, comp, y)), wide),
        }
    }
    let full = |i: usize| match plan.comps[i].upsample {
        Upsample::None => row(i, y),
        _ => &scratch.wide[i][..plan.out.width as usize],
    };
    match plan.color {
        ColorModel::Gray => out.copy_from_slice(full(0)),
        ColorModel::YCbCr => simd::ycc_to_rgb([full(0), full(1), full(2)], out),
        ColorModel::Rgb => simd::interleave([full(0), full(1), full(2)], out),
        ColorModel::Cmyk { inverted } => {
            simd::cmyk_to_rgb([full(0), full(1), full(2), full(3)], inverted, out);
        }
        ColorModel::Ycck { inverted } => {
            let mut inks = std::mem::take(&mut scratch.inks);
            let full = |i: usize| match plan.comps[i].upsample {
                Upsample::None => row(i, y),
                _ => &scratch.wide[i][..plan.out.width as usize],
            };
            rows::ycck_to_cmyk([full(0), full(1), full(2)], &mut inks);
            simd::cmyk_to_rgb([&inks[0], &inks[1], &inks[2], full(3)], inverted, out);
            scratch.inks = inks;
        }
    }
}

fn nearest_row(plan: &Plan, comp: &CompPlan, y: usize) -> usize {
    y * (comp.v * comp.n) / (plan.max.1 * 8 / plan.shrink)
}

fn nearest(plan: &Plan, comp: &CompPlan, row: &[u8], wide: &mut [u8]) {
    let (own, full) = (comp.h * comp.n, plan.max.0 * 8 / plan.shrink);
    for (x, sample) in wide[..plan.out.width as usize].iter_mut().enumerate() {
        *sample = row[(x * own / full).min(row.len() - 1)];
    }
}
