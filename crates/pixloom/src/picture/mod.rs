//! From picture file to picture file: what all jobs that write pictures share.
mod encode;
mod job;
mod load;
mod naming;
mod plan;
mod source;
mod stage;

pub use encode::{EncodeSettings, honour_profile};
pub use job::PictureJob;
pub use load::{decode, item_error, load};
pub use naming::{Naming, OnCollision};
pub use plan::{Plan, Planner};
pub use source::{PictureInput, PictureSource};
pub(crate) use stage::ItemExec;
pub use stage::{InputFacts, OutputFacts, PictureRecord, PictureStage};
