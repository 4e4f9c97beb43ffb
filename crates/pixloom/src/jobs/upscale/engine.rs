//! What computes the cells of a picture: our own kernels, or the runtime for other graphs.
use pixloom_image::ImageError;
use pixloom_nn::{Cell, Net, Planes, Scratch};

use crate::onnx::Windows;

/// A net and what it runs on.
#[derive(Debug)]
pub(super) enum Engine {
    /// pixloom's kernels.
    Own(Box<Net>),
    /// The runtime for general graphs.
    Runtime(Box<Windows>),
}

impl Engine {
    /// How many times larger the result is.
    pub(super) fn scale(&self) -> usize {
        match self {
            Self::Own(net) => net.facts().scale,
            Self::Runtime(graph) => graph.scale(),
        }
    }

    /// Channels of picture and result, 1 or 3.
    pub(super) fn channels(&self) -> usize {
        match self {
            Self::Own(net) => net.facts().input_channels,
            Self::Runtime(graph) => graph.channels(),
        }
    }

    /// Width and height of the cells that a picture is cut into.
    pub(super) const fn cell(&self) -> (usize, usize) {
        match self {
            Self::Own(net) => net.cell(),
            Self::Runtime(graph) => graph.cell(),
        }
    }

    /// Bytes that a worker needs.
    pub(super) fn worker_bytes(&self) -> usize {
        match self {
            Self::Own(net) => net.scratch_bytes(),
            Self::Runtime(graph) => graph.worker_bytes(),
        }
    }

    /// Computes a cell and hands the result over, channels side by side.
    pub(super) fn run<T>(
        &self,
        planes: &Planes<'_>,
        cell: Cell,
        scratch: &mut Scratch,
        take: impl FnOnce(&[f32]) -> T,
    ) -> Result<T, ImageError> {
        match self {
            Self::Own(net) => Ok(take(net.run(planes, cell, scratch))),
            Self::Runtime(graph) => {
                let result = graph.run(planes, cell);
                result
                    .map(|values| take(&values))
                    .map_err(|error| ImageError::unsupported("the net failed").with_source(error))
            }
        }
    }

    /// What it is and what it runs on.
    pub(super) fn describe(&self, name: &str, architecture: &str) -> String {
        match self {
            Self::Own(net) => format!(
                "net {name} ×{} ({architecture}, {} parameters) on pixloom's own kernels ({})",
                net.facts().scale,
                net.facts().parameters,
                net.isa().name()
            ),
            Self::Runtime(graph) => {
                let (graph, scale) = (graph.graph(), graph.scale());
                let size =
                    graph.parameters().map_or_else(String::new, |n| format!(", {n} parameters"));
                let global = if graph.is_global() {
                    "; it sees whole pictures, so its cells may show"
                } else {
                    ""
                };
                let engine = graph.engine();
                format!("net {name} ×{scale} ({architecture}{size}) on {engine}{global}")
            }
        }
    }
}
