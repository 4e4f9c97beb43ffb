//! Runs and trains neural nets on planar f32 tensors; knows neither images nor files.
//!
//! A reader ([`read`]) turns a model file into tensors or a [`Graph`]; [`Net::new`] packs the
//! weights once, to be shared by all workers; [`Net::run`] computes one cell of a picture with a
//! worker's own [`Scratch`]. Results are the same bits on every instruction set and for every
//! way the cells are handed out.
pub mod arch;
mod error;
mod graph;
mod net;
pub mod read;
mod simd;
pub mod train;
pub mod write;

pub use error::NnError;
pub use graph::{Convolution, Facts, Graph, NodeId, Op, Transposed};
pub use net::{Cell, Net, Planes, Scratch};
pub use simd::Isa;
