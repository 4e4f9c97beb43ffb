//! Stands in for the user's ONNX Runtime in builds that cannot load it.
use super::{OnnxError, Place, Port, Runner, Tensor};

/// A graph on the user's ONNX Runtime; in this build there is none.
#[derive(Debug)]
pub struct External(std::convert::Infallible);

impl External {
    /// Always an error: this build cannot load the library.
    ///
    /// # Errors
    /// Always.
    pub fn read(_: Vec<u8>, _: &Place) -> Result<Self, OnnxError> {
        let message = "this build cannot load ONNX Runtime: build pixloom with \
                       `--features onnxruntime`";
        Err(OnnxError(message.to_owned()))
    }
}

impl Runner for External {
    fn engine(&self) -> String {
        match self.0 {}
    }

    fn ports(&self) -> Vec<Port> {
        match self.0 {}
    }

    fn parameters(&self) -> Option<usize> {
        match self.0 {}
    }

    fn is_global(&self) -> bool {
        match self.0 {}
    }

    fn run(&self, _: Vec<Tensor>) -> Result<Vec<Tensor>, OnnxError> {
        match self.0 {}
    }
}
