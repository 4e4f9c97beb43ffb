//! Where items come from: folders, single files and lists of files.
mod filter;
mod left_alone;
mod listing;
mod peek;
mod roots;
mod share;
mod walk;

pub use left_alone::LeftAlone;
pub(crate) use left_alone::tell_left_alone;
pub use listing::{InputFile, Inputs, Listed};
pub use peek::{Peeked, peek};
pub use roots::Roots;
pub(crate) use share::Share;
