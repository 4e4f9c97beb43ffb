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
