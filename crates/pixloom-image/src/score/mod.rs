//! Scores of a picture without a reference.
mod noise;

pub(crate) use noise::noise_of;
