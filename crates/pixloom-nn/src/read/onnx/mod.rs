//! `.onnx`: graphs whose operations the kernels know.
mod build;
mod outside;
mod proto;
mod wire;

pub use outside::{Fetch, Outside, whole};

use crate::NnError;
use crate::arch::Model;

/// Reads a graph.
///
/// # Errors
/// `Broken` for damaged files; `Unsupported` with the node's name for operations, or settings of
/// them, that are not built in.
pub fn read(bytes: &[u8]) -> Result<Model, NnError> {
    let file = proto::read(bytes)?;
    let graph = build::build(&file)?;
    Ok(Model { architecture: "ONNX graph".to_owned(), graph })
}

/// The kinds of all operations of a graph, sorted, each once.
///
/// # Errors
/// `Broken` for damaged files.
pub fn operations(bytes: &[u8]) -> Result<Vec<String>, NnError> {
    let mut kinds: Vec<String> = proto::read(bytes)?.nodes.into_iter().map(|n| n.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    Ok(kinds)
}
