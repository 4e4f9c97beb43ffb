//! Colour: the sRGB transfer functions and ICC profiles.
mod icc;
pub mod transfer;

pub use icc::{describe_icc, is_srgb, to_srgb};
