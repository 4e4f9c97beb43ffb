//! Kernels that repair damage: noise, blur, casts, flat contrast, stains, scratches, patterns.
//!
//! All work on floats, colour by colour or on the luma; alpha stays as it is.
mod bm3d;
mod canvas;
mod dct;
mod fill;
mod histogram;
mod local;
mod median;
mod screen;
mod sharp;
mod smooth;
mod tone;

pub use bm3d::{Bm3d, bm3d, bm3d_cost};
pub use dct::{DctDenoise, dct_denoise, dct_denoise_cost};
pub use fill::{Scratches, fill_cost, fill_scratches};
pub use histogram::{HistogramMatch, match_histogram, match_histogram_cost};
pub use local::{binarize, clahe, dehaze, flatten_page, local_cost};
pub use median::{Median, median, median_cost};
pub use screen::{Descreen, descreen, notch, screen_cost};
pub use sharp::{deblock, deconvolve, sharp_cost, wavelet_shrink};
pub use smooth::{Bilateral, NonLocalMeans, bilateral, diffuse, non_local_means, smooth_cost};
pub use tone::{Levels, Tone, gray_world, levels, tone, tone_cost};

/// What the tests of several kernels share.
#[cfg(test)]
mod support {
    use crate::{Channels, Image, Samples, Size};

    /// A gray picture of floats.
    pub(super) fn gray(width: u32, values: Vec<f32>) -> Image {
        let size = Size::new(width, values.len() as u32 / width);
        Image::new(size, Channels::Gray, Samples::F32(values)).unwrap()
    }

    /// The samples of a picture of floats.
    pub(super) fn values(image: &Image) -> &[f32] {
        let Samples::F32(samples) = image.samples() else { panic!("the depth changed") };
        samples
    }

    /// Root of the mean squared difference.
    pub(super) fn error(a: &[f32], b: &[f32]) -> f32 {
        let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
        (squares.sum::<f32>() / a.len() as f32).sqrt()
    }

    /// The same values plus normally distributed noise (the sum of twelve uniform numbers).
    pub(super) fn noisy(clean: &[f32], sigma: f32) -> Vec<f32> {
        let mut state = 1_u64;
        let mut noise = || {
            let mut sum = -6.0;
            for _ in 0..12 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                sum += (state >> 40) as f32 / (1 << 24) as f32;
            }
            sum
        };
        clean.iter().map(|value| value + sigma * noise()).collect()
    }
}
