//! Colour: the sRGB transfer functions and ICC profiles.
pub mod transfer;
