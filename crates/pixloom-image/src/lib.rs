//! Pixels: buffers, codecs, colour, resampling, geometry and metrics.
//!
//! This crate knows nothing about threads, folders or jobs. Work that can be split is
//! handed to an [`Exec`], which the caller connects to whatever runs in parallel.
pub mod buffer;
pub mod codec;
mod error;
mod exec;
mod limits;
mod size;
pub mod synth;

pub use buffer::{Channels, ColorSpace, Depth, Image, Metadata, Orientation, PixelFormat, Samples};
pub use error::{ImageError, ImageErrorKind};
pub use exec::{Exec, Serial};
pub use limits::Limits;
pub use size::Size;
