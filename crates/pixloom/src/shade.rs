//! For operations that change each pixel by where it is.
use pixloom_engine::{Rng, Seed};
use pixloom_image::{Depth, Image, ImageError, PixelFormat, Samples, convert};

use crate::op::OpCx;

/// What happens to the colours of a pixel, on the 0 to 1 scale: `gain` first, then `add`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tone {
    /// Factor.
    pub gain: f32,
    /// Summand.
    pub add: f32,
}

impl Tone {
    /// Only a factor.
    pub(crate) const fn gain(gain: f32) -> Self {
        Self { gain, add: 0.0 }
    }
}

/// Changes every pixel by the tone at its centre, in pixels; alpha stays.
pub(crate) fn shade(
    image: Image,
    cx: &OpCx<'_>,
    tone: &dyn Fn([f32; 2]) -> Tone,
) -> Result<Image, ImageError> {
    each(image, cx, &|at, colors| {
        let Tone { gain, add } = tone(at);
        for v in colors {
            *v = (*v * gain + add).clamp(0.0, 1.0);
        }
    })
}

/// Changes the colours of every pixel, 0 to 1, knowing its centre; alpha stays.
pub(crate) fn each(
    image: Image,
    cx: &OpCx<'_>,
    change: &dyn Fn([f32; 2], &mut [f32]),
) -> Result<Image, ImageError> {
    let format = image.format();
    let mut image = convert::convert(image, PixelFormat::new(format.channels, Depth::F32));
    let (row_len, channels) = (image.row_len(), format.channels.count());
    let colors = channels - usize::from(format.channels.has_alpha());
    if let Samples::F32(samples) = image.samples_mut() {
        for (y, row) in samples.chunks_exact_mut(row_len.max(1)).enumerate() {
            if cx.exec.is_stopped() {
                return Err(ImageError::limit("stopped"));
            }
            for (x, pixel) in row.chunks_exact_mut(channels).enumerate() {
                change([x as f32 + 0.5, y as f32 + 0.5], &mut pixel[..colors]);
            }
        }
    }
    Ok(convert::convert(image, format))
}

/// Rows that share one stream of random numbers; fixed, so that the split never shows.
const ROWS_PER_STREAM: usize = 16;

/// Changes the colours of every pixel, 0 to 1, by random numbers of `seed`; alpha stays.
pub(crate) fn each_seeded(
    image: Image,
    cx: &OpCx<'_>,
    seed: Seed,
    change: &mut dyn FnMut(&mut Rng, &mut [f32]),
) -> Result<Image, ImageError> {
    let format = image.format();
    let mut image = convert::convert(image, PixelFormat::new(format.channels, Depth::F32));
    let (row_len, channels) = (image.row_len() * ROWS_PER_STREAM, format.channels.count());
    let colors = channels - usize::from(format.channels.has_alpha());
    if let Samples::F32(samples) = image.samples_mut() {
        for (band, rows) in samples.chunks_mut(row_len.max(1)).enumerate() {
            if cx.exec.is_stopped() {
                return Err(ImageError::limit("stopped"));
            }
            let mut rng = seed.child_index(band as u64).rng();
            for pixel in rows.chunks_exact_mut(channels) {
                change(&mut rng, &mut pixel[..colors]);
            }
        }
    }
    Ok(convert::convert(image, format))
}

/// Implements an operation that changes the colours of every pixel by random numbers, from a seed
/// that is drawn, by as much as its `sigma` says: name, examples, and what it does to one pixel.
macro_rules! noise_op {
    (
        $op:ident, $name:literal, [$($example:literal),+],
        |$own:ident, $rng:ident, $colors:ident| $change:expr $(,)?
    ) => {
        impl $crate::params::Params for $op {}

        impl $crate::op::Op for $op {
            const NAME: &'static str = $name;
            const EXAMPLES: &'static [&'static str] = &[$($example),+];
            /// The seed of the streams.
            type Drawn = u64;

            fn draw(&self, seed: pixloom_engine::Seed) -> u64 {
                seed.value()
            }

            fn cost(
                &self,
                input: pixloom_image::Size,
                format: pixloom_image::PixelFormat,
                _: &u64,
            ) -> pixloom_engine::Bytes {
                let floats = pixloom_image::Depth::F32;
                let format = pixloom_image::PixelFormat::new(format.channels, floats);
                pixloom_engine::Bytes(format.bytes_of(input))
            }

            fn apply(
                &self,
                image: pixloom_image::Image,
                drawn: &u64,
                cx: &$crate::op::OpCx<'_>,
            ) -> Result<pixloom_image::Image, pixloom_image::ImageError> {
                let $own = self;
                if $own.sigma == 0.0 {
                    return Ok(image);
                }
                let seed = pixloom_engine::Seed::root(*drawn);
                $crate::shade::each_seeded(image, cx, seed, &mut |$rng, $colors| $change)
            }
        }
    };
}
pub(crate) use noise_op;

/// 0 below `from`, 1 above `to`, smooth in between.
pub(crate) fn ramp(from: f32, to: f32, v: f32) -> f32 {
    let t = ((v - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
