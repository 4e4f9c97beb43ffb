//! ONNX graphs that pixloom's own kernels do not know, on a runtime in pure Rust (rten).
//!
//! Built in with the feature `onnx`; without it, opening a graph is an error that says so.
#[cfg_attr(not(feature = "onnx"), path = "missing.rs")]
mod runtime;
mod windows;

pub use runtime::Session;
pub use windows::Windows;

/// The name of the runtime in logs.
pub const ENGINE: &str = "rten";

/// Operations that look at more than a neighbourhood: what they give for a part of a picture
/// differs from what they give for the whole.
const GLOBAL: &[&str] = &[
    "GlobalAveragePool",
    "GlobalMaxPool",
    "InstanceNormalization",
    "GroupNormalization",
    "LayerNormalization",
    "ReduceMean",
    "ReduceMax",
    "ReduceSum",
    "MatMul",
    "Softmax",
    "Attention",
    "MultiHeadAttention",
    "LSTM",
    "GRU",
];

/// Values of any shape, the last axis running fastest.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tensor {
    /// Length of each axis, such as `[1, 3, height, width]`.
    pub shape: Vec<usize>,
    /// As many values as the shape says.
    pub values: Vec<f32>,
}

/// What a graph takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Its name in the file.
    pub name: String,
    /// Length of each axis, none where it may vary; empty if the file does not say.
    pub shape: Vec<Option<usize>>,
}

/// Why a graph cannot be read or run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OnnxError(pub(crate) String);

/// Whether a graph with these operations gives other values for a part than for the whole.
pub fn is_global(operations: &[String]) -> bool {
    operations.iter().any(|name| GLOBAL.contains(&name.as_str()))
}
