//! Training of small super-resolution nets: gradients by hand, Adam, and nothing random.
//!
//! The nets are those of the family `SRVGGNetCompact`: 3×3 convolutions with PReLU, pixel
//! shuffle, added to the enlarged picture. The gradient of each patch is computed on its own, so
//! a caller who adds the gradients in the order of the patches gets the same bits however many
//! workers took part.
mod adam;
mod gradient;
mod shape;

pub use adam::{Adam, clip_norm};
pub use gradient::{Buffers, Loss, Patch, Prepared};
pub use shape::Shape;
