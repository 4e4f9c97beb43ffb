//! Pixels: buffers, codecs, colour, resampling, geometry and metrics.
//!
//! This crate knows nothing about threads, folders or jobs. Work that can be split is
//! handed to an [`Exec`], which the caller connects to whatever runs in parallel.
pub mod align;
mod bands;
pub mod buffer;
pub mod codec;
pub mod color;
pub mod convert;
mod error;
mod exec;
mod fft;
pub mod filter;
pub mod geometry;
mod limits;
pub mod metric;
pub mod repair;
pub mod resize;
mod sample;
pub mod score;
mod simd;
mod size;
pub mod synth;
mod visit;
mod working;

pub use buffer::{Channels, ColorSpace, Depth, Image, Metadata, Orientation, PixelFormat, Samples};
pub use error::{ImageError, ImageErrorKind};
pub use exec::{Exec, Serial};
pub use limits::Limits;
pub use size::Size;
