//! The common case: integer convolution by `fast_image_resize`, band by band.
use fast_image_resize as fir;

use super::plan::Plan;
use super::taps::Axis;
use crate::bands::for_each_band;
use crate::{Exec, Image, ImageError, Samples};

/// Whether alpha can be treated as just another channel.
pub(super) fn is_opaque(image: &Image) -> bool {
    fn all<T: Copy + PartialEq>(samples: &[T], step: usize, white: T) -> bool {
        samples.iter().skip(step - 1).step_by(step).all(|&alpha| alpha == white)
    }
    let step = image.channels().count();
    !image.channels().has_alpha()
        || match image.samples() {
            Samples::U8(samples) => all(samples, step, u8::MAX),
            Samples::U16(samples) => all(samples, step, u16::MAX),
            Samples::F32(samples) => all(samples, step, 1.0),
        }
}

/// Bytes of the intermediate pictures and weights of all bands that can be in work at once.
pub(super) fn cost(plan: &Plan) -> u64 {
    let banding = plan.fast_banding();
    let support = plan.kernel().support;
    let picture = plan.fast_band_bytes();
    // Weights exist as f64, as integers and in one heap block per output pixel.
    let weights = (plan.x.most_taps(support) + plan.y.most_taps(support)) * 16
        + u64::from(plan.x.target) * 96;
    banding.lanes(plan.y.target as usize) as u64 * (picture as u64 + weights)
}

pub(super) fn resize(image: &Image, plan: &Plan, exec: &dyn Exec) -> Result<Samples, ImageError> {
    match image.samples() {
        Samples::U8(samples) => {
            let kind = [
                fir::PixelType::U8,
                fir::PixelType::U8x2,
                fir::PixelType::U8x3,
                fir::PixelType::U8x4,
            ];
            let mut out = vec![0; plan.target_len()];
            convolve(samples, &mut out, (plan, kind[plan.channels() - 1]), exec)?;
            Ok(Samples::U8(out))
        }
        Samples::U16(samples) => {
            let kind = [
                fir::PixelType::U16,
                fir::PixelType::U16x2,
                fir::PixelType::U16x3,
                fir::PixelType::U16x4,
            ];
            let mut out = vec![0; plan.target_len()];
            convolve(samples, &mut out, (plan, kind[plan.channels() - 1]), exec)?;
            Ok(Samples::U16(out))
        }
        Samples::F32(_) => Err(ImageError::unsupported("the integer resampler takes no floats")),
    }
}

fn convolve<T: bytemuck::Pod + Send + Sync>(
    source: &[T],
    out: &mut [T],
    (plan, kind): (&Plan, fir::PixelType),
    exec: &dyn Exec,
) -> Result<(), ImageError> {
    let banding = plan.fast_banding();
    let row_len = plan.x.source as usize * plan.channels();
    let kernel = plan.kernel();
    let filter = fir::Filter::new(kernel.name, kernel.weight, kernel.support).map_err(failed)?;
    let algorithm = if plan.antialias {
        fir::ResizeAlg::Convolution(fir::FilterType::Custom(filter))
    } else {
        fir::ResizeAlg::Interpolation(fir::FilterType::Custom(filter))
    };
    for_each_band(out, banding, exec, fir::Resizer::new, |resizer, first, rows| {
        let height = rows.len() / banding.row_len;
        let part = SourceRows::of(&plan.y, kernel.support, first, height);
        let pixels = &source[part.first * row_len..(part.first + part.count) * row_len];
        let from = fir::images::ImageRef::new(
            plan.x.source,
            part.count as u32,
            bytemuck::cast_slice(pixels),
            kind,
        )
        .map_err(failed)?;
        let bytes = bytemuck::cast_slice_mut(rows);
        let mut to = fir::images::Image::from_slice_u8(plan.x.target, height as u32, bytes, kind)
            .map_err(failed)?;
        let options = fir::ResizeOptions::new()
            .resize_alg(algorithm)
            .crop(plan.x.start, part.top, plan.x.extent, part.height)
            .use_alpha(false);
        resizer.resize(&from, &mut to, &options).map_err(failed)
    })
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> ImageError {
    ImageError::unsupported("the resampler refused the picture").with_source(error)
}

/// The source rows that a band needs, and the part of them that it covers.
struct SourceRows {
    first: usize,
    count: usize,
    top: f64,
    height: f64,
}

impl SourceRows {
    fn of(axis: &Axis, support: f64, first: usize, height: usize) -> Self {
        let scale = axis.scale();
        let top = axis.start + first as f64 * scale;
        let extent = height as f64 * scale;
        let margin = support * scale.max(1.0) + 1.0;
        let start = (top - margin).floor().max(0.0);
        let end = (top + extent + margin).ceil().min(f64::from(axis.source));
        let count = end - start;
        // Rounding must not push the part out of the rows.
        let extent = extent.min(count - (top - start));
        Self { first: start as usize, count: count as usize, top: top - start, height: extent }
    }
}
