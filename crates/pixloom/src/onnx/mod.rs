//! ONNX graphs that pixloom's own kernels do not know, on a runtime in pure Rust (rten) or on the
//! ONNX Runtime that the user has.
//!
//! The features `onnx` and `onnxruntime` build them in; without, opening a graph is an error that
//! says so.
mod file;
#[cfg_attr(not(feature = "onnxruntime"), path = "no_library.rs")]
mod library;
mod place;
#[cfg_attr(not(feature = "onnx"), path = "missing.rs")]
mod runtime;
mod windows;

pub use file::{read_file, with_weights};
pub use library::External;
pub use place::{Device, Place};
pub use runtime::Session;
pub use windows::Windows;

/// A graph that can be run, whatever runs it.
pub trait Runner: std::fmt::Debug + Send + Sync {
    /// The name of what runs it, for logs.
    fn engine(&self) -> String;
    /// What the graph takes.
    fn ports(&self) -> Vec<Port>;
    /// Weights and biases, where that is known.
    fn parameters(&self) -> Option<usize>;
    /// Whether a part of a picture gives other values than the whole.
    fn is_global(&self) -> bool;
    /// Runs the graph on as many tensors as it has inputs and returns its outputs that are floats.
    ///
    /// # Errors
    /// If the shapes do not fit the graph, or the runtime fails.
    fn run(&self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, OnnxError>;
}

impl Runner for Session {
    fn engine(&self) -> String {
        "rten".to_owned()
    }

    fn ports(&self) -> Vec<Port> {
        self.inputs().cloned().collect()
    }

    fn parameters(&self) -> Option<usize> {
        Some(Self::parameters(self))
    }

    fn is_global(&self) -> bool {
        Self::is_global(self)
    }

    fn run(&self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, OnnxError> {
        Self::run(self, inputs)
    }
}

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
