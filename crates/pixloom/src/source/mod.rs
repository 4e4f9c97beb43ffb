//! Where items come from: folders, single files and lists of files.
mod filter;
mod listing;
mod peek;
mod roots;
mod walk;

pub use listing::{InputFile, Inputs, LeftAlone, Listed};
pub use peek::{Peeked, peek};
pub use roots::Roots;
