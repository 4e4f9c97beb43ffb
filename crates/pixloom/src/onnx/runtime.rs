//! The runtime, with one thread for each call that is under way.
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use pixloom_nn::read::onnx as reader;
use rten::{Dimension, Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::AsView;
use rten_tensor::Layout;

use super::{OnnxError, Port, Tensor, is_global};

/// A graph that is ready to run. Shared between workers: each call runs on one thread, and the
/// caller waits for it, so no more threads work than there are callers.
pub struct Session {
    model: Model,
    inputs: Vec<(NodeId, Port)>,
    global: bool,
    /// Pools of one thread each that no call uses.
    idle: Mutex<Vec<Arc<ThreadPool>>>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("inputs", &self.inputs).finish_non_exhaustive()
    }
}

impl Session {
    /// Opens an `.onnx` file, with weights in a file beside it.
    ///
    /// # Errors
    /// If it cannot be read, is damaged, or has operations that the runtime does not know.
    pub fn open(path: &Path) -> Result<Self, OnnxError> {
        Self::read(super::read_file(path)?)
    }

    /// Reads the content of an `.onnx` file. Weights in files beside it are not followed.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub fn read(bytes: Vec<u8>) -> Result<Self, OnnxError> {
        let operations = reader::operations(&bytes).map_err(|e| OnnxError(e.to_string()))?;
        let load = || {
            let mut options = ModelOptions::with_all_ops();
            // Packing in advance would use a pool of all cores.
            options.prepack_weights(false);
            options.load(bytes)
        };
        let model = guarded(load)?.map_err(|error| wrong("the graph cannot be used", &error))?;
        let port = |(at, id): (usize, &NodeId)| {
            let name = model.node_info(*id).and_then(|node| node.name().map(str::to_owned));
            let shape = model.input_shape(at).unwrap_or_default();
            let side = |side| match side {
                Dimension::Fixed(side) => Some(side),
                Dimension::Symbolic(_) => None,
            };
            let shape = shape.into_iter().map(side).collect();
            (*id, Port { name: name.unwrap_or_default(), shape })
        };
        let inputs = model.input_ids().iter().enumerate().map(port).collect();
        let global = is_global(&operations);
        Ok(Self { model, inputs, global, idle: Mutex::default() })
    }

    /// What the graph takes, in order.
    pub fn inputs(&self) -> impl ExactSizeIterator<Item = &Port> {
        self.inputs.iter().map(|(_, port)| port)
    }

    /// Weights and biases.
    pub fn parameters(&self) -> usize {
        self.model.total_params()
    }

    /// Whether a part of a picture gives other values than the whole.
    pub const fn is_global(&self) -> bool {
        self.global
    }

    /// Runs the graph on as many tensors as it has inputs and returns all its outputs that are
    /// floats. The same values at any time, whoever else runs it.
    ///
    /// # Errors
    /// If the shapes do not fit the graph.
    pub fn run(&self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, OnnxError> {
        if inputs.len() != self.inputs.len() {
            let (given, wanted) = (inputs.len(), self.inputs.len());
            return Err(OnnxError(format!("{given} inputs given to a graph with {wanted}")));
        }
        let mut values = Vec::new();
        for ((id, port), tensor) in self.inputs.iter().zip(inputs) {
            let value = Value::from_shape(&tensor.shape, tensor.values)
                .map_err(|error| wrong(&format!("input `{}`", port.name), &error))?;
            values.push((*id, ValueOrView::from(value)));
        }
        let taken = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let pool = taken.unwrap_or_else(|| Arc::new(ThreadPool::with_num_threads(1)));
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&pool)));
        let run = || self.model.run(values, self.model.output_ids(), Some(options));
        let result = guarded(run)?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(pool);
        let outputs = result.map_err(|error| wrong("the graph cannot be run", &error))?;
        let floats = outputs.into_iter().filter_map(|value| match value {
            Value::FloatTensor(tensor) => {
                let shape = tensor.shape().to_vec();
                Some(Tensor { shape, values: tensor.to_vec() })
            }
            _ => None,
        });
        Ok(floats.collect())
    }
}

/// Runs what may panic on a graph that lies about itself.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, OnnxError> {
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|_panic| OnnxError("the runtime failed on this graph".to_owned()))
}

fn wrong(what: &str, error: &dyn Display) -> OnnxError {
    OnnxError(format!("{what}: {error}"))
}
