//! Nearest neighbour: picks pixels, never mixes them.
use super::plan::Plan;
use super::taps::nearest_pixel;
use crate::bands::for_each_band;
use crate::sample::Sample;
use crate::visit::Visitor;
use crate::{Exec, ImageError, Samples};

/// Resizes by picking pixels.
pub(super) struct Nearest<'a> {
    pub(super) plan: &'a Plan,
    pub(super) exec: &'a dyn Exec,
}

/// Bytes of the column table.
pub(super) fn cost(plan: &Plan) -> u64 {
    u64::from(plan.x.target) * 8
}

impl Visitor for Nearest<'_> {
    type Output = Result<Samples, ImageError>;

    fn visit<T: Sample, const C: usize>(self, pixels: &[[T; C]]) -> Self::Output {
        let plan = self.plan;
        let columns: Vec<usize> =
            (0..plan.x.target).map(|x| nearest_pixel(&plan.x, x) as usize).collect();
        let width = plan.x.source as usize;
        let mut out = vec![T::default(); plan.target_len()];
        let banding = plan.banding();
        for_each_band(
            &mut out,
            banding,
            self.exec,
            || (),
            |(), first, rows| {
                for (y, row) in rows.chunks_mut(banding.row_len).enumerate() {
                    let line = nearest_pixel(&plan.y, (first + y) as u32) as usize * width;
                    let line = &pixels[line..line + width];
                    for (pixel, &column) in row.as_chunks_mut::<C>().0.iter_mut().zip(&columns) {
                        *pixel = line[column];
                    }
                }
                Ok(())
            },
        )?;
        Ok(T::wrap(out))
    }
}
