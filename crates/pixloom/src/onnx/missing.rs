//! Stands in for the runtime in builds without it.
use super::{OnnxError, Port, Tensor};

/// A graph that is ready to run; in this build there is none.
#[derive(Debug)]
pub struct Session(std::convert::Infallible);

impl Session {
    /// Always an error: this build has no runtime.
    ///
    /// # Errors
    /// Always.
    pub fn open(_: &std::path::Path) -> Result<Self, OnnxError> {
        Self::read(Vec::new())
    }

    /// As [`Session::open`].
    ///
    /// # Errors
    /// Always.
    pub fn read(_: Vec<u8>) -> Result<Self, OnnxError> {
        let message = "general ONNX graphs are not built in: build pixloom with `--features onnx`";
        Err(OnnxError(message.to_owned()))
    }

    /// What the graph takes.
    pub fn inputs(&self) -> impl ExactSizeIterator<Item = &Port> {
        const NONE: &[Port] = &[];
        NONE.iter()
    }

    /// Weights and biases.
    pub const fn parameters(&self) -> usize {
        match self.0 {}
    }

    /// Whether a part of a picture gives other values than the whole.
    pub const fn is_global(&self) -> bool {
        match self.0 {}
    }

    /// Never called.
    ///
    /// # Errors
    /// Never.
    pub const fn run(&self, _: Vec<Tensor>) -> Result<Vec<Tensor>, OnnxError> {
        match self.0 {}
    }
}
