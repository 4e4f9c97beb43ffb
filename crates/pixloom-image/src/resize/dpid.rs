//! Detail-preserving image downscaling (Weber, Waechter, Amend, Guthe, Goesele: "Rapid,
//! Detail-Preserving Image Downscaling", SIGGRAPH Asia 2016).
use super::plan::Plan;
use super::taps::Taps;
use crate::bands::for_each_band;
use crate::sample::Sample;
use crate::visit::Visitor;
use crate::working::Working;
use crate::{Exec, ImageError, Samples};

/// Resizes with the exponent λ.
pub(super) struct Dpid<'a> {
    pub(super) lambda: f32,
    pub(super) plan: &'a Plan,
    pub(super) exec: &'a dyn Exec,
}

/// Bytes of the plain mean and of the weights.
pub(super) fn cost(plan: &Plan) -> u64 {
    let taps = plan.x.most_taps(1.0) + plan.y.most_taps(1.0);
    let sides = u64::from(plan.x.target) + u64::from(plan.y.target);
    plan.target_len() as u64 * 4 + taps * 8 + sides * 48
}

impl Visitor for Dpid<'_> {
    type Output = Result<Samples, ImageError>;

    fn visit<T: Sample, const C: usize>(self, pixels: &[[T; C]]) -> Self::Output {
        let Self { lambda, plan, exec } = self;
        let patches = Patches {
            pixels,
            width: plan.x.source as usize,
            working: Working { linear: plan.linear_light, alpha: plan.has_alpha() },
            columns: plan.taps(&plan.x),
            rows: plan.taps(&plan.y),
        };
        let mut mean = vec![0.0_f32; plan.target_len()];
        for_each_pixel(&mut mean, plan, exec, |x, y| {
            patches.weighted(x, y, |_| 1.0).unwrap_or([0.0; C])
        })?;
        let mean = Mean { pixels: mean.as_chunks::<C>().0, width: plan.x.target as usize };
        let full = patches.working.full::<T>();
        let mut out = vec![T::default(); plan.target_len()];
        for_each_pixel(&mut out, plan, exec, |x, y| {
            let guide = mean.smoothed(x, y);
            let far = |value: &[f32; C]| power(distance(value, &guide) / full, lambda);
            let value = patches.weighted(x, y, far).unwrap_or(mean.pixels[y * mean.width + x]);
            patches.working.store(value)
        })?;
        Ok(T::wrap(out))
    }
}

/// Sets every pixel of the result to `value(x, y)`.
fn for_each_pixel<T: Send, const C: usize>(
    out: &mut [T],
    plan: &Plan,
    exec: &dyn Exec,
    value: impl Fn(usize, usize) -> [T; C] + Sync,
) -> Result<(), ImageError> {
    let banding = plan.banding();
    for_each_band(
        out,
        banding,
        exec,
        || (),
        |(), first, band| {
            for (y, row) in band.chunks_mut(banding.row_len).enumerate() {
                for (x, pixel) in row.as_chunks_mut::<C>().0.iter_mut().enumerate() {
                    *pixel = value(x, first + y);
                }
            }
            Ok(())
        },
    )
}

/// Euclidean distance of two colours.
fn distance<const C: usize>(a: &[f32; C], b: &[f32; C]) -> f32 {
    let squares: f32 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
    squares.sqrt()
}

fn power(base: f32, exponent: f32) -> f32 {
    if exponent.to_bits() == 1.0_f32.to_bits() { base } else { libm::powf(base, exponent) }
}

/// The source pixels under every output pixel.
struct Patches<'a, T, const C: usize> {
    pixels: &'a [[T; C]],
    width: usize,
    working: Working,
    columns: Taps,
    rows: Taps,
}

impl<T: Sample, const C: usize> Patches<'_, T, C> {
    /// The mean of a patch, its pixels weighted by covered area times `weight`; `None` if all
    /// weights are 0.
    fn weighted(&self, x: usize, y: usize, weight: impl Fn(&[f32; C]) -> f32) -> Option<[f32; C]> {
        let (top, heights) = self.rows.get(y);
        let (left, widths) = self.columns.get(x);
        let (mut total, mut total_weight) = ([0.0; C], 0.0);
        for (row, height) in heights.iter().enumerate() {
            let start = (top + row) * self.width + left;
            let line = &self.pixels[start..start + widths.len()];
            let (mut sum, mut sum_weight) = ([0.0; C], 0.0);
            for (pixel, width) in line.iter().zip(widths) {
                let value = self.working.load(*pixel);
                let weight = width * height * weight(&value);
                sum_weight += weight;
                for c in 0..C {
                    sum[c] += value[c] * weight;
                }
            }
            total_weight += sum_weight;
            for c in 0..C {
                total[c] += sum[c];
            }
        }
        (total_weight > f32::MIN_POSITIVE).then(|| total.map(|v| v / total_weight))
    }
}

/// The picture scaled down by plain means.
struct Mean<'a, const C: usize> {
    pixels: &'a [[f32; C]],
    width: usize,
}

impl<const C: usize> Mean<'_, C> {
    /// Mean of the 3×3 neighbours with weights 1-2-1 in both directions; those outside of the
    /// picture are left out.
    fn smoothed(&self, x: usize, y: usize) -> [f32; C] {
        let height = self.pixels.len() / self.width;
        let (mut sum, mut weights) = ([0.0; C], 0.0);
        for v in y.saturating_sub(1)..(y + 2).min(height) {
            for u in x.saturating_sub(1)..(x + 2).min(self.width) {
                let weight = if u == x { 2.0 } else { 1.0 } * if v == y { 2.0 } else { 1.0 };
                weights += weight;
                for (sum, value) in sum.iter_mut().zip(&self.pixels[v * self.width + u]) {
                    *sum += value * weight;
                }
            }
        }
        sum.map(|v| v / weights)
    }
}
