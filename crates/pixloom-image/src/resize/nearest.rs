//! Nearest neighbour: picks pixels, never mixes them.
use super::plan::Plan;
use super::taps::nearest_pixel;
use crate::bands::for_each_band;
use crate::sample::Sample;
use crate::{Exec, Image, ImageError, Samples};

pub(super) fn resize(image: &Image, plan: &Plan, exec: &dyn Exec) -> Result<Samples, ImageError> {
    match image.samples() {
        Samples::U8(samples) => by_channels(samples, plan, exec),
        Samples::U16(samples) => by_channels(samples, plan, exec),
        Samples::F32(samples) => by_channels(samples, plan, exec),
    }
}

/// Bytes of the column table.
pub(super) fn cost(plan: &Plan) -> u64 {
    u64::from(plan.x.target) * 8
}

fn by_channels<T: Sample>(
    samples: &[T],
    plan: &Plan,
    exec: &dyn Exec,
) -> Result<Samples, ImageError> {
    let out = match plan.channels() {
        1 => pick::<T, 1>(samples, plan, exec)?,
        2 => pick::<T, 2>(samples, plan, exec)?,
        3 => pick::<T, 3>(samples, plan, exec)?,
        _ => pick::<T, 4>(samples, plan, exec)?,
    };
    Ok(T::wrap(out))
}

fn pick<T: Sample, const C: usize>(
    samples: &[T],
    plan: &Plan,
    exec: &dyn Exec,
) -> Result<Vec<T>, ImageError> {
    let columns: Vec<usize> =
        (0..plan.x.target).map(|x| nearest_pixel(&plan.x, x) as usize).collect();
    let source = samples.as_chunks::<C>().0;
    let width = plan.x.source as usize;
    let mut out = vec![T::default(); plan.target_len()];
    let banding = plan.banding();
    for_each_band(
        &mut out,
        banding,
        exec,
        || (),
        |(), first, rows| {
            for (y, row) in rows.chunks_mut(banding.row_len).enumerate() {
                let line = nearest_pixel(&plan.y, (first + y) as u32) as usize * width;
                let line = &source[line..line + width];
                for (pixel, &column) in row.as_chunks_mut::<C>().0.iter_mut().zip(&columns) {
                    *pixel = line[column];
                }
            }
            Ok(())
        },
    )?;
    Ok(out)
}
