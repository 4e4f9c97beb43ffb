//! Helpers for the tests of all crates: small pictures by formula, broken files, hashes of
//! folders, time limits and programs that are killed half-way.
//!
//! It depends on none of the other crates, so that each of them can use it.
mod corrupt;
mod data;
mod lcg;
mod pictures;
mod process;
mod tree;
mod watchdog;

pub use corrupt::{flip_bits, overwrite, truncated, truncations};
pub use data::{repository_root, shared_data, write_file};
pub use lcg::Lcg;
pub use pictures::{checker, constant, gradient, gradient_u16, noise, noise_u16};
pub use process::{Ended, Program};
pub use tree::{listing, result_hash, tree_hash};
pub use watchdog::within;
