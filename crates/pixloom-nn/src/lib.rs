//! Runs and trains neural nets on planar f32 tensors; knows neither images nor files.
